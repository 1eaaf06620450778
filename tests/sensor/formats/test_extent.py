"""Files that declare too many frames or too long a time are refused at small memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import azure_kinect_csv, clip_set, kinect_v2_csv, ntu_skeleton, read_recording
from sensor.formats.clip_selection import parse_selection
from sensor.formats.clip_stream import select_clips
from sensor.formats.recording import LOCAL_LIMITS, Limits, Recording
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2
from sensor.writing.fitting import Fitting
from tests import builders, csv_files, mcap_files, tool_files
from tests.fakes.files import bvh as bvh_files
from tests.fakes.files import g3d

MOST_BYTES = 16 * 2**20
MADE = builders.recording(40)
AZURE = builders.recording(40, AZURE_KINECT)
HOURS = (3600.0, 6.9 * 24 * 3600)


def jointwise_lines() -> bytes:
    head = {
        "format": "jointwise-recording",
        "version": 1,
        "name": "x",
        "layout": "kinect-v2",
        "joints": list(KINECT_V2.joints),
        "rate_hz": 30.0,
        "start_unix_ns": 0,
    }
    body = {"id": 1, "joints_m": builders.pose().tolist(), "confidence": [1.0] * 25}
    lines = [{"t_ns": i * 10**8, "sequence": i, "bodies": [body]} for i in range(40)]
    return "\n".join(map(json.dumps, [head, *lines])).encode()


def mcap(tmp_path: Path) -> bytes:
    pytest.importorskip("mcap")
    mcap_files.write(tmp_path / "a.mcap", mcap_files.noisy())
    return (tmp_path / "a.mcap").read_bytes()


def bvh_text() -> str:
    made = bvh_files.skeleton("cmu")
    return bvh_files.text(made, *bvh_files.swaying(made))


def clip(times_s: Any = None) -> dict[str, Any]:
    arrays = builders.clip_set_arrays()
    count = len(arrays["xyz"]) if times_s is None else len(times_s)
    kept = {"xyz": arrays["xyz"][:count], "joints": arrays["joints"]}
    return kept if times_s is None else kept | {"t": np.array(times_s, np.float64)}


FILES: dict[str, Callable[[Path], bytes]] = {
    "mediapipe json": lambda _: json.dumps(tool_files.mediapipe_frames(MADE)).encode(),
    "mediapipe csv": lambda _: tool_files.mediapipe_csv(MADE).encode(),
    "openpose": lambda _: json.dumps(tool_files.openpose_frames(MADE)).encode(),
    "nuitrack json": lambda _: json.dumps(tool_files.nuitrack_document(MADE)).encode(),
    "nuitrack csv": lambda _: tool_files.nuitrack_csv(MADE).encode(),
    "kinect json": lambda _: json.dumps(tool_files.kinect_bodies(MADE)).encode(),
    "push frames": lambda _: tool_files.push_lines(MADE).encode(),
    "pykinect": lambda _: builders.pykinect_json(AZURE),
    "offline processor": lambda _: builders.offline_processor_json(AZURE),
    "gesture": lambda _: builders.gesture_json(40),
    "kinect csv": lambda _: kinect_v2_csv.write(MADE).encode(),
    "kinect csv header": lambda _: csv_files.kinect_with_header(MADE).encode(),
    "azure csv": lambda _: azure_kinect_csv.write(AZURE).encode(),
    "azure csv time": lambda _: csv_files.azure_with_time(AZURE, True).encode(),
    "ntu": lambda _: ntu_skeleton.write(MADE).encode(),
    "g3d": lambda _: g3d.document(builders.recording(40, KINECT_V1)),
    "bvh": lambda _: bvh_text().encode(),
    "jointwise": lambda _: jointwise_lines(),
    "mcap": mcap,
    "npz": lambda _: builders.npz(clip()),
    "npz times": lambda _: builders.npz(clip(np.arange(40) / 30)),
}


def refused(read: Callable[[], object]) -> str:
    """Return the one line with which `read` refuses, at small memory."""
    tracemalloc.start()
    try:
        with pytest.raises(RecordingError) as caught:
            read()
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", FILES)
def test_every_reader_has_a_limit_of_time(name: str, tmp_path: Path) -> None:
    data = FILES[name](tmp_path)
    assert read_recording(data, "a", limits=Limits(max_s=10)).frames
    text = refused(lambda: read_recording(data, "a", limits=Limits(max_s=1, remedy="cut it")))
    assert "s long, but at most 1 s are allowed: cut it" in text


@pytest.mark.parametrize("name", FILES)
def test_every_reader_has_a_limit_of_frames(name: str, tmp_path: Path) -> None:
    text = refused(lambda: read_recording(FILES[name](tmp_path), "a", limits=Limits(max_frames=9)))
    assert "at most 9" in text


@pytest.mark.parametrize("seconds", [*HOURS, 1e10, 1e300])
@pytest.mark.parametrize("clips", [1, 2])
def test_a_clip_set_whose_times_span_hours_is_not_resampled(clips: int, seconds: float) -> None:
    arrays = clip([0, seconds] * clips) | {"start": np.arange(clips + 1) * 2}
    data = builders.npz(arrays)
    text = refused(lambda: read_recording(data, "a", limits=Limits(max_s=900)))
    assert text.startswith("a is ") or "frames; at most" in text or "more than a week" in text


@pytest.mark.parametrize("seconds", [6.9 * 24 * 3600, 1e10])
def test_selected_clips_are_not_resampled_beyond_the_limit(seconds: float) -> None:
    clips = clip_set.read("a", builders.npz(clip([0, seconds])), LOCAL_LIMITS)
    refused(lambda: select_clips(clips, parse_selection({})))


def test_a_bvh_declares_its_length_before_its_frames() -> None:
    text = bvh_text().replace("Frames: 40", "Frames: 150000").replace("0.033333333", "2.0")
    line = refused(lambda: read_recording(text.encode(), "a", limits=Limits(max_s=900)))
    assert line == "a is 299998 s long, but at most 900 s are allowed: cut it"


@pytest.mark.parametrize("frame_s", ["1e9", "1e-9", "inf", "nan", "-1", "0"])
def test_a_bvh_with_an_impossible_frame_time_is_refused(frame_s: str) -> None:
    data = bvh_text().replace("0.033333333", frame_s).encode()
    assert "Frame Time should be" in refused(lambda: read_recording(data, "a"))


@pytest.mark.parametrize("rate_hz", [1e-6, 0.0, -30.0, 1e9, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(rate_hz: float) -> None:
    for data in (
        builders.npz(clip() | {"rate_hz": np.array(rate_hz)}),
        builders.gesture_json(40).replace(b"15.0", json.dumps(rate_hz).encode()),
        jointwise_lines().replace(b'"rate_hz": 30.0', f'"rate_hz": {json.dumps(rate_hz)}'.encode()),
    ):
        refused(lambda data=data: read_recording(data, "a"))  # type: ignore[misc]


def test_a_recording_with_a_gap_of_days_is_not_made_even() -> None:
    last = replace(MADE.frames[-1], captured_ns=round(HOURS[1] * 1e9))
    made = Recording("a", "built", KINECT_V2, (*MADE.frames, last), 30.0)
    text = refused(lambda: Fitting(made, "BVH").make_even(30.0))
    assert "frames; at most 2000000 are read" in text
