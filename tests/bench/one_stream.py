"""Measures the service's own delay for one camera at 30 Hz, from frame received to label sent.

    python -m tests.bench.one_stream [--inference process|thread] [--seconds 60]

The clock is read inside the service: when the bytes of a frame arrive at its socket, and when the
bytes of the label leave. The delays of the network and the client are not included;
`jointwise bench service --streams 1` measures those too. It runs twice, first without and then
with a subscriber that asks for relevance.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import numpy as np

from service.bench.client import Task
from service.bench.links import Link
from service.bench.process import serving
from service.wire.binary_frames import HEADER

_SKIPPED = 10
_SEQUENCE = re.compile(rb'"type":"(prediction|relevance)".*?"sequence":(\d+)')


def measured_service(out: Path) -> None:
    """Run `jointwise serve` on a free port; write the measured times to `out` when it ends."""
    from service.api.direct_socket import DirectSocket
    from service.cli.serve import serve
    from service.ingest.push_socket import PushSocket

    arrived: dict[int, int] = {}
    times: dict[str, dict[int, int]] = {"prediction": {}, "relevance": {}}
    read_ns = 0
    receive, message, send = DirectSocket.data_received, PushSocket.message, DirectSocket.send_frame

    def data_received(self: DirectSocket, data: bytes) -> None:
        nonlocal read_ns
        read_ns = time.monotonic_ns()
        receive(self, data)

    def take_message(self: PushSocket, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        arrived[int.from_bytes(data[HEADER.size + 8 : HEADER.size + 16], "little")] = read_ns
        message(self, data)

    def send_frame(self: DirectSocket, frame: bytes) -> None:
        send(self, frame)
        sent_ns = time.monotonic_ns()
        found = _SEQUENCE.search(frame)
        if found and int(found[2]) in arrived:
            sequence = int(found[2])
            times[found[1].decode()].setdefault(sequence, sent_ns - arrived[sequence])

    DirectSocket.data_received = data_received  # type: ignore[method-assign]
    PushSocket.message = take_message  # type: ignore[method-assign]
    DirectSocket.send_frame = send_frame  # type: ignore[method-assign]
    # After the service has stopped, the signal is raised again; the `finally` below must run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(port=0)
    finally:
        kept = {kind: list(of.values())[_SKIPPED:] for kind, of in times.items()}
        out.write_text(json.dumps(kept))


def measure(inference: str, seconds: float, relevance: bool) -> dict[str, list[float]]:
    """Return the delay of each prediction, and of each relevance if asked for, in milliseconds."""
    settings = {
        "JOINTWISE_SOURCES": "",
        "JOINTWISE_THREADS": "1",
        "JOINTWISE_INFERENCE": inference,
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "times.json"
        with serving("tests.bench.one_stream", ["--served", str(out)], settings) as served:
            task = Task("127.0.0.1", served.port, 1, frames=1, warm_up_s=1.0, seconds=seconds)
            done = threading.Event()
            if relevance:
                threading.Thread(target=_watch, args=(served.port, done), daemon=True).start()
            subprocess.run(
                [sys.executable, "-m", "service.bench.client"],
                input=msgspec.json.encode(task),
                stdout=subprocess.DEVNULL,
                check=True,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
            done.set()
        return {k: [ns / 1e6 for ns in of] for k, of in json.loads(out.read_text()).items()}


def _watch(port: int, done: threading.Event) -> None:
    link = Link("127.0.0.1", port, "/ws?messages=relevance")
    while not done.wait(0.005):
        link.receive(lambda payload: None)
    link.close()


def main() -> None:
    """Print the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inference", default="auto", choices=("auto", "process", "thread"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--served", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.served:
        measured_service(chosen.served)
        return
    for relevance in (False, True):
        found = measure(chosen.inference, chosen.seconds, relevance)
        for kind, times in found.items():
            if times:
                p50, p95, p99 = np.percentile(times, (50, 95, 99))
                print(
                    f"{chosen.inference}, relevance {'on' if relevance else 'off'}: {len(times)} x "
                    f"{kind}: p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f} ms"
                )


if __name__ == "__main__":
    main()
