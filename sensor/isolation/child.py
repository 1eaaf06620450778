"""A child process that talks in packets: its pipes, log, time limits and end."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO

from sensor.isolation.packets import KINDS, read_packet

log = logging.getLogger(__name__)

EXIT_S = 2.0
"""How long the process may take to exit after its standard input was closed."""
_POLL_S = 0.1
_LEVEL = re.compile(rb"(WARNING|ERROR|CRITICAL) ")


class Child:
    """A process that runs `command`, from start to end.

    One thread reads its packets, which are of `kinds`; `send`, `hurry`, `kill` and `stop` may be
    called from any thread. Lines on its standard error are logged under `name`: warnings as
    warnings, others as information.
    """

    def __init__(self, command: Sequence[str], name: str, kinds: Collection[int] = KINDS) -> None:
        self.timed_out = False
        self._kinds = kinds
        self._sending = threading.Lock()
        self._name = name
        self._due_s = math.inf
        self._tail: deque[str] = deque(maxlen=20)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
        )
        self._requests, self._packets, stderr = _pipes(self._process)
        self._gone = threading.Event()
        self._log = threading.Thread(target=self._read_log, args=(stderr,), daemon=True)
        self._log.start()
        threading.Thread(target=self._watch, name=f"watch {name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of a process that has ended; -N if signal N ended it."""
        return self._process.poll()

    def request_frames(self) -> None:
        """Ask for frames. If the process is gone, the next `read` says so."""
        self.send(b"go\n")

    def send(self, data: bytes) -> None:
        """Write to its standard input. If the process is gone, the next `read` says so."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._requests.write(data)
            self._requests.flush()

    def hurry(self, within_s: float) -> None:
        """Kill the process after `within_s`, unless `read` returns before and is called again."""
        self._due_s = min(self._due_s, time.monotonic() + within_s)

    def kill(self) -> None:
        """Kill the process at once."""
        self._process.kill()

    def read(self, within_s: float) -> tuple[int, bytes] | None:
        """Return the next packet; None if the process is gone or was killed for sending nothing."""
        self._due_s = time.monotonic() + within_s
        try:
            return read_packet(self._packets, self._kinds)
        except ValueError as error:
            log.error("%s: its process sent an invalid packet: %s", self._name, error)
            self._process.kill()
            return None
        finally:
            self._due_s = math.inf

    def stop(self) -> None:
        """Ask the process to exit, and kill it if it does not."""
        with contextlib.suppress(OSError):
            self._requests.close()
        try:
            self._process.wait(EXIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._gone.set()

    def dispose(self) -> None:
        """Stop the process and close its pipes. Only the reading thread may call this."""
        self.stop()
        self._packets.close()
        self._log.join(1.0)

    def exit_reason(self) -> str:
        """Return why it ended, such as "segmentation fault", and log its last lines."""
        self.dispose()
        if self._tail:
            log.warning("%s: the last log lines of its process:\n  %s", self._name, self.log_tail)
        return exit_words(self._process.returncode)

    @property
    def log_tail(self) -> str:
        """The last lines on standard error."""
        return "\n  ".join(self._tail)

    def _watch(self) -> None:
        while not self._gone.wait(_POLL_S):
            if time.monotonic() > self._due_s:
                self.timed_out = True
                self._process.kill()
                return

    def _read_log(self, stderr: IO[bytes]) -> None:
        with stderr:
            for raw in iter(lambda: stderr.readline(4096), b""):
                level = logging.WARNING if _LEVEL.match(raw) else logging.INFO
                line = raw.decode(errors="replace").rstrip()
                self._tail.append(line)
                log.log(level, "%s: %s", self._name, line)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    return process.stdin, process.stdout, process.stderr


def worker_command(*arguments: str) -> list[str]:
    """Return the worker's command. `-P` keeps the working folder off the import path."""
    return [sys.executable, "-P", "-m", "sensor.isolation.worker", *arguments]


def worker_environment() -> dict[str, str]:
    """Return this environment with this import path, so that a child finds the same modules."""
    paths = [str(Path(path).absolute()) for path in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def exit_words(code: int) -> str:
    """Describe a process's exit code, such as "segmentation fault" or "exit code 3"."""
    if code < 0:
        return (signal.strsignal(-code) or f"signal {-code}").lower()
    return f"exit code {code:#x}" if code > 255 else f"exit code {code}"
