"""The queue to a slow client keeps every action, but only the newest of everything else."""

from __future__ import annotations

import pytest

from service.publish.send_queue import SendQueue
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    RelevanceMessage,
)
from tests.fakes.subscriber import action, frame, offer, prediction, relevance


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def drain(queue: SendQueue) -> list[Message]:
    messages = []
    while (envelope := queue.take()[0]) is not None:
        messages.append(envelope.message)
    return messages


def test_a_slow_subscriber_gets_the_newest_frame_and_every_action() -> None:
    queue = SendQueue(Clock())
    for n in range(200):
        offer(queue, frame(n), prediction(n), prediction(n, body=2), relevance(n), action(n))
    assert len(queue) == 204
    got = drain(queue)
    assert [m.at_ns for m in got if isinstance(m, ActionMessage)] == list(range(200))
    assert [m.sequence for m in got if isinstance(m, FrameMessage)] == [199]
    assert [m.sequence for m in got if isinstance(m, PredictionMessage)] == [199, 199]
    assert [m.sequence for m in got if isinstance(m, RelevanceMessage)] == [199]


def test_a_queue_that_nobody_reads_overflows_and_does_not_grow() -> None:
    queue = SendQueue(Clock(), ordered_limit=10)
    for n in range(1000):
        offer(queue, frame(n), action(n))
    assert queue.overflowed
    assert len(queue) <= 11


def test_max_hz_spaces_frames_and_lets_actions_pass() -> None:
    clock = Clock()
    queue = SendQueue(clock, max_hz=10)
    offer(queue, frame(1))
    assert drain(queue) == [frame(1)]
    offer(queue, frame(2), action(3), prediction(4))
    assert drain(queue) == [action(3), prediction(4)]
    assert queue.take()[1] == pytest.approx(0.1)
    offer(queue, frame(5))
    clock.now_s += 0.11
    assert drain(queue) == [frame(5)]


def test_people_who_have_left_are_forgotten() -> None:
    clock = Clock()
    queue = SendQueue(clock, max_hz=10)
    for body in range(1000):
        offer(queue, prediction(body, body=body))
        clock.now_s += 0.05
        assert len(drain(queue)) == 1
    assert len(queue._resting) == len(queue._rests) < 5
