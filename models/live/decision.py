"""Turns the predictions of one body into actions that start, continue and end. No clock, no I/O.

`Decider` is a state machine with hysteresis:

```mermaid
stateDiagram-v2
    [*] --> Idle
    Idle --> Candidate: a label can start
    Candidate --> Idle: no label can start, or flush
    Candidate --> Candidate: another label can start, counted from 1
    Candidate --> Active: it can start for patience predictions / start
    Active --> Active: UPDATE_NS after the last report / update
    Active --> Releasing: weak
    Releasing --> Releasing: UPDATE_NS after the last report / update
    Releasing --> Active: not weak
    Releasing --> Idle: weak for release predictions and min_length_s old / end
    Releasing --> Candidate: the same, but a successor can start / end
    Active --> Idle: flush / end
    Releasing --> Idle: flush / end
```

The word after `/` is the decision. One prediction can follow several arrows in a row and stops
after a start. A successor that could start for `patience` predictions goes from Releasing through
Candidate to Active at once, which causes an end and a start. `flush` also forgets everything that
the decider remembers.

- The *leader* is the label with the highest unsmoothed probability.
- A label *can start* if its smoothed probability is the highest and at least `enter`, and it is
  neither the background nor the action in progress.
- An action is *weak* if its smoothed probability is below `leave` or another label can start. That
  label is the successor, held by Releasing.

`models.card.Thresholds` sets:

- `smooth` (0 to below 1): the share of the old mean in the exponential moving average of the
  probabilities; 0 for no smoothing.
- `enter`, `leave` (probabilities): see above. The gap between them is the hysteresis.
  `enter_by_label` replaces `enter` for some labels.
- `patience` (predictions): a label starts when it can start for this many in a row.
- `release` (predictions): an action ends when it is weak for this many in a row.
- `min_length_s` (seconds): an action does not end before it is this old.
- `done_s` (seconds), `again` (probability): an action is done when its start was decided this long
  ago. Any other label then needs the larger of `enter` and `again` to start, because its movement
  may be only the way back to rest. This holds until the next action starts, or until no action is
  in progress and the background has led for `done_s`.
- `lag_s` (seconds): how far predictions lag behind the movement. The estimated start and end of
  an action are earlier by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.card import Thresholds
from models.live.decision_states import IDLE, Active, Candidate, Releasing, State

UPDATE_NS = 500_000_000
"""The shortest time from a start or an update of an action to its next update."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The start, an update or the end of an action. Times in nanoseconds.

    `at_ns` is the time of the prediction or flush that caused the decision, and `confidence` the
    newest smoothed probability of the label. `started_ns` is the estimated start of the movement.
    An end also has `ended_ns`, the estimated end. Both are at or before `at_ns`.
    """

    label: int
    phase: Literal["start", "update", "end"]
    at_ns: int
    started_ns: int
    confidence: float
    ended_ns: int | None = None


class Decider:
    """Decides for one body which actions start, continue and end. See the diagram above.

    Every start is followed by exactly one end before the next start. Actions do not overlap.
    `state` is the current state.
    """

    def __init__(self, labels: Sequence[str], background: str, thresholds: Thresholds) -> None:
        self._background = list(labels).index(background)
        self._thresholds = thresholds
        by_label = thresholds.enter_by_label
        self._enter = [by_label.get(label, thresholds.enter) for label in labels]
        self._old_share = np.float32(thresholds.smooth)
        self._new_share = np.float32(1) - self._old_share
        self._min_length_ns = round(thresholds.min_length_s * 1e9)
        self._done_ns = round(thresholds.done_s * 1e9)
        self._lag_ns = round(thresholds.lag_s * 1e9)
        self._reset()

    def _reset(self) -> None:
        self.state: State = IDLE
        # Everything below outlives a state. `_done` is the label of the action that is done.
        # No action starts before `_free_ns`, the newest end or the first prediction.
        self._mean: NDArray[np.float32] | None = None
        self._leader, self._leads_since_ns = -1, 0
        self._done: int | None = None
        self._free_ns = 0

    @property
    def current(self) -> int | None:
        """The index of the label in progress, or None."""
        action = self.state.action
        return None if action is None else action.label

    def step(self, at_ns: int, probabilities: NDArray[np.float32]) -> list[Decision]:
        """Return the decisions that one prediction causes, in order.

        `probabilities`, float32 (C,), are the prediction for the time `at_ns`.
        """
        if self._mean is None:
            self._free_ns = at_ns
        smooth = self._smoothed(probabilities)
        leader = top = int(probabilities.argmax())
        if smooth is not probabilities:
            top = int(smooth.argmax())
        self._track_leader(at_ns, leader)
        return self._transition(at_ns, smooth, self._candidate(at_ns, top, smooth))

    def flush(self, at_ns: int) -> list[Decision]:
        """End the action in progress, as the body has left, and forget everything."""
        decisions = []
        action = self.state.action
        if action is not None and self._mean is not None:
            decisions = [self._end(action, at_ns, float(self._mean[action.label]), at_ns)]
        self._reset()
        return decisions

    def _smoothed(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._mean is None or self._old_share == 0:
            self._mean = probabilities
        else:
            self._mean = self._old_share * self._mean + self._new_share * probabilities
        return self._mean

    def _track_leader(self, at_ns: int, leader: int) -> None:
        """Update how long the leader has led, and whether an action is done."""
        if leader != self._leader:
            self._leader, self._leads_since_ns = leader, at_ns
        action = self.state.action
        if action is not None:
            if leader == action.label:
                action.led_ns = at_ns
            self._done = action.label if at_ns - action.decided_ns >= self._done_ns else None
        elif leader == self._background and at_ns - self._leads_since_ns >= self._done_ns:
            self._done = None

    def _candidate(self, at_ns: int, top: int, smooth: NDArray[np.float32]) -> Candidate | None:
        """Return `top`, the label with the highest smoothed probability, if it can start."""
        if top == self._background or top == self.current:
            return None
        needed = self._enter[top]
        if self._done is not None and self._done != top:
            needed = max(needed, self._thresholds.again)
        if not smooth[top] >= needed:
            return None
        candidate = self.state.candidate
        if candidate is None or candidate.label != top:
            return Candidate(top, at_ns, count=1)
        candidate.count += 1
        return candidate

    def _transition(
        self, at_ns: int, smooth: NDArray[np.float32], candidate: Candidate | None
    ) -> list[Decision]:
        """Follow the arrows of the state diagram. `candidate` is the label that can start now."""
        state, thresholds = self.state, self._thresholds
        decisions: list[Decision] = []
        if isinstance(state, (Active, Releasing)):
            action = state.action
            confidence = float(smooth[action.label])
            if candidate is not None or confidence < thresholds.leave:
                state = Releasing(action, candidate, state.weak + 1)  # Active -> Releasing
            else:
                state = action  # Releasing -> Active
            old_enough = at_ns - action.started_ns >= self._min_length_ns
            if state.weak >= thresholds.release and old_enough:
                decisions.append(self._end(action, at_ns, confidence, action.led_ns - self._lag_ns))
                state = candidate or IDLE  # Releasing -> Candidate, Releasing -> Idle
            elif at_ns - action.reported_ns >= UPDATE_NS:
                action.reported_ns = at_ns
                decisions.append(
                    Decision(action.label, "update", at_ns, action.started_ns, confidence)
                )
        else:
            state = candidate or IDLE  # Idle -> Candidate, Candidate -> Idle
        if isinstance(state, Candidate) and state.count >= thresholds.patience:
            state = self._start(state, at_ns)  # Candidate -> Active
            confidence = float(smooth[state.label])
            decisions.append(Decision(state.label, "start", at_ns, state.started_ns, confidence))
        self.state = state
        return decisions

    def _start(self, candidate: Candidate, at_ns: int) -> Active:
        """Start an action, dated to when its label could first start, or took the lead if
        earlier."""
        since_ns = candidate.since_ns
        if self._leader == candidate.label:
            since_ns = min(since_ns, self._leads_since_ns)
        started_ns = max(since_ns - self._lag_ns, self._free_ns)
        return Active(candidate.label, started_ns, at_ns, at_ns, at_ns)

    def _end(self, action: Active, at_ns: int, confidence: float, ended_ns: int) -> Decision:
        """End an action at `ended_ns`, but not before its minimum length and not after `at_ns`."""
        earliest_ns = action.started_ns + self._min_length_ns
        self._free_ns = min(max(ended_ns, earliest_ns), at_ns)
        return Decision(action.label, "end", at_ns, action.started_ns, confidence, self._free_ns)
