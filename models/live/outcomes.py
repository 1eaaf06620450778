"""Turns probabilities into outcomes: predictions, and the actions decided from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from models.card import ModelCard
from models.features import FloatArray
from models.inference.window_stepper import Steps
from models.live.decision import Decision
from models.live.events import Action, JointShare, Prediction
from models.live.explanations import Explains
from models.live.person import Departure, DuePrediction, Item, Person, Row


class Predictor(Explains, Protocol):
    """A model for the live path; `models.inference.recognizer.Recognizer` is one."""

    @property
    def provider(self) -> str: ...  # noqa: D102

    def steps(self) -> Steps:
        """Create a memory for many people; it is empty at first."""
        ...


@dataclass(eq=False, slots=True)
class Outcome:
    """The result of one item: its decisions and, for a prediction, its probabilities (C,).

    `label` is the index of the label to explain: the action in progress, or else the likeliest.
    `predicted` is that of the person at this item.
    """

    person: Person
    due: DuePrediction | None
    probabilities: FloatArray | None
    decisions: list[Decision]
    label: int
    predicted: tuple[Row, int, int] | None = None

    def has(self, *phases: str) -> bool:
        """Return whether a decision is in one of these phases."""
        return any(decision.phase in phases for decision in self.decisions)


def decide(items: Sequence[Item], predicted: Sequence[FloatArray]) -> list[Outcome]:
    """Decide items in order. `predicted` are the probabilities (C,) of the due predictions."""
    rows = iter(predicted)
    return [
        _predict(item, next(rows)) if isinstance(item, DuePrediction) else _depart(item)
        for item in items
    ]


def _predict(due: DuePrediction, row: FloatArray) -> Outcome:
    person = due.person
    person.here = True
    if not due.held:
        person.predicted = due.row, due.count, due.captured_ns
    decisions = person.decider.step(due.captured_ns, row)
    current = person.decider.current
    label = int(row.argmax()) if current is None else current
    return Outcome(person, due, row, decisions, label, person.predicted)


def _depart(departure: Departure) -> Outcome:
    person = departure.person
    person.here = False
    return Outcome(person, None, None, person.decider.flush(departure.at_ns), -1, person.predicted)


def make_prediction(due: DuePrediction, probabilities: FloatArray, card: ModelCard) -> Prediction:
    """Make the prediction that was due, from its probabilities (C,)."""
    person = due.person
    return Prediction(
        person.stream,
        (person.body_id,),
        due.sequence,
        due.captured_ns,
        card.labels[probabilities.argmax()],
        probabilities,
    )


def make_actions(
    outcome: Outcome, card: ModelCard, joints: tuple[JointShare, ...] | None = None
) -> list[Action]:
    """Make the action events of an outcome, in order; the person keeps the action in progress.

    Starts and updates carry `joints` if given, or else the joints known so far.
    """
    return [_make_action(outcome.person, decision, card, joints) for decision in outcome.decisions]


def _make_action(
    person: Person, decision: Decision, card: ModelCard, joints: tuple[JointShare, ...] | None
) -> Action:
    if joints is None or decision.phase == "end":
        in_progress = person.action if decision.phase != "start" else None
        joints = () if in_progress is None else in_progress.joints
    action = Action(
        person.stream,
        (person.body_id,),
        card.labels[decision.label],
        decision.phase,
        decision.at_ns,
        decision.started_ns,
        decision.confidence,
        joints,
        decision.ended_ns,
    )
    person.action = None if decision.phase == "end" else action
    return action
