"""The parent's side of the inference process: starts it, writes, reads, and restarts it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from sensor.isolation.child import exit_words, worker_environment
from service.engine.remote.heartbeat import DEAD_S, Heartbeat
from service.engine.remote.packets import Packet, Splitter

log = logging.getLogger(__name__)

START_S = 60.0
"""The process must be ready within this time."""
STOP_S = 5.0
"""The process must end within this time."""
MOST_AGAIN_S = 30.0
"""The longest time until the next process is started."""
STEADY_S = 30.0
"""After a process that was ready for longer than this, the next one starts soon again."""
COMMAND = (sys.executable, "-P", "-m", "service.engine.remote.process")


class InferenceChild(asyncio.SubprocessProtocol):
    """Keeps one process running, on the event loop that `start` is called on.

    `greeting` returns the first packets for each new process. `take` is called with every packet
    from it. `lost` is called with the reason when a process dies that was ready, and `late` as in
    `Heartbeat`. All are called on the loop. The next process starts after `again_s`; this time
    doubles with each process that fails soon, up to `MOST_AGAIN_S`.
    """

    def __init__(
        self,
        greeting: Callable[[], bytes],
        take: Callable[[Packet], None],
        lost: Callable[[str], None],
        late: Callable[[bool], None],
        again_s: float = 1.0,
    ) -> None:
        self._greeting = greeting
        self._take = take
        self._lost = lost
        self._first_again_s = self._again_s = again_s
        self._heartbeat = Heartbeat(late, self._kill_silent)
        self._ready_s = 0.0
        self._splitter = Splitter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._process: asyncio.SubprocessTransport | None = None
        self._pipe: Any = None
        self._ready: asyncio.Future[str] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def alive(self) -> bool:
        """Whether the process runs, has reported that it is ready, and makes progress."""
        return self._pipe is not None and self._was_ready and not self._heartbeat.is_late

    @property
    def _was_ready(self) -> bool:
        return self._ready is not None and self._ready.done() and not self._ready.result()

    @property
    def pid(self) -> int | None:
        """The id of the process, if it runs."""
        return None if self._process is None else self._process.get_pid()

    @property
    def unread(self) -> int:
        """The number of bytes that the process has not read yet."""
        return 0 if self._pipe is None else int(self._pipe.get_write_buffer_size())

    async def start(self) -> None:
        """Start the process, and wait until it is ready. Raises RuntimeError if it fails."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        try:
            await self._spawn()
        except (OSError, RuntimeError, TimeoutError):
            await self._kill()
            raise

    async def stop(self) -> None:
        """End the process after it has read all packets; take its own packets until then."""
        self._stopping = True
        self._heartbeat.stop()
        if self._again is not None:
            self._again.cancel()
            await asyncio.wait([self._again])  # it may be creating a process
        if self._pipe is not None:
            self._pipe.write_eof() if self._pipe.can_write_eof() else self._pipe.close()
        if self._gone is not None and self._process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._gone), STOP_S)
            await self._kill()
            self._process.close()

    def send(self, data: bytes) -> None:
        """Send packets, from any thread. They stay in each thread's order.

        If no process runs, they are lost.
        """
        if threading.get_ident() == self._thread:
            self._write(data)
        elif self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._write, data)

    def ready(self) -> None:
        """The process reported that it is ready."""
        if self._ready is not None and self._loop is not None and not self._ready.done():
            self._ready.set_result("")
            self._ready_s = self._loop.time()
            self._heartbeat.start()

    def beat(self) -> None:
        """The process reported progress."""
        self._heartbeat.beat()

    def failed(self, reason: str) -> None:
        """The process reported that it cannot start, or it ended before it was ready."""
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(reason)

    def _write(self, data: bytes) -> None:
        if self._pipe is not None and not (self._stopping or self._pipe.is_closing()):
            self._pipe.write(data)

    async def _spawn(self) -> None:
        assert self._loop is not None
        self._splitter = Splitter()
        self._process = None
        self._ready, self._gone = self._loop.create_future(), self._loop.create_future()
        self._process, _ = await self._loop.subprocess_exec(
            lambda: self,
            *COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            env=worker_environment(),
        )
        self._pipe = self._process.get_pipe_transport(0)
        self._write(self._greeting())
        problem = await asyncio.wait_for(asyncio.shield(self._ready), START_S)
        if problem:
            raise RuntimeError(f"the inference process did not start: {problem}")

    async def _spawn_again(self) -> None:
        """Start a process, and try again until one is ready."""
        while not self._stopping:
            await asyncio.sleep(self._again_s)
            self._again_s = min(2 * self._again_s, MOST_AGAIN_S)
            try:
                await self._spawn()
                return
            except (OSError, RuntimeError, TimeoutError) as error:
                text = "%s; the next try is in %g s"
                log.error(text, error or "the inference process was not ready", self._again_s)
                await self._kill()

    async def _kill(self) -> None:
        """Kill the process if it still runs, and wait for its end."""
        if self._process is not None and self._gone is not None and not self._gone.done():
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._gone), STOP_S)

    def _kill_silent(self) -> None:
        log.error("the inference process has made no progress for %g s; it is killed", DEAD_S)
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """The process has written to its output."""
        for packet in self._splitter.packets(data):
            self._take(packet)

    def process_exited(self) -> None:
        """The process has ended."""
        self._pipe = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The process has ended, and all of its output was read."""
        assert self._process is not None and self._loop is not None
        reason = exit_words(self._process.get_returncode() or 0)
        self._process.close()
        self._heartbeat.stop()
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        if not self._was_ready:  # whoever waits for it decides what comes next
            self.failed(reason)
        elif not self._stopping:
            if self._loop.time() - self._ready_s > STEADY_S:
                self._again_s = self._first_again_s
            self._lost(reason)
            self._again = self._loop.create_task(self._spawn_again())
