from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensor.cameras import BUILT_IN, ISOLATED, open_source
from sensor.capture import CaptureThread
from sensor.errors import SensorError, SourceUriError
from sensor.isolation.source import IsolatedSource
from sensor.source import parse_uri
from tests.fakes.faulty import FAULTY

ROOT = Path(__file__).parents[3]


@pytest.fixture
def opened() -> Iterator[Callable[..., IsolatedSource]]:
    """Return a function that opens faulty sources; close them after the test."""
    sources: list[IsolatedSource] = []

    def make(uri: str, **limits: float) -> IsolatedSource:
        sources.append(IsolatedSource(parse_uri(uri), FAULTY, **limits))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


Opened = Callable[..., IsolatedSource]


def read(source: IsolatedSource) -> tuple[list[int], str]:
    """Read to the end; return the sequence numbers and the error's text."""
    numbers = []
    try:
        for frame in source.frames():
            assert frame.source == source.name and len(frame.bodies) == 1
            numbers.append(frame.sequence)
    except SensorError as error:
        assert "\n" not in str(error)
        return numbers, str(error)
    return numbers, ""


def test_an_isolated_source_gives_the_same_frames(opened: Opened) -> None:
    source = opened("faulty:ends?name=hall&note=invented&restartable=false&lossless=true")
    assert (source.name, source.kind, source.note) == ("hall", "faulty", "invented")
    assert (source.restartable, source.lossless) == (False, True)
    assert source.pid != os.getpid()
    assert read(source) == ([0, 1, 2, 3, 4], "")
    assert source.pid is None


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("faulty:crash", "segmentation fault"),
        ("faulty:exit", "exit code 3"),
        ("faulty:hang", "it sent nothing for 0.4 s"),
        ("faulty:raise", "faulty: the cable is out; plug it in"),
        ("faulty:bug", "ZeroDivisionError: oops"),
        ("faulty:sys-exit", "SystemExit: no licence"),
    ],
)
def test_every_fault_is_one_line_and_can_be_retried(opened: Opened, uri: str, words: str) -> None:
    source = opened(f"{uri}?hz=50", silence_s=0.4 if "hang" in uri else 20.0)
    for _ in range(2):
        numbers, error = read(source)
        # A crash may lose the newest frames.
        assert numbers == list(range(len(numbers))) and 1 <= len(numbers) <= 5
        assert words in error
    assert source.pid is None


def test_a_first_frame_that_never_comes_times_out(opened: Opened) -> None:
    source = opened("faulty:hang?frames=0", start_s=0.3)
    assert "it sent nothing for 0.3 s" in read(source)[1]


@pytest.mark.parametrize(
    ("uri", "kind", "words"),
    [
        ("faulty:ends?colour=red", SourceUriError, "takes no option 'colour'"),
        ("faulty:nothing", SourceUriError, "faults are"),
        ("faulty:crash-open", SensorError, "segmentation fault"),
    ],
)
def test_a_source_that_cannot_be_opened_raises_at_once(
    uri: str, kind: type[SensorError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        IsolatedSource(parse_uri(uri), FAULTY)


def test_a_missing_module_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SensorError, match="ModuleNotFoundError"):
        IsolatedSource(parse_uri("faulty:ends"), "sensor.nowhere:open")


def test_vendor_schemes_are_opened_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN, "webcam", FAULTY)
    assert "webcam" in ISOLATED and "replay" not in ISOLATED
    with closing(open_source("webcam:ends?name=desk")) as source:
        assert isinstance(source, IsolatedSource)
        assert [frame.source for frame in source.frames()] == ["desk"] * 5


def test_a_process_without_a_camera_looks_again(opened: Opened, tmp_path: Path) -> None:
    device = tmp_path / "device"
    source = opened(f"faulty:ends?device={device}")
    pid = source.pid
    for _ in range(2):
        assert read(source) == ([], "faulty: no camera found; plug one in")
        assert source.pid == pid
    device.touch()
    assert len(read(source)[0]) == 5


def test_unplug_and_replug(opened: Opened, tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    source = opened(f"faulty:raise?device={device}&once={tmp_path / 'fell'}&hz=200")
    states: list[tuple[str, str]] = []
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        """The camera stays unplugged for three pauses."""
        waits.append(seconds)
        device.unlink(missing_ok=True)
        if len(waits) > 3:
            device.touch()
        return False

    def tell(state: str, message: str) -> None:
        states.append((state, message))
        if len([s for s, _ in states if s == "live"]) == 2:
            source.close()

    capture = CaptureThread(source, tell, wait=wait)
    capture.run()
    assert states == [
        ("live", ""),
        ("lost", "faulty: the cable is out; plug it in"),
        ("lost", "faulty: no camera found; plug one in"),
        ("live", ""),
        ("ended", ""),
    ]
    assert waits == [0.5, 1, 2, 2]


def test_frames_beyond_the_rate_limit_are_dropped_and_counted(opened: Opened) -> None:
    source = opened("faulty:ends?frames=20000&hz=1e9&people=0")
    seen = [frame.sequence for frame in source.frames()]
    assert seen == sorted(set(seen))
    assert len(seen) + source.dropped == 20000
    assert source.dropped > 10000


def test_output_of_the_process_is_logged_under_the_streams_name(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    read(opened("faulty:bug?name=hall"))
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", "hall: printed on standard output") in told
    assert ("WARNING", "hall: ERROR __main__: the source failed") in told


def test_close_from_another_thread_ends_frames_and_the_process(opened: Opened) -> None:
    source = opened("faulty:ends?frames=1e9&hz=100")
    pid = source.pid
    assert pid is not None
    threading.Timer(0.1, source.close).start()
    assert read(source)[1] == ""
    assert source.pid is None and not lives(pid)
    assert read(source) == ([], "")


def test_close_ends_a_process_that_hangs_and_never_yielded(opened: Opened) -> None:
    source = opened("faulty:ends?frames=1e9")
    pid = source.pid
    assert pid is not None
    source.close()
    source.close()
    assert not lives(pid)


def test_a_reader_that_stops_leaves_no_process(opened: Opened) -> None:
    source = opened("faulty:ends?frames=1e9&hz=100")
    pid = source.pid
    assert pid is not None
    for _ in source.frames():
        break
    assert not lives(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is for POSIX")
@pytest.mark.parametrize("fault", ["ends?frames=1e9&hz=1000", "ends?frames=1e9&hz=0.1"])
def test_the_process_exits_if_its_parent_is_killed(fault: str) -> None:
    code = (
        "from sensor.isolation.source import IsolatedSource\n"
        "from sensor.source import parse_uri\n"
        f"source = IsolatedSource(parse_uri('faulty:{fault}'), {FAULTY!r})\n"
        "for frame in source.frames():\n"
        "    print(source.pid, flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert gone_within(pid, 5.0)


def lives(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    pause = threading.Event()
    for _ in range(round(seconds / 0.05)):
        if not lives(pid):
            return True
        pause.wait(0.05)
    return False
