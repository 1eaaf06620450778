"""The processes that classify uploads: their limits, their end, and their replacement."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import numpy as np
import pytest

from tests import builders
from tests.fakes.house import House, running
from tests.fakes.slow_recognizer import SLOW_LOADER
from tests.service.clips.raw_uploads import await_text, clip, form, resident_bytes, sent

MIB = 1024 * 1024
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(upload_mib=16) as house:
        yield house


def upload(house: House, data: bytes, query: str = "") -> httpx.Response:
    return house.http.post(f"/clips{query}", files={"file": ("a.csv", data)}, timeout=60)


def await_true(condition: Callable[[], bool]) -> None:
    start_s = time.monotonic()
    while not condition():
        assert time.monotonic() < start_s + 30
        time.sleep(0.05)


def test_clips_are_read_and_classified_in_another_process(house: House) -> None:
    data = clip(1500)
    assert upload(house, data).status_code == 200
    (pid,) = house.live.clips.pool.pids()
    assert pid != os.getpid()
    start_s = time.process_time()
    assert upload(house, data).status_code == 200
    own_s = time.process_time() - start_s  # the service, and the client of this test
    assert own_s < 0.25
    assert house.live.clips.pool.pids() == [pid]


def test_a_clip_set_whose_times_span_hours_is_refused(house: House) -> None:
    arrays = builders.clip_set_arrays()
    for seconds in (7200.0, 6e5, 1e10):
        times = np.array((0, seconds))
        made = {"xyz": arrays["xyz"][:2], "joints": arrays["joints"], "t": times}
        answer = upload(house, builders.npz(made))
        assert answer.status_code == 422
        assert "allowed: cut it" in answer.text or "more than a week" in answer.text


@LINUX
def test_the_process_gives_way_to_live_streams(house: House) -> None:
    assert upload(house, clip(30)).status_code == 200
    (pid,) = house.live.clips.pool.pids()
    assert os.getpriority(os.PRIO_PROCESS, pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 1


@LINUX
def test_a_clip_that_needs_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clips.uploads.MEMORY_BYTES", -20 * MIB)  # 12 MiB remain
    with running(upload_mib=4) as house:
        answer = upload(house, clip(4000))
        assert answer.status_code == 413
        assert answer.json()["error"].startswith("a.csv: it takes more than 12 MiB of memory: cut")
        assert upload(house, clip(60)).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_process_that_dies_is_told_and_replaced(caplog: pytest.LogCaptureFixture) -> None:
    with running(clip_loader=SLOW_LOADER, clips_ready=1, clips_at_once=1) as house:
        with sent(house, form(clip(6000))) as client:
            await_text(client, b'"classifying"')
            (pid,) = house.live.clips.pool.pids()
            os.kill(pid, signal.SIGKILL)
            seen = await_text(client, b'"error"').split(b"\n")
        line = json.loads(next(text for text in seen if b'"error"' in text))
        assert line["status"] == 503
        assert line["error"].startswith("a.csv: the process that classified it ended (killed)")
        await_true(lambda: len(house.live.clips.pool.pids()) == 1)
        assert house.live.clips.pool.pids() != [pid]
        assert upload(house, clip(60)).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_process_that_hangs_is_killed_when_its_client_leaves() -> None:
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        with sent(house, form(clip(6000))) as client:
            await_text(client, b'"classifying"')
            (pid,) = house.live.clips.pool.pids()
            os.kill(pid, signal.SIGSTOP)
        assert upload(house, clip(60)).status_code == 200
        assert pid not in house.live.clips.pool.pids()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_process_that_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        assert upload(house, clip(60)).status_code == 200
        (pid,) = house.live.clips.pool.pids()
        monkeypatch.setattr("service.clips.child.SILENT_S", 1.0)
        os.kill(pid, signal.SIGSTOP)
        answer = upload(house, clip(60))
        assert answer.status_code == 503 and "did not answer for 1 s" in answer.text


def test_processes_are_started_ahead_and_end_with_the_service() -> None:
    with running(clips_ready=1, clips_at_once=1) as house:
        await_true(lambda: len(house.live.clips.pool.pids()) == 1)
        (pid,) = house.live.clips.pool.pids()
        assert upload(house, clip(60)).status_code == 200
        assert house.live.clips.pool.pids() == [pid]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_model_that_cannot_be_loaded_is_told_in_one_line() -> None:
    with running(clip_loader="tests.fakes.slow_recognizer:nothing") as house:
        answer = upload(house, clip(60))
        assert answer.status_code == 503
        assert answer.json()["error"].startswith("clips cannot be classified now")


def test_the_progress_is_reported_on_request(house: House) -> None:
    answer = upload(house, clip(600), "?progress=true&frames=true")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["state"] for line in lines[:2]] == ["waiting", "reading"]
    assert all(set(line) == {"state", "share"} for line in lines[:-1])
    assert lines[-1] == {"status": 200, "answer": upload(house, clip(600), "?frames=true").json()}
    refused = upload(house, b"hello", "?progress=true").text.splitlines()[-1]
    assert json.loads(refused)["status"] == 422 and "a.csv" in json.loads(refused)["error"]
    form = house.http.post("/clips?progress=true", data={"file": "x"})
    assert form.status_code == 422 and form.headers["content-type"] == "application/json"


def cut_files() -> list[bytes]:
    """Return files of three formats, each refused only after most of it was read."""
    arrays = builders.clip_set_arrays()
    many = np.tile(arrays["xyz"][:1], (20_000, 1, 1)).astype(np.float32)
    many += np.random.default_rng(0).normal(0, 0.001, many.shape).astype(np.float32)
    times = np.arange(20_000) / 30
    times[-1] = 0
    made = builders.offline_processor_json(builders.recording(300))
    return [
        clip(2500) + b"\n1,2,3",
        builders.npz({"xyz": many, "joints": arrays["joints"], "t": times}),
        made[:-2000],
    ]


@LINUX
@pytest.mark.slow
def test_fifty_refused_uploads_leave_nothing(house: House) -> None:
    files = cut_files()

    def refuse(count: int) -> None:
        for n in range(count):
            assert upload(house, files[n % len(files)]).status_code == 422

    def memory() -> list[int]:
        return [resident_bytes(), *map(resident_bytes, house.live.clips.pool.pids())]

    refuse(6)
    before = memory()
    refuse(50)
    after = memory()
    assert len(after) == len(before)
    assert max(np.subtract(after, before)) < 16 * MIB, (before, after)
