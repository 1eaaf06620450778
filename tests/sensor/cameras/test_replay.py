from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras import open_source
from sensor.cameras.replay import ReplaySource
from sensor.errors import RecordingError, SensorError, SourceUriError
from sensor.formats import ntu_skeleton
from sensor.source import SourceUri, parse_uri, slug
from tests import builders


class FakeTime:
    """A clock that advances only by waiting."""

    def __init__(self) -> None:
        self.now_ns = 5_000
        self.waits: list[float] = []

    def clock(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now_ns += round(seconds * 1e9)
        return False


def replay(pace: float | None = 1.0, loop: bool = False) -> tuple[ReplaySource, FakeTime]:
    time = FakeTime()
    made = builders.recording(10)
    return ReplaySource(made, pace, loop, clock=time.clock, wait=time.wait), time


def test_recorded_time_is_kept():
    source, time = replay()
    frames = list(source.frames())
    assert [f.captured_ns for f in frames] == [
        5000 + f.captured_ns for f in source.recording.frames
    ]
    assert time.now_ns == frames[-1].captured_ns
    assert not source.lossless


@pytest.mark.parametrize("pace", [0.5, 2.0, 10.0])
def test_every_pace_gives_the_same_frames(pace: float):
    source, time = replay(pace)
    frames = list(source.frames())
    assert [f.captured_ns - 5000 for f in frames] == [
        f.captured_ns for f in source.recording.frames
    ]
    assert time.now_ns - 5000 == pytest.approx(source.recording.duration_s * 1e9 / pace, abs=1)


def test_pace_max_never_waits():
    source, time = replay(None)
    assert len(list(source.frames())) == 10
    assert time.waits == []
    assert source.lossless


def test_a_late_reader_never_waits():
    source, time = replay()
    for _ in source.frames():
        time.now_ns += 40_000_000
    assert time.waits == []


def test_loop_restarts_after_a_gap_without_bodies():
    source, _ = replay(loop=True)
    frames = list(islice(source.frames(), 33))
    assert [len(f.bodies) for f in frames] == ([1] * 10 + [0]) * 3
    times = np.array([f.captured_ns for f in frames])
    assert (np.diff(times) > 0).all()
    assert times[11] - times[9] == 1_500_000_000
    sequences = [f.sequence for f in frames]
    assert sequences == sorted(set(sequences))


def test_close_ends_it():
    source, _ = replay(loop=True)
    seen = 0
    for _ in source.frames():
        seen += 1
        if seen == 3:
            source.close()
    assert seen == 3
    made = builders.recording(10)
    assert len(list(ReplaySource(made, wait=lambda seconds: True).frames())) == 1


def test_open_replay_of_a_clip_set(tmp_path: Path):
    path = tmp_path / "My Clips (1).npz"
    path.write_bytes(builders.npz(builders.clip_set_arrays()))
    source = open_source(f"replay:{path}?subject=2&label=wave&pace=max")
    assert (source.name, source.kind) == ("my-clips-1", "replay")
    frames = list(source.frames())
    assert [f.truth for f in frames] == [None] * 60 + ["wave"] * 30 + [None] * 60
    assert {f.source for f in frames} == {"my-clips-1"}
    short = open_source(f"replay:{path}?clip=a&rest=0.5&pace=max&name=Left Hand")
    assert short.name == "left-hand"
    assert len(list(short.frames())) == 50


def test_open_replay_of_another_recording(tmp_path: Path):
    path = tmp_path / "walk.skeleton"
    path.write_text(ntu_skeleton.write(builders.recording(4)))
    source = open_source(f"replay:{path}?loop=true&pace=2")
    assert source.name == "walk"
    with pytest.raises(RecordingError, match=r"only a clip set \(.npz\) takes subject"):
        open_source(f"replay:{path}?subject=1")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("replay:/no/such.npz", "replay: /no/such.npz: no such file"),
        ("replay:", "names no file"),
        ("replay:a.npz?speed=2", "no option 'speed'; it takes pace, loop, subject"),
        ("replay:a.npz?pace=fast", "pace=fast should be a number"),
        ("replay:a.npz?pace=0", "pace=0 should be a number from 0.05"),
        ("replay:a.npz?loop=yes", "loop=yes should be true or false"),
        ("replay:a.npz?pace=1&pace=2", "given twice"),
        ("replay:a.npz?pace", "key=value"),
        ("kinect:0", 'Unknown source "kinect:". Available: .*replay:'),
        ("clip.npz", "is not a source"),
        ("", "is not a source"),
    ],
)
def test_a_wrong_uri_raises_one_clear_line(uri: str, expected: str):
    with pytest.raises(SensorError, match=expected) as caught:
        open_source(uri, extra={"demo": lambda uri: replay()[0]})
    assert "\n" not in str(caught.value)


def test_extra_schemes_receive_the_parsed_uri():
    asked: list[SourceUri] = []

    def demo(uri: SourceUri) -> ReplaySource:
        asked.append(uri)
        return replay()[0]

    open_source("demo:?seed=4&name=Lobby", {"demo": demo})
    assert asked[0].number("seed", 1, 0, 10) == 4
    assert asked[0].name == "lobby"
    with pytest.raises(SourceUriError, match="takes no option 'seed'; it takes size, name"):
        asked[0].check_options(["size"])
    assert parse_uri("demo:").name == "demo"


def test_slug():
    assert slug("A wave, twice!") == "a-wave-twice"
    assert slug("///") == "stream"
    assert slug("walk_2.5") == "walk_2.5"


def test_the_note_of_a_clip_set_says_which_rate_is_assumed(tmp_path: Path):
    path = tmp_path / "set.npz"
    path.write_bytes(builders.npz(builders.clip_set_arrays()))
    assert "30 Hz is assumed" in open_source(f"replay:{path}").note
    assert open_source(f"replay:{path}?rate=30").note == ""
