"""The `Steps` protocol, and its implementation for models without a step form."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from models.card import ModelCard
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import StreamMemory


class Steps(Protocol):
    """Classifies many streams, four frames at a time.

    `Stepper` computes only the new frames. `WindowStepper` costs about ten times as much.
    """

    @property
    def card(self) -> ModelCard: ...  # noqa: D102

    def open(self) -> int:
        """Take a row for a new stream."""

    def close(self, row: int) -> None:
        """Free the row of a stream that has ended."""

    def reset(self, row: int) -> None:
        """Begin a new person in a row."""

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """Classify four frames float32 (N, 4, J, 4) of rows int64 (N,): logits float32 (N, C)."""


class WindowModel(Protocol):
    """A model that classifies windows, float32 (N, T, J, 4), into logits, float32 (N, C)."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102
    def logits(self, windows: FloatArray) -> FloatArray: ...  # noqa: D102


class WindowStepper(StreamMemory):
    """Steps that evaluate the newest window of each stream. The answers equal `Stepper`'s."""

    def __init__(self, recognizer: WindowModel, capacity: int = 64) -> None:
        super().__init__(capacity)
        self._recognizer = recognizer
        self.card = card = recognizer.card
        shape = card.window_frames, len(card.joints_used), CHANNELS
        self._windows = np.zeros((len(self._rows.step_count), *shape), np.float32)

    def _grow(self) -> None:
        self._windows = np.concatenate([self._windows, np.zeros_like(self._windows)])

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """Classify the next four frames of N streams.

        Takes rows int64 (N,), each once, and features float32 (N, 4, J, 4). Returns logits
        float32 (N, C). Raises ValueError for another shape or a closed row.
        """
        shape = (len(rows), STRIDE_FRAMES, *self._windows.shape[2:])
        if features.shape != shape:
            raise ValueError(f"features must be {shape}, not {features.shape}")
        self._rows.check(rows)
        fresh = self._rows.begin(rows)
        self._windows[rows[fresh]] = features[fresh, :1]
        windows = np.concatenate([self._windows[rows, STRIDE_FRAMES:], features], axis=1)
        self._windows[rows] = windows
        self._rows.step_count[rows] += 1
        return self._recognizer.logits(windows)
