"""The inference thread: all streams' frames in, one batch through the model, messages out.

Why a label was given is found out on the explainer's thread. Its answers come back here and are
told by the next tick, so that everything said of a person is said in order by one thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from models.live.explanations import Explains
from models.live.outcomes import Predictor, judge
from models.live.person import Due, Item, Left
from models.live.pipeline import Pipeline
from models.live.prediction_state import States
from models.live.solo_lane import Lanes
from models.live.windows import Windows
from sensor.block import Block
from sensor.skeleton import Frame
from sensor.tracking.outlier_rows import GATE_LIMITS, GateLimits
from service.engine.batch import Batch, Stages, messages
from service.engine.explainer import Explainer
from service.engine.explanation_requests import Reasons
from service.engine.load_shedding import newest_only
from service.engine.pipeline_runner import Feeding
from service.engine.ports import AHEAD_NS, BACKLOG, Outlet
from service.engine.stream import QUEUE_FRAMES, Change, State, Stream
from service.engine.stream_queue import Streams
from service.wire.messages import Message, StatusMessage, StreamInfo

log = logging.getLogger(__name__)

_IDLE_S = 0.5
_MANY = 4
"""From so many predictions in one go on, ticks are made at `_PACE_S` and batches overlap."""
_FEW = 2
"""Up to so many frames or blocks that come together are worked on by whoever brings them."""
_PACE_S = 0.008
_CROWD = 64
"""So many people who are behind together mean too much work, not a delay."""


def _unobserved(stages: Stages, predictions: int) -> None:
    """Measure nothing."""


def _unmeasured(windows: int, duration_ns: int) -> None:
    """Measure nothing."""


def _unrecorded(stream: str, entry: Frame | Block) -> None:
    """Keep nothing."""


def _is_over(message: Message) -> bool:
    """Whether it tells of a state in which nothing goes on."""
    return isinstance(message, StatusMessage) and message.stream.state != "live"


class Engine:
    """Runs every stream's pipeline and the one model, on a thread of its own.

    `add`, `push`, `change` and `remove` may be called from any thread and never block for long: a
    few frames are worked on by whoever pushes them, some milliseconds, more by the thread. `tick`
    is what the thread does each time; tests call it without the thread. `catch_up` is how
    many predictions of one body are made up for after a delay, None for all. `on_frames` is told of
    all frames as they come, by whoever pushes it, and must not block. Where relevance is wanted of
    a stream, each of its people is explained at most `relevance_hz` times a second of the stream,
    and at every start, by `explaining` (None: by the same model). Of a stream `queue_frames` may
    wait; beyond that the newest win.
    """

    def __init__(
        self,
        model: Predictor,
        outlet: Outlet,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        catch_up: int | None = 3,
        max_bodies: int = 10,
        limits: GateLimits = GATE_LIMITS,
        observe: Callable[[Stages, int], None] = _unobserved,
        on_frames: Callable[[str, Frame | Block], None] = _unrecorded,
        explaining: Explains | None = None,
        relevance_hz: float = 10.0,
        queue_frames: int = QUEUE_FRAMES,
        observe_relevance: Callable[[int, int], None] = _unmeasured,
    ) -> None:
        self._model = model
        self._outlet = outlet
        self._clock_ns = clock_ns
        self._catch_up = catch_up
        self._max_bodies = max_bodies
        self._limits = limits
        self._observe = observe
        self._on_frames = on_frames
        self._queue_frames = queue_frames
        self._windows = Windows(model.card)
        self._lanes = Lanes(self._windows, limits)
        self._feeding = Feeding(self._lanes, partial(outlet.wanted, "frame"), clock_ns)
        self._states = States(model.steps(), model.card)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._batch: Batch | None = None
        self._streams = Streams()
        self._reasons = Reasons(
            explaining or model,
            partial(outlet.wanted, "relevance"),
            self._streams.call,
            clock_ns,
            relevance_hz,
            observe_relevance,
        )
        self._stopping = False
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, name: str, kind: str, note: str = "") -> None:
        """Open a stream. Raises ValueError where one of that name is open."""
        self._streams.add(Stream(name, kind, note, self._pipeline, self._queue_frames))

    def _pipeline(self, name: str) -> Pipeline:
        card, most = self._model.card, self._max_bodies
        return Pipeline(name, card, most, self._limits, self._windows, self._lanes)

    def push(self, name: str, entry: Frame | Block) -> None:
        """Queue a frame, or a block of frames; what is of a stream that is closed is lost."""
        self._on_frames(name, entry)
        self._take_in([(name, entry)])

    def push_blocks(self, blocks: Sequence[tuple[str, Block]]) -> None:
        """Queue blocks of many streams, each with its stream's name, as `push` would."""
        for name, block in blocks:
            self._on_frames(name, block)
        self._take_in(blocks)

    def _take_in(self, entries: Sequence[tuple[str, Frame | Block]]) -> None:
        """Queue entries. Few of them are worked on here and now, where nobody else is at it.

        To wake another thread for so little would take as long as the work.
        """
        at_work = self._thread is not None and not self._stopping
        if len(entries) > _FEW or not at_work or not self._turn.acquire(blocking=False):
            self._streams.put_all(entries)
            return
        try:
            self._streams.put_all(entries, wake=False)
            self._work()
        finally:
            self._turn.release()

    def change(self, name: str, state: State, note: str = "") -> None:
        """Queue a stream's new state, behind its frames; what goes on in it ends."""
        self._streams.put(name, Change(state, note))

    def count_dropped(self, name: str, frames: int) -> None:
        """Count frames of a stream that were lost before they came here."""
        self._streams.count_dropped(name, frames)

    def remove(self, name: str) -> None:
        """Queue a stream's end, behind what goes on in it; then its name is free again."""
        self._streams.put(name, Change("ended", "", remove=True))

    def is_behind(self, name: str, captured_ns: int) -> bool:
        """Whether whoever feeds the stream should pause after a frame captured then.

        Only one who runs ahead of real time is asked to, at what the model can do. For one who
        keeps real time work is dropped instead, so that the stream stays live.
        """
        if captured_ns <= self._clock_ns() + AHEAD_NS:
            return False
        return self._streams.backlog(name) >= BACKLOG

    def streams(self) -> list[StreamInfo]:
        """All open streams as they are now."""
        return self._streams.infos()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def explained(self) -> tuple[int, int]:
        """How many predictions were explained, and how many were to be and were not."""
        return self.explainer.made, self.explainer.dropped

    @property
    def explainer(self) -> Explainer:
        """The thread that explains."""
        return self._reasons.explainer

    @property
    def alive(self) -> bool:
        """Whether the inference thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread, and the explainer's."""
        self._reasons.explainer.start()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End both threads, after what they are at."""
        self._stopping = True
        self._streams.call()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        self._pool.shutdown()
        self._reasons.explainer.stop()

    async def open(self) -> None:
        """`start`, for who is on an event loop."""
        self.start()

    async def close(self) -> None:
        """`stop`, for who is on an event loop."""
        self.stop()

    def _run(self) -> None:
        while not self._stopping:
            self._streams.wait(_IDLE_S if self._batch is None else 0.0)
            begun_s = time.monotonic()
            with self._turn:
                made = self._work()
            if made >= _MANY:  # what comes meanwhile is done together, and so costs less
                time.sleep(max(begun_s + _PACE_S - time.monotonic(), 0.0))
        with self._turn:
            self._finish()

    def _work(self) -> int:
        """One tick of whoever has the turn; answers how many predictions there were to make."""
        try:
            return self.tick(wait=False)
        except Exception:
            log.exception("inference goes on after an error")
            return 0

    def tick(self, wait: bool = True) -> int:
        """Tell what was found out, take all that waits, infer once, publish, ask why.

        Answers how many predictions there were to make. Unless it has to `wait`, a large batch
        goes on through the model while the next tick takes what has come, and that tells of it.
        """
        stages = Stages(self._clock_ns, self._clock_ns())
        self._outlet.publish(self._reasons.told())
        if self._batch is not None and self._batch.done:
            self._finish()
        taken = self._streams.take(stages.taken_ns)
        told, items = self._feeding.feed(taken)
        stages.featured_ns = self._clock_ns()
        over = [message for message in told if _is_over(message)]
        self._outlet.publish(message for message in told if not _is_over(message))
        self._finish()
        if items:
            kept = self._kept(items)
            pool = None if wait or over or len(kept) < _MANY else self._pool
            self._batch = Batch(self._states, kept, stages, pool)
            if pool is None:
                self._finish()
        self._outlet.publish(over)  # behind the ends of what went on
        self._streams.forget_removed([stream for stream, _ in taken])
        self._lanes.settle()
        return len(items)

    def _kept(self, items: list[Item]) -> list[Item]:
        """What of the items is to be predicted; the rest is counted as dropped."""
        kept = items
        people = len({item.person for item in items})
        if self._catch_up is not None and people < len(items):
            all_behind = people >= _CROWD and len(items) > 1.5 * people
            kept = newest_only(items, 1 if all_behind else self._catch_up)
        self._count(items, kept)
        return kept

    def _finish(self) -> None:
        """Decide and tell the batch that is on its way, if there is one."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            outcomes = judge(batch.items, batch.predicted())
        except Exception:
            log.exception("the model failed; its streams are tried afresh soon")
            self._outlet.publish(self._fail(batch.items, batch.stages))
            return
        self._observe(batch.stages, sum(isinstance(item, Due) for item in batch.items))
        self._outlet.publish(messages(outcomes, self._model.card, batch.stages))
        self._reasons.ask(outcomes)

    def _count(self, items: list[Item], kept: list[Item]) -> None:
        made = Counter(item.person.stream for item in kept if isinstance(item, Due))
        due = made
        if len(kept) < len(items):
            due = Counter(item.person.stream for item in items if isinstance(item, Due))
        for name, count in due.items():
            stream = self._streams.get(name)
            if stream is not None:
                stream.predictions += made[name]
                stream.dropped += count - made[name]

    def _fail(self, items: Sequence[Item], stages: Stages) -> list[Message]:
        told: list[Message] = []
        gone: list[Item] = [item for item in items if isinstance(item, Left)]
        for name in sorted({item.person.stream for item in items}):
            stream = self._streams.get(name)
            if stream is None:
                continue
            state, left = stream.fail(self._clock_ns())
            told += state
            gone += left
        # Nobody who left needs the model, so this cannot fail for its reason.
        return [*messages(judge(gone, ()), self._model.card, stages), *told]
