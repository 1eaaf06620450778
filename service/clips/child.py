"""The service's side of a process that classifies clips."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from sensor.isolation.child import Child
from service.clips.packets import (
    ANSWER,
    CANCEL,
    DATA,
    END,
    FAILED,
    GONE,
    JOB,
    PIECE_BYTES,
    PROGRESS,
    READY,
    REPORTS,
    SETUP,
    End,
    Job,
    Progress,
    Setup,
    pack_pieces,
    pack_struct,
)
from service.clips.work import REMEDY, file_name

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", "-m", "service.clips.process")
START_S = 60.0
"""The process must have loaded its model within this time."""
SILENT_S = 120.0
"""The process must report something within this time, also on a busy machine."""
CANCEL_S = 2.0
"""The process must stop the work on a clip within this time; else it is killed."""
_OUT_OF_TIME = -signal.SIGXCPU if sys.platform != "win32" else None
"""The exit code of a process that exceeded its limit of processor time."""


class StartError(Exception):
    """The process does not start. The text says why."""


@dataclass(eq=False)
class ClipJob:
    """A clip to classify. `cancel` may be called from any thread, and returns at once."""

    head: Job
    file: BinaryIO
    progress: Callable[[Progress], None]
    gone: threading.Event = field(default_factory=threading.Event)
    on_cancel: Callable[[], None] | None = None
    cancelled_s: float = 0.0

    def cancel(self) -> None:
        """Stop the work: the client has gone."""
        self.cancelled_s = time.monotonic()
        self.gone.set()
        if self.on_cancel is not None:
            self.on_cancel()


class ClipChild:
    """One process. Its methods block, and are called by one thread at a time, except `kill`."""

    def __init__(self, setup: Setup) -> None:
        """Start the process. Raises StartError."""
        self._setup = setup
        try:
            self._child = Child(COMMAND, "clips", REPORTS)
        except OSError as error:
            raise StartError(error.strerror or str(error)) from None

    def wait_until_ready(self) -> None:
        """Wait until the process has loaded its model. Raises StartError."""
        self._child.send(pack_struct(SETUP, self._setup))
        kind, body = self._child.read(START_S) or (FAILED, b"")
        if kind != READY:
            reason = body.decode() or self._child.exit_reason()
            raise StartError(reason)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._child.pid

    def kill(self) -> None:
        """Kill the process; `run` returns soon."""
        self._child.kill()

    def dispose(self) -> None:
        """Kill the process and close its pipes."""
        self._child.kill()
        self._child.dispose()

    def run(self, job: ClipJob) -> tuple[End, bytes]:
        """Return how the job ended, and its answer as JSON."""
        job.on_cancel = lambda: self._cancel(job)
        try:
            if job.gone.is_set():
                return End(GONE), b""
            self._send(job)
            return self._read(job)
        finally:
            job.on_cancel = None

    def _send(self, job: ClipJob) -> None:
        self._child.hurry(SILENT_S)
        self._child.send(pack_struct(JOB, job.head))
        while not job.gone.is_set():
            try:
                data = job.file.read(PIECE_BYTES)
            except ValueError:  # the client has gone, and the file is closed
                return
            if not data:
                return
            for packet in pack_pieces(DATA, data):
                self._child.send(packet)

    def _read(self, job: ClipJob) -> tuple[End, bytes]:
        pieces: list[bytes] = []
        while (packet := self._child.read(self._within_s(job))) is not None:
            kind, body = packet
            if kind == ANSWER:
                pieces.append(body)
            elif kind == PROGRESS and not job.gone.is_set():
                job.progress(msgspec.msgpack.decode(body, type=Progress))
            elif kind == END:
                return msgspec.msgpack.decode(body, type=End), b"".join(pieces)
        return self._lost(job), b""

    @staticmethod
    def _within_s(job: ClipJob) -> float:
        if not job.gone.is_set():
            return SILENT_S
        return max(job.cancelled_s + CANCEL_S - time.monotonic(), 0.0)

    def _cancel(self, job: ClipJob) -> None:
        """Ask the process to stop the job; kill it if it does not."""
        self._child.hurry(CANCEL_S)
        packet = pack_struct(CANCEL, job.head.number)
        threading.Thread(target=self._child.send, args=(packet,), daemon=True).start()

    def _lost(self, job: ClipJob) -> End:
        """Return the end of a job whose process has ended."""
        if job.gone.is_set():
            return End(GONE, keep=False)
        how = self._child.exit_reason()
        name = file_name(job.head.name)
        if self._child.exit_code == _OUT_OF_TIME:
            text = f"it takes more than {self._setup.work_s:.0f} s of processor time: {REMEDY}"
            return End(422, f"{name}: {text}", keep=False)
        if self._child.timed_out:
            how = f"it did not answer for {SILENT_S:.0f} s"
        log.warning("the process that classified a clip ended: %s", how)
        text = f"the process that classified it ended ({how}): send it again, or {REMEDY}"
        return End(503, f"{name}: {text}", keep=False)
