from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sensor.errors import RecordingError
from sensor.writing import TARGETS, write_recording
from sensor.writing.new_file import new_file
from tests import builders


def test_a_file_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("kept")
    with pytest.raises(RecordingError, match=r"a.txt: exists; .*--force"), new_file(path):
        raise AssertionError("not reached")
    assert path.read_text() == "kept"
    with new_file(path, overwrite=True) as made:
        made.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(RecordingError, match="exists"), new_file(path) as made:
        made.write_text("new")
        path.write_text("kept")
    assert path.read_text() == "kept" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("kept")
    with pytest.raises(RecordingError, match=r"cannot be written: No space left on device"), \
            new_file(path, overwrite=True) as made:  # fmt: skip
        made.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_text() == "kept" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", TARGETS)
def test_every_writer_leaves_nothing_if_the_disk_refuses(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mcap")

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for method in ("open", "write_text", "write_bytes"):
        monkeypatch.setattr(Path, method, refuse)
    target = TARGETS[name]
    with pytest.raises(RecordingError, match="No space left"):
        write_recording(builders.recording(2), tmp_path / "out", target)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [("missing/a.csv", "there is no folder"), (".", "not"), ("folder", "exists and is not a file")],
)
def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path, path: str, expected: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordingError, match=expected), new_file(tmp_path / path, overwrite=True):
        raise AssertionError("not reached")
