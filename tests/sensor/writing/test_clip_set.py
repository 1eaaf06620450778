"""Clip sets written of recordings, and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.skeleton import KINECT_V1, KINECT_V2
from sensor.writing import target_for, write_recording
from tests import builders
from tests.sensor.writing.test_writing import (
    assert_same,
    even,
    round_trip,
    round_trip_into,
    uneven,
)


def test_a_clip_set_keeps_one_body_with_its_gaps(tmp_path: Path) -> None:
    made = even(uneven(KINECT_V2))
    read, notes = round_trip(made, "clip-set", tmp_path)
    assert len(notes) == 1 and "no confidence" in notes[0]
    assert_same(made, read, ids=False, classes=False)


def test_a_clip_set_keeps_times(tmp_path: Path) -> None:
    made = even(builders.recording(31), 15.0)
    read, notes = round_trip(made, "clip-set", tmp_path)
    assert notes == [] and read.rate_hz == pytest.approx(15.0)
    assert_same(made, read, ids=False)
    uneven_made = uneven(KINECT_V2)
    read, _ = round_trip_into(uneven_made, "clip-set", tmp_path / "uneven")
    apart = [
        a.captured_ns - b.captured_ns for a, b in zip(read.frames, uneven_made.frames, strict=False)
    ]
    assert max(map(abs, apart)) < 1000


def test_a_clip_set_holds_one_clip_a_body(tmp_path: Path) -> None:
    made = even(uneven(KINECT_V1, people=2))
    path = tmp_path / "out.npz"
    notes = write_recording(made, path, target_for(path))
    assert ".npz clip set holds one body a clip: 2 bodies, read one after the other" in notes
    read = read_recording(path, select={"subject": "42"})
    wanted = [[body for body in f.bodies if body.id == 42] for f in made.frames]
    frames = [replace(f, bodies=tuple(b)) for f, b in zip(made.frames, wanted, strict=True)]
    assert_same(replace(made, frames=tuple(frames)), read, ids=False, classes=False)
    joined = read_recording(path)
    assert all(np.isfinite(body.joints_m).all() for f in joined.frames for body in f.bodies)
    assert len(joined.frames) > 80 and sum(bool(f.bodies) for f in joined.frames) > 100


def test_a_clip_set_keeps_labels(tmp_path: Path) -> None:
    made = builders.recording(20)
    halves = [replace(f, truth="wave" if i < 10 else "clap") for i, f in enumerate(made.frames)]
    read, notes = round_trip(replace(made, frames=tuple(halves)), "clip-set", tmp_path)
    assert notes == [] and [f.truth for f in read.frames] == [f.truth for f in halves]
    (tmp_path / "out.npz").unlink()
    whole = [replace(frame, truth="wave") for frame in made.frames]
    read, notes = round_trip(replace(made, frames=tuple(whole)), "clip-set", tmp_path)
    assert notes == [] and {frame.truth for frame in read.frames} == {"wave"}
