"""One trial: a number of simulated cameras send to a server for some time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from service.bench.client import Seen, Task
from service.bench.process import BenchError, Served, serving

MOST_P99_MS = 150.0
MOST_LOST = 0.01
"""Share of labels that may be missing; more means that the service dropped work."""
MOST_LATE_MS = 20.0
"""Above this, the machine has no time left to simulate the cameras themselves."""


class Row(msgspec.Struct, frozen=True):
    """The figures of a trial.

    `p50_ms`, `p95_ms` and `p99_ms` are percentiles of the time from sending a message to receiving
    its newest label. `labels` of the `due` labels arrived. `dropped` is the service's own count of
    dropped frames and predictions. `lost_actions` counts action events that a subscriber did not
    receive, and starts without an end. `server_cpu` and `client_cpu` are CPU seconds per second;
    `server_cpu` and `memory_mib` are None if the system cannot tell.
    """

    streams: int
    frames_a_message: int
    subscribers: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    labels: int
    due: int
    dropped: int
    unsent: int
    closed: int
    actions: int
    lost_actions: int
    late_p99_ms: float
    server_cpu: float | None
    client_cpu: float
    memory_mib: float | None
    label_bytes: float

    @property
    def problem(self) -> str:
        """The reason why the trial does not count as carried; empty if it does."""
        if not self.labels:
            return "no label arrived"
        if self.closed or self.unsent:
            return f"{self.closed} sockets closed, {self.unsent} messages not accepted"
        if self.lost_actions:
            return f"{self.lost_actions} action events lost"
        if self.labels < (1 - MOST_LOST) * self.due:
            return f"{self.due - self.labels} of {self.due} labels missing"
        if self.p99_ms > MOST_P99_MS:
            return f"p99 is {self.p99_ms:.0f} ms"
        if self.late_p99_ms > MOST_LATE_MS:
            return f"the simulated cameras were {self.late_p99_ms:.0f} ms late"
        return ""


def try_service(task: Task, chosen: Mapping[str, str] | None = None) -> Row:
    """Run a trial against the real service in its own process, with the `chosen` settings."""
    settings = {f"JOINTWISE_{name.upper()}": value for name, value in (chosen or {}).items()} | {
        "JOINTWISE_SOURCES": "",
        "JOINTWISE_RECENT_ACTIONS": "100000",
        "JOINTWISE_MAX_STREAMS": str(max(task.streams, 1)),
        "JOINTWISE_MAX_SUBSCRIBERS": str(task.streams * task.subscribers + 1),
    }
    with serving("service", ["serve", "--port", "0"], settings) as served:
        seen, cpu, memory, dropped = _run_client(task, served)
        told = _get(served, "/actions")["actions"]
    return _row(task, seen, cpu, memory, dropped, _lost(seen, told))


def try_sink(task: Task, label_bytes: float) -> Row:
    """Run a trial against bare websockets that send labels of `label_bytes`."""
    with serving("service.bench.sink", [str(round(label_bytes))], {}) as served:
        seen, cpu, memory, _ = _run_client(task, served)
    return _row(task, seen, cpu, memory, 0, 0)


def _run_client(task: Task, served: Served) -> tuple[Seen, float | None, float | None, int]:
    """Run the client; return its result, and the server's CPU, memory (MiB) and dropped count."""
    addressed = msgspec.structs.replace(task, host="127.0.0.1", port=served.port)
    with subprocess.Popen(
        [sys.executable, "-m", "service.bench.client"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    ) as client:
        assert client.stdin is not None and client.stdout is not None
        client.stdin.write(msgspec.json.encode(addressed))
        client.stdin.close()
        found: dict[str, Any] = {}
        watch = threading.Thread(target=_watch, args=(task, served, found))
        if client.stdout.readline() == b"connected\n":
            watch.start()
        answer = client.stdout.read()
    if client.returncode:
        raise BenchError(f"the simulated cameras failed with exit code {client.returncode}")
    watch.join()
    seen = msgspec.json.decode(answer, type=Seen)
    return seen, found.get("cpu"), found.get("memory"), found.get("dropped", 0)


def _watch(task: Task, served: Served, found: dict[str, Any]) -> None:
    """Measure the server's CPU share over the measured time, then its memory and drops."""
    time.sleep(task.warm_up_s)
    before, began_s = served.cpu_s(), time.monotonic()
    time.sleep(task.seconds)
    after = served.cpu_s()
    if before is not None and after is not None:
        found["cpu"] = (after - before) / (time.monotonic() - began_s)
    found["memory"] = served.memory_mib()
    streams = _get(served, "/streams")
    if streams:
        found["dropped"] = sum(stream["dropped"] for stream in streams["streams"])


def _get(served: Served, path: str) -> Any:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}{path}", timeout=20) as answer:
            return msgspec.json.decode(answer.read())
    except OSError:
        return {}


def _lost(seen: Seen, told: Sequence[dict[str, Any]]) -> int:
    """Count action events that a subscriber did not receive, and starts without an end.

    `told` holds the events of `GET /actions`.
    """
    lost = 0
    by_stream: dict[str, Counter[tuple[str, str, int]]] = {}
    for one in told:
        events = by_stream.setdefault(one["stream"], Counter())
        events[one["phase"], one["label"], one["at_ns"]] += 1
    unheard = set(by_stream)
    for heard in seen.actions:
        events = Counter((phase, label, at) for _, phase, label, at in heard if phase != "update")
        phases = Counter(phase for phase, _, _ in events.elements())
        lost += abs(phases["start"] - phases["end"])
        for stream in {one[0] for one in heard}:
            unheard.discard(stream)
            lost += (by_stream.get(stream, Counter()) - events).total()
    return lost + sum(by_stream[stream].total() for stream in unheard)


def _row(
    task: Task, seen: Seen, cpu: float | None, memory: float | None, dropped: int, lost: int
) -> Row:
    p50, p95, p99 = (
        np.percentile(seen.latency_ms, (50, 95, 99)) if seen.latency_ms else (float("nan"),) * 3
    )
    return Row(
        streams=task.streams,
        frames_a_message=task.frames,
        subscribers=task.streams * task.subscribers,
        seconds=round(seen.wall_s, 1),
        p50_ms=round(float(p50), 2),
        p95_ms=round(float(p95), 2),
        p99_ms=round(float(p99), 2),
        labels=len(seen.latency_ms),
        due=seen.due,
        dropped=dropped,
        unsent=seen.unsent,
        closed=seen.closed,
        actions=sum(map(len, seen.actions)),
        lost_actions=lost,
        late_p99_ms=round(float(np.percentile(seen.late_ms or [0.0], 99)), 2),
        server_cpu=None if cpu is None else round(cpu, 3),
        client_cpu=round(seen.cpu_s / seen.wall_s, 3),
        memory_mib=None if memory is None else round(memory, 1),
        label_bytes=round(seen.label_bytes),
    )
