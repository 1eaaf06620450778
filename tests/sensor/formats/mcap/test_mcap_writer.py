from __future__ import annotations

from pathlib import Path

import pytest

from sensor.formats import read_recording
from sensor.formats.mcap.recording import FRAME_SCHEMA, frame_json
from sensor.formats.mcap.writer import McapFile
from tests.fakes.full_disk import FullDisk
from tests.mcap_files import SCHEMA, noisy, write

pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")


def test_a_full_disk_keeps_flushed_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    frames = noisy()
    file = McapFile(path, {})
    topic = file.add_topic("/frame", FRAME_SCHEMA, SCHEMA)
    file._sink._file = FullDisk(file._file, 100_000)
    kept = 0
    with pytest.raises(OSError, match="No space left"):
        for i, frame in enumerate(frames):
            file.write(topic, frame.captured_ns, frame_json(frame))
            file.flush()
            kept = i + 1
    file.abandon()
    assert 10 < kept < 40
    assert len(read_recording(path).frames) == kept


def test_the_size_is_never_less_than_the_file(tmp_path: Path) -> None:
    file = McapFile(tmp_path / "a.mcap", {})
    topic = file.add_topic("/frame", FRAME_SCHEMA, SCHEMA)
    for i in range(2000):
        file.write(topic, i, b"{}")
        if i % 20 == 0:
            file.flush()
    foretold = file.size
    file.close()
    assert (tmp_path / "a.mcap").stat().st_size <= foretold


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "a.mcap", noisy(3))
    with pytest.raises(FileExistsError):
        McapFile(tmp_path / "a.mcap", {})
