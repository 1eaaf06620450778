"""Simulated cameras and subscribers in their own process: `python -m service.bench.client`.

Reads a task as JSON from standard input and writes the result as JSON to standard output. It
shares the machine with the service that it measures, so it does little work: messages are encoded
ahead of time, and only the sequence number of a prediction is read.
"""

from __future__ import annotations

import gc
import selectors
import sys
import time
from functools import partial
from pathlib import Path

import msgspec

from service.bench.cameras import RATE_HZ, Camera, empty_message, offsets, performances
from service.bench.links import Link

NS = 1_000_000_000
_ACTION, _PREDICTION = b'{"type":"action"', b'{"type":"prediction"'
_NUMBER = b'"sequence":'


class Task(msgspec.Struct, frozen=True):
    """The client's task. `subscribers` is their number per stream, `frames` that per message."""

    host: str
    port: int
    streams: int
    subscribers: int = 1
    frames: int = 4
    warm_up_s: float = 4.0
    seconds: float = 10.0
    model: str | None = None


class ActionEvent(msgspec.Struct, frozen=True):
    """An action message of a subscriber."""

    type: str
    stream: str
    label: str
    phase: str
    at_ns: int


class Seen(msgspec.Struct, frozen=True):
    """The client's result, for the measured time unless noted.

    `latency_ms` are the times from sending a message to receiving its label. `due` is the number
    of labels that all subscribers should receive. `late_ms` are the delays of messages against
    their schedule. `unsent` counts messages that the service did not accept, `closed` the sockets
    that it closed in the whole run. `actions` holds every action of the whole run, as (stream,
    phase, label, at_ns) for each subscriber. `cpu_s` is this process's CPU time within `wall_s`.
    """

    latency_ms: list[float]
    late_ms: list[float]
    due: int
    unsent: int
    closed: int
    label_bytes: float
    actions: list[list[tuple[str, str, str, int]]]
    cpu_s: float
    wall_s: float
    began_ns: int
    ended_ns: int


class Client:
    """All cameras and subscribers of one trial, on one selector."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._selector = selectors.DefaultSelector()
        self._pushers: list[Link] = []
        self._cameras: list[Camera] = []
        self._sent_ns: list[list[int]] = [[] for _ in range(task.streams)]
        self._actions: list[list[tuple[str, str, str, int]]] = []
        self._arrived: list[tuple[int, int, int]] = []
        self._label_bytes = 0
        self._unsent = 0
        self._late_ns: list[int] = []
        self._closed = 0
        self._buffer = empty_message(task.frames)

    def connect(self) -> None:
        """Open all sockets, subscribers first, so that no action is missed."""
        task = self._task
        shows = performances(Path(task.model) if task.model else None)
        for stream in range(task.streams):
            for _ in range(task.subscribers):
                path = f"/ws?streams={_name(stream)}&messages=prediction,action"
                self._register(Link(task.host, task.port, path), len(self._actions))
                self._actions.append([])
        starts = offsets(task.streams)
        for stream in range(task.streams):
            link = Link(task.host, task.port, f"/ws/push/{_name(stream)}")
            self._register(link, -1)
            self._pushers.append(link)
            show = shows[stream % len(shows)]
            self._cameras.append(
                Camera(show, int(starts[stream]), task.frames, time.monotonic_ns())
            )

    def _register(self, link: Link, subscriber: int) -> None:
        self._selector.register(link.socket, selectors.EVENT_READ, (link, subscriber))

    def run(self) -> Seen:
        """Send and receive at the cameras' rate, await the last messages and return the result."""
        task = self._task
        period_ns = task.frames * NS // RATE_HZ
        begin_ns = time.monotonic_ns()
        measure_ns = begin_ns + round(task.warm_up_s * NS)
        # A multiple of four frames, so that every camera is due the same number of labels.
        fours = max(round(task.seconds * RATE_HZ / 4), 1)
        end_ns = measure_ns + fours * 4 * NS // RATE_HZ
        self._stream(begin_ns, period_ns, measure_ns)
        cpu_s, wall_ns, before = time.process_time(), time.monotonic_ns(), self._unsent
        self._late_ns.clear()
        self._stream(begin_ns, period_ns, end_ns)
        cpu_s, wall_ns = time.process_time() - cpu_s, time.monotonic_ns() - wall_ns
        unsent = self._unsent - before
        self._listen(0.5)
        closed = self._closed
        for link in self._pushers:
            self._selector.unregister(link.socket)
            link.close()
        self._listen(2.5)
        return self._seen(measure_ns, end_ns, cpu_s, wall_ns, unsent, closed)

    def _stream(self, begin_ns: int, period_ns: int, until_ns: int) -> None:
        """Send messages when due, cameras spread evenly over the period, and receive between."""
        count = self._task.streams
        turn = sum(map(len, self._sent_ns))
        while True:
            due_ns = begin_ns + turn * period_ns // count
            now_ns = time.monotonic_ns()
            while due_ns <= now_ns:
                self._send(turn % count, due_ns)
                turn += 1
                due_ns = begin_ns + turn * period_ns // count
            if due_ns >= until_ns:
                return
            self._receive(max(due_ns - time.monotonic_ns(), 0) / NS)

    def _send(self, camera: int, due_ns: int) -> None:
        link = self._pushers[camera]
        self._cameras[camera].message(self._buffer)
        now_ns = time.monotonic_ns()
        self._sent_ns[camera].append(now_ns)
        self._late_ns.append(now_ns - due_ns)
        if not link.send(self._buffer):
            self._unsent += 1

    def _receive(self, wait_s: float) -> None:
        for key, _ in self._selector.select(wait_s):
            link, subscriber = key.data
            if subscriber < 0:
                link.receive(_ignore)
            else:
                link.receive(partial(self._take, subscriber))
            if link.closed:
                self._closed += 1
                self._selector.unregister(link.socket)

    def _take(self, subscriber: int, payload: bytes) -> None:
        now_ns = time.monotonic_ns()
        if payload.startswith(_PREDICTION):
            at = payload.index(_NUMBER) + len(_NUMBER)
            message = int(payload[at : payload.index(b",", at)]) // self._task.frames
            self._arrived.append((subscriber // self._task.subscribers, message, now_ns))
            self._label_bytes += len(payload)
        elif payload.startswith(_ACTION):
            event = msgspec.json.decode(payload, type=ActionEvent)
            self._actions[subscriber].append((event.stream, event.phase, event.label, event.at_ns))

    def _listen(self, seconds: float) -> None:
        end_ns = time.monotonic_ns() + round(seconds * NS)
        while (left_ns := end_ns - time.monotonic_ns()) > 0:
            self._receive(left_ns / NS)

    def _seen(
        self, measure_ns: int, end_ns: int, cpu_s: float, wall_ns: int, unsent: int, closed: int
    ) -> Seen:
        latency = [
            (now_ns - self._sent_ns[stream][message]) / 1e6
            for stream, message, now_ns in self._arrived
            if measure_ns <= self._sent_ns[stream][message] < end_ns
        ]
        messages = sum(measure_ns <= t < end_ns for sent in self._sent_ns for t in sent)
        return Seen(
            latency_ms=latency,
            late_ms=[late / 1e6 for late in self._late_ns],
            due=round(messages * self._task.frames / 4 * self._task.subscribers),
            unsent=unsent,
            closed=closed,
            label_bytes=self._label_bytes / max(len(self._arrived), 1),
            actions=self._actions,
            cpu_s=cpu_s,
            wall_s=wall_ns / NS,
            began_ns=measure_ns,
            ended_ns=end_ns,
        )


def _ignore(payload: bytes) -> None:
    """Discard a message to a pusher. `Link.closed` shows an error."""


def _name(stream: int) -> str:
    return f"camera-{stream}"


def main() -> None:
    """Run the task from standard input."""
    from service.api.server import allow_sockets

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    allow_sockets(task.streams * (1 + task.subscribers))
    client = Client(task)
    client.connect()
    gc.collect()
    gc.freeze()
    print("connected", flush=True)
    seen = client.run()
    sys.stdout.buffer.write(msgspec.json.encode(seen))


if __name__ == "__main__":
    main()
