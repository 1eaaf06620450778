from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.bvh import reader as bvh
from sensor.formats.bvh.joints import part_of
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2
from tests.fakes.files import bvh as bvh_files
from tests.fakes.rotations import swing
from tests.recording_checks import assert_refused

Y_UP = np.eye(3)
Z_UP = np.array(((1, 0, 0), (0, 0, -1), (0, 1, 0)), float)
Y_UP_FACING_X = np.array(((0, 0, 1), (0, 1, 0), (-1, 0, 0)), float)
Z_UP_FACING_Y = np.array(((-1, 0, 0), (0, 0, 1), (0, 1, 0)), float)
TURNS = {"y up": Y_UP, "z up": Z_UP, "facing x": Y_UP_FACING_X, "z up, facing y": Z_UP_FACING_Y}
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "cmu": 0.0254 / 0.45}
SCHEMES = list(bvh_files.SCHEMES)


def made_text(scheme: str = "cmu", unit_m: float = 0.01, **options: object) -> str:
    made = bvh_files.skeleton(scheme)
    return bvh_files.text(made, *bvh_files.swaying(made), unit_m=unit_m, **options)  # type: ignore[arg-type]


def assert_as_made(read: Recording, scheme: str) -> None:
    made = bvh_files.skeleton(scheme)
    places = bvh_files.forward(made, *bvh_files.swaying(made)) * (-1, 1, -1)
    expected = bvh_files.kinect_joints(made, places)
    assert {"Head", "FootLeft", "WristRight"} <= set(expected)
    for joint, there in expected.items():
        i = KINECT_V2.index[joint]
        got = np.array([frame.bodies[0].joints_m[i] for frame in read.frames])
        want = there - expected["SpineBase"][0] + bvh.PLACE_M
        np.testing.assert_allclose(got, want, rtol=0, atol=0.001, err_msg=joint)
        assert all(frame.bodies[0].confidence[i] == 1 for frame in read.frames), joint


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("axes", TURNS)
def test_places_come_back_within_a_millimetre(scheme: str, axes: str):
    read = read_recording(made_text(scheme, axes=TURNS[axes]).encode())
    assert (read.format, read.layout, len(read.frames)) == ("bvh", KINECT_V2, 40)
    assert_as_made(read, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("unit", UNITS)
def test_metres_come_from_every_unit(scheme: str, unit: str):
    assert np.linalg.det(TURNS["facing x"]) > 0
    assert_as_made(read_recording(made_text(scheme, UNITS[unit]).encode()), scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("axes", TURNS)
def test_left_stays_left_and_the_performer_faces_the_sensor(scheme: str, axes: str):
    made = bvh_files.skeleton(scheme)
    still = np.tile(np.eye(3), (3, len(made.names), 1, 1))
    text = bvh_files.text(made, still, np.tile((0.0, 1.0, 0.0), (3, 1)), axes=TURNS[axes])
    body = read_recording(text.encode()).frames[0].bodies[0]
    at = {joint: body.joints_m[i] for joint, i in KINECT_V2.index.items()}
    assert at["WristLeft"][0] < at["ShoulderLeft"][0] < 0 < at["WristRight"][0]
    assert at["Head"][1] > at["HipLeft"][1] > at["AnkleLeft"][1]
    assert at["FootLeft"][2] < at["AnkleLeft"][2]
    np.testing.assert_allclose(at["SpineBase"], bvh.PLACE_M, atol=1e-6)


def test_the_frame_time_gives_the_rate():
    read = read_recording(made_text(rate_hz=120.0).encode())
    assert read.rate_hz == pytest.approx(120, rel=1e-6)
    assert read.frames[12].captured_ns == pytest.approx(1e8, rel=1e-6)


def with_bones_along_x(
    made: bvh_files.Skeleton, turns: bvh_files.Floats
) -> tuple[bvh_files.Skeleton, bvh_files.Floats]:
    """Return the same motion of a hierarchy whose bones all lie along x at rest, as LAFAN1's do."""
    turns, rest = turns.copy(), made.rest_m.copy()
    for i, parent in enumerate(made.parents):
        if parent < 0:
            continue
        bone = made.rest_m[i] - made.rest_m[parent]
        if len(made.children(parent)) == 1:
            along = np.array([[np.linalg.norm(bone), 0, 0]])
            turns[:, parent] = turns[:, parent] @ swing(along, bone[None])
            bone = along[0]
        rest[i] = rest[parent] + bone
    return replace(made, rest_m=rest), turns


@pytest.mark.parametrize("axes", TURNS)
def test_a_rest_pose_that_is_no_person_leaves_the_decision_to_the_motion(axes: str):
    made = bvh_files.skeleton("mixamo")
    turns, root = bvh_files.swaying(made)
    bony, bony_turns = with_bones_along_x(made, turns)
    text = bvh_files.text(bony, bony_turns, root, axes=TURNS[axes])
    assert_as_made(read_recording(text.encode()), "mixamo")


@pytest.mark.parametrize(
    ("name", "part"),
    {
        "mixamorig:LeftUpLeg": ("Left", "upleg"),
        "mixamorigRightForeArm": ("Right", "forearm"),
        "LHipJoint": ("Left", "hipjoint"),
        "lShldr": ("Left", "shldr"),
        "upperarm_l": ("Left", "upperarm"),
        "UpperLeg_R": ("Right", "upperleg"),
        "Bip01 L UpperArm": ("Left", "upperarm"),
        "spine_01": ("", "spine1"),
        "rfemur": ("Right", "femur"),
        "leftShoulder": ("Left", "shoulder"),
        "LEFT_KNEE": ("Left", "knee"),
        "RightHandMiddle1": ("Right", "handmiddle1"),
        "Head": ("", "head"),
    }.items(),
)
def test_names_tell_side_and_part(name: str, part: tuple[str, str]):
    assert part_of(name) == part


def replaced(pattern: str, new: str) -> Callable[[], str]:
    return lambda: re.sub(pattern, new, made_text(), count=1)


MALFORMED: dict[str, tuple[Callable[[], str], str]] = {
    "cut in the hierarchy": (lambda: made_text()[:400], "has no MOTION: it was cut off"),
    "a brace too few": (replaced(r"\}\nMOTION", "MOTION"), "1 braces are not closed"),
    "a brace too many": (replaced("MOTION", "}\nMOTION"), "closes that was not opened"),
    "cut in the motion": (lambda: made_text()[:-20_000], "has 47 values, not 90"),
    "cut between frames": (
        lambda: "\n".join(made_text().splitlines()[:-5]), "40 frames are declared and 35 are there"
    ),
    "frames too many": (replaced("Frames: 40", "Frames: 39"), "goes on after the 39 frames"),
    "a million frames": (replaced("Frames: 40", "Frames: 1000000"), "at most 200000 are read"),
    "no frames": (replaced("Frames: 40", "Frames: 0"), "holds no frames"),
    "frames of a word": (replaced("Frames: 40", "Frames: many"), "followed by Frames: and their"),
    "frame time 0": (replaced("Frame Time: .*", "Frame Time: 0"), "Frame Time should be"),
    "frame time nan": (replaced("Frame Time: .*", "Frame Time: nan"), "Frame Time should be"),
    "a channel too many": (replaced("CHANNELS 3", "CHANNELS 4"), "the CHANNELS of 'LowerBack'"),
    "an unknown channel": (replaced("Yrotation", "Wrotation"), "the CHANNELS of 'Hips'"),
    "a channel missing": (
        replaced("CHANNELS 3 Zrotation Yrotation Xrotation", "CHANNELS 2 Zrotation Yrotation"),
        r"line \d+ has \d+ values, not \d+: the channels of the BVH hierarchy",
    ),
    "an offset of words": (replaced("OFFSET .*", "OFFSET a b c"), "the OFFSET of 'Hips'"),
    "an offset of nan": (replaced("OFFSET .*", "OFFSET nan 0 0"), "the OFFSET of 'Hips'"),
    "nan": (replaced(r"\n\S+ (\S+ \S+.*\n)$", r"\nnan \1"), "a channel is not a finite number"),
    "a word": (replaced(r"\n\S+ (\S+ \S+.*\n)$", r"\nx \1"), '"x" is not a number'),
    "two skeletons": (replaced("MOTION", "ROOT B\n{\n}\nMOTION"), "a second skeleton starts"),
    "no known joint": (
        lambda: re.sub(r"(JOINT) \w+", r"\1 Bone", made_text()),
        "no joint that is called like Head, ShoulderLeft, ElbowLeft; its joints are called Hips, ",
    ),
    "no person's size": (lambda: made_text(unit_m=1e-6), "no person's size"),
    "a strange keyword": (replaced("OFFSET", "OFFSETS"), "unknown keyword 'OFFSETS'"),
    "many joints": (
        lambda: "HIERARCHY\nROOT a\n{\n" + "JOINT b\n{\n" * 2000 + "}\n" * 2001 + "MOTION\n",
        "more than 1000 joints",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)


def test_declared_frames_and_long_lines_take_no_memory():
    huge = re.sub("Frames: 40", "Frames: 200000", made_text())
    long = made_text() + "0 " * 2_000_000
    for data in (huge.encode(), long.encode()):
        tracemalloc.start()
        with pytest.raises(RecordingError):
            read_recording(data, "upload")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * len(data) + 4_000_000
