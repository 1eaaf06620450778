"""Steps for models that have no step form: the newest window of each stream, evaluated anew."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from models.card import ModelCard
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import Remembering, Rows


class Windowed(Protocol):
    """A model that takes windows (N, T, J, 4) and gives logits (N, C)."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102
    def logits(self, windows: FloatArray) -> FloatArray: ...  # noqa: D102


class Steps(Protocol):
    """What steps many streams: `Stepper`, or `WindowStepper` at some ten times the cost."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102

    def open(self) -> int:
        """A row for a new stream."""

    def close(self, row: int) -> None:
        """The stream has ended."""

    def reset(self, row: int) -> None:
        """The next step is of somebody new."""

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """Four frames float32 (N, 4, J, 4) of rows int64 (N,) to logits float32 (N, C)."""


class WindowStepper(Remembering):
    """The same answers as `Stepper` gives, from whole windows."""

    def __init__(self, recognizer: Windowed, capacity: int = 64) -> None:
        super().__init__(capacity)
        self._recognizer = recognizer
        self.card = card = recognizer.card
        shape = card.window_frames, len(card.joints_used), CHANNELS
        self._windows = np.zeros((len(self._rows.made), *shape), np.float32)

    def _grow(self) -> None:
        self._windows = np.concatenate([self._windows, np.zeros_like(self._windows)])

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """The next four frames of N streams: float32 (N, 4, J, 4) to logits float32 (N, C).

        `rows` int64 (N,), each once. Raises ValueError for another shape or a closed row.
        """
        shape = (len(rows), STRIDE_FRAMES, *self._windows.shape[2:])
        if features.shape != shape:
            raise ValueError(f"features must be {shape}, not {features.shape}")
        self._rows.check(rows)
        fresh = self._rows.begin(rows)
        self._windows[rows[fresh]] = features[fresh, :1]
        windows = np.concatenate([self._windows[rows, STRIDE_FRAMES:], features], axis=1)
        self._windows[rows] = windows
        self._rows.made[rows] += 1
        return self._recognizer.logits(windows)


class EveryFrame:
    """Answers at every frame what a window that ends there answers, at the cost of a step each.

    Each stream has four rows of a stepper; a frame completes four frames for one of them. Before
    a stream's first frame its first pose is held.
    """

    def __init__(self, steps: Steps, capacity: int = 16) -> None:
        self.card, self._steps, self._streams = steps.card, steps, Rows(capacity)
        count = len(self._streams.made)
        self._rows = np.zeros((count, STRIDE_FRAMES), np.int64)
        shape = (STRIDE_FRAMES, len(self.card.joints_used), CHANNELS)
        self._newest = np.zeros((count, *shape), np.float32)

    def open(self) -> int:
        """A number for a new stream; give it back by `close`."""
        stream = self._streams.open()
        if len(self._streams.made) > len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._newest = np.concatenate([self._newest, np.zeros_like(self._newest)])
        self._rows[stream] = [self._steps.open() for _ in range(STRIDE_FRAMES)]
        return stream

    def close(self, stream: int) -> None:
        """The stream has ended."""
        self._streams.close(stream)
        for row in self._rows[stream]:
            self._steps.close(int(row))

    def reset(self, stream: int) -> None:
        """The next frame is of somebody new, who stood still in it before."""
        self._streams.reset(stream)
        for row in self._rows[stream]:
            self._steps.reset(int(row))

    def step(self, streams: IntArray, frames: FloatArray) -> FloatArray:
        """The next frame of N streams, float32 (N, J, 4), to logits float32 (N, C).

        `streams` int64 (N,), each once. Raises ValueError for a closed stream.
        """
        self._streams.check(streams)
        fresh = self._streams.begin(streams)
        self._newest[streams[fresh]] = frames[fresh, None]
        newest = np.concatenate([self._newest[streams, 1:], frames[:, None]], axis=1)
        self._newest[streams] = newest
        phase = self._streams.made[streams] % STRIDE_FRAMES
        self._streams.made[streams] += 1
        return self._steps.step(self._rows[streams, phase], newest)
