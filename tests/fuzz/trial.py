"""Reads changed files of one reader and measures time and memory.

`python -m tests.fuzz.trial READER COUNT` prints the outcome as JSON, with a hard limit on memory.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sensor.errors import SensorError
from sensor.formats import read_recording
from sensor.formats.recording import MIB, Limits
from sensor.formats.tables.table import read_table
from sensor.inspection.first_map import first_map
from service.clips.body_check import check_bodies
from tests.fuzz.files import FILES
from tests.fuzz.mutations import each_changed

MOST_S = 5.0
MOST_MIB = 300
SEED = 17
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@dataclass
class Outcome:
    """What became of the files of a reader."""

    reader: str
    files: int = 0
    read: int = 0
    slowest_s: float = 0.0
    peak_mib: float = 0.0
    failures: list[str] = field(default_factory=list)


def run(reader: str, count: int, keep: Path | None = None) -> Outcome:
    """Read `count` changed files, in this process. Files that fail are kept in a folder."""
    outcome = Outcome(reader)
    data = FILES[reader]()
    with tempfile.TemporaryDirectory() as folder:
        read = _reading(reader, data, Path(folder))
        _one(read, data, outcome, keep)
        if outcome.read != 1:
            outcome.failures.append("the file without changes is not read")
        each_changed(data, count, SEED, lambda one: _one(read, one, outcome, keep))
    return outcome


def _reading(reader: str, whole: bytes, folder: Path) -> Callable[[bytes], None]:
    """Return what reads a file; it raises SensorError for a file that is refused."""
    if reader == "k4a mkv":
        return lambda data: _read_mkv(data, folder / "x.mkv")
    columns: Path | None = None
    if reader.startswith("columns"):
        columns = folder / "x.toml"
        columns.write_text(first_map(read_table("x", whole, Limits()), "x").text)

    def read(data: bytes) -> None:
        check_bodies(read_recording(data, "upload", columns=columns))

    return read


def _read_mkv(data: bytes, path: Path) -> None:
    from sensor.cameras.azure_kinect.mkv_reader import MkvReader

    path.write_bytes(data)
    for _ in MkvReader(path).captures():
        pass


def _one(read: Callable[[bytes], None], data: bytes, outcome: Outcome, keep: Path | None) -> None:
    problem = ""
    before_mib = _memory_mib("VmRSS")
    with contextlib.suppress(OSError):
        _RESET.write_text("5")  # forgets the highest use of memory
    start_s = time.process_time()
    try:
        with _at_most(4 * MOST_S):
            read(data)
        outcome.read += 1
    except SensorError as error:
        if "\n" in str(error) or not str(error).strip():
            problem = f"not one line: {str(error)[:200]!r}"
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        problem = f"{type(error).__name__}: {str(error)[:200]} at {where.filename}:{where.lineno}"
    used_s = time.process_time() - start_s
    used_mib = _memory_mib("VmHWM") - before_mib
    outcome.files += 1
    outcome.slowest_s = max(outcome.slowest_s, used_s)
    outcome.peak_mib = max(outcome.peak_mib, used_mib)
    if not problem and (used_s > MOST_S or used_mib > MOST_MIB):
        problem = f"took {used_s:.1f} s and {used_mib:.0f} MiB"
    if problem:
        outcome.failures.append(problem)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            name = f"{outcome.reader.replace(' ', '_')}_{outcome.files}"
            (keep / name).write_bytes(data)


def _memory_mib(key: str) -> float:
    """Return a figure of this process in MiB; 0 where the system does not tell it."""
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after some seconds of processor time."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"still reading after {seconds:g} s")

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


def main(arguments: list[str]) -> None:
    """Run the command in the module's docstring; a third argument is a folder to keep files in."""
    most = round(_memory_mib("VmSize") + 4 * MOST_MIB) * MIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    keep = Path(arguments[2]) if len(arguments) > 2 else None
    print(json.dumps(asdict(run(arguments[0], int(arguments[1]), keep))))


if __name__ == "__main__":
    main(sys.argv[1:])
