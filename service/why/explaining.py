"""Explains actions on request, on a thread of its own, so that labels need not wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from models.card import ModelCard
from models.errors import ModelError
from models.features import FloatArray
from models.gallery.exemplars import Exemplars
from models.gallery.neutral_pose import neutral_pose
from models.inference.readings import Reference, WindowReader
from models.live.action_frames import ActionFrames
from models.story.why import Explainer
from service.errors import ClientError
from service.why.answer import why_answer
from service.why.options import WhyOptions
from service.wire.why import WhyAnswer

MOST_WAITING = 8
"""At most this many requests wait; one takes about a tenth of a second."""


class WhyBusyError(Exception):
    """Too many requests wait already."""


class ActionExplainer:
    """Explains actions with the model that `open_reader` opens at the first request.

    `explain` may be called on any thread, one at a time. Without `open_reader`, or if the model
    folder has no readings, it raises ModelError.
    """

    def __init__(
        self,
        card: ModelCard,
        open_reader: Callable[[], WindowReader] | None,
        exemplars: Exemplars | None = None,
    ) -> None:
        self.card = card
        self._open_reader = open_reader
        self._exemplars = exemplars
        self._lock = threading.Lock()
        self._explainer: Explainer | None = None
        self._neutral: FloatArray | None = None
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="why")
        self._waiting = 0

    def prepare(self, options: WhyOptions) -> None:
        """Check the options and open the readings. Raises ClientError or ModelError."""
        options.check(self.card)
        with self._lock:
            if self._explainer is None:
                if self._open_reader is None:
                    raise ModelError(f"the model {self.card.id} gives no explanations of actions")
                self._explainer = Explainer(self._open_reader())
        self._reference(options)

    def explain(
        self, frames: ActionFrames, options: WhyOptions, zero_ns: int | None = None
    ) -> WhyAnswer:
        """Explain an action. Seconds count from `zero_ns`, or from time 0 of a clip.

        Raises ClientError or ModelError.
        """
        self.prepare(options)
        assert self._explainer is not None
        label, against = (
            None if one is None else self.card.labels.index(one)
            for one in (options.label, options.against)
        )
        reference = self._reference(options)
        try:
            with self._lock:
                why = self._explainer.why(
                    frames, zero_ns or 0, label, against, reference, options.language
                )
        except ValueError as error:
            raise ClientError(str(error), "against") from None
        return why_answer(why, frames, options, zero_ns, self.card.rate_hz)

    async def answer(self, frames: ActionFrames, options: WhyOptions) -> WhyAnswer:
        """Explain a live action on the thread. Raises WhyBusyError, ClientError or ModelError."""
        if self._waiting >= MOST_WAITING:
            raise WhyBusyError
        self._waiting += 1
        try:
            work = self._threads.submit(self.explain, frames, options, frames.action.started_ns)
            return await asyncio.wrap_future(work)
        finally:
            self._waiting -= 1

    def explain_clip_action(self, frames: ActionFrames, options: WhyOptions) -> WhyAnswer:
        """Explain an action of a clip; one with the label of `against` has no such contrast."""
        explained = options.label or frames.action.label
        if explained == options.against:
            options = replace(options, against=None)
        return self.explain(frames, options)

    def close(self) -> None:
        """Start no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _reference(self, options: WhyOptions) -> Reference:
        if options.reference != "neutral":
            return options.reference
        if self._exemplars is None:
            raise ClientError(
                "the model has no averaged motions, so it has no neutral pose: take the reference "
                "mean or zero",
                "reference",
            )
        if self._neutral is None:
            self._neutral = neutral_pose(self._exemplars, self.card)
        return self._neutral


def reader_of(model: object) -> Callable[[], WindowReader] | None:
    """Return the function of a model that opens its readings, if it has one."""
    reader: Callable[[], WindowReader] | None = getattr(model, "reader", None)
    return reader
