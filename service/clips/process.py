"""`python -m service.clips.process`: classifies clips in a process of its own.

`service.clips.child` starts it. Packets come on standard input and go to standard output, which
nothing else can write to. The process ends when its input ends, so it never outlives the service.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from sensor.isolation.packets import pack, read_packet
from sensor.isolation.worker import claim_stdout, load
from service.clips.packets import (
    ANSWER,
    CANCEL,
    DATA,
    END,
    FAILED,
    JOB,
    ORDERS,
    PROGRESS,
    READY,
    Job,
    Progress,
    Setup,
    pack_pieces,
    pack_struct,
)
from service.clips.process_limits import be_nice, limit_memory, limit_processor_time
from service.clips.work import READING_S, ClipWork

REPORT_S = 0.2
"""The progress is reported this often."""
SPARE_S = 30.0
"""A library that does not return may take this much longer than the limits of `ClipWork`."""


@dataclass(eq=False)
class _Clip:
    job: Job
    pieces: list[bytes] = field(default_factory=list)
    received: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Takes orders on one thread and works on another."""

    def __init__(self, out: BinaryIO, setup: Setup) -> None:
        self._out = out
        self._setup = setup
        self._clips: queue.SimpleQueue[_Clip] = queue.SimpleQueue()
        model, exemplars = load(setup.loader)(setup.model)
        self._work = ClipWork(model, exemplars, setup, self._allow_classifying)
        self._reported_s = 0.0

    def listen(self, orders: BinaryIO) -> None:
        """Take orders until they end, then end the process."""
        clip: _Clip | None = None
        while (packet := read_packet(orders, ORDERS)) is not None:
            kind, body = packet
            if kind == JOB:
                clip = _Clip(msgspec.msgpack.decode(body, type=Job))
            if clip is None:
                continue
            waiting = kind == JOB or clip.received < clip.job.size
            if kind == DATA:
                clip.pieces.append(body)
                clip.received += len(body)
            elif kind == CANCEL and msgspec.msgpack.decode(body) == clip.job.number:
                clip.gone.set()
            if waiting and (clip.received >= clip.job.size or clip.gone.is_set()):
                clip.received = clip.job.size
                self._clips.put(clip)
        os._exit(0)

    def work(self) -> None:
        """Work on clips, until the process ends."""
        limit_memory(self._setup.memory_bytes)
        self._send(pack(READY))
        while True:
            self._send_answer(self._clips.get())

    def _send_answer(self, clip: _Clip) -> None:
        limit_processor_time(READING_S + SPARE_S)
        end, answer = self._work.do(clip.job, clip.pieces, clip.gone, self._report)
        for piece in pack_pieces(ANSWER, answer):
            self._send(piece)
        self._send(pack_struct(END, end))

    def _allow_classifying(self) -> None:
        limit_processor_time(self._setup.work_s + SPARE_S)

    def _report(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._reported_s >= REPORT_S:
            self._reported_s = now_s
            self._send(pack_struct(PROGRESS, progress))

    def _send(self, packet: bytes) -> None:
        self._out.write(packet)
        self._out.flush()


def main() -> None:
    """Run until the input ends."""
    from models.errors import ModelError

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends it
    faulthandler.enable(all_threads=False)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    be_nice()
    out, orders = claim_stdout(), sys.stdin.buffer
    packet = read_packet(orders, ORDERS)
    if packet is None:
        return
    try:
        worker = Worker(out, msgspec.msgpack.decode(packet[1], type=Setup))
    except ModelError as error:
        out.write(pack(FAILED, str(error).encode()))
        out.flush()
        return
    threading.Thread(target=worker.listen, args=(orders,), daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main()
