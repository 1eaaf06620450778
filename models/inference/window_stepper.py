"""Steps for models that have no step form: the newest window of each stream, evaluated anew."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from models.card import ModelCard
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import Remembering


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
