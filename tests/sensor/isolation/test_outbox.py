from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from sensor.isolation.outbox import MOST_HZ, QUEUED, Outbox
from sensor.isolation.packets import read_packet, unpack_frame
from tests import builders


class Gate(io.BytesIO):
    """A pipe whose reader does not read before `open` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.reached = threading.Event()

    def write(self, data: Any, /) -> int:
        self.reached.set()
        assert self.open.wait(10)
        return super().write(data)


def sent(pipe: io.BytesIO) -> list[tuple[int, int]]:
    """Return (sequence, dropped) of all sent frames."""
    pipe.seek(0)
    made = []
    while (packet := read_packet(pipe)) is not None:
        frame, dropped = unpack_frame(packet[1], "test")
        made.append((frame.sequence, dropped))
    return made


def test_frames_are_sent_in_order() -> None:
    pipe = io.BytesIO()
    outbox = Outbox(pipe, None)
    outbox.start()
    for i in range(50):
        outbox.put(builders.frame(sequence=i))
    outbox.flush()
    assert sent(pipe) == [(i, 0) for i in range(50)]


def test_without_a_reader_old_frames_are_dropped_and_counted() -> None:
    pipe = Gate()
    outbox = Outbox(pipe, None)
    outbox.start()
    outbox.put(builders.frame(sequence=0))
    assert pipe.reached.wait(10)
    for i in range(1, 10 * QUEUED + 2):
        outbox.put(builders.frame(sequence=i))
    pipe.open.set()
    outbox.flush()
    shown = sent(pipe)
    assert shown == [(0, 0), (10 * QUEUED + 1, 10 * QUEUED)]


@pytest.mark.parametrize("hz", [30, 90, 240])
def test_frames_at_a_cameras_rate_never_wait(hz: int) -> None:
    outbox = Outbox(io.BytesIO(), clock=iter([i / hz for i in range(2000)]).__next__)
    assert not any(outbox._pause_s() for _ in range(1999))


def test_the_rate_is_limited_after_a_burst() -> None:
    outbox = Outbox(io.BytesIO(), clock=iter([i / 10_000 for i in range(10_001)]).__next__)
    went = sum(outbox._pause_s() == 0 for _ in range(10_000))
    assert went == pytest.approx(MOST_HZ + QUEUED, abs=2)


class Broken(io.BytesIO):
    """A pipe without a reader."""

    def flush(self) -> None:
        raise BrokenPipeError


def test_flush_returns_if_the_reader_is_gone() -> None:
    outbox = Outbox(Broken())
    outbox.start()
    for _ in range(3):
        outbox.put(builders.frame())
        outbox.flush()
