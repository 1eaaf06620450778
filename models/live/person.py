"""One tracked person of one stream: an even 30 Hz, a window, and what has been decided."""

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
"""Of a body that stays in doubt for long, this many of the newest predictions are kept."""


class Row:
    """A row of windows that is free again when nothing speaks of it any more."""

    __slots__ = ("__weakref__", "index")

    def __init__(self, windows: Windows) -> None:
        self.index = windows.open()
        weakref.finalize(self, windows.close, self.index)


class Person:
    """A body while it stays in view, from its first frame until it has left.

    `origin_ns` is where its stream's even grid begins, so that all bodies share their moments.
    `seen_ns` is the capture time of its newest frame. `certain` says whether it counts as a person
    yet. `action` is the newest event of the action in progress. `here` is set by a prediction
    and cleared when the person leaves. `explained_ns` is the moment that was asked about last.
    After a gap it has another row in `windows`: what was due before can still be explained.
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
        """Its row in `windows`."""
        return self._row.index

    def push(
        self, body: Body, sequence: int, captured_ns: int, certain: bool = True
    ) -> list[Due | Left]:
        """Take the body's next frame; answer the predictions due by it, oldest first.

        Until it is `certain` that the body is a person they are held, and then come together.
        """
        return self.told(self._due(body, sequence, captured_ns), certain)

    def told(self, items: Sequence[Due | Left], certain: bool) -> list[Due | Left]:
        """What may be told of these and of what was held: nothing, before it is `certain`."""
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
    """A prediction that is due: the newest four features, float32 (4, J, 4), at one moment.

    `count` frames are in the window by then; `fresh` says that these four are the first.
    """

    person: Person
    sequence: int
    captured_ns: int
    features: FloatArray
    count: int
    fresh: bool
    row: Row

    def window(self) -> FloatArray:
        """The whole window, float32 (T, J, 4); ValueError where it is too old to be had."""
        return self.person.windows.window(self.row.index, self.count)


@dataclass(frozen=True, eq=False, slots=True)
class Left:
    """A person has left, or was out of sight too long: what goes on has ended."""

    person: Person
    at_ns: int


Item = Due | Left
