from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import (
    AZURE_KINECT,
    KINECT_V1,
    KINECT_V2,
    Body,
    Frame,
    Layout,
    convert_frame,
    convert_joints,
)
from sensor.writing import TARGETS, target_for, write_recording
from tests import builders

WHOLE = ("mcap", "jointwise-recording")
MANY = (*WHOLE, "ntu-skeleton", "azure-kinect-offline-json")
"""Formats that hold several bodies a frame."""


def uneven(layout: Layout, people: int = 1, labels: bool = False) -> Recording:
    """People with ids 41, 42, ... at times up to 4 ms from 25 Hz, with joints of each class.

    One joint is never seen, one is missing now and then, one is inferred, and the first body is
    away for some frames.
    """
    rng = np.random.default_rng(1)
    frames = []
    for i, made in enumerate(builders.recording(40, layout, people).frames):
        t_ns = round(i * 1e9 / 25) + (int(rng.integers(4_000_000)) if i else 0)
        bodies = []
        for body in made.bodies:
            sure = body.confidence.copy()
            sure[layout.index["ElbowLeft"]] = 0.5
            sure[layout.index["HandRight"]] = float(i % 7 != 3)
            if body.id > 1 or not 10 <= i < 14:
                bodies.append(Body(body.id + 40, body.joints_m, sure))
        truth = ("wave" if i < 20 else None) if labels else None
        frames.append(Frame("test", i, t_ns, tuple(bodies), layout, truth))
    return Recording("test", "built", layout, tuple(frames), 25.0)


def even(recording: Recording, rate_hz: float = 30.0) -> Recording:
    frames = tuple(
        replace(frame, captured_ns=round(i * 1e9 / rate_hz))
        for i, frame in enumerate(recording.frames)
    )
    return replace(recording, frames=frames, rate_hz=rate_hz)


def round_trip(recording: Recording, name: str, folder: Path) -> tuple[Recording, list[str]]:
    path = folder / f"out{TARGETS[name].suffix}"
    notes = write_recording(recording, path, target_for(path))
    assert [found.name for found in folder.iterdir()] == [path.name]
    assert all("\n" not in note for note in notes)
    read = read_recording(path)
    assert read.format == name
    return read, notes


def assert_same(made: Recording, read: Recording, ids: bool = True, classes: bool = True) -> None:
    assert len(made.frames) == len(read.frames)
    for one, other in zip(made.frames, read.frames, strict=True):
        assert abs(one.captured_ns - other.captured_ns) < 1_000_000
        assert len(one.bodies) == len(other.bodies)
        for p, q in zip(one.bodies, other.bodies, strict=True):
            assert not ids or p.id == q.id
            sure, joints_m = convert(p, made.layout, read.layout)
            np.testing.assert_allclose(q.joints_m, joints_m, rtol=0, atol=1e-3)
            np.testing.assert_array_equal(q.confidence, sure if classes else sure > 0)


def convert(body: Body, layout: Layout, target: Layout):
    joints_m, sure = convert_joints(body.joints_m, body.confidence, layout, target)
    return sure, joints_m


@pytest.mark.parametrize("layout", [KINECT_V2, KINECT_V1, AZURE_KINECT], ids=lambda one: one.name)
@pytest.mark.parametrize("name", WHOLE)
def test_jointwise_formats_lose_nothing(name: str, layout: Layout, tmp_path: Path) -> None:
    pytest.importorskip("mcap")
    made = uneven(layout, people=3, labels=True)
    read, notes = round_trip(made, name, tmp_path)
    assert notes == [] and read.layout is layout
    assert_same(made, read)
    for one, other in zip(made.frames, read.frames, strict=True):
        assert (one.captured_ns, one.truth) == (other.captured_ns, other.truth)
        for p, q in zip(one.bodies, other.bodies, strict=True):
            np.testing.assert_array_equal(p.joints_m, q.joints_m)


def test_ntu_keeps_bodies_ids_and_tracking_states(tmp_path: Path) -> None:
    made = even(uneven(KINECT_V2, people=2))
    read, notes = round_trip(made, "ntu-skeleton", tmp_path)
    assert notes == []
    assert_same(made, read)


def test_ntu_is_resampled_since_it_has_no_times(tmp_path: Path) -> None:
    made = even(builders.recording(31, KINECT_V2, people=2), 15.0)
    read, notes = round_trip(made, "ntu-skeleton", tmp_path)
    assert notes == ["NTU .skeleton is always at 30 Hz: resampled from 15 Hz"]
    assert read.duration_s == pytest.approx(made.duration_s, abs=1e-3)
    assert_same(made, replace(read, frames=read.frames[::2]))


def test_ntu_holds_six_bodies_a_frame(tmp_path: Path) -> None:
    made = builders.recording(5, KINECT_V2, people=8)
    read, notes = round_trip(made, "ntu-skeleton", tmp_path)
    assert notes == ["NTU .skeleton holds at most 6 bodies a frame: 2 left out"]
    assert [body.id for body in read.frames[0].bodies] == [1, 2, 3, 4, 5, 6]


def test_the_bodies_seen_longest_are_kept(tmp_path: Path) -> None:
    made = builders.recording(9, KINECT_V2, people=8)
    short = tuple(replace(f, bodies=f.bodies[2 * (i < 3) :]) for i, f in enumerate(made.frames))
    read, _ = round_trip(replace(made, frames=short), "ntu-skeleton", tmp_path)
    assert {body.id for frame in read.frames for body in frame.bodies} == {3, 4, 5, 6, 7, 8}


def test_negative_ids_become_positive_in_ntu(tmp_path: Path) -> None:
    made = builders.recording(3)
    frames = tuple(
        replace(f, bodies=tuple(Body(-1, b.joints_m, b.confidence) for b in f.bodies))
        for f in made.frames
    )
    read, notes = round_trip(replace(made, frames=frames), "ntu-skeleton", tmp_path)
    assert read.frames[0].bodies[0].id == 2**63 - 1
    assert "negative" in notes[0]


def test_kinect_v2_csv_keeps_times_states_and_empty_frames(tmp_path: Path) -> None:
    made = uneven(KINECT_V2)
    read, notes = round_trip(made, "kinect-v2-csv", tmp_path)
    assert notes == []
    assert_same(made, read, ids=False)


def test_kinect_v2_csv_holds_one_body_and_no_labels(tmp_path: Path) -> None:
    read, notes = round_trip(
        uneven(KINECT_V2, people=3, labels=True), "kinect-v2-csv", tmp_path
    )  # fmt: skip
    assert notes == [
        "Kinect v2 CSV holds one body: body 42 kept, 2 left out",
        "Kinect v2 CSV holds no labels: those of 20 frames left out",
    ]
    assert all(len(frame.bodies) == 1 for frame in read.frames)


def test_offline_json_keeps_bodies_ids_and_times(tmp_path: Path) -> None:
    made = uneven(AZURE_KINECT, people=2)
    read, notes = round_trip(made, "azure-kinect-offline-json", tmp_path)
    assert len(notes) == 1 and "no confidence" in notes[0]
    seen = [(f.captured_ns, [b.id for b in f.bodies]) for f in read.frames]
    assert [ids for _, ids in seen] == [[b.id for b in f.bodies] for f in made.frames]
    for one, other in zip(made.frames, read.frames, strict=True):
        assert abs(one.captured_ns - other.captured_ns) < 1_000_000
        for p, q in zip(one.bodies, other.bodies, strict=True):
            there = p.confidence > 0
            np.testing.assert_allclose(q.joints_m[there], p.joints_m[there], rtol=0, atol=1e-3)
            assert not q.joints_m[~there].any()


def test_another_layout_is_converted_and_the_joints_are_named(tmp_path: Path) -> None:
    made = even(uneven(AZURE_KINECT, people=2))
    read, notes = round_trip(made, "ntu-skeleton", tmp_path)
    assert notes == [
        "NTU .skeleton holds the joints of kinect-v2: those of azure-kinect were converted; "
        "left out: SpineNavel, Nose, EyeLeft, EarLeft, EyeRight, EarRight"
    ]
    assert_same(made, read)
    back, notes = round_trip_into(read, "azure-kinect-offline-json", tmp_path / "back")
    assert "missing: SpineNavel, Nose" in notes[0] and "left out" not in notes[0]
    assert back.layout is AZURE_KINECT
    for one, other in zip(read.frames, back.frames, strict=True):
        again = convert_frame(other, KINECT_V2)
        for p, q in zip(one.bodies, again.bodies, strict=True):
            np.testing.assert_allclose(q.joints_m, p.joints_m, rtol=0, atol=1e-6)
            assert ((q.confidence > 0) == (p.confidence > 0)).all()


def round_trip_into(recording: Recording, name: str, folder: Path):
    folder.mkdir()
    return round_trip(recording, name, folder)


def test_the_mcap_schema_is_that_of_recorded_files() -> None:
    from sensor.writing.mcap_recording import SCHEMA
    from service.recording.mcap_topics import plain_schema
    from service.wire.messages import FrameMessage

    recorded = plain_schema(FrameMessage)
    del recorded["properties"]["timings"]  # no recorded frame has timings
    assert recorded == SCHEMA


def test_the_format_follows_from_the_suffix_or_the_name() -> None:
    assert target_for(Path("A.SKELETON")) is TARGETS["ntu-skeleton"]
    assert target_for(Path("a.txt"), "kinect-v2-csv") is TARGETS["kinect-v2-csv"]
    for path, name, expected in (
        ("a.txt", None, r"a.txt: no known suffix; name the format with --to: ntu-skeleton"),
        ("a.csv", "bvhh", r"no format to write is called 'bvhh'; known: ntu-skeleton"),
    ):
        with pytest.raises(RecordingError, match=expected):
            target_for(Path(path), name)


def test_a_rounded_confidence_is_said(tmp_path: Path) -> None:
    made = builders.recording(3)
    sure = np.linspace(0, 1, 25).astype(np.float32)
    frames = tuple(replace(f, bodies=(Body(1, builders.pose(), sure),)) for f in made.frames)
    read, notes = round_trip(replace(made, frames=frames), "ntu-skeleton", tmp_path)
    assert "three tracking states" in notes[0]
    got = read.frames[0].bodies[0].confidence
    np.testing.assert_array_equal(got, [0] + [0.5] * 17 + [1] * 7)
