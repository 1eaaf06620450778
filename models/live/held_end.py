"""The end of a file: the last pose of each person is held until their last action is decided.

A file may end before an action has led in enough predictions to start. Nothing needs to be held
before the first frame, because the network assumes that the first pose was held until then.
Predictions of held poses are used for decisions only: they are not published, and no event has a
time after the person's last frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from models.card import ModelCard
from models.live.events import Action, Event
from models.live.person import Person
from models.live.windows import KEPT_FRAMES


def held_frames(card: ModelCard) -> int:
    """Return for how many frames of the model a last pose is held.

    They suffice to start an action and to end it, as late as predictions lag behind the movement.
    The window of the last real prediction is kept meanwhile.
    """
    limits, stride = card.thresholds, card.stride_frames
    predictions = limits.patience + limits.release + 1
    frames = predictions * stride + round(limits.lag_s * card.rate_hz)
    return min(frames, KEPT_FRAMES - 2 * stride)


def events_until_end(events: Iterable[Event], people: Iterable[Person]) -> Iterator[Action]:
    """Yield the actions of `events`, made while the last poses of `people` are held.

    An action in progress at a person's last frame ends, and no other starts. Else one may start,
    if its movement began before the last frame. The times of both are at most that of this frame.
    """
    ends_ns = {person.body_id: person.seen_ns for person in people}
    going_on = {person.body_id for person in people if person.action is not None}
    open_ = ends_ns.keys() - going_on
    for event in events:
        if not isinstance(event, Action):
            continue
        (body,) = event.body_ids
        end_ns = ends_ns[body]
        if event.phase == "start" and body in open_:
            open_.discard(body)
            if event.started_ns < end_ns:
                going_on.add(body)
                yield replace(event, at_ns=end_ns)
        elif event.phase == "end" and body in going_on:
            going_on.discard(body)
            ended_ns = end_ns if event.ended_ns is None else min(event.ended_ns, end_ns)
            yield replace(event, at_ns=min(event.at_ns, end_ns), ended_ns=ended_ns)
