"""Runs a recording through the live path, as fast as the machine can.

It uses the same pipeline, model and decision stage as the service. Neither the pipeline nor a
decision depends on the batch size, so the result equals the live result while the service keeps
up; an overloaded service skips predictions. Nobody waits for a label here, so explanations are
made at once: each follows its prediction, and a start already has its joints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from models.live.events import Event, Explained, Explanation
from models.live.explanations import explain_windows, top_joints
from models.live.outcomes import Outcome, Predictor, actions, judge, prediction
from models.live.person import Item
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from sensor.skeleton import Frame

BATCH = 16
"""Items of one batch: few enough that the windows of all of them are still kept."""


def run_frames(
    model: Predictor,
    frames: Iterable[Frame],
    stream: str = "recording",
    explain: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
    joints: bool = True,
) -> Iterator[Event]:
    """Yield the predictions and actions of a stream of frames, in order.

    Frames must be in order of time. With `explain`, every prediction is followed by its
    explanation. Starts and updates of actions carry their joints; without `joints` they do not,
    which takes a fraction of the time. `on_frame` is called with each frame as tracked: canonical
    layout, lasting body ids.
    """
    pipeline, states = Pipeline(stream, model.card), PredictionStates(model.steps(), model.card)
    waiting: list[Item] = []
    for frame in frames:
        tracked, items = pipeline.push(frame)
        if on_frame is not None:
            on_frame(tracked)
        waiting += items
        if len(waiting) >= BATCH:
            yield from _infer(model, states, waiting, explain, joints)
            waiting = []
    yield from _infer(model, states, waiting + pipeline.finish(), explain, joints)


def _infer(
    model: Predictor,
    states: PredictionStates,
    items: Sequence[Item],
    explain_all: bool,
    joints: bool,
) -> Iterator[Event]:
    outcomes = judge(items, states.predict(items))
    explained = _explain(model, outcomes, explain_all) if joints or explain_all else {}
    for outcome in outcomes:
        why = explained.get(outcome)
        if outcome.due is not None and outcome.probabilities is not None:
            made = prediction(outcome.due, outcome.probabilities, model.card)
            yield made
            if explain_all and why is not None:
                yield Explained(made, why)
        top = None if why is None else top_joints(why, model.card)
        yield from actions(outcome, model.card, top)


def _explain(
    model: Predictor, outcomes: Iterable[Outcome], explain_all: bool
) -> dict[Outcome, Explanation]:
    asked = [
        (outcome, outcome.due.window())
        for outcome in outcomes
        if outcome.due is not None and (explain_all or outcome.has("start", "update"))
    ]
    found: dict[Outcome, Explanation] = {}
    for start in range(0, len(asked), BATCH):
        some, windows = zip(*asked[start : start + BATCH], strict=True)
        answers = explain_windows(model, windows, [outcome.label for outcome in some])
        found |= zip(some, answers, strict=True)
    return found
