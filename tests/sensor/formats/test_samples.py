"""Every reader on real recordings, if these are installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from sensor.skeleton import AZURE_KINECT, KINECT_V2, FloatArray, Layout

DATA = Path(__file__).parents[4] / "shared" / "data"
SAMPLES = DATA / "samples"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the sample recordings are not at ../shared/data/samples"
)

KINECT = sorted(SAMPLES.glob("kinect_v2_csv/*.csv"))
AZURE = sorted(SAMPLES.glob("azure_kinect_csv/*.csv"))
GESTURES = sorted(SAMPLES.glob("azure_kinect_json/*.json"))


def joints_of(made: Recording) -> FloatArray:
    return np.array([f.bodies[0].joints_m for f in made.frames if f.bodies])


def joint(joints: FloatArray, layout: Layout, name: str) -> FloatArray:
    place: FloatArray = joints[:, layout.index[name]]
    return place


def chirality(joints: FloatArray, layout: Layout) -> float:
    """Return up × forward along the line to the left shoulder; positive if not mirrored.

    Forward is the direction of the toes. The result is the median over all frames.
    """
    hips = (joint(joints, layout, "HipLeft") + joint(joints, layout, "HipRight")) / 2
    up = joint(joints, layout, "Head") - hips
    left = joint(joints, layout, "ShoulderLeft") - joint(joints, layout, "ShoulderRight")
    toes = sum(
        joint(joints, layout, f"Foot{side}") - joint(joints, layout, f"Ankle{side}")
        for side in ("Left", "Right")
    )
    return float(np.median((np.cross(up, toes) * left).sum(axis=1)))


def assert_upright_and_unmirrored(made: Recording) -> None:
    joints = joints_of(made)
    head = joint(joints, made.layout, "Head")[:, 1]
    hips = joint(joints, made.layout, "HipLeft")[:, 1]
    feet = joint(joints, made.layout, "FootLeft")[:, 1]
    assert (head > hips + 0.2).mean() > 0.95
    assert (hips > feet).mean() > 0.95
    assert chirality(joints, made.layout) > 0


def assert_bones_are_those_of_a_person(made: Recording) -> None:
    joints = joints_of(made)
    for parent, child in (
        ("HipLeft", "KneeLeft"), ("HipRight", "KneeRight"), ("KneeLeft", "AnkleLeft"),
        ("ShoulderLeft", "ElbowLeft"), ("ShoulderRight", "ElbowRight"), ("ElbowLeft", "WristLeft"),
    ):  # fmt: skip
        a, b = joint(joints, made.layout, parent), joint(joints, made.layout, child)
        length = np.linalg.norm(a - b, axis=1)
        assert 0.15 < np.median(length) < 0.6
        low, high = np.percentile(length, [25, 75])
        assert high - low < 0.05


@pytest.mark.parametrize("path", KINECT, ids=lambda p: p.stem)
def test_kinect_v2_captures(path: Path):
    made = read_recording(path)
    assert (made.format, made.layout) == ("kinect-v2-csv", KINECT_V2)
    assert 29 < made.rate_hz < 31
    assert_upright_and_unmirrored(made)
    assert_bones_are_those_of_a_person(made)
    joints = joints_of(made)
    left, right = (joint(joints, made.layout, f"Shoulder{s}")[:, 0] for s in ("Left", "Right"))
    assert (left < right).all()


@pytest.mark.parametrize("path", AZURE, ids=lambda p: p.stem)
def test_azure_kinect_captures(path: Path):
    made = read_recording(path)
    assert (made.format, made.layout) == ("azure-kinect-csv", AZURE_KINECT)
    assert_upright_and_unmirrored(made)
    assert_bones_are_those_of_a_person(made)


@pytest.mark.parametrize("path", GESTURES, ids=lambda p: p.stem)
def test_azure_kinect_gestures(path: Path):
    made = read_recording(path)
    assert (made.layout, made.rate_hz) == (AZURE_KINECT, 15.0)
    assert_upright_and_unmirrored(made)
    joints = joints_of(made)
    left, right = (joint(joints, made.layout, f"Shoulder{s}")[:, 0] for s in ("Left", "Right"))
    assert (left < right).all()
    neck, head = (joint(joints, made.layout, name)[:, 1] for name in ("Neck", "Head"))
    assert (head > neck).all()


@pytest.mark.parametrize("name", ["utd_mhad", "precog2016_s1to8", "kinder_gator_12people"])
def test_clip_sets(name: str):
    path = DATA / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    made = read_recording(path, select={"subject": "1"} if name[0] != "k" else {"label": "Bow"},
                          limits=LOCAL_LIMITS)  # fmt: skip
    assert made.layout.name == "kinect-v1"
    assert len(made.spans) > 5
    assert_upright_and_unmirrored(made)
