"""Frames in, what is due out: one stream's bodies, with no thread, no socket and no model.

What a pipeline answers depends on the frames alone, never on how they were batched, so a
recording run through it at full speed gives what it would give live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from models.card import ModelCard
from sensor.gates import GATE_LIMITS, GateLimits, Gates
from sensor.skeleton import LAYOUTS, Frame, convert_frame
from sensor.tracks import Tracks
from service.messages import FrameMessage
from service.person import Due, Item, Left, Person
from service.wire import body_data

GONE_NS = 1_000_000_000
"""A body not seen for this long has left."""


class Pipeline:
    """One stream: every body keeps its identity, its window and its decisions to itself.

    A body that may yet turn out to be a chair is shown, but what it brings due is held back
    until it counts as a person. Joints that cannot be right are missing in what is shown too.
    """

    def __init__(
        self, stream: str, card: ModelCard, max_bodies: int = 10, limits: GateLimits = GATE_LIMITS
    ) -> None:
        self.stream = stream
        self._card = card
        self._layout = LAYOUTS[card.layout]
        self._tracks = Tracks()
        self._gates = Gates(self._layout, limits)
        self._max_bodies = max_bodies
        self._people: dict[int, Person] = {}
        self._origin_ns: int | None = None

    @property
    def bodies(self) -> int:
        """People in view now."""
        return sum(person.certain for person in self._people.values())

    def push(self, frame: Frame) -> tuple[Frame, list[Item]]:
        """Take the stream's next frame.

        Answers the frame in the canonical layout with lasting body ids, and what it brought due:
        predictions to make and people who left, in the order in which they must be decided.
        """
        tracked = self._tracks.update(convert_frame(frame, self._layout))
        tracked = self._gates.update(self._with_room(tracked))
        if self._origin_ns is None:
            self._origin_ns = frame.captured_ns
        items = self._left(frame.captured_ns) + self._anew(self._tracks.mended)
        for body in tracked.bodies:
            certain = body.id not in self._tracks.tentative
            items += self._person(body.id).push(body, frame.sequence, frame.captured_ns, certain)
        return tracked, items

    def _with_room(self, frame: Frame) -> Frame:
        """The frame with no more bodies than allowed; what may be no person goes first."""
        if len(frame.bodies) <= self._max_bodies:
            return frame
        doubtful = sorted(frame.bodies, key=lambda body: body.id in self._tracks.tentative)
        kept = {body.id for body in doubtful[: self._max_bodies]}
        return replace(frame, bodies=tuple(body for body in frame.bodies if body.id in kept))

    def finish(self) -> list[Item]:
        """The stream has ended or fallen silent: everybody leaves."""
        left: list[Item] = [Left(person, person.seen_ns) for person in self._people.values()]
        self._people.clear()
        return left

    def message(self, frame: Frame) -> FrameMessage:
        """The `frame` message of a frame that `push` answered."""
        bodies = [body_data(body.id, body.joints_m, body.confidence) for body in frame.bodies]
        return FrameMessage(
            bodies=bodies,
            captured_ns=frame.captured_ns,
            sequence=frame.sequence,
            stream=self.stream,
            layout=frame.layout.name,
            truth=frame.truth,
        )

    def _person(self, body_id: int) -> Person:
        person = self._people.get(body_id)
        if person is None:
            origin_ns = self._origin_ns or 0
            person = Person(self.stream, body_id, self._card, origin_ns)
            self._people[body_id] = person
        return person

    def _anew(self, mended: Iterable[int]) -> list[Item]:
        """People who were taken for each other: what they did of late was another's doing."""
        people = [self._people.pop(id_) for id_ in sorted(mended) if id_ in self._people]
        return [Left(person, person.seen_ns) for person in people]

    def _left(self, now_ns: int) -> list[Item]:
        # Who was seen in the future was seen on a clock that has been set back since.
        gone = [p for p in self._people.values() if not 0 <= now_ns - p.seen_ns <= GONE_NS]
        for person in gone:
            del self._people[person.body_id]
        return [Left(person, person.seen_ns) for person in gone]


def newest_only(items: Iterable[Item], catch_up: int) -> list[Item]:
    """Drop work, not samples: who has more than `catch_up` predictions due keeps the newest."""
    items = list(items)
    counts = Counter(item.person for item in items if isinstance(item, Due))
    newest = {item.person: item for item in items if isinstance(item, Due)}
    return [
        item
        for item in items
        if isinstance(item, Left) or counts[item.person] <= catch_up or item is newest[item.person]
    ]
