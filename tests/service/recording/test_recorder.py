"""The recorder ends within its limits, and keeps the file when the disk fails."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sensor.formats import read_recording
from service.recording.recorder import LINGER_S, Recorder
from service.wire.messages import (
    ActionMessage,
    StatusMessage,
    StreamInfo,
)
from tests.fakes.full_disk import FullDisk
from tests.fakes.people import frames, motion
from tests.fakes.recordings import messages_by_topic

pytest.importorskip("mcap", reason="needs the record extra (mcap)")

MIB = 1024 * 1024


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_recording_ends_after_the_last_messages_of_its_stream(tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "a.mcap", "people", MIB, clock_s=clock)
    made = frames(motion())
    recorder.put(made[0])
    recorder.put(StatusMessage(StreamInfo("people", "test", "ended"), 1))
    assert not recorder.step()
    last = ActionMessage("people", [1], "wave", "end", 5, 1, 0.5, [])
    recorder.put(last)
    recorder.put(made[1])
    clock.now_s += LINGER_S
    assert not recorder.step()
    recorder.run()
    info = recorder.info()
    assert (info.state, info.note, info.frames) == ("finished", "the stream has ended", 1)
    assert len(messages_by_topic(tmp_path / "a.mcap")["/action"]) == 1


def test_a_slow_disk_ends_the_recording_and_never_blocks(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mcap", "people", MIB, capacity=10)
    for frame in frames(motion()):
        recorder.put(frame)  # nobody writes
    assert recorder.backlog == 10
    recorder.run()
    info = recorder.info()
    assert info.state == "failed" and "slower" in info.note and "\n" not in info.note
    assert len(read_recording(tmp_path / "a.mcap").frames) == 10


@pytest.mark.parametrize(
    ("code", "text"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "refused")]
)
def test_a_full_disk_fails_the_recording_with_one_reason(
    tmp_path: Path, code: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "a.mcap", "people", 64 * MIB, clock_s=clock)
    disk = FullDisk(recorder._file._file, 80_000)
    disk.code = code
    recorder._file._sink._file = disk
    recorder.put(frames(motion())[0])
    with pytest.raises(OSError):
        for frame in frames(motion()):
            recorder.put(frame)
            clock.now_s += 1
            recorder.step()
    recorder.finish()
    recorder.put(frame)
    recorder.run()
    info = recorder.info()
    assert info.state == "failed"
    assert text in info.note and "kept" in info.note and len(caplog.records) == 1
    assert len(read_recording(tmp_path / "a.mcap").frames) > 5
