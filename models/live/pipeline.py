"""Turns the frames of one stream into due predictions, without a thread, a socket or a model.

The result depends on the frames only, not on how they are batched, so a recording at full speed
gives the same result as live.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.card import ModelCard
from models.live.person import KEPT_S, Departure, Item, Person
from models.live.solo_lane import SoloLane, SoloLanes
from models.live.windows import Windows
from sensor.block import Block
from sensor.skeleton import LAYOUTS, Frame, convert_frame
from sensor.tracking.identity import IdentityTracker
from sensor.tracking.outlier_rows import OUTLIER_LIMITS, OutlierLimits
from sensor.tracking.outliers import OutlierFilter
from sensor.tracking.plausibility import RunningCheck

GONE_NS = 1_000_000_000
"""A body that is out of view for longer than this has left; it may return until `KEPT_S`."""
KEPT_NS = round(KEPT_S * 1e9)
IN_VIEW_NS = 250_000_000
"""A body that was seen this long before the end of a file is in view at its end."""


class Pipeline:
    """The bodies of one stream, each with its identity, window and decisions.

    A tracker may take a chair for a person. While a body is not certain to be a person, it is in
    the tracked frames, but its predictions are held back. With a `check`, so are those of all
    bodies while it has a problem. Tracked frames are without the joints that were rejected as
    outliers.
    """

    def __init__(
        self,
        stream: str,
        card: ModelCard,
        max_bodies: int = 10,
        limits: OutlierLimits = OUTLIER_LIMITS,
        windows: Windows | None = None,
        lanes: SoloLanes | None = None,
        check: RunningCheck | None = None,
    ) -> None:
        self.stream = stream
        self._windows = Windows(card, capacity=1) if windows is None else windows
        self._lanes = lanes
        self._check = check or RunningCheck(done=True)
        self._lane: SoloLane | None = None
        self._layout = LAYOUTS[card.layout]
        self._identities = IdentityTracker(same_id_memory_s=KEPT_S)
        self._outliers = OutlierFilter(self._layout, limits)
        self._max_bodies = max_bodies
        self._people: dict[int, Person] = {}
        self._origin_ns: int | None = None
        self._newest_ns = 0

    @property
    def bodies(self) -> int:
        """The number of people in view now. Any thread may ask."""
        people = tuple(self._people.values())
        return sum(person.certain and not person.left for person in people)

    @property
    def problem(self) -> str | None:
        """Why no body of the stream can be a person, in one line; None without a problem."""
        return self._check.problem

    def push(self, frame: Frame) -> tuple[Frame, list[Item]]:
        """Process the stream's next frame.

        Returns the tracked frame, in the canonical layout and with lasting body ids, and the due
        predictions and departures, in the order in which they must be decided. A body without a
        seen joint counts as not in view.
        """
        self._leave_lane()
        self._newest_ns = frame.captured_ns
        seen = convert_frame(frame, self._layout).of_seen_bodies()
        if self._check.due(frame.captured_ns):
            self._check.update(seen.bodies, frame.captured_ns)
        tracked = self._identities.update(seen)
        tracked = self._outliers.update(self._with_room(tracked))
        if self._origin_ns is None:
            self._origin_ns = frame.captured_ns
        items = self._departures(frame.captured_ns) + self._restarts(self._identities.mended)
        for body in tracked.bodies:
            certain = body.id not in self._identities.tentative and self.problem is None
            person, same = self._person(body.id), body.id not in self._identities.renewed
            items += person.push(body, frame.sequence, frame.captured_ns, certain, same)
        return tracked, items

    def lane(self, block: Block) -> SoloLane | None:
        """Return the lane for a block in the canonical layout; None if `push` must take its frames.

        A stream has a lane while one person is alone in view under one tracker id.
        """
        check = self._check if self._check.done else self._check.after(block)
        if self._lanes is None or check.problem is not None or self.problem is not None:
            self._leave_lane()
            return None
        if self._lane is None:
            self._lane = self._enter(self._lanes, block.body_id)
        if self._lane is None:
            return None
        if self._lanes.takes(self._lane, block):
            self._check = check
            return self._lane
        self._leave_lane()
        return None

    def _enter(self, lanes: SoloLanes, tracker_id: int) -> SoloLane | None:
        track = self._identities.alone(tracker_id)
        if track is None or len(self._people) != 1:
            return None
        person, outliers = self._people.get(track.id), self._outliers.state_of(track.id)
        if person is None or outliers is None:
            return None
        return lanes.enter(person, tracker_id, track, outliers)

    def _leave_lane(self) -> None:
        if self._lanes is not None and self._lane is not None:
            self._lanes.leave(self._lane)
        self._lane = None

    def _with_room(self, frame: Frame) -> Frame:
        """Return the frame with at most `max_bodies` bodies; uncertain bodies are removed first."""
        if len(frame.bodies) <= self._max_bodies:
            return frame
        certain_first = sorted(frame.bodies, key=lambda body: body.id in self._identities.tentative)
        kept = {body.id for body in certain_first[: self._max_bodies]}
        return replace(frame, bodies=tuple(body for body in frame.bodies if body.id in kept))

    def finish(self, held_frames: int = 0) -> list[Item]:
        """Return the departures of all people: the stream has ended or has become silent.

        At the end of a file, people in view hold their last pose for `held_frames` frames of the
        model before they leave (see `models.live.held_end`).
        """
        self._leave_lane()
        items: list[Item] = []
        for person in self._people.values():
            if held_frames and self._newest_ns - person.seen_ns <= IN_VIEW_NS:
                items += person.hold(held_frames)
            if not person.left:
                items.append(Departure(person, person.seen_ns))
        self._people.clear()
        return items

    def _person(self, body_id: int) -> Person:
        person = self._people.get(body_id)
        if person is None:
            origin_ns = self._origin_ns or 0
            person = Person(self.stream, body_id, self._windows, origin_ns)
            self._people[body_id] = person
        return person

    def _restarts(self, mended: Iterable[int]) -> list[Item]:
        """Remove people whose newest frames show somebody else; they start again as new people."""
        people = [self._people.pop(id_) for id_ in sorted(mended) if id_ in self._people]
        return [Departure(person, person.seen_ns) for person in people if not person.left]

    def _departures(self, now_ns: int) -> list[Item]:
        # If the newest frame lies in the future, the clock has been set back since.
        gone = [p for p in self._people.values() if not 0 <= now_ns - p.seen_ns <= GONE_NS]
        items: list[Item] = [Departure(p, p.seen_ns) for p in gone if not p.left]
        for person in gone:
            person.left = True
            if not (person.certain and 0 <= now_ns - person.seen_ns <= KEPT_NS):
                del self._people[person.body_id]
        return items
