"""Video files: times, paces, ends, and a person who moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.replay import LOOP_GAP_NS
from sensor.cameras.video import Video, open_video
from sensor.errors import RecordingError, SensorError
from sensor.skeleton import KINECT_V2
from sensor.source import parse_uri
from tests.fakes.cameras import people_pictures

cv2 = pytest.importorskip("cv2", reason="needs the pose extra")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
AT = KINECT_V2.index
START_NS = 10**12
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes pictures into a video; by default ten that grow brighter."""

    def make(rate_hz: float, pictures: list[np.ndarray] | None = None) -> Path:
        pictures = pictures or [np.full((64, 96, 3), 20 * n, np.uint8) for n in range(10)]
        path = tmp_path / "film.avi"
        size = pictures[0].shape[1::-1]
        film = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), rate_hz, size)
        for picture in pictures:
            film.write(np.ascontiguousarray(picture[..., ::-1]))
        film.release()
        return path

    return make


class Clock:
    """A clock that advances by waiting and by the cost of each picture."""

    def __init__(self, cost_ns: int = 0) -> None:
        self.now_ns = START_NS
        self._cost_ns = cost_ns

    def __call__(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> bool:
        self.now_ns += round(seconds * 1e9)
        return False

    def spend(self) -> None:
        self.now_ns += self._cost_ns


def play(video: Video, clock: Clock, limit: int = 100) -> list[tuple[float, int]]:
    """Return, for each picture, the seconds since the start and the brightness."""
    seen = []
    while len(seen) < limit and (picture := video.read()) is not None:
        seen.append(((picture.captured_ns - START_NS) / 1e9, int(picture.image.mean())))
        clock.spend()
    video.close()
    return seen


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 29.97, 50.0])
def test_every_picture_has_the_files_time(write: Write, rate_hz: float) -> None:
    clock = Clock()
    seen = play(Video(write(rate_hz), 1.0, False, clock.wait, clock), clock)
    times = [time for time, _ in seen]
    np.testing.assert_allclose(times, np.arange(10) / rate_hz, atol=0.002)
    assert clock.now_ns - START_NS == pytest.approx(9e9 / rate_hz, abs=3e6)


def test_every_pace_gives_the_same_pictures(write: Write) -> None:
    path = write(25)
    clocks = [Clock(), Clock(), Clock()]
    paces = (1.0, 4.0, None)
    plays = [
        play(Video(path, pace, False, clock.wait, clock), clock)
        for pace, clock in zip(paces, clocks, strict=True)
    ]
    assert plays[0] == plays[1] == plays[2]
    assert [round((clock.now_ns - START_NS) / 1e7) for clock in clocks] == [36, 9, 0]


def test_a_slow_reader_skips_pictures_and_stays_live(write: Write) -> None:
    clock = Clock(cost_ns=130_000_000)
    video = Video(write(25), 1.0, False, clock.wait, clock)
    seen = play(video, clock)
    assert video.skipped > 3
    assert len(seen) + video.skipped == 10
    times = [time for time, _ in seen]
    assert times == sorted(times) and times[-1] > 0.2


def test_a_loop_continues_in_time_after_a_gap(write: Write) -> None:
    clock = Clock()
    seen = play(Video(write(25), 1.0, True, clock.wait, clock), clock, 25)
    steps = np.diff([time for time, _ in seen])
    assert (steps > 0).all()
    assert np.flatnonzero(steps > 1).tolist() == [9, 19]
    assert steps[9] == pytest.approx(LOOP_GAP_NS / 1e9, abs=0.05)
    assert [light for _, light in seen[:10]] == [light for _, light in seen[10:20]]


def test_a_stopped_wait_ends_it(write: Write) -> None:
    video = Video(write(25), 1.0, False, lambda seconds: True, Clock())
    assert video.read() is not None
    assert video.read() is None
    video.close()


def test_a_missing_or_invalid_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nope.mp4 does not exist"):
        open_video(parse_uri(f"video:{tmp_path}/nope.mp4"))
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(SensorError, match=r"text.mp4 is not a video"):
        Video(tmp_path / "text.mp4", None, False, threading.Event().wait)
    with pytest.raises(SensorError, match="names no file"):
        open_video(parse_uri("video:"))


def test_a_person_who_moves_in_a_video_moves_in_space(write: Write) -> None:
    image = people_pictures.whole()[200:1000, :600]
    model = people_pictures.model()
    chosen = f"&model={model}" if model else ""
    shifts = [np.float32([(1, 0, 10 * n), (0, 1, 0)]) for n in range(15)]
    pictures = [cv2.warpAffine(image, shift, (800, 800)) for shift in shifts]
    source = open_video(
        parse_uri(f"video:{write(15, pictures)}?pace=max&name=street&height=1.8{chosen}")
    )
    frames = list(source.frames())
    assert len(frames) == 15 and source.lossless
    assert [frame.source for frame in frames] == ["street"] * 15
    hips = np.array([f.bodies[0].joints_m[AT["SpineBase"]] for f in frames if f.bodies])
    assert len(hips) >= 12
    # The person moves 140 pixels to the right, at a focal length of 628 pixels.
    moved = hips[-3:].mean(axis=0) - hips[:3].mean(axis=0)
    assert moved[0] < -0.25
    assert abs(moved[2]) < 0.4
    for frame in frames:
        for body in frame.bodies:
            head, base = body.joints_m[AT["Head"]], body.joints_m[AT["SpineBase"]]
            assert head[1] > base[1] + 0.4
    assert source.note.startswith("3D is estimated")
