"""An engine in a process of its own, so that sockets and model do not share one interpreter."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.batch import Stages
from service.engine.ports import AHEAD_NS, BACKLOG, Carrier
from service.engine.remote.child import InferenceChild
from service.engine.remote.packets import (
    MESSAGES,
    Add,
    Changed,
    Counts,
    Dropped,
    Explained,
    Failed,
    Made,
    Packet,
    Ready,
    Remove,
    Report,
    Room,
    Setup,
    Want,
    pack_blocks,
    pack_frame,
    pack_order,
    unpack_messages,
    unpack_report,
)
from service.engine.stream import State
from service.settings import Settings
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, Message, StatusMessage, StreamInfo

log = logging.getLogger(__name__)

MOST_UNREAD_BYTES = 1 << 25
"""Frames that the process has not taken yet; beyond it, what comes is dropped."""
_LOOK_S = 0.1
_ASKED = ("frame", "relevance")
"""The kinds of which an engine asks whether anybody wants them."""


def setup_of(settings: Settings, queue_frames: int) -> Setup:
    """What a process is told of the service's settings."""
    return Setup(
        model=None if settings.model is None else str(settings.model.absolute()),
        device=settings.device,
        threads=settings.threads or None,
        catch_up=settings.catch_up,
        max_bodies=settings.max_bodies,
        min_confidence=settings.min_confidence,
        relevance_hz=settings.relevance_hz,
        queue_frames=queue_frames,
    )


class RemoteEngine:
    """What `service.engine.Engine` does, done by another process; the same methods mean the same.

    Where that process dies, actions that go on end, it is started anew after `again_s`, and the
    streams go on in it, counted from 0.
    """

    def __init__(
        self,
        setup: Setup,
        outlet: Carrier,
        on_frames: Callable[[str, Frame | Block], None],
        observe: Callable[[Stages, int], None],
        observe_relevance: Callable[[int, int], None],
        clock_ns: Callable[[], int] = time.monotonic_ns,
        again_s: float = 1.0,
    ) -> None:
        self.explained = (0, 0)
        self._setup = setup
        self._outlet = outlet
        self._on_frames = on_frames
        self._observe = observe
        self._observe_relevance = observe_relevance
        self._clock_ns = clock_ns
        self._child = InferenceChild(self._greeting, self._take, self._lost, again_s)
        self._lock = threading.Lock()
        self._count = itertools.count()
        self._infos: dict[str, StreamInfo] = {}
        self._notes: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._sent: dict[int, int] = {}
        self._full: set[int] = set()
        self._wants: set[tuple[str, str]] = set()
        self._going: dict[tuple[str | int, ...], ActionMessage] = {}
        self._look: asyncio.TimerHandle | None = None

    def add(self, name: str, kind: str, note: str = "") -> None:
        """Open a stream. Raises ValueError where one of that name is open."""
        with self._lock:
            if name in self._infos:
                raise ValueError(f"a stream named {name} is open already")
            self._infos[name] = StreamInfo(name, kind, "waiting", note)
            self._notes[name] = note
            number = self._numbers[name] = next(self._count)
        self._child.send(pack_order(Add(number, name, kind, note)))

    def push(self, name: str, frame: Frame) -> None:
        """Queue a frame; what is of a stream that is closed is lost."""
        self._on_frames(name, frame)
        number = self._numbers.get(name)
        if number is not None and self._takes(number, 1):
            self._child.send(pack_frame(number, frame))

    def push_blocks(self, blocks: Sequence[tuple[str, Block]]) -> None:
        """Queue blocks of many streams, each with its stream's name."""
        taken: list[tuple[int, Block]] = []
        for name, block in blocks:
            self._on_frames(name, block)
            number = self._numbers.get(name)
            if number is not None and self._takes(number, len(block)):
                taken.append((number, block))
        if taken:
            self._child.send(pack_blocks(taken))

    def change(self, name: str, state: State, note: str = "") -> None:
        """Queue a stream's new state, behind its frames; what goes on in it ends."""
        number = self._numbers.get(name)
        if number is not None:
            self._child.send(pack_order(Changed(number, state, note)))

    def count_dropped(self, name: str, frames: int) -> None:
        """Count frames of a stream that were lost before they came here."""
        number = self._numbers.get(name)
        if number is not None:
            self._child.send(pack_order(Dropped(number, frames)))

    def remove(self, name: str) -> None:
        """Queue a stream's end; its name is free again."""
        with self._lock:
            self._infos.pop(name, None)
            self._notes.pop(name, None)
            number = self._numbers.pop(name, None)
        if number is not None:
            self._sent.pop(number, None)
            self._full.discard(number)
            self._child.send(pack_order(Remove(number)))

    def is_behind(self, name: str, captured_ns: int) -> bool:
        """Whether whoever feeds the stream should pause after a frame captured then."""
        number = self._numbers.get(name)
        if number is None or captured_ns <= self._clock_ns() + AHEAD_NS:
            return False
        if number not in self._full and self._sent.get(number, 0) >= BACKLOG:
            self._sent[number] = 0
            self._full.add(number)
            self._child.send(pack_order(Room(number)))
        return number in self._full

    def streams(self) -> list[StreamInfo]:
        """All open streams as they were lately."""
        with self._lock:
            return list(self._infos.values())

    def __len__(self) -> int:
        return len(self._infos)

    @property
    def alive(self) -> bool:
        """Whether the inference process runs."""
        return self._child.alive

    @property
    def pid(self) -> int | None:
        """The inference process's id, where there is one."""
        return self._child.pid

    async def open(self) -> None:
        """Start the process. Raises RuntimeError where it cannot be."""
        self._look_round()
        await self._child.start()

    async def close(self) -> None:
        """End the process, after what it was sent."""
        if self._look is not None:
            self._look.cancel()
        await self._child.stop()

    def _takes(self, number: int, frames: int) -> bool:
        """Whether the process can be sent frames; counts them."""
        if self._child.unread > MOST_UNREAD_BYTES:
            self._child.send(pack_order(Dropped(number, frames)))
            return False
        self._sent[number] = self._sent.get(number, 0) + frames
        return True

    def _greeting(self) -> bytes:
        """What a new process is told: how to set itself up, and the streams that are open."""
        self._wants.clear()
        self._full.clear()
        told = [pack_order(self._setup)]
        with self._lock:
            for name, info in self._infos.items():
                number = self._numbers[name]
                told.append(pack_order(Add(number, name, info.kind, self._notes[name])))
                if info.state in ("ended", "lost"):
                    told.append(pack_order(Changed(number, info.state, info.note)))
        return b"".join(told)

    def _look_round(self) -> None:
        """Tell the process of what kinds and streams somebody wants messages now."""
        wanted = {
            (kind, name)
            for name in tuple(self._infos)
            for kind in _ASKED
            if self._outlet.wanted(kind, name)
        }
        changes = wanted ^ self._wants
        self._wants = wanted
        told = [pack_order(Want(kind, name, (kind, name) in wanted)) for kind, name in changes]
        self._child.send(b"".join(told))
        self._look = asyncio.get_running_loop().call_later(_LOOK_S, self._look_round)

    def _take(self, packet: Packet) -> None:
        kind, body = packet
        if kind == MESSAGES:
            envelopes = unpack_messages(body)
            self._note(envelopes)
            self._outlet.carry(envelopes)
        else:
            self._hear(unpack_report(body))

    def _note(self, envelopes: Sequence[Envelope]) -> None:
        """Keep in mind what goes on, and how streams are."""
        for envelope in envelopes:
            message = envelope.message if envelope.kind in ("action", "status") else None
            if isinstance(message, ActionMessage):
                key: tuple[str | int, ...] = (message.stream, *message.body_ids)
                if message.phase == "end":
                    self._going.pop(key, None)
                else:
                    self._going[key] = message
            elif isinstance(message, StatusMessage):
                self._set([message.stream])

    def _hear(self, report: Report) -> None:
        if isinstance(report, Made):
            marks = (report.taken_ns, report.featured_ns, report.predicted_ns)
            self._observe(Stages(self._clock_ns, *marks), report.predictions)
        elif isinstance(report, Counts):
            self._set(report.streams)
            self.explained = (report.explained, report.unexplained)
        elif isinstance(report, Room):
            self._full.discard(report.number)
        elif isinstance(report, Explained):
            self._observe_relevance(report.windows, report.duration_ns)
        elif isinstance(report, Ready):
            self._child.ready()
        elif isinstance(report, Failed):
            self._child.failed(report.text)

    def _set(self, infos: Sequence[StreamInfo]) -> None:
        with self._lock:
            self._infos.update((info.name, info) for info in infos if info.name in self._infos)

    def _lost(self, how: str) -> None:
        """The process died: end what goes on, and say so of every stream that was live."""
        log.error("the inference process ended (%s); it is started again", how)
        now_ns = self._clock_ns()
        ends: list[Message] = [_ended(action, now_ns) for action in self._going.values()]
        self._going.clear()
        note = "recognition stopped unexpectedly; it is started again"
        failed = [
            msgspec.structs.replace(info, state="failed", note=note)
            for info in self.streams()
            if info.state == "live"
        ]
        self._set(failed)
        told = [*ends, *(StatusMessage(info, now_ns) for info in failed)]
        self._outlet.carry([Envelope(message) for message in told])


def _ended(action: ActionMessage, now_ns: int) -> ActionMessage:
    """The end of an action of which no more is known than that it went on at its newest message.

    Frames may have come faster than they were taken, so that message may be ahead of now.
    """
    newest_ns = action.at_ns
    return msgspec.structs.replace(
        action, phase="end", at_ns=max(now_ns, newest_ns), ended_ns=newest_ns
    )
