"""An engine that is late skips predictions, but no frames."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.live.person import DuePrediction
from models.live.pipeline import Pipeline
from service.engine.load_shedding import newest_only
from service.wire.messages import ActionMessage, PredictionMessage
from tests.fakes.message_list import MessageList, offline_messages
from tests.fakes.named_engine import engine_with_stream
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD, FakeRecognizer


def test_a_late_engine_makes_only_the_newest_prediction_and_counts_the_others() -> None:
    made = frames(motion())
    sink, model = MessageList(), FakeRecognizer()
    engine = engine_with_stream(model, sink, catch_up=3)
    for frame in made:
        engine.push("s", frame)
    engine.tick()
    (info,) = engine.streams()
    due = len(made) // 4
    assert (info.predictions, info.dropped) == (1, due - 1)
    (prediction,) = [m for m in sink.messages if isinstance(m, PredictionMessage)]
    messages = offline_messages(FakeRecognizer(), made)
    clip = [m for m in messages if isinstance(m, PredictionMessage)]
    assert prediction.probabilities == clip[-1].probabilities


@pytest.mark.parametrize("lost", [15, 35])
def test_the_return_of_a_lost_person_is_not_taken_for_lateness(lost: int) -> None:
    """Frames of a gap are filled at once, but live results equal those of a file."""
    made = frames(motion((("rest", 1.0), ("right", 4.0))))
    made[60 : 60 + lost] = [replace(frame, bodies=()) for frame in made[60 : 60 + lost]]
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink, catch_up=3)
    for frame in made:
        engine.push("s", frame)
        engine.tick()
    engine.remove("s")
    engine.tick()
    (live, whole) = (
        [
            (m.captured_ns, m.probabilities)
            if isinstance(m, PredictionMessage)
            else (m.at_ns, m.phase)
            for m in messages
            if isinstance(m, PredictionMessage | ActionMessage)
        ]
        for messages in (sink.messages, offline_messages(FakeRecognizer(), made))
    )
    assert live == whole
    assert len(live) > 20


def test_newest_only_keeps_the_newest_prediction_of_each_person() -> None:
    pipeline = Pipeline("s", CARD)
    items = [item for frame in frames(motion(), motion()) for item in pipeline.push(frame)[1]]
    kept = newest_only(items, catch_up=3)
    assert len(kept) == 2
    last = {i.person.body_id: i for i in items if isinstance(i, DuePrediction)}
    for item in kept:
        assert isinstance(item, DuePrediction)
        assert item.captured_ns == last[item.person.body_id].captured_ns
        assert item.fresh  # the model's memory begins with the kept prediction
    assert newest_only(items, catch_up=10**6) == items
