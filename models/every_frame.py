"""A prediction at every frame: each stream is stepped four times, a frame apart."""

from __future__ import annotations

import numpy as np

from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import Rows
from models.inference.window_stepper import Steps


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
