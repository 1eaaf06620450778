"""Runs a recording through the live path, as fast as the machine can.

The pipeline, the model and the decision stage are those of the service. Their results do not
depend on the batch size, so they equal the live results, unless the service is overloaded and
skips predictions. Labels need not come soon here, so explanations are not made later: each follows
its prediction, and a start already has its joints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from models.live.action_frames import ActionFrames, keep_frames
from models.live.events import Event, Explained, Explanation
from models.live.explanations import explain_windows, top_joints
from models.live.held_end import events_until_end, held_frames
from models.live.outcomes import Outcome, Predictor, decide, make_actions, make_prediction
from models.live.person import Item
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from sensor.skeleton import Frame

BATCH = 16
"""Items are processed in batches of about this size, so that all their windows are still kept."""


def run_frames(
    model: Predictor,
    frames: Iterable[Frame],
    stream: str = "recording",
    explain: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
    joints: bool = True,
    hold: bool = False,
    on_action: Callable[[ActionFrames], None] | None = None,
) -> Iterator[Event]:
    """Yield the predictions and actions of a stream of frames, in order.

    Frames must be in order of time. With `explain`, every prediction is followed by its
    explanation. With `joints`, starts and updates of actions carry their joints; with neither,
    nothing is explained, which takes a fraction of the time. `on_frame` is called with each tracked
    frame, in the canonical layout and with lasting body ids. With `hold`, the frames are a whole
    file, and the last pose is held until the last action is decided (`models.live.held_end`).
    `on_action` is called with the frames of each action, before its end is yielded.
    """
    pipeline, states = Pipeline(stream, model.card), PredictionStates(model.steps(), model.card)
    infer = partial(_infer, model, states, on_action)
    waiting: list[Item] = []
    for frame in frames:
        tracked, items = pipeline.push(frame)
        if on_frame is not None:
            on_frame(tracked)
        waiting += items
        if len(waiting) >= BATCH:
            yield from infer(waiting, explain, joints)
            waiting = []
    yield from infer(waiting, explain, joints)
    last = pipeline.finish(held_frames(model.card) if hold else 0)
    people = {item.person for item in last}
    yield from events_until_end(infer(last, False, joints or explain), people)


def _infer(
    model: Predictor,
    states: PredictionStates,
    on_action: Callable[[ActionFrames], None] | None,
    items: Sequence[Item],
    explain_all: bool,
    joints: bool,
) -> Iterator[Event]:
    outcomes = decide(items, states.predict(items))
    explanations = _explain(model, outcomes, explain_all) if joints or explain_all else {}
    for outcome in outcomes:
        explanation = explanations.get(outcome)
        if outcome.due is not None and outcome.probabilities is not None and not outcome.due.held:
            prediction = make_prediction(outcome.due, outcome.probabilities, model.card)
            yield prediction
            if explain_all and explanation is not None:
                yield Explained(prediction, explanation)
        top = None if explanation is None else top_joints(explanation, model.card)
        for action in make_actions(outcome, model.card, top):
            frames = keep_frames(outcome, action) if on_action and action.ended_ns else None
            if on_action is not None and frames is not None:
                on_action(frames)
            yield action


def _explain(
    model: Predictor, outcomes: Iterable[Outcome], explain_all: bool
) -> dict[Outcome, Explanation]:
    requests = [
        (outcome, outcome.due.window())
        for outcome in outcomes
        if outcome.due is not None and (explain_all or outcome.has("start", "update"))
    ]
    explanations: dict[Outcome, Explanation] = {}
    for start in range(0, len(requests), BATCH):
        batch, windows = zip(*requests[start : start + BATCH], strict=True)
        answers = explain_windows(model, windows, [outcome.label for outcome in batch])
        explanations |= zip(batch, answers, strict=True)
    return explanations
