"""A stream's frames become due predictions and departures."""

from __future__ import annotations

import numpy as np

from models.live.person import Departure, DuePrediction, Item, Person
from models.live.pipeline import Pipeline
from sensor.skeleton import AZURE_KINECT, Frame
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD


def push_all(pipeline: Pipeline, made: list[Frame]) -> list[Item]:
    return [item for frame in made for item in pipeline.push(frame)[1]]


def test_a_prediction_is_due_every_fourth_frame() -> None:
    items = push_all(Pipeline("s", CARD), frames(motion((("rest", 2.0),))))
    assert len(items) == 60 // 4
    due = items[0]
    assert isinstance(due, DuePrediction)
    assert due.features.shape == (4, len(CARD.joints_used), 4)


def test_other_layouts_are_converted_to_the_canonical_one() -> None:
    pipeline = Pipeline("s", CARD)
    made = frames(motion(layout=AZURE_KINECT), layout=AZURE_KINECT)
    shown, _ = pipeline.push(made[0])
    assert shown.layout.name == "kinect-v2"
    assert len(shown.bodies[0].joints_m) == 25


def test_a_person_out_of_view_for_a_second_leaves_once() -> None:
    made = frames(motion((("rest", 1.0),)), motion((("rest", 4.0),)))
    pipeline = Pipeline("s", CARD)
    left = [item for item in push_all(pipeline, made) if isinstance(item, Departure)]
    assert [item.person.body_id for item in left] == [1]
    assert left[0].at_ns == made[29].captured_ns
    assert pipeline.bodies == 1
    assert len(pipeline.finish()) == 1
    assert pipeline.finish() == []


def test_time_that_runs_backwards_a_little_ends_the_window() -> None:
    still = frames(motion((("rest", 2.0),)))
    earlier = [
        Frame(f.source, f.sequence, f.captured_ns - 100_000_000, f.bodies, f.layout)
        for f in still[30:]
    ]
    items = push_all(Pipeline("s", CARD), [*still[:30], *earlier])
    assert sum(isinstance(item, Departure) for item in items) == 1


def test_predictions_before_a_gap_can_still_be_explained() -> None:
    still = frames(motion((("rest", 2.0),)))
    later = [
        Frame(f.source, f.sequence, f.captured_ns + 700_000_000, f.bodies, f.layout)
        for f in still[30:]
    ]
    items = push_all(Pipeline("s", CARD), [*still[:30], *later])
    dues = [item for item in items if isinstance(item, DuePrediction)]
    for due in dues:
        np.testing.assert_array_equal(due.window()[-4:], due.features)
    assert len({due.row.index for due in dues}) == 2


def test_people_leave_when_the_clock_is_set_back() -> None:
    pipeline = Pipeline("s", CARD)
    push_all(pipeline, frames(*[motion((("rest", 1.0),))] * 2, start_ns=10**12))
    items = push_all(pipeline, frames(motion((("rest", 1.0),))))
    assert pipeline.bodies == 1
    assert sorted(i.person.body_id for i in items if isinstance(i, Departure)) == [1, 2]
    assert sum(isinstance(item, DuePrediction) for item in items) == 30 // 4


def test_the_number_of_bodies_is_limited() -> None:
    made = frames(*[motion((("rest", 0.5),))] * 4)
    pipeline = Pipeline("s", CARD, max_bodies=2)
    assert all(len(pipeline.push(frame)[0].bodies) == 2 for frame in made)
    assert pipeline.bodies == 2


def test_bodies_can_be_counted_while_another_thread_pushes() -> None:
    pipeline = Pipeline("s", CARD)
    push_all(pipeline, frames(*[motion((("rest", 0.5),))] * 2))

    class PersonAtWork(Person):
        """A person who comes into view while the bodies are counted."""

        @property
        def certain(self) -> bool:  # type: ignore[override]
            pipeline._people[99] = next(iter(pipeline._people.values()))
            return True

    for person in pipeline._people.values():
        del person.certain
        person.__class__ = PersonAtWork
    assert pipeline.bodies == 2


def test_two_bodies_keep_their_windows_apart() -> None:
    right, left = motion((("right", 2.0),)), motion((("left", 2.0),))
    both = push_all(Pipeline("s", CARD), frames(right, left))
    for body_id, alone in ((1, right), (2, left)):
        shift = np.float32(((body_id - 1) * 1.2, 0, 0))
        single = push_all(Pipeline("s", CARD), frames(alone + shift))
        mine = [
            i.features for i in both if isinstance(i, DuePrediction) and i.person.body_id == body_id
        ]
        assert len(mine) == len(single)
        for ours, theirs in zip(mine, single, strict=True):
            assert isinstance(theirs, DuePrediction)
            np.testing.assert_array_equal(ours, theirs.features)
