"""The processes that classify clips: started ahead, kept for the next clip, replaced if lost."""

from __future__ import annotations

import contextlib
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from service.clips.child import ClipChild, ClipJob, StartError
from service.clips.packets import GONE, End, Setup

log = logging.getLogger(__name__)


class ClipPool:
    """Up to `most` processes, each with a thread of the service that waits for it.

    `warm` of them are started by `start` and replaced when they are lost, so that a clip need not
    wait for a start. The others start with a clip; all stay for the next one.
    """

    def __init__(self, setup: Setup, most: int, warm: int) -> None:
        self._setup = setup
        self._warm = min(warm, most)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="clip")
        self._change = threading.Lock()
        self._idle: list[ClipChild] = []
        self._busy: set[ClipChild] = set()
        self._closed = False

    def start(self) -> None:
        """Start the warm processes; returns at once."""
        for _ in range(self._warm):
            self._threads.submit(self._refill)

    def submit(self, job: ClipJob) -> Future[tuple[End, bytes]]:
        """Classify a clip on a thread."""
        return self._threads.submit(self._run, job)

    def close(self) -> None:
        """End all processes."""
        with self._change:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = tuple(self._busy)
        for child in busy:
            child.kill()
        for child in idle:
            child.dispose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def pids(self) -> list[int]:
        """Return the ids of all processes."""
        with self._change:
            return [child.pid for child in (*self._idle, *self._busy)]

    def _run(self, job: ClipJob) -> tuple[End, bytes]:
        if job.gone.is_set():
            return End(GONE), b""
        try:
            child = self._take()
        except StartError:
            text = "clips cannot be classified now; the log of the service has the details"
            return End(503, text), b""
        end, answer = child.run(job)
        self._give_back(child, end.keep)
        return end, answer

    def _take(self) -> ClipChild:
        """Return a process that is ready, now among the busy ones. Raises StartError."""
        with self._change:
            child = self._idle.pop() if self._idle else None
            if child is not None:
                self._busy.add(child)
        if child is not None and child.alive:
            return child
        if child is not None:
            self._give_back(child, keep=False)
        return self._start()

    def _start(self) -> ClipChild:
        """Start a process, among the busy ones. Raises StartError."""
        child = ClipChild(self._setup)
        with self._change:
            self._busy.add(child)
            closed = self._closed
        try:
            if closed:
                child.kill()
            child.wait_until_ready()
        except StartError as error:
            self._give_back(child, keep=False, replace=False)
            if not self._closed:
                log.error("the process that classifies clips does not start: %s", error)
            raise
        return child

    def _give_back(self, child: ClipChild, keep: bool, replace: bool = True) -> None:
        """Keep a process for the next clip, or end it and replace it if it was a warm one."""
        with self._change:
            self._busy.discard(child)
            keep = keep and not self._closed
            if keep:
                self._idle.append(child)
        if not keep:
            child.dispose()
            if replace and not self._closed:
                self._threads.submit(self._refill)

    def _refill(self) -> None:
        """Start a process if fewer than the warm ones are there."""
        with self._change:
            if self._closed or len(self._idle) + len(self._busy) >= self._warm:
                return
        with contextlib.suppress(StartError):
            self._give_back(self._start(), keep=True)
