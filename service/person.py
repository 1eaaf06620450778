"""One tracked person of one stream: an even 30 Hz, a window, and what has been decided."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.window import BodyWindow
from sensor.clock import Resampler
from sensor.skeleton import Body
from service.decision import Decider
from service.messages import JointShare

FloatArray = NDArray[np.float32]
TOP_JOINTS = 5
MOST_HELD = 16
"""Of a body that stays in doubt for long, this many of the newest predictions are kept."""


class Person:
    """A body while it stays in view, from its first frame until it has left.

    `origin_ns` is where its stream's even grid begins, so that all bodies share their moments.
    `seen_ns` is the capture time of its newest frame. `shares` are the top joints of the newest
    explanation of the action in progress. `certain` says whether it counts as a person yet.
    """

    def __init__(self, stream: str, body_id: int, card: ModelCard, origin_ns: int) -> None:
        self.stream = stream
        self.body_id = body_id
        self.seen_ns = 0
        self.shares: list[JointShare] = []
        self.certain = False
        self.decider = Decider(card.labels, card.background, card.thresholds)
        self._resampler = Resampler(card.rate_hz, origin_ns=origin_ns)
        self._sampled_ns: int | None = None
        self._window = BodyWindow(card)
        self._held: deque[Due | Left] = deque(maxlen=MOST_HELD)

    def push(
        self, body: Body, sequence: int, captured_ns: int, certain: bool = True
    ) -> list[Due | Left]:
        """Take the body's next frame; answer the predictions due by it, oldest first.

        Until it is `certain` that the body is a person they are held, and then come together.
        """
        self._held += self._due(body, sequence, captured_ns)
        self.certain = certain
        if not certain:
            return []
        items = list(self._held)
        self._held.clear()
        return items

    def _due(self, body: Body, sequence: int, captured_ns: int) -> list[Due | Left]:
        self.seen_ns = captured_ns
        items: list[Due | Left] = []
        for sample in self._resampler.push(captured_ns, body.joints_m, body.confidence):
            if sample.reset and self._sampled_ns is not None:
                self._window.reset()
                items.append(Left(self, self._sampled_ns))
            self._sampled_ns = sample.t_ns
            if self._window.push(sample.joints_m, sample.confidence):
                items.append(Due(self, sequence, sample.t_ns, self._window.input()))
        return items


@dataclass(frozen=True, eq=False, slots=True)
class Due:
    """A prediction that is due: the model's input float32 (T, J, 4) at one moment."""

    person: Person
    sequence: int
    captured_ns: int
    input: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Left:
    """A person has left, or was out of sight too long: what goes on has ended."""

    person: Person
    at_ns: int


Item = Due | Left
