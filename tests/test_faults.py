"""A camera that crashes, hangs or is unplugged does not disturb the other camera."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic_ns
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from sensor.cameras import BUILT_IN
from sensor.errors import SensorError
from sensor.isolation.source import IsolatedSource
from sensor.source import parse_uri
from service.cli.serve import open_sources
from tests.fakes.faulty import FAULTY, FaultySource
from tests.fakes.house import running
from tests.fakes.k4abt.build import needs_compiler, stubs
from tests.fakes.k4abt.k4a_mkv import k4a_mkv
from tests.fakes.k4abt.tracked import TRACKED

needs_av = pytest.mark.skipif(
    importlib.util.find_spec("av") is None, reason="needs PyAV (the mkv extra)"
)
ROOT = Path(__file__).parents[1]
S = 1_000_000_000


def well() -> FaultySource:
    """Return a source that works."""
    return FaultySource(parse_uri("faulty:ends?name=well&frames=1e9&hz=30"))


def messages(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    for _ in range(3000):
        yield json.loads(socket.recv(20.0))
    pytest.fail("the awaited message did not come")


def watch_recovery(socket: ClientConnection) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the statuses of `ill` until it is live again, and the frame times of `well`."""
    statuses: list[dict[str, Any]] = []
    frames: list[int] = []
    for message in messages(socket):
        if message["type"] == "status" and message["stream"]["name"] == "ill":
            statuses.append(message)
            states = [status["stream"]["state"] for status in statuses]
            if states[-2:] == ["lost", "live"]:
                break
        if message["type"] == "frame" and message["stream"] == "well":
            frames.append(message["captured_ns"])
    return statuses, frames


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("crash", "its driver crashed (segmentation fault); it is being reopened"),
        ("exit", "its driver crashed (exit code 3); it is being reopened"),
        ("hang", "it sent nothing for 2.5 s; it is being reopened"),
    ],
)
def test_a_fault_ends_within_5_s_and_disturbs_no_other_stream(
    fault: str, words: str, tmp_path: Path
) -> None:
    uri = parse_uri(f"faulty:{fault}?name=ill&frames=30&hz=30&once={tmp_path / 'once'}")
    with (
        running(well(), IsolatedSource(uri, FAULTY)) as house,
        house.connect("/ws?messages=frame,status") as socket,
    ):
        statuses, frames = watch_recovery(socket)
    *_, lost, live = statuses
    assert words in lost["stream"]["note"]
    assert lost["stream"]["state"] == "lost"
    assert live["stream"]["note"] == ""
    silence_ns = 2_500_000_000 if fault == "hang" else 0
    outage_ns = live["at_ns"] - lost["at_ns"]
    print(f"{fault}: live again {outage_ns / S:.2f} s after the fault was reported")
    assert silence_ns + outage_ns < 5 * S
    during = [t for t in frames if lost["at_ns"] - silence_ns < t < live["at_ns"]]
    assert len(during) >= 10
    assert max(b - a for a, b in pairwise(during)) < S


@pytest.mark.slow
@needs_av
@needs_compiler
def test_a_body_tracker_that_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Azure Kinect source with a stub tracker, in its own process."""
    monkeypatch.setenv("STUB_K4ABT", "crash_after=60")
    ill = tracked(tmp_path)
    monkeypatch.setenv("STUB_K4ABT", "")  # for the next process
    with (
        running(well(), ill) as house,
        house.connect("/ws?messages=frame,status") as socket,
    ):
        statuses, frames = watch_recovery(socket)
    *_, lost, live = statuses
    assert "its driver crashed (segmentation fault)" in lost["stream"]["note"]
    outage_ns = live["at_ns"] - lost["at_ns"]
    print(f"tracker crash: live again {outage_ns / S:.2f} s after the fault was reported")
    assert outage_ns < 5 * S
    assert len([t for t in frames if lost["at_ns"] < t < live["at_ns"]]) >= 5


@pytest.mark.slow
@needs_av
@needs_compiler
def test_a_body_tracker_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracker gives 30 results, then none until it is created again."""
    monkeypatch.setenv("STUB_K4ABT", "silent_after=30")
    came_ns: list[int] = []
    with (
        running(well(), tracked(tmp_path)) as house,
        house.connect("/ws?messages=frame&streams=ill") as socket,
    ):
        for message in messages(socket):
            if message["type"] == "frame":
                came_ns.append(monotonic_ns())
            if len(came_ns) == 45:
                break
    longest_ns = max(b - a for a, b in pairwise(came_ns))
    print(f"tracker hang: no frame for {longest_ns / S:.2f} s")
    assert longest_ns < 5 * S


def tracked(folder: Path) -> IsolatedSource:
    """Return a source `ill` that plays a recording of 20 s instead of a camera."""
    path = folder / "ill.mkv"
    path.write_bytes(k4a_mkv([33_333 * i for i in range(600)]))
    return IsolatedSource(parse_uri(f"mkv:{path}?{stubs().options()}"), TRACKED)


@pytest.mark.slow
def test_replug(tmp_path: Path) -> None:
    """The camera is missing at the start, plugged in, unplugged, and plugged in again."""
    device, fell = tmp_path / "device", tmp_path / "fell"
    uri = parse_uri(f"faulty:raise?name=ill&frames=30&hz=30&device={device}&once={fell}")
    told: list[tuple[str, str]] = []
    plugged_ns: list[int] = []
    outages_s: list[float] = []
    with (
        running(well(), IsolatedSource(uri, FAULTY)) as house,
        house.connect("/ws?messages=status&streams=ill") as socket,
    ):
        assert house.http.get("/ready").status_code == 200
        for message in messages(socket):
            stream = message["streams"][0] if message["type"] == "hello" else message["stream"]
            told.append((stream["state"], stream["note"]))
            if stream["state"] == "live":
                outages_s.append((message["at_ns"] - plugged_ns[-1]) / S)
                device.unlink()
                if len(outages_s) == 2:
                    break
            elif "no camera found" in stream["note"]:
                plugged_ns.append(monotonic_ns())
                device.touch()
    print(f"replug: live {outages_s} s after it was plugged in")
    assert max(outages_s) < 5
    assert told[-5:] == [
        ("waiting", "faulty: no camera found; plug one in"),
        ("live", ""),
        ("lost", "faulty: the cable is out; plug it in"),
        ("lost", "faulty: no camera found; plug one in"),
        ("live", ""),
    ]


def test_frames_dropped_in_a_flood_are_counted() -> None:
    uri = parse_uri("faulty:ends?name=flood&frames=1e9&hz=1e9&people=0")
    with running(well(), IsolatedSource(uri, FAULTY)) as house:
        pause = threading.Event()
        for _ in range(200):
            flood, other = sorted(
                house.http.get("/streams").json()["streams"], key=lambda s: s["name"]
            )
            if flood["dropped"] > 5000 and other["frames"] > 30:
                break
            pause.wait(0.1)
        assert flood["dropped"] > 5000 and flood["state"] == "live"
        assert other["frames"] > 30 and other["dropped"] == 0


@pytest.fixture
def faulty_webcam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN, "webcam", FAULTY)


@pytest.mark.usefixtures("faulty_webcam")
def test_a_missing_device_is_awaited_and_a_wrong_option_refused(tmp_path: Path) -> None:
    missing = f"webcam:ends?device={tmp_path / 'device'}"
    (source,) = open_sources([missing], None)
    source.close()
    with pytest.raises(SensorError, match="takes no option 'colour'"):
        open_sources([missing, "webcam:ends?colour=red"], None)


def test_serve_starts_without_its_camera_and_logs_it(tmp_path: Path) -> None:
    """Run the real command with the fake source as `webcam`."""
    code = (
        "from sensor.cameras import BUILT_IN\n"
        f"BUILT_IN['webcam'] = {FAULTY!r}\n"
        "from service.__main__ import main\n"
        "main()\n"
    )
    warning = "WARNING service.ingest.source_reader: stream desk"
    uri = f"webcam:ends?name=desk&frames=1e9&hz=30&device={tmp_path / 'device'}"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--source", uri]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serve:
        assert serve.stdout is not None and serve.stderr is not None
        try:
            ready = serve.stdout.readline()
            assert "Jointwise is ready" in ready
            assert serve.stderr.readline() == (
                f"{warning} is waiting: webcam: no camera found; plug one in\n"
            )
            (tmp_path / "device").touch()
            address = ready.split()[-1].replace("http", "ws")
            with connect(f"{address}/ws?messages=status") as socket:
                hello = json.loads(socket.recv(10))
                state = hello["streams"][0]["state"]
                while state != "live":
                    state = json.loads(socket.recv(10))["stream"]["state"]
            assert serve.stderr.readline() == f"{warning} is live again\n"
        finally:
            serve.terminate()
