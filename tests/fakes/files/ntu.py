"""Generates files in the format of NTU RGB+D, and own recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sensor.formats import kinect_v2_csv
from sensor.formats.ntu_skeleton import write
from sensor.formats.recording import Recording, even_times_ns
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from tests.builders import pose

PERFORMERS = (1, 2, 3, 4, 5, 6)  # the published lists put 3 and 6 in the test part
_MOVES = {1: ("Right", 1), 2: ("Left", 1), 3: ("Right", 0), 4: ("Left", 0)}


def person(action: int, frames: int, rng: np.random.Generator) -> FloatArray:
    """A person who moves an arm up or aside, and back (actions 1 to 4): float32 (T, 25, 3)."""
    side, axis = _MOVES[action]
    joints = np.repeat(pose(KINECT_V2)[None], frames, axis=0) * np.float32(rng.uniform(0.9, 1.1))
    way = np.sin(np.linspace(0, np.pi, frames, dtype=np.float32)) ** 2
    aside = (1 if side == "Right" else -1) if axis == 0 else 1
    for part, far_m in (("Elbow", 0.3), ("Wrist", 0.7), ("Hand", 0.8), ("HandTip", 0.9)):
        joints[:, KINECT_V2.index[part + side], axis] += far_m * aside * way
    joints += rng.normal(0, 0.05, 3).astype(np.float32)
    noisy: FloatArray = joints + rng.normal(0, 0.003, joints.shape).astype(np.float32)
    return noisy


def recording(*actors: tuple[int, int, FloatArray]) -> Recording:
    """A recording of actors (id, first frame, joints (T, 25, 3)), in the given order."""
    count = max(first + len(joints) for _, first, joints in actors)
    sure = np.ones(25, np.float32)
    frames = tuple(
        Frame("ntu", i, int(t), tuple(
            Body(id_, joints[i - first], sure)
            for id_, first, joints in actors
            if first <= i < first + len(joints)
        ), KINECT_V2)
        for i, t in enumerate(even_times_ns(count, 30.0))
    )  # fmt: skip
    return Recording("ntu", "built", KINECT_V2, frames, 30.0)


def write_folder(folder: Path, repetitions: int = 3, frames: int = 16) -> list[str]:
    """Write four actions of six performers, three cameras and two setups. Returns the names."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, names = np.random.default_rng(0), []
    for performer in PERFORMERS:
        for camera in (1, 2, 3):
            for repetition in range(1, repetitions + 1):
                for action in _MOVES:
                    setup = 1 + performer % 2
                    name = (
                        f"S{setup:03d}C{camera:03d}P{performer:03d}R{repetition:03d}A{action:03d}"
                    )
                    long = frames + int(rng.integers(-2, 3))
                    sample = recording((72057594037944738, 0, person(action, long, rng)))
                    (folder / f"{name}.skeleton").write_text(write(sample))
                    names.append(name)
    return names


def write_own(folder: Path, people: tuple[str, ...], takes: int) -> None:
    """Write own recordings: a lifted right arm, a lifted left arm, and background."""
    rng = np.random.default_rng(1)
    for label, action in (("lift right", 1), ("lift left", 2), ("background", 0)):
        (folder / label).mkdir(parents=True)
        for who in people:
            for take in range(takes):
                joints = person(action or 1, 30, rng)
                if not action:
                    joints = np.repeat(joints[:1], 30, axis=0)
                text = kinect_v2_csv.write(recording((1, 0, joints)))
                (folder / label / f"{who}_{take}.csv").write_text(text)
