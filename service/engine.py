"""The inference thread: all streams' frames in, one batch through the model, messages out."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sensor.gates import GATE_LIMITS, GateLimits
from sensor.skeleton import Frame
from service.inference import Predictor, Stages, infer
from service.messages import Message, StreamInfo
from service.person import Due, Item, Left
from service.pipeline import newest_only
from service.stream import Change, State, Stream

log = logging.getLogger(__name__)

_IDLE_S = 0.5
_AHEAD_NS = 500_000_000
_BACKLOG = 8


class Outlet(Protocol):
    """Where the engine's messages go; `service.bus.Bus` is one."""

    def publish(self, messages: Iterable[Message]) -> None:
        """Take messages, without blocking."""
        ...

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such messages now."""
        ...


def _unobserved(stages: Stages, predictions: int) -> None:
    """Measure nothing."""


def _unrecorded(stream: str, frame: Frame) -> None:
    """Keep nothing."""


class Engine:
    """Runs every stream's pipeline and the one model, on a thread of its own.

    `add`, `push`, `change` and `remove` may be called from any thread and never block for long.
    `tick` is what the thread does each time; tests call it without the thread. `catch_up` is how
    many predictions of one body are made up for after a delay, None for all. `on_frame` is told of
    each frame as it comes, by whoever pushes it, and must not block.
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
        on_frame: Callable[[str, Frame], None] = _unrecorded,
    ) -> None:
        self._model = model
        self._outlet = outlet
        self._clock_ns = clock_ns
        self._catch_up = catch_up
        self._max_bodies = max_bodies
        self._limits = limits
        self._observe = observe
        self._on_frame = on_frame
        self._streams: dict[str, Stream] = {}
        self._wake = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def add(self, name: str, kind: str, note: str = "") -> None:
        """Open a stream. Raises ValueError where one of that name is open."""
        with self._wake:
            if name in self._streams:
                raise ValueError(f"a stream named {name} is open already")
            card = self._model.card
            self._streams[name] = Stream(name, kind, note, card, self._max_bodies, self._limits)

    def push(self, name: str, frame: Frame) -> None:
        """Queue a frame of a stream; one of a stream that is closed is lost."""
        self._on_frame(name, frame)
        self._put(name, frame)

    def change(self, name: str, state: State, note: str = "") -> None:
        """Queue a stream's new state, behind its frames; what goes on in it ends."""
        self._put(name, Change(state, note))

    def count_dropped(self, name: str, frames: int) -> None:
        """Count frames of a stream that were lost before they came here."""
        with self._wake:
            if name in self._streams:
                self._streams[name].dropped += frames

    def remove(self, name: str) -> None:
        """Queue a stream's end; then its name is free again."""
        self._put(name, Change("ended", "", remove=True))

    def _put(self, name: str, entry: Frame | Change) -> None:
        with self._wake:
            stream = self._streams.get(name)
            if stream is not None:
                stream.put(entry)
                self._wake.notify()

    def is_behind(self, name: str, frame: Frame) -> bool:
        """Whether whoever feeds the stream should pause after `frame`.

        Only one who runs ahead of real time is asked to, at what the model can do. For one who
        keeps real time work is dropped instead, so that the stream stays live.
        """
        if frame.captured_ns <= self._clock_ns() + _AHEAD_NS:
            return False
        with self._wake:
            stream = self._streams.get(name)
            return stream is not None and stream.backlog >= _BACKLOG

    def streams(self) -> list[StreamInfo]:
        """All open streams as they are now."""
        with self._wake:
            return [stream.info() for stream in self._streams.values()]

    @property
    def alive(self) -> bool:
        """Whether the inference thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after what it is at."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._stopping:
            with self._wake:
                if not any(stream.backlog for stream in self._streams.values()):
                    self._wake.wait(_IDLE_S)
            try:
                self.tick()
            except Exception:
                log.exception("the inference thread goes on after an error")

    def tick(self) -> None:
        """Take all that waits, infer once, publish."""
        stages = Stages(self._clock_ns, self._clock_ns())
        messages, items = self._feed()
        stages.featured_ns = self._clock_ns()
        self._outlet.publish(messages)
        if items:
            self._outlet.publish(self._infer(items, stages))
        self._forget_removed()

    def _feed(self) -> tuple[list[Message], list[Item]]:
        with self._wake:
            taken = [(stream, stream.drain()) for stream in self._streams.values()]
        messages: list[Message] = []
        items: list[Item] = []
        for stream, entries in taken:
            show = bool(entries) and self._outlet.wanted("frame", stream.name)
            try:
                told, due = stream.feed(entries, self._clock_ns(), show)
            except Exception:
                log.exception("stream %s failed; it is tried afresh soon", stream.name)
                told, due = stream.fail(self._clock_ns(), entries)
            messages += told
            items += due
        return messages, items

    def _infer(self, items: list[Item], stages: Stages) -> Sequence[Message]:
        kept = items if self._catch_up is None else newest_only(items, self._catch_up)
        self._count(items, kept)
        try:
            messages = infer(
                self._model, kept, lambda name: self._outlet.wanted("prediction", name), stages
            )
        except Exception:
            log.exception("the model failed; its streams are tried afresh soon")
            return self._fail(kept)
        self._observe(stages, sum(isinstance(item, Due) for item in kept))
        return messages

    def _count(self, items: list[Item], kept: list[Item]) -> None:
        due = Counter(item.person.stream for item in items if isinstance(item, Due))
        made = Counter(item.person.stream for item in kept if isinstance(item, Due))
        for name, count in due.items():
            self._streams[name].predictions += made[name]
            self._streams[name].dropped += count - made[name]

    def _fail(self, items: list[Item]) -> list[Message]:
        messages: list[Message] = []
        gone: list[Item] = [item for item in items if isinstance(item, Left)]
        for name in sorted({item.person.stream for item in items}):
            told, left = self._streams[name].fail(self._clock_ns())
            messages += told
            gone += left
        # Nobody who left needs the model, so this cannot fail for its reason.
        return [*messages, *infer(self._model, gone, lambda _: False)]

    def _forget_removed(self) -> None:
        with self._wake:
            for name in [name for name, stream in self._streams.items() if stream.removed]:
                del self._streams[name]
