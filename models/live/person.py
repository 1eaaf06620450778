"""One tracked person of one stream: resampled to the model's rate, with a window and decisions."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.live.decision import Decider
from models.live.events import Action
from models.live.windows import Windows
from sensor.skeleton import Body
from sensor.tracking.resampling import Resampler, Sample

FloatArray = NDArray[np.float32]
KEPT_S = 1.5
"""A person who was out of view for at most this long continues."""
MOST_HELD_BACK = 16
"""At most this many items are held back for a body that may not be a person; older ones go."""


class Row:
    """A row of `Windows` that is freed when nothing refers to it any more.

    It is empty, or continues `before`.
    """

    __slots__ = ("__weakref__", "index")

    def __init__(self, windows: Windows, before: Row | None = None) -> None:
        self.index: int = windows.open() if before is None else windows.copy(before.index)
        weakref.finalize(self, windows.close, self.index)


class Person:
    """A body, from its first frame in view until it leaves.

    Fields that other modules use:

    - `seen_ns`: the capture time of the newest frame.
    - `certain`: whether the body is certain to be a person.
    - `left`: whether the body has been out of view for so long that it has left, but may return.
    - `fresh`: whether the next prediction is the first of a window.
    - `action`: the newest event of the action in progress, or None.
    - `here`: whether the newest decided item was a prediction, not a departure.
    - `explained_ns`: the time of the newest prediction for which an explanation was requested.
    - `sampled_ns`: the time of the newest sample.
    - `predicted`: row, number of frames and time of the newest prediction decided, or None. It
      keeps the row open, so that an action that ends with a gap can still be explained.

    `origin_ns` is the start of the stream's time grid: all its bodies are sampled at the same
    times. After a gap of at most `KEPT_S` the window continues with interpolated poses, if the
    sensor gives the same id: under another id it may be somebody else. Nothing is predicted for the
    time of the gap, but the next prediction takes its features along. The row of `windows` is a new
    one, so that predictions from before the gap can still be explained. When time runs backwards,
    the window starts anew.
    """

    def __init__(self, stream: str, body_id: int, windows: Windows, origin_ns: int) -> None:
        card = windows.card
        self.stream = stream
        self.body_id = body_id
        self.seen_ns = 0
        self.certain = False
        self.left = False
        self.fresh = True
        self.action: Action | None = None
        self.here = False
        self.explained_ns: int | None = None
        self.decider = Decider(card.labels, card.background, card.thresholds)
        self.resampler = Resampler(card.rate_hz, origin_ns=origin_ns, most_lost_s=KEPT_S)
        self.windows = windows
        self._row = Row(windows)
        self.sampled_ns: int | None = None
        self.predicted: tuple[Row, int, int] | None = None
        self._held_back: deque[Item] = deque(maxlen=MOST_HELD_BACK)
        self._unseen: tuple[FloatArray, ...] = ()

    @property
    def row(self) -> int:
        """The person's row in `windows`."""
        return self._row.index

    def push(
        self,
        body: Body,
        sequence: int,
        captured_ns: int,
        certain: bool = True,
        same_id: bool = True,
    ) -> list[Item]:
        """Add the body's next frame; return the items to decide now, oldest first.

        While the body is not `certain` to be a person, its items are held back. `same_id` says
        whether the sensor gave it the id of the frame before.
        """
        return self.release(self._items(body, sequence, captured_ns, same_id), certain)

    def release(self, items: Sequence[Item], certain: bool) -> list[Item]:
        """Return the items behind those held back; while not `certain`, hold them all back."""
        self.certain = certain
        if certain and not self._held_back:
            return list(items)
        self._held_back += items
        if not certain:
            return []
        items = list(self._held_back)
        self._held_back.clear()
        return items

    def hold(self, frames: int) -> list[Item]:
        """Hold the last pose for `frames` frames of the model; return the due predictions.

        They are marked as `held`, and their window is that of the newest prediction before. There
        are none if the body is not certain to be a person or has had no prediction in its row.
        """
        stride = self.windows.card.stride_frames
        count = int(self.windows.counts(np.array([self.row]))[0])
        if not self.certain or count < stride:
            return []
        items = self._items_of(self.resampler.hold(frames), sequence=0)
        if any(isinstance(item, Departure) for item in items):  # the last frame began a new row
            return []
        newest = count - count % stride
        return [
            replace(item, count=newest, held=True)
            for item in items
            if isinstance(item, DuePrediction)
        ]

    def _items(self, body: Body, sequence: int, captured_ns: int, same_id: bool) -> list[Item]:
        self.seen_ns, self.left = captured_ns, False
        samples = self.resampler.push(captured_ns, body.joints_m, body.confidence, same_id)
        return self._items_of(samples, sequence)

    def _items_of(self, samples: Sequence[Sample], sequence: int) -> list[Item]:
        items: list[Item] = []
        if samples and samples[0].lost:
            self._row = Row(self.windows, self._row)
        for sample in samples:
            if sample.reset and self.sampled_ns is not None:
                self._row, self._unseen = Row(self.windows), ()
                self.fresh = True
                items.append(Departure(self, self.sampled_ns))
            self.sampled_ns = sample.t_ns
            rows = np.array([self.row])
            if self.windows.push(rows, sample.joints_m[None], sample.confidence[None])[0]:
                count = int(self.windows.counts(rows)[0])
                newest = self.windows.newest(rows)[0]
                if sample.lost:
                    self._unseen += (newest,)
                else:
                    items.append(self.make_due(sequence, sample.t_ns, newest, count))
        return items

    def make_due(
        self, sequence: int, captured_ns: int, features: FloatArray, count: int
    ) -> DuePrediction:
        """Create the prediction that is due after `count` frames in the person's row."""
        due = DuePrediction(
            self, sequence, captured_ns, features, count, self.fresh, self._row, unseen=self._unseen
        )
        self.fresh, self._unseen = False, ()
        return due


@dataclass(frozen=True, eq=False, slots=True)
class DuePrediction:
    """A prediction to make, with the features of the newest four frames, float32 (4, J, 4).

    `count` is the number of frames in `row` by then. `fresh` marks the first prediction of a
    window. `held` marks a prediction after the recording's end, for which the last pose is held.
    `unseen` are the features of earlier strides that ended while the body was lost, oldest first.
    """

    person: Person
    sequence: int
    captured_ns: int
    features: FloatArray
    count: int
    fresh: bool
    row: Row
    held: bool = False
    unseen: tuple[FloatArray, ...] = ()

    def window(self) -> FloatArray:
        """Return the whole window, float32 (T, J, 4). Raises ValueError if it is not kept."""
        return self.person.windows.window(self.row.index, self.count)


@dataclass(frozen=True, eq=False, slots=True)
class Departure:
    """The person has left after a frame or sample at `at_ns`; an action in progress ends.

    They are out of view for too long, time ran backwards, or they were mixed up with another.
    """

    person: Person
    at_ns: int


Item = DuePrediction | Departure
"""The items of a person must be decided in order."""
