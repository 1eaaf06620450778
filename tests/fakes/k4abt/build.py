"""Compiles the stand-ins for libk4a and libk4abt."""

from __future__ import annotations

import atexit
import ctypes
import functools
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def compiler() -> str | None:
    """Return the C compiler, or None."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


needs_compiler = pytest.mark.skipif(
    compiler() is None or sys.platform != "linux",
    reason="the stub tracker is compiled with a C compiler, on Linux",
)


@dataclass(frozen=True)
class Stubs:
    """The compiled libraries: the camera's, and the tracker's of 1.1 and 1.0."""

    k4a: Path
    k4abt: Path
    k4abt_1_0: Path

    def options(self, **more: object) -> str:
        """Return the options that select the stubs, for the query of a URI."""
        options = {"k4abt": self.k4abt, "k4a": self.k4a.parent, **more}
        return "&".join(f"{key}={value}" for key, value in options.items())

    def count(self, name: str) -> int:
        """Return a counter of the libraries, such as `frames_alive` or `k4a_alive`."""
        library = self.k4a if name.startswith("k4a") else self.k4abt
        return int(getattr(ctypes.CDLL(str(library)), f"stub_{name}")())

    def reset(self) -> None:
        """Reset the counts of trackers and frames."""
        ctypes.CDLL(str(self.k4abt)).stub_reset()


@functools.cache
def stubs() -> Stubs:
    """Compile the libraries once, since a process can use only one libk4a."""
    folder = Path(tempfile.mkdtemp(prefix="jointwise-stubs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    k4a = build_k4a(folder / "k4a")
    return Stubs(
        k4a,
        build_k4abt(folder / "k4abt", k4a),
        build_k4abt(folder / "k4abt-1.0", k4a, 12, "1.0.1"),
    )


def build_k4a(folder: Path) -> Path:
    """Compile the stub sensor library as `folder`/libk4a.so.1.4."""
    out = folder / "libk4a.so.1.4"
    return _compile(out, "k4a.c", "-Wl,-soname,libk4a.so.1.4")


def build_k4abt(folder: Path, k4a: Path, config_bytes: int = 24, version: str = "1.1.2") -> Path:
    """Compile the stub tracker as `folder`/libk4abt.so.VERSION; it links to libk4a.so.1.4."""
    soname = "libk4abt.so." + version.rpartition(".")[0]
    return _compile(
        folder / f"libk4abt.so.{version}",
        "k4abt.c",
        f"-DCONFIG_BYTES={config_bytes}",
        f"-Wl,-soname,{soname}",
        str(k4a),
        f"-Wl,-rpath,{k4a.parent}",
        "-lm",
        "-lpthread",
    )


def _compile(out: Path, source: str, *more: str) -> Path:
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [str(compiler()), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*command, "-o", str(out), str(HERE / source), *more], check=True)
    return out
