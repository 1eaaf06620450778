"""What is due becomes messages: one batch through the model, then each body's decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from sensor.skeleton import LAYOUTS
from service.decision import Decider, Decision
from service.messages import ActionMessage, JointShare, PredictionMessage, Relevance, Timings
from service.person import TOP_JOINTS, Due, Item, Person

FloatArray = NDArray[np.float32]
BATCH = 64
"""The most windows in one run of the model, which bounds its memory."""


class Explained(Protocol):
    """Relevance float32 (N, R, J) that adds up to logit (N,) - reference (N,)."""

    @property
    def relevance(self) -> FloatArray: ...  # noqa: D102
    @property
    def logit(self) -> FloatArray: ...  # noqa: D102
    @property
    def reference(self) -> FloatArray: ...  # noqa: D102


class Predictor(Protocol):
    """A model as the service needs it; `models.recognizer.Recognizer` is one."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102
    @property
    def provider(self) -> str: ...  # noqa: D102

    def predict(self, windows: FloatArray) -> FloatArray:
        """Probabilities (N, C) of windows (N, T, J, 4)."""
        ...

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> Explained:
        """Which joints' movement makes `labels` (N,) of the windows."""
        ...


@dataclass(eq=False, slots=True)
class _Outcome:
    person: Person
    due: Due | None
    probabilities: FloatArray | None
    decisions: list[Decision]
    label: int
    relevance: Relevance | None = None

    def shows_joints(self) -> bool:
        """Whether an action starts or goes on here, which tells its joints."""
        return any(decision.phase != "end" for decision in self.decisions)


@dataclass(slots=True)
class Stages:
    """What the clock said, in nanoseconds, as one batch went through its stages."""

    clock_ns: Callable[[], int]
    taken_ns: int
    featured_ns: int = 0
    predicted_ns: int = 0
    explained_ns: int = 0

    def timings(self, captured_ns: int) -> Timings:
        """The stages of a message whose frame was captured at `captured_ns`."""
        return Timings(
            queue_ms=_ms(self.taken_ns - captured_ns),
            features_ms=_ms(self.featured_ns - self.taken_ns),
            model_ms=_ms(self.predicted_ns - self.featured_ns),
            relevance_ms=_ms(self.explained_ns - self.predicted_ns),
            total_ms=_ms(self.explained_ns - captured_ns),
        )


def _ms(duration_ns: int) -> float:
    return round(max(duration_ns, 0) / 1e6, 3)


def infer(
    model: Predictor,
    items: Sequence[Item],
    explain: Callable[[str], bool],
    stages: Stages | None = None,
) -> list[PredictionMessage | ActionMessage]:
    """Predict all that is due in one batch and decide it in order.

    `explain` says for a stream whether its predictions carry relevance; an action that starts or
    goes on is explained always. `stages` None leaves the timings out, as for a recording. Where
    the model fails nothing is decided, so that no start or end is lost with its message.
    """
    predicted = _predict(model, items)
    deciders = {item.person: copy(item.person.decider) for item in items}
    outcomes = _decide(items, predicted, deciders)
    if stages is not None:
        stages.predicted_ns = stages.clock_ns()
    asked = [o for o in outcomes if o.due and (o.shows_joints() or explain(o.person.stream))]
    for start in range(0, len(asked), BATCH):
        _explain(model, asked[start : start + BATCH])
    for person, decider in deciders.items():
        person.decider = decider
    if stages is not None:
        stages.explained_ns = stages.clock_ns()
    return [m for outcome in outcomes for m in _messages(outcome, model.card, stages)]


def _predict(model: Predictor, items: Sequence[Item]) -> list[FloatArray]:
    inputs = [item.input for item in items if isinstance(item, Due)]
    return [
        row
        for start in range(0, len(inputs), BATCH)
        for row in model.predict(np.stack(inputs[start : start + BATCH]))
    ]


def _decide(
    items: Sequence[Item], predicted: list[FloatArray], deciders: Mapping[Person, Decider]
) -> list[_Outcome]:
    rows = iter(predicted)
    outcomes = []
    for item in items:
        decider = deciders[item.person]
        if isinstance(item, Due):
            row = next(rows)
            decisions = decider.step(item.captured_ns, row)
            label = int(row.argmax()) if decider.current is None else decider.current
            outcomes.append(_Outcome(item.person, item, row, decisions, label))
        else:
            outcomes.append(_Outcome(item.person, None, None, decider.flush(item.at_ns), -1))
    return outcomes


def _explain(model: Predictor, outcomes: list[_Outcome]) -> None:
    inputs = np.stack([o.due.input for o in outcomes if o.due])
    answer = model.explain(inputs, np.array([o.label for o in outcomes], np.int64))
    bins = answer.relevance.shape[1]
    step_frames = model.card.window_frames // bins
    for i, outcome in enumerate(outcomes):
        outcome.relevance = _relevance(
            model.card.labels[outcome.label],
            answer.relevance[i].astype(np.float64),
            float(answer.logit[i]),
            float(answer.reference[i]),
            step_frames,
        )


def _relevance(
    label: str, values: NDArray[np.float64], logit: float, reference: float, step_frames: int
) -> Relevance:
    return Relevance(
        label=label,
        logit=round(logit, 6),
        reference=round(reference, 6),
        residual=round(logit - reference - float(values.sum()), 9),
        step_frames=step_frames,
        joints=np.round(values.sum(axis=0), 6).tolist(),
        map=np.round(values, 6).tolist(),
    )


def top_joints(joints: Sequence[float], names: Sequence[str]) -> list[JointShare]:
    """The joints with most of the positive relevance, and their shares of all of it."""
    positive = np.maximum(np.asarray(joints, np.float64), 0.0)
    total = float(positive.sum())
    order = np.argsort(-positive, kind="stable")[:TOP_JOINTS]
    return [
        JointShare(names[i], round(float(positive[i]) / total, 4)) for i in order if positive[i] > 0
    ]


def _messages(
    outcome: _Outcome, card: ModelCard, stages: Stages | None
) -> list[PredictionMessage | ActionMessage]:
    messages: list[PredictionMessage | ActionMessage] = []
    timings = Timings()
    if outcome.due is not None and outcome.probabilities is not None:
        if stages is not None:
            timings = stages.timings(outcome.due.captured_ns)
        messages.append(_prediction(outcome.due, outcome.probabilities, outcome, card, timings))
    messages += [_action(outcome, decision, card, timings) for decision in outcome.decisions]
    return messages


def _prediction(
    due: Due, probabilities: FloatArray, outcome: _Outcome, card: ModelCard, timings: Timings
) -> PredictionMessage:
    rounded = np.round(probabilities.astype(np.float64), 6).tolist()
    top = int(probabilities.argmax())
    return PredictionMessage(
        stream=outcome.person.stream,
        body_ids=[outcome.person.body_id],
        sequence=due.sequence,
        captured_ns=due.captured_ns,
        label=card.labels[top],
        confidence=rounded[top],
        probabilities=rounded,
        relevance=outcome.relevance,
        timings=timings,
    )


def _action(
    outcome: _Outcome, decision: Decision, card: ModelCard, timings: Timings
) -> ActionMessage:
    person = outcome.person
    if decision.phase != "end" and outcome.relevance is not None:
        person.shares = top_joints(outcome.relevance.joints, LAYOUTS[card.layout].joints)
    return ActionMessage(
        stream=person.stream,
        body_ids=[person.body_id],
        label=card.labels[decision.label],
        phase=decision.phase,
        at_ns=decision.at_ns,
        started_ns=decision.started_ns,
        confidence=round(decision.confidence, 6),
        joints=person.shares,
        timings=timings,
    )
