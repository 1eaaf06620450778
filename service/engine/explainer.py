"""Explains predictions on a thread of its own, so that labels need not wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features import CHANNELS
from models.live.events import JointShare
from models.live.explanations import Explains, explain_windows, top_joints
from models.live.person import Person
from service.engine.batch import milliseconds
from service.wire.message_building import relevance_data
from service.wire.messages import RelevanceMessage, Timings

log = logging.getLogger(__name__)

BATCH = 8
"""At most this many windows are explained in one batch, because new requests wait for its end."""
RETRY_NS = 5_000_000_000
"""After a failure, nothing is explained for this long."""


@dataclass(frozen=True, eq=False, slots=True)
class Request:
    """A request to explain the label with index `label` in `window`, float32 (T, J, 4).

    `started_ns` is the start of the action in progress, if there is one. `starts` is True if this
    prediction started it.
    """

    person: Person
    sequence: int
    captured_ns: int
    label: int
    window: NDArray[np.float32]
    started_ns: int | None = None
    starts: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Answer:
    """The answer to a request: its `relevance` message, and the top joints for the action."""

    request: Request
    message: RelevanceMessage
    joints: tuple[JointShare, ...]


class Explainer:
    """Explains submitted requests, a few windows at a time.

    `submit` never blocks for long. At most two requests of each person wait: the newest, and that
    of a start, which goes first. `on_answers` is called on the explainer's thread with the answers
    of a batch, and `observe` with the number of its windows and the nanoseconds they took.
    `explained` and `dropped` count requests. The thread calls `step` again and again; tests call
    it without the thread.
    """

    def __init__(
        self,
        model: Explains,
        on_answers: Callable[[list[Answer]], None],
        clock_ns: Callable[[], int],
        observe: Callable[[int, int], None],
    ) -> None:
        self.explained = 0
        self.dropped = 0
        self._model = model
        self._on_answers = on_answers
        self._clock_ns = clock_ns
        self._observe = observe
        self._waiting: dict[tuple[Person, bool], Request] = {}
        self._ready = threading.Condition()
        self._stopping = False
        self._retry_ns: int | None = None
        self._busy = False
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being explained."""
        return bool(self._waiting) or self._busy

    def submit(self, request: Request) -> None:
        """Add a request. It replaces older ones of the person; only a start replaces a start."""
        with self._ready:
            if self._retry_ns is not None and self._clock_ns() < self._retry_ns:
                self.dropped += 1
                return
            if request.starts and (request.person, False) in self._waiting:
                del self._waiting[request.person, False]
                self.dropped += 1
            key = (request.person, request.starts)
            self.dropped += key in self._waiting
            # It takes the place of the old one in the queue, so that everybody gets a turn.
            self._waiting[key] = request
            self._ready.notify()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="relevance", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current batch; waiting requests are not explained."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        self._warm_up()
        while not self._stopping:
            with self._ready:
                while not self._waiting and not self._stopping:
                    self._ready.wait()
            self.step()

    def _warm_up(self) -> None:
        """Explain once: the first run allocates, and is several times slower than the second."""
        card = self._model.card
        still = np.zeros((card.window_frames, len(card.joints_used), CHANNELS), np.float32)
        try:
            explain_windows(self._model, [still], [0])
        except Exception:
            log.exception("the model cannot explain; the next request tries again")

    def step(self) -> None:
        """Explain the next batch."""
        requests = self._take()
        try:
            if requests:
                self._on_answers(self._explain(requests))
        except Exception:
            log.exception("explaining failed; labels continue, and explanations restart soon")
            self._retry_ns = self._clock_ns() + RETRY_NS
            with self._ready:
                self.dropped += len(requests) + len(self._waiting)
                self._waiting.clear()
        finally:
            self._busy = False

    def _take(self) -> list[Request]:
        with self._ready:
            keys = sorted(self._waiting, key=lambda key: not key[1])[:BATCH]
            taken = [self._waiting.pop(key) for key in keys]
            self._busy = bool(taken)
            # People who have left need no explanation.
            here = [request for request in taken if request.person.here]
            self.dropped += len(taken) - len(here)
        return here

    def _explain(self, requests: list[Request]) -> list[Answer]:
        begun_ns = self._clock_ns()
        windows, labels = [r.window for r in requests], [r.label for r in requests]
        explanations = explain_windows(self._model, windows, labels)
        done_ns = self._clock_ns()
        self.explained += len(requests)
        self._observe(len(requests), done_ns - begun_ns)
        answers = []
        for request, explanation in zip(requests, explanations, strict=True):
            timings = Timings(
                queue_ms=milliseconds(begun_ns - request.captured_ns),
                relevance_ms=milliseconds(done_ns - begun_ns),
                total_ms=milliseconds(done_ns - request.captured_ns),
            )
            message = RelevanceMessage(
                stream=request.person.stream,
                body_ids=[request.person.body_id],
                sequence=request.sequence,
                captured_ns=request.captured_ns,
                relevance=relevance_data(explanation),
                timings=timings,
            )
            answers.append(Answer(request, message, top_joints(explanation, self._model.card)))
        return answers
