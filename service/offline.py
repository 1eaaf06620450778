"""A recording through the live path to its end, as fast as the machine can.

The same pipeline, model and decisions as live; live only batches them otherwise, and neither the
pipeline nor a decision depends on the batch. So what comes out here is what live says while it
keeps up; where it falls behind, it leaves predictions out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sensor.skeleton import Frame
from service.inference import BATCH, Predictor, infer
from service.messages import ActionMessage, PredictionMessage
from service.person import Item
from service.pipeline import Pipeline


def run_frames(
    model: Predictor,
    frames: Iterable[Frame],
    stream: str = "recording",
    explain: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
) -> Iterator[PredictionMessage | ActionMessage]:
    """Yield what a stream of these frames says, in order, with no timings.

    Frames must be in order of time. `explain` gives every prediction its relevance (an action
    that starts or goes on has it always). `on_frame` is told each frame as tracked: canonical
    layout, lasting body ids.
    """
    pipeline = Pipeline(stream, model.card)
    waiting: list[Item] = []
    for frame in frames:
        tracked, items = pipeline.push(frame)
        if on_frame is not None:
            on_frame(tracked)
        waiting += items
        if len(waiting) >= BATCH:
            yield from infer(model, waiting, lambda _: explain)
            waiting = []
    yield from infer(model, waiting + pipeline.finish(), lambda _: explain)
