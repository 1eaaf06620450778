"""Probabilities to actions that start, go on and end, without flicker. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.card import Thresholds

UPDATE_NS = 500_000_000
"""An action that goes on says so at most this often: twice a second."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One step in the life of an action: it starts, goes on, or ends. Times in nanoseconds.

    `at_ns` is when that was decided. `started_ns` is when the action itself began, and of an end
    `ended_ns` is when it was over, as it then seems: both before `at_ns`.
    """

    label: int
    phase: Literal["start", "update", "end"]
    at_ns: int
    started_ns: int
    confidence: float
    ended_ns: int | None = None


class Decider:
    """Decides for one body what has begun and what has ended, by a card's `Thresholds`.

    An action began when its label came to lead and was over when it led last, each earlier by the
    thresholds' `lag_s`. Every start is followed by exactly one end, before the next start, and
    actions do not overlap. `current` is the index of the label in progress, None for none.
    """

    def __init__(self, labels: Sequence[str], background: str, thresholds: Thresholds) -> None:
        self._background = list(labels).index(background)
        self._thresholds = thresholds
        self._min_length_ns = round(thresholds.min_length_s * 1e9)
        self._done_ns = round(thresholds.done_s * 1e9)
        self._lag_ns = round(thresholds.lag_s * 1e9)
        self._forget()

    def _forget(self) -> None:
        self.current: int | None = None
        self._mean: NDArray[np.float32] | None = None
        self._candidate = self._leader = self._done = -1
        self._seen = self._weak = 0
        self._since_ns = self._led_ns = self._held_ns = self._free_ns = 0
        self._started_ns = self._said_ns = self._told_ns = 0

    def step(self, at_ns: int, probabilities: NDArray[np.float32]) -> list[Decision]:
        """Take the probabilities (C,) of the moment `at_ns`; say what that changes."""
        if self._mean is None:
            self._free_ns = at_ns
        smooth = self._smoothed(probabilities)
        self._watch_leader(int(probabilities.argmax()), at_ns)
        self._watch_candidate(smooth, at_ns)
        decisions: list[Decision] = []
        if self.current is not None:
            decisions = self._go_on(at_ns, float(smooth[self.current]))
        if self.current is None and self._seen >= self._thresholds.patience:
            decisions.append(self._begin(at_ns, float(smooth[self._candidate])))
        return decisions

    def flush(self, at_ns: int) -> list[Decision]:
        """End what goes on, for the body is gone; afterwards the decider is as new."""
        ended = []
        if self.current is not None and self._mean is not None:
            ended = [self._end(at_ns, float(self._mean[self.current]), at_ns)]
        self._forget()
        return ended

    def _smoothed(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        memory = np.float32(self._thresholds.smooth)
        if self._mean is None or memory == 0:
            self._mean = probabilities
        else:
            self._mean = memory * self._mean + (np.float32(1) - memory) * probabilities
        return self._mean

    def _watch_leader(self, leader: int, at_ns: int) -> None:
        """Keep since when the likeliest label leads, and whether an action was just done."""
        if leader != self._leader:
            self._leader, self._led_ns = leader, at_ns
        if leader == self.current:
            self._held_ns = at_ns
        if self.current is not None:
            self._done = self.current if at_ns - self._said_ns >= self._done_ns else -1
        elif leader == self._background and at_ns - self._led_ns >= self._done_ns:
            self._done = -1

    def _watch_candidate(self, smooth: NDArray[np.float32], at_ns: int) -> None:
        """Count for how many predictions running a label that is not in progress could start."""
        leader = int(smooth.argmax())
        needed = self._thresholds.enter
        if self._done not in (-1, leader):
            needed = max(needed, self._thresholds.again)
        can_start = leader != self._background and smooth[leader] >= needed
        if not can_start or leader == self.current:
            self._candidate, self._seen = -1, 0
            return
        if leader != self._candidate:
            self._candidate, self._seen, self._since_ns = leader, 0, at_ns
        self._seen += 1

    def _go_on(self, at_ns: int, confidence: float) -> list[Decision]:
        assert self.current is not None
        weak = confidence < self._thresholds.leave or self._seen > 0
        self._weak = self._weak + 1 if weak else 0
        old_enough = at_ns - self._started_ns >= self._min_length_ns
        if self._weak >= self._thresholds.release and old_enough:
            return [self._end(at_ns, confidence, self._held_ns - self._lag_ns)]
        if at_ns - self._told_ns < UPDATE_NS:
            return []
        self._told_ns = at_ns
        return [Decision(self.current, "update", at_ns, self._started_ns, confidence)]

    def _begin(self, at_ns: int, confidence: float) -> Decision:
        self.current, self._candidate, self._seen = self._candidate, -1, 0
        since_ns = self._since_ns
        if self._leader == self.current:
            since_ns = min(since_ns, self._led_ns)
        self._started_ns = max(since_ns - self._lag_ns, self._free_ns)
        self._weak, self._said_ns, self._told_ns, self._held_ns = 0, at_ns, at_ns, at_ns
        return Decision(self.current, "start", at_ns, self._started_ns, confidence)

    def _end(self, at_ns: int, confidence: float, ended_ns: int) -> Decision:
        assert self.current is not None
        label, self.current, self._weak = self.current, None, 0
        least_ns = self._started_ns + self._min_length_ns
        self._free_ns = min(max(ended_ns, least_ns), at_ns)
        return Decision(label, "end", at_ns, self._started_ns, confidence, self._free_ns)
