from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator

import pytest

from sensor.cameras.azure_kinect.body_tracking import Capture
from sensor.cameras.azure_kinect.k4abt import Result
from sensor.cameras.azure_kinect.source import TrackedSource
from sensor.capture import CaptureThread
from sensor.errors import SensorError
from sensor.skeleton import AZURE_KINECT
from tests import builders


class FakeFeed:
    """Yields captures from memory; `error` is raised at the end."""

    calibration = b""
    library = None

    def __init__(
        self, count: int, waits_for_tracker: bool = True, error: Exception | None = None
    ) -> None:
        self.waits_for_tracker = waits_for_tracker
        self.closed = 0
        self.released: list[int] = []
        self._count = count
        self._error = error

    def captures(self, stop: threading.Event) -> Generator[Capture, None, None]:
        for number in range(1, self._count + 1):
            if stop.is_set():
                return
            try:
                yield Capture(number, 1000 * number, 50 + number)
            finally:
                self.released.append(number)
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closed += 1


class FakeTime:
    """A clock that only a silent tracker advances."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s


class FakeTracker:
    """Answers each capture with one body, from capture `begin` on, `answers` times."""

    def __init__(
        self, time: FakeTime, answers: int = 10**9, refuse: int = 0, begin: int = 0
    ) -> None:
        self.closed = 0
        self.asked = 0
        self._time = time
        self._answers = answers
        self._refuse = refuse
        self._begin = begin
        self._queue: deque[int] = deque()
        self._changed = threading.Condition()

    def enqueue(self, capture: int, timeout_ms: int) -> bool | None:
        with self._changed:
            self.asked += 1
            self._changed.notify_all()
            if capture == self._refuse:
                return False
            full = self.asked <= self._begin and len(self._queue) >= 3
            if full or not self._changed.wait_for(lambda: len(self._queue) < 3, 0.02):
                return None
            self._queue.append(capture)
            self._changed.notify_all()
            return True

    def pop(self, timeout_ms: int) -> Result | None:
        with self._changed:
            if self._answers <= 0:
                if self._queue:
                    self._time.now_s += 0.5
                self._changed.wait(0.001)
                return None
            ready = lambda: bool(self._queue) and self.asked >= self._begin  # noqa: E731
            if not self._changed.wait_for(ready, 0.02):
                return None
            self._answers -= 1
            number = self._queue.popleft()
            self._changed.notify_all()
            return Result(1000 * number, (builders.body(number, AZURE_KINECT),))

    def close(self) -> None:
        self.closed += 1


def source(feed: FakeFeed, time: FakeTime, trackers: list[FakeTracker]) -> TrackedSource:
    left = list(trackers)
    return TrackedSource(
        "cam", "azure-kinect", lambda: feed, lambda calibration: left.pop(0), clock_s=time.clock
    )  # type: ignore[arg-type]


def test_every_capture_becomes_a_frame_with_its_own_time():
    time = FakeTime()
    feed, tracker = FakeFeed(20), FakeTracker(time)
    made = source(feed, time, [tracker])
    frames = list(made.frames())
    assert [f.sequence for f in frames] == list(range(20))
    assert [f.captured_ns for f in frames] == list(range(51, 71))
    assert [f.bodies[0].id for f in frames] == list(range(1, 21))
    assert {(f.source, f.layout.name) for f in frames} == {("cam", "azure-kinect")}
    assert feed.released == list(range(1, 21))
    assert (feed.closed, tracker.closed) == (1, 1)


def test_a_silent_tracker_is_replaced_and_the_stream_goes_on():
    time = FakeTime()
    feed, trackers = FakeFeed(20), [FakeTracker(time, answers) for answers in (5, 4, 99)]
    made = source(feed, time, trackers)
    sequences = [f.sequence for f in made.frames()]
    assert sequences[:5] == [0, 1, 2, 3, 4]
    assert sequences == sorted(set(sequences))
    assert sequences[-1] == 19
    assert made.session is not None
    assert made.session.restarted == 2
    assert [t.closed for t in trackers] == [1, 1, 1]
    assert sorted(feed.released) == list(range(1, 21))


def test_a_tracker_that_stays_silent_raises_a_sensor_error():
    time = FakeTime()
    trackers = [FakeTracker(time, answers=0) for _ in range(4)]
    feed = FakeFeed(100)
    with pytest.raises(SensorError, match="restarting it 3 times did not help"):
        list(source(feed, time, trackers).frames())
    assert [t.closed for t in trackers] == [1] * 4
    assert feed.closed == 1


def test_a_recording_ends_if_its_last_captures_get_no_result():
    time = FakeTime()
    made = source(FakeFeed(5), time, [FakeTracker(time, answers=3)])
    assert len(list(made.frames())) == 3


def test_a_live_feed_drops_captures_while_the_queue_is_full():
    time = FakeTime()
    made = source(FakeFeed(8, waits_for_tracker=False), time, [FakeTracker(time, begin=8)])
    assert [f.sequence for f in made.frames()] == [0, 1, 2]
    assert made.session is not None
    assert made.session.dropped == 5


def test_a_refused_capture_is_counted_and_skipped():
    time = FakeTime()
    made = source(FakeFeed(6), time, [FakeTracker(time, refuse=3)])
    assert [f.sequence for f in made.frames()] == [0, 1, 3, 4, 5]
    assert made.session is not None
    assert made.session.refused == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [(SensorError("unplugged"), "^unplugged$"), (KeyError("x"), "^cam: KeyError: 'x'$")],
)
def test_a_failing_feed_raises_a_sensor_error(error: Exception, expected: str):
    time = FakeTime()
    feed, tracker = FakeFeed(3, error=error), FakeTracker(time)
    with pytest.raises(SensorError, match=expected):
        list(source(feed, time, [tracker]).frames())
    assert (feed.closed, tracker.closed) == (1, 1)


def test_close_from_another_thread_ends_it_for_good():
    time = FakeTime()
    feed, tracker = FakeFeed(10**9), FakeTracker(time)
    made = source(feed, time, [tracker])
    seen = 0
    for _ in made.frames():
        seen += 1
        if seen == 4:
            closer = threading.Thread(target=made.close)
            closer.start()
            closer.join()
    assert seen == 4
    assert feed.released == list(range(1, len(feed.released) + 1))
    assert (feed.closed, tracker.closed) == (1, 1)
    assert list(made.frames()) == []


def test_a_camera_that_returns_continues_its_sequence_numbers():
    feeds = [FakeFeed(3, error=SensorError("unplugged")), FakeFeed(2)]
    left: list[Callable[[], FakeFeed]] = [lambda: feeds[0], lambda: feeds[1]]
    made = TrackedSource(
        "cam", "azure-kinect", lambda: left.pop(0)(), lambda calibration: FakeTracker(FakeTime()),
        restartable=True,
    )  # fmt: skip
    states: list[str] = []
    thread = CaptureThread(made, lambda state, text: states.append(state), wait=lambda s: False)
    thread.run()
    sequences = [f.sequence for f in thread.drain()]
    assert sequences[-2:] == [3, 4]
    assert states[-1] == "ended"
    # The camera is unplugged before or after the tracker's first result.
    assert states[0] == "waiting" or "lost" in states
