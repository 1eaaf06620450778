"""Generates files in the formats of the small public sets. No pose comes from a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.public_sets.pair_coordinates import PAIR
from sensor.skeleton import KINECT_V1
from tests.builders import wave

LABELS = ["wave", "bow", "step"]


def person(label: int, who: int, frames: int = 20) -> np.ndarray:
    """One of three motions, (T, 20, 3), slightly different for each person."""
    joints = wave(frames, KINECT_V1, 15.0) if label == 0 else np.repeat(
        wave(1, KINECT_V1), frames, axis=0
    )  # fmt: skip
    bend = np.sin(np.linspace(0, np.pi, frames, dtype=np.float32))[:, None]
    at = KINECT_V1.index
    if label == 1:
        joints[:, [at["Head"], at["ShoulderCenter"]], 1] -= 0.4 * bend
    if label == 2:
        joints[:, [at["KneeLeft"], at["FootLeft"]], 1] += 0.4 * bend
    return np.asarray(joints * (1 + 0.02 * who), np.float32)


def write_people(path: Path, people: int = 4, views: int = 1, labels: int = 3) -> None:
    """Write clips of one person: each label of each person, counted from 1, in each view."""
    rows = [
        (label % 3, label, who, view)
        for label in range(labels)
        for who in range(1, people + 1)
        for view in range(1, views + 1)
    ]
    clips = [person(motion, who, 16 + who) for motion, _, who, _ in rows]
    _write(path, clips, KINECT_V1.joints, [(label, who, view) for _, label, who, view in rows])


def write_pairs(path: Path, pairs: int = 21) -> None:
    """Write clips like SBU's: pairs of people, counted from 0, with 15 joints each."""
    rows = [(label, pair, 0) for label in range(3) for pair in range(pairs)]
    clips = [pair_clip(label, pair) for label, pair, _ in rows]
    _write(path, clips, PAIR.joints, rows)


def pair_clip(label: int, pair: int, frames: int = 14) -> np.ndarray:
    """Two people, (T, 30, 3): they stand, A reaches for B, or they walk towards each other."""
    rng = np.random.default_rng(pair)
    body = rng.normal(0, 0.3, (15, 3)).astype(np.float32)
    clip = np.repeat(np.concatenate([body, body])[None], frames, axis=0)
    clip[:, 15:, 0] += 1.5
    way = np.linspace(0, 1, frames, dtype=np.float32)
    if label == 1:
        clip[:, PAIR.joints.index("A_RightHand"), 0] += way
    if label == 2:
        clip[:, :15, 0] += 0.5 * way[:, None]
        clip[:, 15:, 0] -= 0.5 * way[:, None]
    return clip + np.float32((0, 0, 2.5))


def _write(path: Path, clips: list[np.ndarray], joints: tuple[str, ...], rows: list) -> None:
    label, subject, view = np.array(rows).T
    np.savez(
        path,
        xyz=np.concatenate(clips).astype(np.float32),
        start=np.cumsum([0, *map(len, clips)]),
        label=label,
        subject=subject,
        view=view,
        names=np.array([f"action {i}" for i in range(max(3, label.max() + 1))]),
        joints=np.array(joints),
    )
