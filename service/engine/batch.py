"""One batch of predictions on its way through the model, and the time of each stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from models.card import ModelCard
from models.features import FloatArray
from models.live.action_frames import ActionFrames, keep_frames
from models.live.outcomes import Outcome, make_actions, make_prediction
from models.live.person import Item
from models.live.prediction_state import PredictionStates
from service.wire.message_building import (
    UNTIMED,
    action_message,
    prediction_message,
    round_probabilities,
)
from service.wire.messages import ActionMessage, PredictionMessage, Timings


@dataclass(slots=True)
class Stages:
    """Clock readings of one batch in ns: entries drained, features ready, predictions ready."""

    clock_ns: Callable[[], int]
    taken_ns: int
    featured_ns: int = 0
    predicted_ns: int = 0
    _shared: tuple[float, float] | None = None

    def timings(self, captured_ns: int) -> Timings:
        """Return the timings of a message whose frame was captured at `captured_ns`."""
        shared = self._shared
        if shared is None:
            shared = self._shared = (
                milliseconds(self.featured_ns - self.taken_ns),
                milliseconds(self.predicted_ns - self.featured_ns),
            )
        total_ms = milliseconds(self.predicted_ns - captured_ns)
        return Timings(milliseconds(self.taken_ns - captured_ns), *shared, 0.0, total_ms)


class Batch:
    """Items on their way through the model.

    The model runs in `pool` if given, or else in `predicted`. A batch must be done before the next
    batch with the same states begins.
    """

    def __init__(
        self, states: PredictionStates, items: Sequence[Item], stages: Stages, pool: Executor | None
    ) -> None:
        self.items, self.stages = items, stages
        self._states = states
        self._running: Future[list[FloatArray]] | None = None
        if pool is not None:
            self._running = pool.submit(self._predict)

    @property
    def done(self) -> bool:
        """Whether the probabilities are ready."""
        return self._running is not None and self._running.done()

    def predicted(self) -> list[FloatArray]:
        """Return the probabilities (C,) of each due prediction. Raises the model's exception."""
        return self._predict() if self._running is None else self._running.result()

    def _predict(self) -> list[FloatArray]:
        rows = self._states.predict(self.items)
        self.stages.predicted_ns = self.stages.clock_ns()
        return rows


def milliseconds(duration_ns: int) -> float:
    """Convert a duration for `Timings`; it is never below 0."""
    return round(max(duration_ns, 0) / 1e6, 3)


def build_messages(
    outcomes: Sequence[Outcome],
    card: ModelCard,
    stages: Stages,
    on_action: Callable[[ActionFrames], None] | None = None,
) -> list[PredictionMessage | ActionMessage]:
    """Build the messages of outcomes, in order. No action waits for its joints.

    `on_action` gets the frames of each action at its start and at its end: before its message, as
    readers of the message may ask at once.
    """
    messages: list[PredictionMessage | ActionMessage] = []
    rows = iter(
        round_probabilities([o.probabilities for o in outcomes if o.probabilities is not None])
    )
    for outcome in outcomes:
        timings = UNTIMED
        if outcome.due is not None and outcome.probabilities is not None:
            timings = stages.timings(outcome.due.captured_ns)
            prediction = make_prediction(outcome.due, outcome.probabilities, card)
            messages.append(prediction_message(prediction, next(rows), timings))
        if outcome.decisions:
            actions = make_actions(outcome, card)
            messages += [action_message(action, timings) for action in actions]
            for action in actions if on_action is not None else ():
                frames = None if action.phase == "update" else keep_frames(outcome, action)
                if frames is not None and on_action is not None:
                    on_action(frames)
    return messages
