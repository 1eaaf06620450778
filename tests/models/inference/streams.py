"""Streams of random features for the steppers' tests."""

from __future__ import annotations

import numpy as np

from models.inference.window_stepper import Steps


def motion(seed: int, frames: int) -> np.ndarray:
    """A random walk of features, float32 (frames, 18, 4)."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(frames, 18, 4)) * 0.2
    return (rng.normal(size=(1, 18, 4)) + np.cumsum(steps, axis=0)).astype(np.float32)


def window_of(frames: np.ndarray, length: int) -> np.ndarray:
    """The newest `length` frames; the first frame is repeated before the beginning."""
    held = np.repeat(frames[:1], max(length - len(frames), 0), axis=0)
    return np.concatenate([held, frames[-length:]])


class Live:
    """The row of a stream, and its frames since its first step or its last reset."""

    def __init__(self, row: int, seed: int) -> None:
        self.row, self.seed = row, seed
        self.frames = np.zeros((0, 18, 4), np.float32)

    def next(self) -> np.ndarray:
        new = motion(self.seed + len(self.frames), 4)
        self.frames = np.concatenate([self.frames, new])
        return new

    def reset(self) -> None:
        self.frames = self.frames[:0]
        self.seed += 1000


class EveryFrame:
    """Predicts at every frame: a stream has four rows, and each frame completes a step of one."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.rows: dict[int, list[int]] = {}
        self.frames: dict[int, list[np.ndarray]] = {}

    def open(self) -> int:
        rows = [self.steps.open() for _ in range(4)]
        self.rows[rows[0]], self.frames[rows[0]] = rows, []
        return rows[0]

    def reset(self, stream: int) -> None:
        self.frames[stream] = []
        for row in self.rows[stream]:
            self.steps.reset(row)

    def close(self, stream: int) -> None:
        for row in self.rows[stream]:
            self.steps.close(row)

    def step(self, streams: np.ndarray, frames: np.ndarray) -> np.ndarray:
        for stream, frame in zip(streams, frames, strict=True):
            self.frames[stream].append(frame)
        rows = [self.rows[one][(len(self.frames[one]) - 1) % 4] for one in streams]
        newest = [window_of(np.stack(self.frames[one]), 4) for one in streams]
        return self.steps.step(np.array(rows), np.stack(newest))
