"""The engine: takes the frames of all streams, and publishes predictions, actions and frames.

A tick drains the queues, runs each stream's pipeline, predicts one batch and publishes the results.
Explanations are computed on a thread of their own. A later tick publishes them, so that everything
about a person is published in order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from models.live.action_frames import ActionFrames
from models.live.explanations import Explains
from models.live.outcomes import Predictor, decide
from models.live.person import Departure, DuePrediction, Item
from models.live.pipeline import Pipeline
from models.live.prediction_state import PredictionStates
from models.live.solo_lane import SoloLanes
from models.live.windows import Windows
from sensor.block import Block
from sensor.rotation import OPTION
from sensor.tracking.outlier_rows import OUTLIER_LIMITS, OutlierLimits
from sensor.tracking.plausibility import RunningCheck
from service.engine.batch import Batch, Stages, build_messages
from service.engine.explainer import Explainer
from service.engine.explanation_requests import ExplanationRequests
from service.engine.load_shedding import LoadShedding
from service.engine.pipeline_runner import PipelineRunner
from service.engine.ports import MessageSink, Observer
from service.engine.stream import PUSHED, QUEUE_FRAMES, Entry, Stream
from service.engine.stream_queue import StreamHandle, StreamQueues
from service.engine.thread import MANY, InferenceThread
from service.wire.encoding import Envelope
from service.wire.messages import Message, StatusMessage, StreamInfo

log = logging.getLogger(__name__)

FEW = 2
"""At most this many entries that are pushed together are processed by the pushing thread."""


class Engine:
    """Runs every stream's pipeline and the one model.

    Any thread may call `add` and use the handles; these calls never block for long. A thread that
    pushes a few frames processes them itself, which takes some milliseconds. The inference thread
    processes all others. Tests call `tick` without that thread.

    Each stream queues at most `queue_frames` frames; the oldest are dropped. After a delay, a
    person with more than `catch_up` due predictions keeps only the newest (None: all are made). If
    the relevance of a stream is wanted, the model `explaining` (None: `model`) explains each person
    at every start, and otherwise at most `relevance_hz` times per second of stream time.
    `on_action` gets the frames of each action at its start and at its end.
    """

    def __init__(
        self,
        model: Predictor,
        sink: MessageSink,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        catch_up: int | None = 3,
        max_bodies: int = 10,
        limits: OutlierLimits = OUTLIER_LIMITS,
        observer: Observer | None = None,
        explaining: Explains | None = None,
        relevance_hz: float = 10.0,
        queue_frames: int = QUEUE_FRAMES,
        on_action: Callable[[ActionFrames], None] | None = None,
    ) -> None:
        self.observer = observer or Observer()
        self._model = model
        self._sink = sink
        self.clock_ns = clock_ns
        self._max_bodies = max_bodies
        self._limits = limits
        self._queue_frames = queue_frames
        self._on_action = on_action
        self._windows = Windows(model.card)
        self._lanes = SoloLanes(self._windows, limits)
        self._runner = PipelineRunner(self._lanes, partial(sink.wanted, "frame"), clock_ns)
        self._states = PredictionStates(model.steps(), model.card)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._batch: Batch | None = None
        self._queues = StreamQueues()
        self._shedding = LoadShedding(self._queues, catch_up)
        self._explanations = ExplanationRequests(
            explaining or model,
            partial(sink.wanted, "relevance"),
            self._queues.wake,
            clock_ns,
            relevance_hz,
            self.observer.on_explained,
        )
        self._thread = InferenceThread(self._work, self._wait, self._finish)

    def add(self, name: str, kind: str, note: str = "") -> StreamHandle:
        """Open a stream. Raises ValueError if one of that name is open."""
        stream = Stream(name, kind, note, partial(self._pipeline, kind), self._queue_frames)
        self._queues.add(stream)
        return StreamHandle(self, self._queues, stream)

    def _pipeline(self, kind: str, name: str) -> Pipeline:
        card, max_bodies = self._model.card, self._max_bodies
        check = RunningCheck(rotate="" if kind == PUSHED else f"{OPTION}={{}}")
        return Pipeline(name, card, max_bodies, self._limits, self._windows, self._lanes, check)

    def push_blocks(self, blocks: Sequence[tuple[StreamHandle, Block]]) -> None:
        """Queue blocks of many streams at once."""
        for handle, block in blocks:
            self.observer.on_frames(handle.name, block)
        self.take([(handle.stream, block) for handle, block in blocks])

    def take(self, entries: Sequence[tuple[Stream, Entry]]) -> None:
        """Queue entries. If they are few and no other thread ticks, tick on this thread.

        Waking the inference thread takes as long as processing a few entries.
        """
        if len(entries) > FEW or not self._thread.try_turn():
            self._queues.put_all(entries)
            return
        try:
            self._queues.put_all(entries, wake=False)
            self._work()
        finally:
            self._thread.give_turn()

    def streams(self) -> list[StreamInfo]:
        """Return all open streams as they are now."""
        return self._queues.infos()

    def __len__(self) -> int:
        return len(self._queues)

    def __contains__(self, name: str) -> bool:
        return name in self._queues

    @property
    def explained(self) -> tuple[int, int]:
        """The numbers of predictions explained, and of explanations requested but dropped."""
        return self.explainer.explained, self.explainer.dropped

    @property
    def explainer(self) -> Explainer:
        """The explainer, which has a thread of its own."""
        return self._explanations.explainer

    @property
    def alive(self) -> bool:
        """Whether the inference thread runs."""
        return self._thread.alive

    @property
    def turns(self) -> int:
        """A number that grows at least every `IDLE_S` while the inference thread makes progress."""
        return self._thread.turns

    def start(self) -> None:
        """Start the inference thread and the explainer's thread."""
        self.explainer.start()
        self._thread.start()

    def stop(self) -> None:
        """End both threads after their current work. Entries that are still queued are dropped."""
        self._thread.stop(self._queues.wake)
        self._pool.shutdown()
        self.explainer.stop()

    def _wait(self, idle_s: float) -> None:
        self._queues.wait(idle_s if self._batch is None else 0.0)

    def _work(self) -> int:
        """Tick, and log any exception; return the number of predictions that were due."""
        try:
            return self.tick(wait=False)
        except Exception:
            log.exception("a tick failed; the engine continues")
            return 0

    def tick(self, wait: bool = True) -> int:
        """Publish finished explanations, drain queues, run a batch, publish, request explanations.

        Returns the number of predictions that were due. Unless `wait` is set, a large batch runs
        through the model while the next tick drains the queues; that tick then publishes it.
        """
        stages = Stages(self.clock_ns, self.clock_ns())
        self._publish(self._explanations.finished())
        if self._batch is not None and self._batch.done:
            self._finish()
        drained = self._queues.take(stages.taken_ns)
        messages, items = self._runner.run(drained)
        stages.featured_ns = self.clock_ns()
        endings = [message for message in messages if _ends_actions(message)]
        self._publish([message for message in messages if not _ends_actions(message)])
        self._finish()
        if items:
            kept = self._shedding.keep(items)
            pool = None if wait or endings or len(kept) < MANY else self._pool
            self._batch = Batch(self._states, kept, stages, pool)
            if pool is None:
                self._finish()
        self._publish(endings)  # the ends of the actions in progress come first
        self._queues.forget_removed([stream for stream, _ in drained])
        self._lanes.settle()
        return len(items)

    def _publish(self, messages: Sequence[Message]) -> None:
        if messages:
            self._sink.carry([Envelope(message) for message in messages])

    def _finish(self) -> None:
        """Decide and publish the batch in progress, if there is one."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            outcomes = decide(batch.items, batch.predicted())
        except Exception:
            log.exception("the model failed; its streams restart soon")
            self._publish(self._fail(batch.items, batch.stages))
            return
        predictions = sum(isinstance(item, DuePrediction) for item in batch.items)
        self.observer.on_batch(batch.stages, predictions)
        messages = build_messages(outcomes, self._model.card, batch.stages, self._on_action)
        self._publish(messages)
        self._explanations.request(outcomes)

    def _fail(self, items: Sequence[Item], stages: Stages) -> list[Message]:
        """Fail the streams of the items; return the ends of their actions, and the new states."""
        states: list[Message] = []
        departures: list[Item] = [item for item in items if isinstance(item, Departure)]
        for name in sorted({item.person.stream for item in items}):
            stream = self._queues.get(name)
            if stream is None:
                continue
            state, stream_departures = stream.fail(self.clock_ns())
            states += state
            departures += stream_departures
        # Departures need no model, so they cannot fail for the same reason.
        ends = build_messages(decide(departures, ()), self._model.card, stages)
        return [*ends, *states]


def _ends_actions(message: Message) -> bool:
    """Return whether a message is a state in which no action can be in progress."""
    return isinstance(message, StatusMessage) and message.stream.state != "live"
