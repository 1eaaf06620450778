"""A client that leaves during an upload: its work stops, and nothing of it stays."""

from __future__ import annotations

import sys
import threading
import time

import msgspec
import pytest

from sensor.formats import ntu_skeleton
from sensor.skeleton import AZURE_KINECT
from service.clips.packets import GONE, Job
from service.clips.uploads import setup_of
from service.clips.work import ClipWork
from tests import builders
from tests.fakes.house import running
from tests.fakes.people import recording
from tests.fakes.recognizer import FakeRecognizer
from tests.fakes.slow_recognizer import SLOW_LOADER
from tests.service.clips.raw_uploads import (
    await_gone,
    await_text,
    clip,
    counted,
    form,
    resident_bytes,
    sent,
)

MIB = 1024 * 1024
ANSWER_S = 0.25
"""The service notices so soon that a client has left."""
STOP_S = 5.0
"""Generous: work stops within one batch."""
MOST_KEPT = 25 * MIB
JOB = Job(1, "walk.csv", False, 0)


def test_an_abandoned_clip_makes_room_at_once() -> None:
    short = {"file": ("a.csv", clip(60))}
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        with sent(house, form(clip(6000))) as client:  # 94 batches, 5 s
            await_text(client, b'"classifying"')
            assert house.http.post("/clips", files=short).status_code == 503
            pids = house.live.clips.pool.pids()
        assert await_gone(house, 1) < ANSWER_S
        start_s = time.monotonic()
        assert house.http.post("/clips", files=short).status_code == 200
        assert time.monotonic() - start_s < STOP_S
        assert house.live.clips.pool.pids() == pids  # it was asked to stop, not killed


def test_the_reading_of_an_abandoned_file_stops() -> None:
    gone = threading.Event()
    work = ClipWork(FakeRecognizer(), None, setup_of(1, 900))
    gone.set()
    for data in (
        clip(20),
        ntu_skeleton.write(recording()).encode(),
        builders.offline_processor_json(builders.recording(20, AZURE_KINECT)),
    ):
        assert work.do(JOB, [data], gone, lambda _: None)[0].status == GONE


def test_a_client_that_leaves_while_its_file_is_read_makes_room() -> None:
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        for count in (1, 2):
            with sent(house, form(clip(12_000))) as client:  # 10 MiB, at least 2 s
                await_text(client, b'"reading"')
            assert await_gone(house, count) < ANSWER_S
        start_s = time.monotonic()
        short = {"file": ("a.csv", clip(60))}
        assert house.http.post("/clips", files=short).status_code == 200
        assert time.monotonic() - start_s < STOP_S


def test_reading_has_a_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.clips.work.READING_S", 0.0)
    work = ClipWork(FakeRecognizer(), None, setup_of(1, 900))
    end, _ = work.do(JOB, [clip(200)], threading.Event(), lambda _: None)
    assert end.status == 422
    assert end.text.startswith("walk.csv: reading it takes more than 0 s of processor time")


def test_classifying_has_a_limit_of_time() -> None:
    work = ClipWork(FakeRecognizer(), None, msgspec.structs.replace(setup_of(1, 900), work_s=0.0))
    end, _ = work.do(JOB, [clip(200)], threading.Event(), lambda _: None)
    assert end.status == 422
    assert end.text.startswith("walk.csv: classifying it takes more than 0 s of processor time")


def test_the_answer_is_not_lost_for_a_client_that_stays() -> None:
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:
        answer = house.http.post("/clips", files={"file": ("a.csv", clip(600))}, timeout=20)
        assert answer.status_code == 200 and len(answer.json()["times_s"]) == 149
        assert counted(house, "gone") == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("share", [1.0, 0.7], ids=["sent", "half sent"])
def test_ten_abandoned_uploads_leave_no_memory(share: float) -> None:
    data = form(clip(5000))  # 4 MiB
    part = data[: int(share * len(data))]
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house:

        def abandon(count: int) -> None:
            with sent(house, part) as client:
                if share == 1:
                    await_text(client, b'"classifying"')
            await_gone(house, count)

        def memory() -> int:
            return resident_bytes() + sum(map(resident_bytes, house.live.clips.pool.pids()))

        abandon(1)
        before = memory()
        for n in range(10):
            abandon(n + 2)
        assert memory() - before < MOST_KEPT
