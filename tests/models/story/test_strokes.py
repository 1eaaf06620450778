"""Measured motion of each kind, on bodies that move in known ways."""

import numpy as np
import pytest

from models.features import JOINT
from models.story.motion import part_motions
from models.story.strokes import moving_spans, strokes
from tests.models.story.bodies import RATE_HZ, SETTINGS, eased, features, standing, turned

FRAMES = 90
ARM = ("ElbowRight", "WristRight", "HandRight")
TRUNK = ("Head", "SpineShoulder", "ShoulderLeft", "ShoulderRight")


def kinds(places, part):
    motion = part_motions(features(places), SETTINGS)[part]
    return [
        (stroke.kind, stroke.times)
        for a, b in moving_spans(motion, RATE_HZ, 0, len(places) - 1)
        for stroke in strokes(part, motion, RATE_HZ, a, b)
    ]


def arm_up(end=50):
    return turned(standing(FRAMES), "ShoulderRight", ARM, 160 * eased(FRAMES, 30, end), (0, 0, 1))


def test_a_body_that_stands_has_no_strokes():
    motions = part_motions(features(standing(FRAMES)), SETTINGS)
    assert all(moving_spans(one, RATE_HZ, 0, FRAMES - 1) == [] for one in motions.values())


def test_an_arm_rises_and_sinks():
    assert kinds(arm_up(), "right_arm") == [("raise", 1)]
    assert kinds(arm_up()[::-1], "right_arm") == [("lower", 1)]
    assert kinds(arm_up(), "left_arm") == []


def test_a_forearm_bends_and_extends():
    degrees = 120 * (eased(FRAMES, 25, 40) - eased(FRAMES, 60, 75))
    bent = turned(standing(FRAMES), "ElbowRight", ARM[1:], degrees)
    assert kinds(bent, "right_arm") == [("bend", 1), ("extend", 1)]


def test_a_raised_forearm_swings_back_and_forth():
    frames = np.arange(FRAMES)
    degrees = np.where(frames < 60, 35 * np.sin(2 * np.pi * frames / 20), 0)
    up = turned(standing(FRAMES), "ShoulderRight", ARM, np.full(FRAMES, 150.0), (0, 0, 1))
    ((kind, times),) = kinds(turned(up, "ElbowRight", ARM[1:], degrees, (0, 0, 1)), "right_arm")
    assert kind == "swing" and times >= 5


def test_one_sweep_to_the_side_is_a_swing():
    front = turned(standing(FRAMES), "ShoulderRight", ARM, np.full(FRAMES, 90.0))
    side = turned(front, "ShoulderRight", ARM, 80 * eased(FRAMES, 30, 50), (0, 1, 0))
    assert kinds(side, "right_arm") == [("swing", 1)]


def test_a_hand_circles():
    t = 2 * np.pi * eased(FRAMES, 35, 65)
    raised = 90 * (eased(FRAMES, 10, 25) - eased(FRAMES, 75, 88))
    up = turned(standing(FRAMES), "ShoulderRight", ARM, raised)
    circle = np.stack([np.sin(t), np.cos(t) - 1, 0 * t], axis=1) * 0.2
    places = up.copy()
    places[:, [JOINT[j] for j in ARM[1:]]] += circle[:, None].astype(np.float32)
    assert "circle" in [kind for kind, _ in kinds(places, "right_arm")]


def test_a_squat_lowers_the_body_and_bends_the_legs_that_stand():
    down = 0.35 * (eased(FRAMES, 25, 45) - eased(FRAMES, 50, 70))
    places = standing(FRAMES).copy()
    lower = [i for name, i in JOINT.items() if not name.startswith(("Knee", "Ankle", "Foot"))]
    places[:, lower, 1] -= down[:, None].astype(np.float32)
    for side in ("Left", "Right"):  # the knees go forwards, so that thighs and shins keep length
        knee = JOINT[f"Knee{side}"]
        places[:, knee, 1] -= (down / 2).astype(np.float32)
        places[:, knee, 2] -= np.sqrt(0.4**2 - (0.4 - down / 2) ** 2).astype(np.float32)
    assert kinds(places, "body") == [("lower", 1), ("raise", 1)]
    assert kinds(places, "right_leg") == [("bend", 1), ("extend", 1)]


def test_a_step_to_the_side_translates_the_body():
    places = standing(FRAMES).copy()
    places[..., 0] += (0.5 * eased(FRAMES, 30, 50))[:, None].astype(np.float32)
    assert kinds(places, "body") == [("translate", 1)]
    assert kinds(places, "right_leg") == kinds(places, "right_arm") == []


def test_a_bow_bends_the_trunk():
    places = turned(standing(FRAMES), "HipLeft", TRUNK, -60 * eased(FRAMES, 30, 50))
    assert kinds(places, "trunk") == [("bend", 1)]


@pytest.mark.parametrize("lost", ["HandRight", "WristRight"])
def test_a_joint_that_is_lost_for_a_while_makes_no_movement(lost):
    places = standing(FRAMES)
    seen = np.ones(places.shape[:2], bool)
    seen[20:40, JOINT[lost]] = False
    motion = part_motions(features(places, seen), SETTINGS)["right_arm"]
    assert moving_spans(motion, RATE_HZ, 0, FRAMES - 1) == []


def test_a_part_that_was_never_seen_is_not_measured():
    places = standing(FRAMES)
    seen = np.ones(places.shape[:2], bool)
    seen[:, JOINT["AnkleLeft"]] = False
    motions = part_motions(features(places, seen), SETTINGS)
    assert "left_leg" not in motions and "right_leg" in motions
