from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sensor.capture import CaptureThread
from sensor.errors import SensorError
from sensor.skeleton import Frame
from tests import builders


class Script:
    """A source that follows a script: each turn is a count of frames and the error that ends it."""

    kind = "script"
    note = ""

    def __init__(
        self,
        *turns: tuple[int, Exception | None],
        restartable: bool = False,
        lossless: bool = False,
    ) -> None:
        self.name = "script"
        self.restartable = restartable
        self.lossless = lossless
        self.closed = False
        self._turns = iter(turns)

    def frames(self) -> Iterator[Frame]:
        count, error = next(self._turns)
        for i in range(count):
            yield builders.frame(t_ns=i, sequence=i)
        if error:
            raise error

    def close(self) -> None:
        self.closed = True


def run(
    source: Script, capacity: int = 64
) -> tuple[CaptureThread, list[tuple[str, str]], list[float]]:
    states: list[tuple[str, str]] = []
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    capture = CaptureThread(
        source, lambda *state: states.append(state), capacity=capacity, wait=wait
    )
    capture.run()
    return capture, states, waits


def test_frames_come_in_order_and_the_end_is_announced():
    capture, states, _ = run(Script((3, None)))
    assert [f.sequence for f in capture.drain()] == [0, 1, 2]
    assert capture.drain() == []
    assert states == [("live", ""), ("ended", "")]


def test_a_full_queue_drops_and_counts_the_oldest_frame():
    capture, _, _ = run(Script((10, None)), capacity=4)
    assert [f.sequence for f in capture.drain()] == [6, 7, 8, 9]
    assert (capture.captured, capture.dropped) == (10, 6)


def test_a_lost_camera_is_tried_again_with_growing_pauses():
    lost, gone = SensorError("the cable is out"), SensorError("no camera found")
    source = Script((2, lost), *[(0, gone)] * 3, (60, lost), (1, None), restartable=True)
    capture, states, waits = run(source)
    assert waits == [0.5, 1, 2, 2, 0.5]
    assert states == [
        ("live", ""),
        ("lost", "the cable is out"),
        ("lost", "no camera found"),
        ("live", ""),
        ("lost", "the cable is out"),
        ("live", ""),
        ("ended", ""),
    ]
    assert capture.captured == 63


def test_pauses_grow_if_a_camera_fails_after_few_frames():
    lost = SensorError("the driver crashed")
    _, _, waits = run(Script(*[(5, lost)] * 4, (1, None), restartable=True))
    assert waits == [0.5, 1, 2, 2]


def test_a_camera_that_is_not_connected_yet_is_waited_for():
    missing = SensorError("no camera found; plug one in")
    _, states, waits = run(Script(*[(0, missing)] * 3, (1, None), restartable=True))
    assert states == [("waiting", "no camera found; plug one in"), ("live", ""), ("ended", "")]
    assert waits == [0.5, 1, 2]


def test_a_recording_that_fails_is_not_tried_again():
    _, states, waits = run(Script((1, SensorError("damaged"))))
    assert states == [("live", ""), ("failed", "damaged")]
    assert waits == []


def test_an_unexpected_exception_marks_the_stream_as_failed(caplog: pytest.LogCaptureFixture):
    _, states, _ = run(Script((1, ZeroDivisionError("oops")), restartable=True))
    assert states[-1] == ("failed", "ZeroDivisionError: oops")
    assert "capture of script failed" in caplog.text


def drained_until(capture: CaptureThread, done: Callable[[], bool]) -> list[Frame]:
    frames: list[Frame] = []
    while not done():
        frames += capture.drain()
    return frames + capture.drain()


def test_a_lossless_source_waits_for_its_reader():
    capture = CaptureThread(Script((500, None), lossless=True), capacity=4)
    capture.start()
    frames = drained_until(capture, lambda: capture.state == "ended")
    assert [f.sequence for f in frames] == list(range(500))
    assert capture.dropped == 0
    capture.stop()


def test_stop_frees_a_thread_that_waits_for_room():
    source = Script((500, None), lossless=True)
    capture = CaptureThread(source, capacity=4)
    capture.start()
    capture.stop()
    capture.stop()
    assert source.closed
    assert len(capture.drain()) <= 5


def test_each_frame_is_announced():
    calls: list[int] = []
    capture = CaptureThread(Script((3, None)), on_frame=lambda: calls.append(1))
    capture.run()
    assert len(calls) == 3
