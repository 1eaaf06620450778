"""The four states of a `Decider`, as in the diagram of `models.live.decision`. Times in ns.

Every state has `action`, the action in progress, and `candidate`, the label that can start. Either
is None if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Idle:
    """No action is in progress and no label can start."""

    action: ClassVar[None] = None
    candidate: ClassVar[None] = None


IDLE = Idle()


@dataclass(slots=True)
class Candidate:
    """A label that has been able to start for `count` predictions in a row, since `since_ns`."""

    action: ClassVar[None] = None
    label: int
    since_ns: int
    count: int

    @property
    def candidate(self) -> Candidate:
        """The candidate itself."""
        return self


@dataclass(slots=True)
class Active:
    """An action in progress that is not weak.

    `started_ns` is the estimated start of the movement. `decided_ns` is the time of the start
    decision, `reported_ns` the time of the newest start or update decision. `led_ns` is the time of
    the newest prediction in which the label led; initially it is `decided_ns`.
    """

    candidate: ClassVar[None] = None
    weak: ClassVar[int] = 0
    label: int
    started_ns: int
    decided_ns: int
    reported_ns: int
    led_ns: int

    @property
    def action(self) -> Active:
        """The action itself."""
        return self


@dataclass(slots=True)
class Releasing:
    """An action in progress that has been weak for `weak` predictions in a row.

    `candidate` is its successor: the label that starts next if it can start for long enough.
    """

    action: Active
    candidate: Candidate | None
    weak: int


State = Idle | Candidate | Active | Releasing
