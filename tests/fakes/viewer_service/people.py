"""Invented people: what they do when, their poses, probabilities and relevance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2
from service.wire import messages as wire

LABELS = [
    "background", "wave", "clap", "squat", "kick", "swipe_left", "basketball_shoot", "jog",
]  # fmt: skip
RATE_HZ = 30
STEP_FRAMES = 4
WINDOW_FRAMES = 64
CYCLE_S = 4.0
ACTION_S = (1.0, 3.2)

STANDING = {
    "SpineBase": (0, 0.95), "SpineMid": (0, 1.2), "Neck": (0, 1.5), "Head": (0, 1.64),
    "ShoulderLeft": (-0.19, 1.4), "ElbowLeft": (-0.26, 1.13), "WristLeft": (-0.28, 0.89),
    "HandLeft": (-0.28, 0.81), "ShoulderRight": (0.19, 1.4), "ElbowRight": (0.26, 1.13),
    "WristRight": (0.28, 0.89), "HandRight": (0.28, 0.81), "HipLeft": (-0.09, 0.93),
    "KneeLeft": (-0.11, 0.51), "AnkleLeft": (-0.12, 0.1), "FootLeft": (-0.13, 0.04),
    "HipRight": (0.09, 0.93), "KneeRight": (0.11, 0.51), "AnkleRight": (0.12, 0.1),
    "FootRight": (0.13, 0.04), "SpineShoulder": (0, 1.43),
}  # fmt: skip
SEEN = np.array([name in STANDING for name in KINECT_V2.joints], np.float32)
CARRIERS = {
    "wave": ["WristRight", "HandRight", "ElbowRight"],
    "clap": ["HandRight", "HandLeft", "WristRight", "WristLeft"],
    "squat": ["SpineBase", "HipLeft", "HipRight", "KneeLeft"],
    "kick": ["FootLeft", "AnkleLeft", "KneeLeft"],
    "swipe_left": ["HandRight", "WristRight"],
    "basketball_shoot": ["HandRight", "HandLeft", "ElbowRight"],
    "jog": ["KneeLeft", "KneeRight", "AnkleLeft", "AnkleRight"],
}


def pose(label: str, t_s: float, strength: float, x_m: float = 0.0) -> NDArray[np.float32]:
    """Return the joints of a person, float32 (25, 3), in metres.

    `strength` 0 is standing still, 1 the full motion of `label`.
    """
    joints = np.zeros((25, 3), np.float32)
    for name, (x, y) in STANDING.items():
        joints[KINECT_V2.index[name]] = (x, y - 0.9, 0.0)
    swing = math.sin(2 * math.pi * 1.4 * t_s)
    for name, move in _moves(label, swing).items():
        joints[KINECT_V2.index[name]] += strength * np.array(move, np.float32)
    joints[:, 0] += x_m + 0.01 * math.sin(t_s)
    joints[:, 2] += 2.6
    joints[SEEN == 0] = 0
    return joints


def _moves(label: str, swing: float) -> dict[str, tuple[float, float, float]]:
    if label == "wave":
        hand = (0.08 + 0.16 * swing, 0.95, -0.1)
        return {"ElbowRight": (0.12, 0.25, -0.05), "WristRight": (0.1 + 0.1 * swing, 0.75, -0.1),
                "HandRight": hand}  # fmt: skip
    if label == "clap":
        gap = 0.12 * (1 + swing)
        return {f"{joint}{side}": (sign * (out - gap * near), up, -0.25 * near)
                for side, sign in (("Left", 1), ("Right", -1))
                for joint, out, up, near in (("Elbow", 0.03, 0.05, 0.5), ("Wrist", 0.24, 0.32, 1),
                                             ("Hand", 0.26, 0.42, 1))}  # fmt: skip
    if label == "squat":
        down = -0.2 * (1 - swing)
        upper = [name for name in STANDING if not name.startswith(("Knee", "Ankle", "Foot"))]
        knees = {"KneeLeft": (-0.05, down / 2, -0.15), "KneeRight": (0.05, down / 2, -0.15)}
        return dict.fromkeys(upper, (0, down, 0.05)) | knees
    lift = 0.5 + 0.5 * swing
    return {"KneeLeft": (0, 0.15 * lift, -0.25 * lift), "AnkleLeft": (0, 0.3 * lift, -0.6 * lift),
            "FootLeft": (0, 0.36 * lift, -0.68 * lift)}  # fmt: skip


def action_at(t_s: float, person: int) -> tuple[str, float]:
    """Return the label of a person at a time, and its strength, 0 to 1."""
    cycle, within = divmod(t_s + 1.7 * person, CYCLE_S)
    label = ["wave", "clap", "squat", "kick"][(int(cycle) + person) % 4]
    start, end = ACTION_S
    if not start <= within <= end:
        return "background", 0.0
    return label, min(1.0, (within - start) / 0.3, (end - within) / 0.3)


def probabilities_at(label: str, strength: float, t_s: float) -> list[float]:
    """Return the probability of each of `LABELS`."""
    logits = np.array([0.6 * math.sin(0.9 * t_s + 1.7 * c) for c in range(len(LABELS))])
    logits[0] += 3.2 * (1 - strength)
    logits[LABELS.index(label)] += 4.6 * strength
    odds = np.exp(logits)
    return [float(p) for p in odds / odds.sum()]


def relevance_of(label: str, t_s: float) -> wire.Relevance:
    """Return an explanation of a label, carried by its `CARRIERS`."""
    rows = WINDOW_FRAMES // STEP_FRAMES
    times = np.arange(rows)[:, None] + 4 * t_s
    grid = 0.05 * np.sin(times * 0.7 + np.arange(25)[None, :] * 1.9)
    bump = np.exp(-(((np.arange(rows) - rows * 0.7) / 3.0) ** 2))
    for rank, joint in enumerate(CARRIERS.get(label, [])):
        grid[:, KINECT_V2.index[joint]] += 0.5 * 0.75**rank * bump
    grid *= SEEN
    sums = grid.sum(axis=0)
    total = float(grid.sum())
    return wire.Relevance(
        label, total - 1.1, -1.1, 2.4e-6, STEP_FRAMES, sums.tolist(), grid.tolist()
    )
