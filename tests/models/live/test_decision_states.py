"""Each arrow of the drawing in `models.live.decision`, and its corner cases."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from models.card import Thresholds
from models.live.decision import Decider
from tests.models.live.test_decision import LABELS, STEP_NS, row

BASIC = Thresholds(enter=0.6, leave=0.4, patience=2, release=2, min_length_s=0)


def trace(script: str, step_ns: int = STEP_NS, **changes: float) -> str:
    """Run the predictions of a script and return it with the states and decisions they cause.

    "w8:A+w" is a prediction of 0.8 for wave. It leads to the state Active and starts (+) wave.
    An update is ~ and an end is -.
    """
    decider = Decider(LABELS, "background", msgspec.structs.replace(BASIC, **changes))
    marks, steps = {"start": "+", "update": "~", "end": "-"}, []
    for i, prediction in enumerate(step.split(":")[0] for step in script.split()):
        label = next(name for name in LABELS if name[0] == prediction[0])
        decisions = decider.step(i * step_ns, row(label, float(f"0.{prediction[1:]}")))
        changed = "".join(marks[d.phase] + LABELS[d.label][0] for d in decisions)
        steps.append(f"{prediction}:{type(decider.state).__name__[0]}{changed}")
    return " ".join(steps)


@pytest.mark.parametrize(
    "script",
    [
        "b9:I w5:I b9:I",  # Idle: nothing reaches `enter`
        "w8:C w8:A+w",  # Idle -> Candidate -> Active
        "w8:C b9:I w8:C w8:A+w",  # Candidate -> Idle, and the count begins again
        "w8:C w5:I",  # it leads, but below `enter`
        "w8:C c8:C c8:A+c",  # Candidate -> Candidate of another label
        "w8:C w8:A+w w5:A w8:A w8:A w8:A~w",  # Active -> Active with an update after 0.5 s
        "w8:C w8:A+w b9:R w8:A b9:R w5:A~w",  # Active -> Releasing -> Active
        "w8:C w8:A+w c8:R w8:A c8:R b9:I-w",  # the successor is lost
        "w8:C w8:A+w b9:R b9:I-w",  # Releasing -> Idle
        "w8:C w8:A+w b9:R c8:C-w c8:A+c",  # Releasing -> Candidate
        "w8:C w8:A+w b9:R c8:C-w w8:C w8:A+w",  # the same label again, after a lost candidate
        "w8:C w8:A+w c8:R c8:A-w+c",  # Releasing -> Candidate -> Active
    ],
)
def test_each_arrow_of_the_drawing(script: str) -> None:
    assert trace(script) == script


def test_one_prediction_can_follow_several_arrows() -> None:
    script = "w8:A+w c8:A-w+c b9:I-c"
    assert trace(script, patience=1, release=1) == script


def test_a_successor_alone_makes_an_action_weak() -> None:
    script = "w8:C w8:A+w c8:R c8:A-w+c"
    assert trace(script, leave=0) == script


def test_a_label_starts_by_its_smoothed_probability_while_another_leads() -> None:
    script = "w9:C c8:A+w c8:R c8:A-w+c"
    assert trace(script, smooth=0.6, enter=0.5) == script


def test_an_action_releases_until_it_is_old_enough() -> None:
    script = "w8:C w8:A+w b9:R b9:R b9:R b9:R~w b9:I-w"
    assert trace(script, min_length_s=6 * STEP_NS / 1e9) == script
    script = "w8:C w8:A+w c8:R c8:R c8:R c8:R~w c8:A-w+c"  # and its successor counts on
    assert trace(script, min_length_s=6 * STEP_NS / 1e9) == script


def test_a_new_action_is_first_weak_at_the_next_prediction() -> None:
    script = "w8:C w8:A+w w8:R w8:I-w w8:C"
    assert trace(script, leave=0.9) == script


def test_thresholds_are_reached_by_equal_probabilities() -> None:
    script = "w75:C w75:A+w w5:A w49:R"
    assert trace(script, enter=0.75, leave=0.5) == script


def test_a_label_without_probability_can_start_at_enter_zero() -> None:
    decider = Decider(LABELS, "clap", msgspec.structs.replace(BASIC, enter=0.0, patience=1))
    (start,) = decider.step(0, np.zeros(3, np.float32))
    assert (start.label, start.confidence) == (0, 0.0)  # the first of equals is the highest


def test_predictions_of_one_time_are_decided_in_order() -> None:
    script = "w8:C w8:A+w w8:A w8:A w8:A w8:A b9:R b9:I-w"
    assert trace(script, step_ns=0) == script
    script = "w8:C w8:A+w b9:R b9:R b9:R"
    assert trace(script, step_ns=0, min_length_s=0.1) == script


def test_a_successor_and_the_next_action_need_again_but_the_same_label_does_not() -> None:
    script = "w8:C w8:A+w c8:R c8:I-w c8:I w8:C c95:C c95:A+c c8:A"
    assert trace(script, done_s=STEP_NS / 1e9, again=0.9) == script


def test_the_background_must_lead_again_for_done_s() -> None:
    script = "w8:C w8:A+w b9:R b9:I-w c8:I b9:I c8:I b9:I b9:I c8:C"
    assert trace(script, done_s=STEP_NS / 1e9, again=0.9) == script


def test_a_start_does_not_use_the_time_since_another_label_leads() -> None:
    changes = {"patience": 1, "release": 1, "smooth": 0.9, "again": 0.9, "done_s": STEP_NS / 1e9}
    decider = Decider(LABELS, "background", msgspec.structs.replace(BASIC, **changes))
    labels = ["clap"] * 3 + ["wave"] * 20 + ["background"] * 2  # `again` holds wave back until here
    for i, label in enumerate(labels):
        decisions = decider.step(i * STEP_NS, row(label, 0.9))
    assert [(d.label, d.started_ns) for d in decisions] == [(LABELS.index("wave"), 24 * STEP_NS)]


def test_again_below_enter_changes_nothing() -> None:
    script = "w8:C w8:A+w c5:R c8:C-w c8:A+c"
    assert trace(script, done_s=0, again=0.1) == script


def test_flush_forgets_a_candidate() -> None:
    decider = Decider(LABELS, "background", BASIC)
    decider.step(10, row("wave", 0.8))
    assert decider.flush(20) == []
    assert decider.step(30, row("wave", 0.8)) == []
    (start,) = decider.step(40, row("wave", 0.8))
    assert start.started_ns == 30


def test_an_end_is_between_the_minimum_length_and_its_decision() -> None:
    limits = msgspec.structs.replace(BASIC, patience=1, release=1, min_length_s=2e-9, lag_s=1)
    decider = Decider(LABELS, "background", limits)
    decider.step(10, row("wave", 0.8))
    assert decider.step(11, row("background", 0.9)) == []
    assert [d.ended_ns for d in decider.step(15, row("background", 0.9))] == [12]


def test_flush_ends_the_action_and_forgets_it() -> None:
    decider = Decider(
        LABELS, "background", msgspec.structs.replace(BASIC, min_length_s=9, done_s=0, again=0.9)
    )
    assert decider.flush(5) == []
    for at_ns in (10, 20, 30):
        decider.step(at_ns, row("wave", 0.8))
    (end,) = decider.flush(40)
    assert (end.phase, end.at_ns, end.started_ns, end.ended_ns) == ("end", 40, 10, 40)
    assert decider.flush(50) == [] and decider.current is None
    assert decider.step(60, row("clap", 0.8)) == []
    (start,) = decider.step(70, row("clap", 0.8))
    assert (start.label, start.started_ns) == (LABELS.index("clap"), 60)
