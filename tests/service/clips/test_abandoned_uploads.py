"""A client that leaves during an upload: its work stops, and nothing of it stays."""

from __future__ import annotations

import gc
import io
import socket
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sensor.errors import RecordingError
from sensor.formats import kinect_v2_csv, ntu_skeleton, read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import AZURE_KINECT
from service.clips.uploads import Clips
from tests import builders
from tests.fakes.house import House, running
from tests.fakes.people import recording
from tests.fakes.recognizer import FakeExplanation, FakeRecognizer

MIB = 1024 * 1024
STOP_S = 2.0
"""Generous: work stops within one batch."""
MOST_KEPT = 25 * MIB


class SlowRecognizer(FakeRecognizer):
    """Takes as long for a batch as a real model. `explaining` is set in the first one of a clip."""

    def __init__(self) -> None:
        super().__init__()
        self.explaining = threading.Event()

    def explain(self, windows: Any, labels: Any) -> FakeExplanation:
        if len(windows) > 1:  # the service tries one window when it starts
            self.explaining.set()
        time.sleep(0.05)
        return super().explain(windows, labels)


def clip(frames: int) -> bytes:
    """Return a CSV recording of a person at rest."""
    joints = kinect_v2_csv.write(recording()).encode().split(b"\n")[0].split(b",", 1)[1]
    return b"\n".join(b"%d,%s" % (n * 333_333, joints) for n in range(frames))


def form(data: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head + data + b"\r\n--x--\r\n"
    return (
        b"POST /clips HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n%s" % (len(body), body)
    )


@contextmanager
def sent(house: House, data: bytes) -> Iterator[None]:
    """Send bytes; when the block ends, leave."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as client:
        client.sendall(data)
        yield


def gone(house: House) -> int:
    text = house.http.get("/metrics").text
    found = [line for line in text.splitlines() if 'clips_total{outcome="gone"}' in line]
    return int(float(found[0].split()[-1])) if found else 0


def await_gone(house: House, count: int) -> float:
    """Return the seconds until so many clients have gone."""
    start_s = time.monotonic()
    while gone(house) < count:
        assert time.monotonic() < start_s + 20
        time.sleep(0.01)
    return time.monotonic() - start_s


def test_an_abandoned_clip_makes_room_at_once() -> None:
    model = SlowRecognizer()
    short = {"file": ("a.csv", clip(60))}
    with running(model=model, clips_at_once=1) as house:
        with sent(house, form(clip(6000))):  # 94 batches, 5 s
            assert model.explaining.wait(20)
            assert house.http.post("/clips", files=short).status_code == 503
        assert await_gone(house, 1) < STOP_S
        assert len(model.explained) < 40
        assert house.http.post("/clips", files=short).status_code == 200


def test_the_reading_of_an_abandoned_file_stops() -> None:
    gone = threading.Event()
    clips = Clips(FakeRecognizer(), 1, 64, 900)
    gone.set()
    for data in (
        clip(20),
        ntu_skeleton.write(recording()).encode(),
        builders.offline_processor_json(builders.recording(20, AZURE_KINECT)),
    ):
        assert clips._work("a", io.BytesIO(data), False, gone) is None


def test_a_client_that_leaves_while_its_file_is_read_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading = threading.Event()

    def read(*given: Any, **more: Any) -> Recording:
        reading.set()
        return read_recording(*given, **more)

    monkeypatch.setattr("service.clips.uploads.read_recording", read)
    with running(model=SlowRecognizer(), clips_at_once=1) as house:
        for count in (1, 2):
            reading.clear()
            with sent(house, form(clip(12_000))):  # 10 MiB, at least 2 s
                assert reading.wait(20)
            assert await_gone(house, count) < STOP_S
        short = {"file": ("a.csv", clip(60))}
        assert house.http.post("/clips", files=short).status_code == 200


def test_reading_has_a_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clips.uploads.READING_S", 0.0)
    clips = Clips(FakeRecognizer(), 1, 64, 900)
    answer = clips._work("walk.csv", io.BytesIO(clip(200)), False, threading.Event())
    assert isinstance(answer, str) and answer.startswith("walk.csv: reading it takes more than 0 s")


def test_the_answer_is_not_lost_for_a_client_that_stays() -> None:
    with running(model=SlowRecognizer(), clips_at_once=1) as house:
        answer = house.http.post("/clips", files={"file": ("a.csv", clip(600))}, timeout=20)
        assert answer.status_code == 200 and len(answer.json()["times_s"]) == 149
        assert gone(house) == 0


def resident_bytes() -> int:
    """Return the resident memory of this process, which runs the service."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("share", [1.0, 0.7], ids=["sent", "half sent"])
def test_ten_abandoned_uploads_leave_no_memory(share: float) -> None:
    model = SlowRecognizer()
    data = form(clip(5000))  # 4 MiB
    part = data[: int(share * len(data))]
    with running(model=model, clips_at_once=1) as house:

        def abandon(count: int) -> None:
            model.explaining.clear()
            with sent(house, part):
                assert share < 1 or model.explaining.wait(20)
            await_gone(house, count)

        abandon(1)
        before = resident_bytes()
        for n in range(10):
            abandon(n + 2)
        assert resident_bytes() - before < MOST_KEPT


def test_a_refused_clip_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[weakref.ref[Any]] = []

    def refuse(*_: Any, **__: Any) -> None:
        content = FakeRecognizer()
        kept.append(weakref.ref(content))
        raise RecordingError("no recording")

    monkeypatch.setattr("service.clips.uploads.read_recording", refuse)
    gc.disable()  # so that only what is in no cycle is freed
    try:
        with running() as house:
            answer = house.http.post("/clips", files={"file": ("a.csv", b"x")})
            assert answer.status_code == 422 and answer.json()["error"] == "no recording"
            assert kept[0]() is None
    finally:
        gc.enable()
