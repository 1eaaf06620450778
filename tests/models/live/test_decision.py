from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.card import Thresholds
from models.live.decision import UPDATE_NS, Decider, Decision

LABELS = ["background", "wave", "clap"]
STEP_NS = 133_333_333


def row(label: str, value: float) -> NDArray[np.float32]:
    others = (1 - value) / (len(LABELS) - 1)
    return np.array([value if name == label else others for name in LABELS], np.float32)


def run(rows: list[NDArray[np.float32]], thresholds: Thresholds) -> list[Decision]:
    decider = Decider(LABELS, "background", thresholds)
    decisions = [d for i, r in enumerate(rows) for d in decider.step(i * STEP_NS, r)]
    return decisions + decider.flush(len(rows) * STEP_NS)


def test_an_action_starts_after_patience_predictions_from_the_first_of_them() -> None:
    thresholds = Thresholds(enter=0.6, leave=0.3, patience=3, release=2, min_length_s=0)
    decisions = run([row("background", 0.9), *[row("wave", 0.8)] * 4], thresholds)
    assert [(d.phase, d.label) for d in decisions] == [("start", 1), ("end", 1)]
    assert (decisions[0].at_ns, decisions[0].started_ns) == (3 * STEP_NS, STEP_NS)
    assert decisions[1].started_ns == STEP_NS


def test_one_weak_prediction_does_not_end_an_action() -> None:
    thresholds = Thresholds(enter=0.6, leave=0.4, patience=1, release=2, min_length_s=0)
    rows = [row("wave", 0.9), row("background", 0.9), row("wave", 0.9), row("wave", 0.5)]
    assert [d.phase for d in run(rows, thresholds)] == ["start", "end"]


def test_the_first_action_ends_before_the_second_starts() -> None:
    thresholds = Thresholds(enter=0.6, leave=0.4, patience=2, release=2, min_length_s=0)
    decisions = run([*[row("wave", 0.9)] * 3, *[row("clap", 0.9)] * 3], thresholds)
    assert [(d.phase, d.label) for d in decisions] == [
        ("start", 1),
        ("end", 1),
        ("start", 2),
        ("end", 2),
    ]
    assert decisions[1].at_ns == decisions[2].at_ns


def test_an_action_lasts_at_least_its_minimum_length() -> None:
    thresholds = Thresholds(enter=0.6, leave=0.4, patience=1, release=1, min_length_s=1.0)
    rows = [row("wave", 0.9), *[row("background", 0.9)] * 10]
    ended = next(d for d in run(rows, thresholds) if d.phase == "end")
    assert ended.at_ns - ended.started_ns >= 1_000_000_000


def labels_of(decisions: list[Decision], phase: str = "start") -> list[int]:
    return [d.label for d in decisions if d.phase == phase]


def test_another_label_needs_again_after_an_action_that_is_done() -> None:
    strict = Thresholds(enter=0.6, leave=0.3, patience=1, release=1, again=0.9, done_s=0.9)
    wave = [row("wave", 0.95)] * 10
    way_back, true_next = [row("clap", 0.8)] * 4, [row("clap", 0.95)] * 4
    calm = [row("background", 0.9)] * 8
    assert labels_of(run(wave + way_back, strict)) == [1]
    assert labels_of(run(wave + true_next, strict)) == [1, 2]
    assert labels_of(run(wave + calm[:3] + way_back, strict)) == [1]
    assert labels_of(run(wave + calm + way_back, strict)) == [1, 2]
    assert labels_of(run(wave + calm[:3] + [row("wave", 0.8)], strict)) == [1, 1]  # the same
    assert labels_of(run(wave[:3] + way_back, strict)) == [1, 2]  # not done


def test_an_action_lasts_from_its_first_to_its_last_lead() -> None:
    thresholds = Thresholds(enter=0.7, leave=0.2, patience=2, release=2, min_length_s=0)
    rows = [
        *[row("background", 0.9)] * 3,
        row("wave", 0.5),
        *[row("wave", 0.9)] * 4,
        row("background", 0.6),
        *[row("background", 0.99)] * 4,
    ]
    start, *_, end = run(rows, thresholds)
    assert (start.at_ns, start.started_ns) == (5 * STEP_NS, 3 * STEP_NS)
    assert start.ended_ns is None
    assert (end.at_ns, end.ended_ns) == (10 * STEP_NS, 7 * STEP_NS)


def test_lag_moves_times_back_without_overlap() -> None:
    thresholds = Thresholds(
        enter=0.7, leave=0.3, patience=1, release=1, min_length_s=0, lag_s=2 * STEP_NS / 1e9
    )
    rows = [*[row("wave", 0.9)] * 6, *[row("clap", 0.9)] * 6, row("background", 0.9)]
    decisions = run(rows, thresholds)
    first, second = (d for d in decisions if d.phase == "end")
    assert first.started_ns == 0  # the first prediction
    assert first.ended_ns == 3 * STEP_NS
    assert (second.started_ns, second.ended_ns) == (4 * STEP_NS, 9 * STEP_NS)


def test_updates_come_at_most_twice_a_second() -> None:
    decisions = run([row("wave", 0.9)] * 40, Thresholds())
    times = [d.at_ns for d in decisions if d.phase in ("start", "update")]
    assert len(times) > 5
    assert min(np.diff(times)) >= UPDATE_NS


def test_smoothing_suppresses_a_spike() -> None:
    rows = [row("background", 0.9), row("wave", 0.95), *[row("background", 0.9)] * 3]
    rough = Thresholds(enter=0.6, patience=1)
    smooth = Thresholds(enter=0.6, patience=1, smooth=0.8)
    assert run(rows, rough) and not run(rows, smooth)


PROBABILITIES = st.lists(
    st.tuples(*[st.floats(0.001, 1)] * len(LABELS)).map(
        lambda v: np.array(v, np.float32) / np.float32(sum(v))
    ),
    max_size=80,
)
THRESHOLDS = st.builds(
    Thresholds,
    enter=st.floats(0.3, 0.95),
    leave=st.floats(0.05, 0.95),
    patience=st.integers(1, 5),
    release=st.integers(1, 5),
    min_length_s=st.floats(0, 2),
    smooth=st.floats(0, 0.95),
    again=st.floats(0, 1),
    done_s=st.floats(0, 2),
    lag_s=st.floats(0, 1),
)


@given(PROBABILITIES, THRESHOLDS)
def test_every_start_has_one_end_before_the_next_start(
    rows: list[NDArray[np.float32]], thresholds: Thresholds
) -> None:
    current: Decision | None = None
    newest_ns = over_ns = 0
    for decision in run(rows, thresholds):
        assert decision.at_ns >= newest_ns
        newest_ns = decision.at_ns
        assert decision.label != LABELS.index("background")
        if decision.phase == "start":
            assert current is None
            assert over_ns <= decision.started_ns <= decision.at_ns
            assert decision.ended_ns is None
            current = decision
        else:
            assert current is not None
            assert (decision.label, decision.started_ns) == (current.label, current.started_ns)
            if decision.phase == "end":
                assert decision.ended_ns is not None
                assert decision.started_ns <= decision.ended_ns <= decision.at_ns
                current, over_ns = None, decision.ended_ns
    assert current is None


@given(PROBABILITIES, THRESHOLDS)
def test_an_action_never_ends_before_its_minimum_length(
    rows: list[NDArray[np.float32]], thresholds: Thresholds
) -> None:
    decider = Decider(LABELS, "background", thresholds)
    for i, values in enumerate(rows):
        for decision in decider.step(i * STEP_NS, values):
            if decision.phase == "end":
                length_ns = decision.at_ns - decision.started_ns
                assert length_ns >= thresholds.min_length_s * 1e9 - 1
                assert length_ns >= STEP_NS * min(thresholds.release, 1)
