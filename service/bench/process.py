"""Starts, measures and ends the server process of a trial."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class BenchError(Exception):
    """The server or the client of a trial did not run. The text quotes its output."""


@dataclass(frozen=True)
class Served:
    """A running server: its port and process id."""

    port: int
    pid: int

    def cpu_s(self) -> float | None:
        """Return the CPU time of the process and its children in seconds; None if unknown."""
        try:
            return sum(map(_cpu_s, _family(self.pid)))
        except OSError:
            return None

    def memory_mib(self) -> float | None:
        """Return the resident memory of the process and its children in MiB; None if unknown."""
        try:
            return sum(map(_memory_mib, _family(self.pid)))
        except OSError:
            return None


def _family(pid: int) -> list[int]:
    """Return a process id and those of its children. Raises OSError without /proc."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *map(int, children.split())]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(module: str, options: Sequence[str], settings: Mapping[str, str]) -> Iterator[Served]:
    """Run `python -m module` until the block ends. Its first line of output holds its address."""
    command = [sys.executable, "-m", module, *options]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("JOINTWISE_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**environ, **settings}, text=True
    ) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            found = re.search(r"http://[^:]+:(\d+)", first)
            if found is None:
                raise BenchError(f"{module} did not start: {first.strip() or 'see above'}")
            yield Served(int(found[1]), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
