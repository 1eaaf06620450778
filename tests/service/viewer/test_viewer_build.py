"""The page: built when it must be, packed without its sources, true to the wire."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.wire import answers, messages

ROOT = Path(__file__).parents[3]
VIEWER = ROOT / "service" / "viewer"
PAGE = VIEWER / "dist" / "index.html"
PACKAGE = json.loads((VIEWER / "package.json").read_text())
LOCK = json.loads((VIEWER / "package-lock.json").read_text())

SERVED = ("../", "../openapi.json", "../asyncapi.json")
"""Links of the page `docs` to the page itself and to answers of the service."""

built = pytest.mark.skipif(not PAGE.is_file(), reason="the page is not built (make viewer)")


@pytest.fixture
def hook() -> Any:
    pytest.importorskip("hatchling", reason="hatchling, the build backend, is not installed")
    import importlib.util

    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page_in(folder: Path, source_s: float, built_s: float | None) -> Path:
    """A viewer with one source written at one time and a page built at another."""
    (folder / "src").mkdir()
    source = folder / "src" / "main.ts"
    source.write_text("")
    os.utime(source, (source_s, source_s))
    if built_s is not None:
        (folder / "dist").mkdir()
        page = folder / "dist" / "index.html"
        page.write_text("")
        os.utime(page, (built_s, built_s))
    return folder


@pytest.mark.parametrize(
    ("source_s", "built_s", "stale"), [(100, None, True), (100, 200, False), (300, 200, True)]
)
def test_builds_where_the_page_is_missing_or_old(
    hook: Any, tmp_path: Path, source_s: float, built_s: float | None, stale: bool
) -> None:
    assert hook.is_stale(page_in(tmp_path, source_s, built_s)) is stale


def test_says_in_one_line_that_npm_failed(
    hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 7, "npm error network\n")
    monkeypatch.setattr(hook, "run_npm", lambda arguments, folder: failed)
    with pytest.raises(SystemExit) as stopped:
        hook.build(tmp_path)
    last = str(stopped.value).splitlines()[-1]
    assert "`npm ci --omit=dev` failed" in last
    assert "exit code 7" in last


def test_builds_after_installing(
    hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        ran.append(arguments)
        return subprocess.CompletedProcess([], 0, "")

    monkeypatch.setattr(hook, "run_npm", run)
    hook.build(tmp_path)
    assert ran == [["ci", "--omit=dev"], ["run", "build"]]


@pytest.mark.slow
@built
def test_wheel_holds_the_page_and_nothing_of_its_making(hook: Any, tmp_path: Path) -> None:
    if hook.is_stale(VIEWER):
        pytest.skip("the page is older than its sources (make viewer)")
    from hatchling.builders.wheel import WheelBuilder

    [wheel] = list(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = zipfile.ZipFile(wheel).namelist()
    page = [name for name in names if name.startswith("service/viewer/")]
    assert "service/viewer/dist/index.html" in page
    assert all(name.startswith("service/viewer/dist/") for name in page)
    assert not [name for name in names if "node_modules" in name]


def test_locks_exact_versions_from_the_public_registry() -> None:
    wanted = {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    for name, package in LOCK["packages"].items():
        resolved = package.get("resolved", "https://registry.npmjs.org/")
        assert resolved.startswith("https://registry.npmjs.org/"), name
        assert name == "" or package.get("integrity", "").startswith("sha512-"), name


@built
@pytest.mark.parametrize("page", [PAGE, PAGE.parent / "docs" / "index.html"], ids=["page", "docs"])
def test_page_carries_everything_itself_and_forbids_the_rest(page: Path) -> None:
    text = page.read_text()
    assert "Content-Security-Policy" in text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\bon\w+=|\bstyle=", text)
    for address in re.findall(r'(?:src|href)="([^"#][^"]*)"', text):
        if address not in SERVED:
            assert address.startswith(("./", "../")), address
            assert (page.parent / address).is_file(), address


def interfaces() -> dict[str, set[str]]:
    """The fields of each interface in the viewer's wire; one that extends has its parent's too."""
    wire = VIEWER / "src" / "wire"
    text = "".join((wire / name).read_text() for name in ("messages.ts", "answers.ts"))
    found: dict[str, set[str]] = {}
    pattern = r"export interface (\w+)(?: extends (\w+))? \{(.*?)\n\}"
    for name, parent, body in re.findall(pattern, text, re.DOTALL):
        found[name] = {*re.findall(r"^  (\w+)\??:", body, re.MULTILINE), *found.get(parent, ())}
    return found


WIRE = [
    messages.Hello, messages.FrameMessage, messages.PredictionMessage, messages.RelevanceMessage,
    messages.ActionMessage, messages.StatusMessage, messages.ErrorMessage, messages.LayoutInfo,
    messages.ModelInfo, messages.StreamInfo, messages.Timings, messages.BodyData,
    messages.Relevance, messages.JointShare,
]  # fmt: skip


@pytest.mark.parametrize("kind", WIRE, ids=lambda kind: kind.__name__)
def test_knows_every_field_of_the_wire(kind: type[msgspec.Struct]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    assert interfaces()[kind.__name__] - {"type"} == fields


ANSWERS = [
    answers.ModelAnswer, answers.ExemplarsAnswer, answers.Exemplar, answers.ActionSpan,
    answers.ClipFrames, answers.BodyTimeline, answers.ClipAnswer,
]  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_reads_nothing_that_the_service_does_not_answer(kind: type[msgspec.Struct]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    assert interfaces()[kind.__name__] <= fields
