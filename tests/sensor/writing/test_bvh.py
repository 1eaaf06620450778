from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Body
from sensor.writing import target_for, write_recording
from sensor.writing.bvh_pose import NODES, pose, zxy_degrees
from tests import builders

HELD = sorted({KINECT_V2.index[node.joint] for node in NODES})


def moved(frames: int = 40, lost: tuple[str, ...] = (), gap: int = 0) -> Recording:
    """Somebody who waves, with noise in each joint, so that no length stays the same."""
    rng = np.random.default_rng(3)
    made = builders.recording(frames)
    bodies = []
    for i, frame in enumerate(made.frames):
        noise = rng.normal(0, 0.01, (25, 3)).astype(np.float32)
        sure = np.ones(25, np.float32)
        sure[[KINECT_V2.index[name] for name in lost]] = 0
        sure[KINECT_V2.index["HandRight"]] = float(not 5 <= i < 5 + gap)
        bodies.append(replace(frame, bodies=(Body(7, frame.bodies[0].joints_m + noise, sure),)))
    return replace(made, frames=tuple(bodies))


def written(made: Recording, folder: Path) -> tuple[np.ndarray, list[str]]:
    """Write a recording; return the places (T, 25, 3) of the file in metres, and the notes."""
    path = folder / "out.bvh"
    path.unlink(missing_ok=True)
    notes = write_recording(made, path, target_for(path))
    head, _, motion = path.read_text().partition("MOTION\n")
    names = re.findall(r"(?:ROOT|JOINT) (\w+)", head)
    count, rate, *lines = motion.splitlines()
    assert (count, rate) == (f"Frames: {len(lines)}", "Frame Time: 0.033333333")
    rows = np.array([line.split() for line in lines], float).reshape(len(lines), len(names), 6)
    return followed(dict(zip(names, np.swapaxes(rows, 0, 1), strict=True))), notes


def followed(channels: dict[str, np.ndarray]) -> np.ndarray:
    """Follow the rotations and places of each joint down the hierarchy, in camera space."""
    joints = np.zeros((len(channels["Hips"]), 25, 3))
    places, turns = [], []
    for node in NODES:
        place, (z, x, y) = channels[node.name][:, :3], np.deg2rad(channels[node.name][:, 3:].T)
        turn = about(2, z) @ about(0, x) @ about(1, y)
        if node.parent >= 0:
            above = turns[node.parent]
            place = places[node.parent] + (above @ place[..., None])[..., 0]
            turn = above @ turn
        places.append(place)
        turns.append(turn)
        joints[:, KINECT_V2.index[node.joint]] = place * (-0.01, 0.01, -0.01)
    return joints


def joints_of(recording: Recording) -> np.ndarray:
    return np.stack([frame.bodies[0].joints_m for frame in recording.frames])


def test_the_file_has_the_exact_places(tmp_path: Path) -> None:
    made = moved()
    places, notes = written(made, tmp_path)
    assert notes == ["BVH is written without HandTipLeft, ThumbLeft, HandTipRight, ThumbRight"]
    np.testing.assert_allclose(places[:, HELD], joints_of(made)[:, HELD], atol=1e-4)


def test_a_body_is_written_and_read_back(tmp_path: Path) -> None:
    made = moved()
    written(made, tmp_path)
    read = read_recording(tmp_path / "out.bvh")
    assert (read.format, read.rate_hz) == ("bvh", pytest.approx(30))
    times = [frame.captured_ns for frame in read.frames]
    assert np.abs(np.array(times) - [frame.captured_ns for frame in made.frames]).max() < 1e6
    # The reader puts the sensor in front of the hips of the first frame.
    one, other = ((j - j[0, 0])[:, HELD] for j in (joints_of(made), joints_of(read)))
    np.testing.assert_allclose(other, one, atol=1e-3)


def test_rotations_turn_the_bones_at_rest_into_those_of_the_body() -> None:
    joints = np.stack([frame.bodies[0].joints_m for frame in moved().frames]).astype(float)
    offsets, places, turns = pose(joints)
    for i, node in enumerate(NODES):
        children = [j for j, child in enumerate(NODES) if child.parent == i and offsets[j].any()]
        if len(children) == 1:
            step = places[:, children[0]]
            along = (turns[:, i] @ step[..., None])[..., 0] if node.parent < 0 else step
            rest = offsets[children[0]]
            np.testing.assert_allclose(
                along / np.linalg.norm(along, axis=1)[:, None],
                np.tile(rest / np.linalg.norm(rest), (len(along), 1)),
                atol=1e-6,
            )
    z, x, y = np.moveaxis(np.deg2rad(zxy_degrees(turns)), -1, 0)
    again = about(2, z) @ about(0, x) @ about(1, y)
    np.testing.assert_allclose(again, turns, atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(turns), 1, atol=1e-6)


def about(axis: int, angle: np.ndarray) -> np.ndarray:
    one, two = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((*angle.shape, 3, 3))
    turn[..., axis, axis] = 1
    turn[..., one, one] = turn[..., two, two] = np.cos(angle)
    turn[..., two, one], turn[..., one, two] = np.sin(angle), -np.sin(angle)
    return turn


def test_missing_joints_are_filled_in_and_said(tmp_path: Path) -> None:
    made = moved(lost=("SpineBase", "SpineMid", "Neck"), gap=3)
    places, notes = written(made, tmp_path)
    assert notes[0] == "BVH holds no missing joints: 123 places were filled in"
    hips = [KINECT_V2.index[f"Hip{side}"] for side in ("Left", "Right")]
    middle = joints_of(made)[:, hips].mean(axis=1)
    np.testing.assert_allclose(places[:, KINECT_V2.index["SpineBase"]], middle, atol=1e-4)
    hand = places[4:9, KINECT_V2.index["HandRight"]]
    np.testing.assert_allclose(np.diff(hand, axis=0), np.diff(hand, axis=0)[[0] * 4], atol=1e-4)


def test_a_body_without_an_arm_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="BVH needs ElbowLeft, which this recording never"):
        write_recording(
            moved(lost=("ElbowLeft",)), tmp_path / "a.bvh", target_for(tmp_path / "a.bvh")
        )
    assert list(tmp_path.iterdir()) == []


def test_frames_without_the_body_at_the_ends_are_left_out(tmp_path: Path) -> None:
    made = moved()
    frames = tuple(replace(f, bodies=()) if i < 5 else f for i, f in enumerate(made.frames))
    places, notes = written(replace(made, frames=frames), tmp_path)
    assert notes[0] == "BVH needs a body in each frame: 5 at the ends left out"
    assert len(places) == 35
