"""A person who is lost for a moment and comes back continues; one who stays away has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.inference.recognizer import softmax
from models.live.events import Action, Prediction
from models.live.offline import run_frames
from models.live.person import Departure, DuePrediction, Item
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from models.live.solo_lane import LaneFrames, SoloLanes
from models.live.windows import Windows
from sensor.skeleton import Frame
from sensor.tracking.outlier_rows import OUTLIER_LIMITS
from tests.fakes.people import RATE_HZ, block_of, frames, motion
from tests.fakes.recognizer import CARD, FakeRecognizer

LOST_S = [0.4, 0.7, 0.9, 1.2, 1.4]
MADE = frames(motion((("rest", 2.0), ("right", 3.0))))
STEPS = len(MADE) // 4


def lost_between(made: Sequence[Frame], begin_s: float, end_s: float) -> list[Frame]:
    """Return the frames without bodies from `begin_s` until before `end_s`."""
    lost = range(round(begin_s * RATE_HZ), round(end_s * RATE_HZ))
    return [replace(f, bodies=()) if i in lost else f for i, f in enumerate(made)]


def push_all(pipeline: Pipeline, made: Sequence[Frame]) -> list[Item]:
    return [item for frame in made for item in pipeline.push(frame)[1]]


def dues(items: Sequence[Item]) -> list[DuePrediction]:
    return [item for item in items if isinstance(item, DuePrediction)]


def comparable(items: Sequence[Item]) -> list[object]:
    return [
        (i.captured_ns, i.count, i.fresh, i.features.tobytes(), [u.tobytes() for u in i.unseen])
        if isinstance(i, DuePrediction)
        else i.at_ns
        for i in items
    ]


@pytest.mark.parametrize("lost_s", LOST_S)
def test_the_window_continues_with_interpolated_poses(lost_s: float) -> None:
    gap = slice(30, 30 + round(lost_s * RATE_HZ))
    made = lost_between(MADE, 1.0, 1.0 + lost_s)
    due = dues(push_all(Pipeline("s", CARD), made))
    assert len({item.person for item in due}) == 1
    assert [item.fresh for item in due] == [True] + [False] * (len(due) - 1)
    assert due[-1].count == STEPS * 4
    back = next(item for item in due if item.unseen)
    until = [frame for frame in made if frame.captured_ns <= back.captured_ns]
    newest = dues(push_all(Pipeline("s", CARD), until))[-1]
    window = newest.window()[-back.count :]
    number = np.arange(back.count)[-len(window) :]
    near = (number >= gap.start - 1) & (number <= gap.stop)
    assert window[..., 3].all()
    np.testing.assert_allclose(np.diff(window[near][..., :3], 2, axis=0), 0, atol=1e-4)


@pytest.mark.parametrize("lost_s", LOST_S)
def test_nothing_is_predicted_for_the_time_in_which_nobody_was_seen(lost_s: float) -> None:
    end_s = 1.0 + lost_s
    made = lost_between(MADE, 1.0, end_s)
    events = list(run_frames(FakeRecognizer(), made, joints=False))
    times_s = [e.captured_ns / 1e9 for e in events if isinstance(e, Prediction)]
    assert not [t for t in times_s if 1.0 - 1e-6 <= t < end_s - 1e-6]
    assert len(times_s) == STEPS - len([i for i in range(3, 150, 4) if not made[i].bodies])


@pytest.mark.parametrize("lost_s", LOST_S)
def test_frames_without_bodies_and_no_frames_are_the_same(lost_s: float) -> None:
    made = lost_between(MADE, 1.0, 1.0 + lost_s)
    empty, none = Pipeline("s", CARD), Pipeline("s", CARD)
    expected = comparable(push_all(empty, made))
    assert comparable(push_all(none, [frame for frame in made if frame.bodies])) == expected


def test_the_body_has_the_same_place_facing_and_size_after_a_gap() -> None:
    windows = Windows(CARD)
    pipeline = Pipeline("s", CARD, windows=windows)
    still = frames(motion((("rest", 3.0),)))
    before = dues(push_all(pipeline, still[:31]))[-1]
    after = dues(push_all(pipeline, still[65:]))[0]
    assert after.unseen
    np.testing.assert_allclose(
        windows._features.value[after.row.index],
        windows._features.value[before.row.index],
        atol=1e-6,
    )


def test_the_model_takes_the_lost_frames_along() -> None:
    """Steps over the gap equal whole windows, one item at a time or all at once."""
    model = FakeRecognizer()
    people = [lost_between(MADE, 0.9 + n / 7, 1.4 + n / 3) for n in range(4)]
    streams = [dues(push_all(Pipeline(str(n), CARD), made)) for n, made in enumerate(people)]
    at_once, single = (PredictionStates(model.steps(), CARD) for _ in range(2))
    rows = at_once.predict([item for items in streams for item in items])
    alone = [row for items in streams for item in items for row in single.predict([item])]
    np.testing.assert_array_equal(rows, alone)
    whole = [
        softmax(model.logits(item.window()[None])[0] / np.float32(CARD.temperature))
        for items in streams
        for item in items[-2:]
    ]
    newest = [row for part in np.split(np.array(rows), splits(streams)) for row in part[-2:]]
    np.testing.assert_array_equal(newest, whole)


def splits(streams: Sequence[Sequence[Item]]) -> list[int]:
    """Return where the second and all further streams begin among the items of all."""
    return np.cumsum([len(items) for items in streams])[:-1].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_lanes_give_the_items_of_the_pipeline_when_people_are_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = frames(motion((("rest", 2.0), ("right", 3.0)) * 3), start_ns=10**9)
    jitter = rng.integers(-8_000_000, 8_000_000, len(made)) * (seed > 0)
    made = [
        replace(f, captured_ns=f.captured_ns + int(j)) for f, j in zip(made, jitter, strict=True)
    ]
    at = 20
    while at < len(made):
        long = int(rng.integers(1, 50))
        made[at : at + long] = [replace(f, bodies=()) for f in made[at : at + long]]
        at += long + int(rng.integers(3, 40))
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
    found: list[Item] = []
    taken = 0
    for frame in made:
        lane = pipeline.lane(block_of([frame])) if frame.bodies else None
        if lane is None:
            found += pipeline.push(frame)[1]
        else:
            found += lanes.push([LaneFrames(lane, block_of([frame]))])[0]
            taken += 1
    assert taken > 50
    assert sum(bool(item.unseen) for item in dues(found)) > 2
    assert comparable(found) == comparable(push_all(Pipeline("s", CARD), made))


def actions(made: Sequence[Frame]) -> list[tuple[str, float]]:
    """Return the phases of the action in `made`, without updates, with the times in seconds."""
    events = list(run_frames(FakeRecognizer(), made, joints=False))
    return [
        (e.phase, round(e.at_ns / 1e9, 2))
        for e in events
        if isinstance(e, Action) and e.phase != "update"
    ]


@pytest.mark.parametrize("lost_s", [0.4, 0.7, 0.97])
def test_an_action_in_progress_continues_after_a_gap_of_less_than_a_second(lost_s: float) -> None:
    usual = actions(MADE)
    assert [phase for phase, _ in usual] == ["start", "end"]
    assert actions(lost_between(MADE, 3.0, 3.0 + lost_s)) == usual


def test_an_action_ends_after_a_second_out_of_view_and_starts_again() -> None:
    found = actions(lost_between(MADE, 3.0, 4.2))
    assert [phase for phase, _ in found] == ["start", "end", "start", "end"]
    assert found[1] == ("end", round(89 / RATE_HZ, 2))
    assert found[2][1] > 4.2


def test_a_person_who_stays_away_leaves_after_a_second() -> None:
    pipeline = Pipeline("s", CARD)
    push_all(pipeline, MADE[:30])
    left_s = []
    for frame in lost_between(MADE, 1.0, 5.0)[30:]:
        (_, items), before = pipeline.push(frame), pipeline.bodies
        left_s += [
            (frame.captured_ns - item.at_ns) / 1e9 for item in items if isinstance(item, Departure)
        ]
        assert before == (not left_s)
    assert left_s == [pytest.approx(1.0, abs=0.04)]
    assert pipeline.finish() == []


def test_a_person_is_new_after_more_than_one_and_a_half_seconds() -> None:
    made = lost_between(MADE, 1.0, 2.6)
    items = push_all(Pipeline("s", CARD), made)
    first, second = dict.fromkeys(item.person for item in items)
    assert sum(isinstance(item, Departure) for item in items) == 1
    assert [item.fresh for item in dues(items) if item.person is second].count(True) == 1
    assert not any(item.unseen for item in dues(items))
    assert first is not second


def renamed(made: Sequence[Frame], id_: int) -> list[Frame]:
    return [replace(f, bodies=tuple(replace(b, id=id_) for b in f.bodies)) for f in made]


def test_another_tracker_id_is_the_same_person_with_a_new_window() -> None:
    """Somebody else may have come to the same place."""
    made = lost_between(MADE, 1.0, 1.8)
    items = push_all(Pipeline("s", CARD), [*made[:54], *renamed(made[54:], 9)])
    assert {item.person.body_id for item in items} == {1}
    assert [item.fresh for item in dues(items)].count(True) == 2
    assert dues(items)[-1].count == (len(MADE) - 54) // 4 * 4
    assert not any(item.unseen for item in dues(items))


def test_another_tracker_id_after_a_second_is_another_person() -> None:
    made = lost_between(MADE, 1.0, 2.2)
    items = push_all(Pipeline("s", CARD), [*made[:66], *renamed(made[66:], 9)])
    assert len({item.person for item in items}) == 2


def test_who_comes_back_elsewhere_is_a_new_person() -> None:
    made = lost_between(MADE, 1.0, 1.7)
    made[51:] = [
        replace(f, bodies=tuple(replace(b, joints_m=b.joints_m + np.float32(2)) for b in f.bodies))
        for f in made[51:]
    ]
    assert len({item.person for item in push_all(Pipeline("s", CARD), made)}) == 2


def test_a_body_that_is_not_yet_a_person_is_forgotten_when_it_leaves() -> None:
    made = lost_between(MADE, 0.1, 1.3)
    items = push_all(Pipeline("s", CARD), made)
    assert dues(items)[-1].count == (len(MADE) - 39) // 4 * 4
