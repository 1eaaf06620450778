from __future__ import annotations

import os
import threading
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect import k4a
from sensor.cameras.azure_kinect.recording import AvReader, RecordingFeed, open_mkv
from sensor.errors import RecordingError, SensorError
from sensor.source import parse_uri
from tests.fakes.k4abt.build import needs_compiler, stubs
from tests.fakes.k4abt.k4a_mkv import k4a_mkv
from tests.fakes.k4abt.recordings import (
    SAMPLE,
    TIMES,
    needs_av,
    needs_sample,
    open_source_of,
    play,
)


@needs_av
@needs_compiler
def test_a_recording_plays_through_the_tracker_with_recorded_times(recording: Path):
    frames = play(recording, pace="max")
    assert [f.sequence for f in frames] == [0, 1, 2, 3, 4]
    steps = np.diff([f.captured_ns for f in frames]).tolist()
    assert steps == [33_333_000, 33_333_000, 66_666_000, 33_333_000]  # one capture has no depth
    assert {len(f.bodies) for f in frames} == {1}
    assert frames[0].bodies[0].joints_m[0] == pytest.approx([0, -0.1, 2.5])
    assert play(recording, pace="max", k4abt=stubs().k4abt_1_0)[0].bodies[0].id == 1


@needs_av
@needs_compiler
def test_pace_and_loop(recording: Path):
    stub = k4a.load(str(stubs().k4a.parent))
    now_ns = 0

    def wait(seconds: float) -> bool:
        nonlocal now_ns
        now_ns += round(seconds * 1e9)
        return False

    captures = AvReader(recording, stub)
    feed = RecordingFeed(stub, captures, 2.0, True, lambda: now_ns, wait)
    made = [
        (capture.device_usec, capture.captured_ns, now_ns)
        for capture in islice(feed.captures(threading.Event()), 7)
    ]
    assert made[4] == (336_277 + TIMES[5], 1000 * TIMES[5], 500 * TIMES[5])
    again_ns = 1000 * TIMES[5] + 1_500_000_000
    assert made[5] == (336_277, again_ns, again_ns // 2)
    assert feed.skipped == 1


@needs_av
@needs_compiler
def test_a_silent_or_failed_tracker_is_restarted(recording: Path, monkeypatch: pytest.MonkeyPatch):
    stubs().reset()
    monkeypatch.setenv("STUB_K4ABT", "fail_after=2")
    assert [f.sequence for f in play(recording, pace=1)][:2] == [0, 1]
    assert stubs().count("trackers_made") >= 1
    stubs().reset()
    monkeypatch.setenv("STUB_K4ABT", "silent_after=1,timeout_every=3")
    source = open_source_of(recording, loop="true", pace="max")
    seen = 0
    for frame in source.frames():
        seen += 1
        if frame.sequence > 20:
            source.close()
    assert seen > 10
    assert source.session is not None
    assert source.session.restarted == 1
    assert stubs().count("trackers_made") == 2
    assert stubs().count("trackers_alive") == stubs().count("frames_alive") == 0


@needs_av
@needs_compiler
@needs_sample
def test_the_real_recording_plays_through_the_tracker():
    (frame,) = play(SAMPLE)
    (body,) = frame.bodies
    head, pelvis = body.joints_m[26], body.joints_m[0]
    assert head[1] > pelvis[1]


@needs_av
@needs_compiler
def test_two_thousand_captures_leak_nothing(tmp_path: Path):
    path = tmp_path / "made.mkv"
    path.write_bytes(k4a_mkv([33_333 * i for i in range(40)]))
    kept, grown_mib = play_many(path, 2_000)
    assert kept == 0
    assert grown_mib < 16  # one leaked image per hundred captures would exceed this


def play_many(path: Path, count: int) -> tuple[int, float]:
    """Play `count` captures; return leaked handles, and the growth of memory in MiB.

    The growth counts from capture 200.
    """
    before = stubs().count("k4a_alive")
    source = open_source_of(path, pace="max", loop="true")
    began_mib = 0.0
    for number, _ in enumerate(source.frames(), 1):
        if number == 200:
            began_mib = _memory_mib()
        if number == count:
            source.close()
    grown_mib = _memory_mib() - began_mib
    assert number == count
    left = stubs().count("k4a_alive") - before
    return left + stubs().count("frames_alive") + stubs().count("trackers_alive"), grown_mib


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@needs_av
@needs_compiler
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "cannot be read"),
        (b"not a film", "cannot be read"),
        (k4a_mkv(TIMES, calibration=None), "has no calibration attached"),
        (k4a_mkv(TIMES, without_depth=range(6)), "no capture with depth and infrared"),
        (k4a_mkv(TIMES).replace(b"K4A_", b"ABC_"), "no depth track of k4arecorder"),
        (k4a_mkv(TIMES).replace(b"NFOV_2X2BINNED", b"NFOV_9X9BINNED"), "unknown modes NFOV_9X9"),
    ],
)
def test_a_file_that_cannot_be_played_raises_one_clear_line(
    tmp_path: Path, content: bytes, expected: str
):
    path = tmp_path / "made.mkv"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=expected) as caught:
        play(path, pace="max")
    assert "\n" not in str(caught.value)


@needs_av
@needs_compiler
def test_a_recording_that_was_cut_off_plays_up_to_the_cut(tmp_path: Path):
    path = tmp_path / "cut.mkv"
    whole = k4a_mkv(TIMES)
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert 3 <= len(play(path, pace="max")) <= 5


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mkv:", "names no file"),
        ("mkv:/no/such.mkv", "mkv: /no/such.mkv: no such file"),
        ("mkv:{here}?speed=2", "takes no option 'speed'"),
        ("mkv:{here}?reader=vlc", "reader=vlc should be one of auto, vendor, av"),
        ("mkv:{here}?k4abt=/nowhere", "no libk4abt, .*in /nowhere; install it from https://"),
    ],
)
def test_a_wrong_uri_raises_one_clear_line(uri: str, expected: str):
    with pytest.raises(SensorError, match=expected) as caught:
        open_mkv(parse_uri(uri.format(here=__file__)))
    assert "\n" not in str(caught.value)
