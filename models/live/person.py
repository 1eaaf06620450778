"""One tracked person of one stream: resampled to the model's rate, with a window and decisions."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.live.decision import Decider
from models.live.events import Action
from models.live.windows import Windows
from sensor.skeleton import Body
from sensor.tracking.resampling import Resampler

FloatArray = NDArray[np.float32]
MOST_HELD = 16
"""The number of newest predictions that are kept for a body that is not yet certain."""


class Row:
    """A row of `Windows` that is freed when nothing refers to it any more."""

    __slots__ = ("__weakref__", "index")

    def __init__(self, windows: Windows) -> None:
        self.index = windows.open()
        weakref.finalize(self, windows.close, self.index)


class Person:
    """A body from its first frame in view until it has left.

    Fields that other modules use:

    - `seen_ns`: the capture time of the newest frame.
    - `certain`: whether the body counts as a person yet.
    - `fresh`: whether the next prediction is the first of a window.
    - `action`: the newest event of the action in progress, if there is one.
    - `here`: set by a prediction, cleared when the person leaves.
    - `explained_ns`: the moment of the last requested explanation.
    - `sampled_ns`: the moment of the newest sample.

    `origin_ns` is the start of the stream's time grid, so that all its bodies share their moments.
    A gap in the frames moves the person to a new row of `windows`; predictions that were due before
    the gap can still be explained.
    """

    def __init__(self, stream: str, body_id: int, windows: Windows, origin_ns: int) -> None:
        card = windows.card
        self.stream = stream
        self.body_id = body_id
        self.seen_ns = 0
        self.certain = False
        self.fresh = True
        self.action: Action | None = None
        self.here = False
        self.explained_ns: int | None = None
        self.decider = Decider(card.labels, card.background, card.thresholds)
        self.resampler = Resampler(card.rate_hz, origin_ns=origin_ns)
        self.windows = windows
        self._row = Row(windows)
        self.sampled_ns: int | None = None
        self._held: deque[Due | Left] = deque(maxlen=MOST_HELD)

    @property
    def row(self) -> int:
        """The person's row in `windows`."""
        return self._row.index

    def push(
        self, body: Body, sequence: int, captured_ns: int, certain: bool = True
    ) -> list[Due | Left]:
        """Add the body's next frame; return the predictions it makes due, oldest first.

        They are held until it is `certain` that the body is a person, and then come together.
        """
        return self.release(self._due(body, sequence, captured_ns), certain)

    def release(self, items: Sequence[Due | Left], certain: bool) -> list[Due | Left]:
        """The held items and these, if it is `certain` that the body is a person; else none."""
        self.certain = certain
        if certain and not self._held:
            return list(items)
        self._held += items
        if not certain:
            return []
        items = list(self._held)
        self._held.clear()
        return items

    def _due(self, body: Body, sequence: int, captured_ns: int) -> list[Due | Left]:
        self.seen_ns = captured_ns
        items: list[Due | Left] = []
        for sample in self.resampler.push(captured_ns, body.joints_m, body.confidence):
            if sample.reset and self.sampled_ns is not None:
                self._row = Row(self.windows)
                self.fresh = True
                items.append(Left(self, self.sampled_ns))
            self.sampled_ns = sample.t_ns
            rows = np.array([self.row])
            if self.windows.push(rows, sample.joints_m[None], sample.confidence[None])[0]:
                count = int(self.windows.counts(rows)[0])
                newest = self.windows.newest(rows)[0]
                items.append(self.due(sequence, sample.t_ns, newest, count))
        return items

    def due(self, sequence: int, captured_ns: int, features: FloatArray, count: int) -> Due:
        """The prediction that is due after `count` frames in the window."""
        made = Due(self, sequence, captured_ns, features, count, self.fresh, self._row)
        self.fresh = False
        return made


@dataclass(frozen=True, eq=False, slots=True)
class Due:
    """A prediction that is due, with the newest four features, float32 (4, J, 4).

    `count` is the number of frames in the window by then. `fresh` marks the first prediction of a
    window.
    """

    person: Person
    sequence: int
    captured_ns: int
    features: FloatArray
    count: int
    fresh: bool
    row: Row

    def window(self) -> FloatArray:
        """The whole window, float32 (T, J, 4). Raises ValueError if it is no longer kept."""
        return self.person.windows.window(self.row.index, self.count)


@dataclass(frozen=True, eq=False, slots=True)
class Left:
    """A person left, or was out of sight too long; the action in progress ends."""

    person: Person
    at_ns: int


Item = Due | Left
