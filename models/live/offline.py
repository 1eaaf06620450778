"""A recording through the live path to its end, as fast as the machine can.

The same pipeline, model and decisions as live; live only batches them otherwise, and neither the
pipeline nor a decision depends on the batch. So what comes out here is what live says while it
keeps up; where it falls behind, it leaves predictions out. Here nobody waits for a label, so what
is to be explained is explained at once: relevance follows its prediction, and a start has joints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from models.live.events import Relevance
from models.live.explanations import explain_windows, top_joints
from models.live.outcomes import Outcome, Predictor, actions, judge, prediction, rounded
from models.live.person import Due, Item
from models.live.pipeline import Pipeline
from models.live.prediction_state import States
from sensor.skeleton import Frame
from service.wire.messages import ActionMessage, PredictionMessage, RelevanceMessage, Timings

Said = PredictionMessage | RelevanceMessage | ActionMessage
_UNTIMED = Timings()
BATCH = 16
"""Items in one go: few enough that the windows of all of them can still be had."""


def run_frames(
    model: Predictor,
    frames: Iterable[Frame],
    stream: str = "recording",
    explain: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
    joints: bool = True,
) -> Iterator[Said]:
    """Yield what a stream of these frames says, in order, with no timings.

    Frames must be in order of time. `explain` gives every prediction its relevance. An action
    that starts or goes on has its joints, unless `joints` says that nobody reads them, which takes
    a fraction of the time. `on_frame` is told each frame as tracked: canonical layout, lasting
    body ids.
    """
    pipeline, states = Pipeline(stream, model.card), States(model.steps(), model.card)
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
    model: Predictor, states: States, items: Sequence[Item], explain_all: bool, joints: bool
) -> Iterator[Said]:
    outcomes = judge(items, states.predict(items))
    explained = _explain(model, outcomes, explain_all) if joints or explain_all else {}
    rows = iter(rounded(outcomes))
    for outcome in outcomes:
        why = explained.get(outcome)
        if outcome.due is not None:
            yield prediction(outcome.due, next(rows), model.card, _UNTIMED)
            if explain_all and why is not None:
                yield _message(outcome.due, why)
        top = None if why is None else top_joints(why, model.card)
        yield from actions(outcome, model.card, _UNTIMED, top)


def _explain(
    model: Predictor, outcomes: Iterable[Outcome], explain_all: bool
) -> dict[Outcome, Relevance]:
    asked = [
        (outcome, outcome.due.window())
        for outcome in outcomes
        if outcome.due is not None and (explain_all or outcome.has("start", "update"))
    ]
    found: dict[Outcome, Relevance] = {}
    for start in range(0, len(asked), BATCH):
        some, windows = zip(*asked[start : start + BATCH], strict=True)
        answers = explain_windows(model, windows, [outcome.label for outcome in some])
        found |= zip(some, answers, strict=True)
    return found


def _message(due: Due, why: Relevance) -> RelevanceMessage:
    person = due.person
    return RelevanceMessage(
        person.stream, [person.body_id], due.sequence, due.captured_ns, why, _UNTIMED
    )
