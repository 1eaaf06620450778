"""A process that runs `sensor.worker`: its pipes, its log, its time limits and its end."""

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
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sensor.isolation.packets import read_packet

log = logging.getLogger(__name__)

GOODBYE_S = 2.0
"""How long a process may take to go once its standard input was closed."""
_LOOK_S = 0.1
_LEVEL = re.compile(rb"(WARNING|ERROR|CRITICAL) ")


class Child:
    """A worker process, from its start to its end.

    One thread reads its packets; `stop` may be called from any. What the process says on
    standard error is logged under `name`: warnings as warnings, other lines as information.
    """

    def __init__(self, arguments: Sequence[str], name: str) -> None:
        self.was_silent = False
        self._name = name
        self._due_s = math.inf
        self._tail: deque[str] = deque(maxlen=20)
        self._process = subprocess.Popen(
            worker_command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
        )
        self._orders, self._packets, said = _pipes(self._process)
        self._gone = threading.Event()
        self._log = threading.Thread(target=self._read_log, args=(said,), daemon=True)
        self._log.start()
        threading.Thread(target=self._watch, name=f"watch {name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def order(self) -> None:
        """Ask for frames; a process that is gone shows at the next `read`."""
        with contextlib.suppress(OSError, ValueError):
            self._orders.write(b"go\n")
            self._orders.flush()

    def read(self, within_s: float) -> tuple[int, bytes] | None:
        """The next packet; None where the process is gone, or was ended for its silence."""
        self._due_s = time.monotonic() + within_s
        try:
            return read_packet(self._packets)
        except ValueError as error:
            log.error("%s: its process sent nonsense: %s", self._name, error)
            self._process.kill()
            return None
        finally:
            self._due_s = math.inf

    def stop(self) -> None:
        """Ask the process to go, and end it where it does not."""
        with contextlib.suppress(OSError):
            self._orders.close()
        try:
            self._process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._gone.set()

    def dispose(self) -> None:
        """Stop, and close what is open. Only for who reads."""
        self.stop()
        self._packets.close()
        self._log.join(1.0)

    def how_it_ended(self) -> str:
        """Such as "segmentation fault" or "exit code 3"; logs what the process said last."""
        self.dispose()
        if self._tail:
            log.warning("%s: the last words of its process:\n  %s", self._name, self.last_words)
        return exit_words(self._process.returncode)

    @property
    def last_words(self) -> str:
        """The last lines on standard error."""
        return "\n  ".join(self._tail)

    def _watch(self) -> None:
        while not self._gone.wait(_LOOK_S):
            if time.monotonic() > self._due_s:
                self.was_silent = True
                self._process.kill()
                return

    def _read_log(self, said: IO[bytes]) -> None:
        with said:
            for raw in iter(lambda: said.readline(4096), b""):
                level = logging.WARNING if _LEVEL.match(raw) else logging.INFO
                line = raw.decode(errors="replace").rstrip()
                self._tail.append(line)
                log.log(level, "%s: %s", self._name, line)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    return process.stdin, process.stdout, process.stderr


def worker_command(*arguments: str) -> list[str]:
    """What runs `sensor.worker`; without the working folder in front of the import path."""
    return [sys.executable, "-P", "-m", "sensor.isolation.worker", *arguments]


def worker_environment() -> dict[str, str]:
    """This environment with this import path: a child finds the same modules from anywhere."""
    paths = [str(Path(path).absolute()) for path in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def exit_words(code: int) -> str:
    """A process's exit code in words, such as "segmentation fault" or "exit code 3"."""
    if code < 0:
        return (signal.strsignal(-code) or f"signal {-code}").lower()
    return f"exit code {code:#x}" if code > 255 else f"exit code {code}"
