"""Turns due predictions into outcomes: predictions and decided actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.card import ModelCard
from models.features import FloatArray
from models.inference.window_stepper import Steps
from models.live.decision import Decision
from models.live.events import JointShare
from models.live.explanations import Explains
from models.live.person import Due, Item, Left, Person
from service.wire.messages import ActionMessage, PredictionMessage, Timings


class Predictor(Explains, Protocol):
    """A model as the service needs it; `models.recognizer.Recognizer` is one."""

    @property
    def provider(self) -> str: ...  # noqa: D102

    def steps(self) -> Steps:
        """A memory of its own for as many people as there are."""
        ...


@dataclass(eq=False, slots=True)
class Outcome:
    """What came of one item: the decisions, and of a prediction the probabilities, float32 (C,).

    `label` is the index of the label that is worth explaining: that of the action in progress,
    else the likeliest.
    """

    person: Person
    due: Due | None
    probabilities: FloatArray | None
    decisions: list[Decision]
    label: int

    def has(self, *phases: str) -> bool:
        """Whether an action is in such a phase here."""
        return any(decision.phase in phases for decision in self.decisions)


def judge(items: Sequence[Item], predicted: Sequence[FloatArray]) -> list[Outcome]:
    """Decide items in order; `predicted` are the probabilities (C,) of each `Due`, in order."""
    rows = iter(predicted)
    return [_decide(item, next(rows)) if isinstance(item, Due) else _end(item) for item in items]


def _decide(due: Due, row: FloatArray) -> Outcome:
    person = due.person
    person.here = True
    decisions = person.decider.step(due.captured_ns, row)
    current = person.decider.current
    return Outcome(person, due, row, decisions, int(row.argmax()) if current is None else current)


def _end(left: Left) -> Outcome:
    left.person.here = False
    return Outcome(left.person, None, None, left.person.decider.flush(left.at_ns), -1)


def rounded(outcomes: Iterable[Outcome]) -> list[list[float]]:
    """The probabilities of those outcomes that have some, as they are told."""
    rows = [outcome.probabilities for outcome in outcomes if outcome.probabilities is not None]
    return np.round(np.array(rows, np.float64), 6).tolist() if rows else []


def prediction(
    due: Due, probabilities: list[float], card: ModelCard, timings: Timings
) -> PredictionMessage:
    """The `prediction` message of what was due."""
    confidence = max(probabilities)
    return PredictionMessage(
        stream=due.person.stream,
        body_ids=[due.person.body_id],
        sequence=due.sequence,
        captured_ns=due.captured_ns,
        label=card.labels[probabilities.index(confidence)],
        confidence=confidence,
        probabilities=probabilities,
        timings=timings,
    )


def actions(
    outcome: Outcome, card: ModelCard, timings: Timings, joints: list[JointShare] | None = None
) -> list[ActionMessage]:
    """The `action` messages of an outcome, in order; the person keeps the one in progress.

    Starts and updates carry `joints`, where given; else those that are known of the action.
    """
    return [_action(outcome.person, d, card, timings, joints) for d in outcome.decisions]


def _action(
    person: Person,
    decision: Decision,
    card: ModelCard,
    timings: Timings,
    joints: list[JointShare] | None,
) -> ActionMessage:
    if joints is None or decision.phase == "end":
        going_on = person.action if decision.phase != "start" else None
        joints = [] if going_on is None else going_on.joints
    message = ActionMessage(
        stream=person.stream,
        body_ids=[person.body_id],
        label=card.labels[decision.label],
        phase=decision.phase,
        at_ns=decision.at_ns,
        started_ns=decision.started_ns,
        confidence=round(decision.confidence, 6),
        joints=joints,
        timings=timings,
        ended_ns=decision.ended_ns,
    )
    person.action = None if decision.phase == "end" else message
    return message
