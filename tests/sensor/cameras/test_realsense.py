"""The RealSense source on librealsense's software device, fed with rendered people."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sensor.cameras.pose.depth_lifting import INFERRED, Pinhole
from sensor.cameras.pose.source import PoseSource
from sensor.cameras.realsense import AlignedPictures, RealSense, find, open_realsense
from sensor.errors import SensorError
from sensor.skeleton import KINECT_V2
from sensor.source import parse_uri
from tests.fakes.cameras import rendered
from tests.fakes.cameras.pictures import FakeEstimator

AT = KINECT_V2.index
HEIGHT, WIDTH = rendered.SHAPE
BASELINE_M = 0.015
FRAMES = 6


@pytest.fixture
def rs() -> Any:
    return pytest.importorskip(
        "pyrealsense2", reason="needs the realsense extra and libusb-1.0", exc_type=ImportError
    )


class SoftCamera:
    """A software device whose depth camera is 15 mm to the right of its colour camera."""

    def __init__(self, rs: Any) -> None:
        self._rs = rs
        self._device = rs.software_device()
        self._depth = self._device.add_sensor("Depth")
        self._colour = self._device.add_sensor("Color")
        self._depth.add_read_only_option(rs.option.depth_units, 0.001)
        self._depth_profile = self._depth.add_video_stream(self._stream(0))
        self._colour_profile = self._colour.add_video_stream(self._stream(1))
        between = rs.extrinsics()
        between.rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]
        between.translation = [BASELINE_M, 0, 0]
        self._depth_profile.register_extrinsics_to(self._colour_profile, between)
        self.syncer = rs.syncer()
        for sensor, profile in self._sensors():
            sensor.open(profile)
            sensor.start(self.syncer)

    def _sensors(self) -> list[tuple[Any, Any]]:
        return [(self._depth, self._depth_profile), (self._colour, self._colour_profile)]

    def _stream(self, uid: int) -> Any:
        rs, seen = self._rs, self._rs.intrinsics()
        seen.width, seen.height = WIDTH, HEIGHT
        seen.fx, seen.fy = rendered.PINHOLE.fx, rendered.PINHOLE.fy
        seen.ppx, seen.ppy = rendered.PINHOLE.cx, rendered.PINHOLE.cy
        seen.model, seen.coeffs = rs.distortion.none, [0.0] * 5
        stream = rs.video_stream()
        stream.type, stream.fmt = (
            (rs.stream.color, rs.format.rgb8) if uid else (rs.stream.depth, rs.format.z16)
        )
        stream.index, stream.uid, stream.fps, stream.bpp = 0, uid, 30, 3 if uid else 2
        stream.width, stream.height, stream.intrinsics = WIDTH, HEIGHT, seen
        return stream

    def feed(self, number: int, depth_m: np.ndarray, image: np.ndarray) -> None:
        millimetres = np.round(depth_m * 1000).astype(np.uint16)
        for (sensor, profile), pixels in zip(self._sensors(), (millimetres, image), strict=True):
            frame = self._rs.software_video_frame()
            frame.pixels = pixels
            frame.bpp = 3 if pixels.ndim == 3 else 2
            frame.stride = WIDTH * frame.bpp
            frame.timestamp = 1000 * number / 30
            frame.domain = self._rs.timestamp_domain.hardware_clock
            frame.frame_number = number
            frame.profile = profile.as_video_stream_profile()
            frame.depth_units = 0.001 if pixels.ndim == 2 else 0.0
            sensor.on_video_frame(frame)

    def close(self) -> None:
        for sensor, _ in self._sensors():
            sensor.stop()
            sensor.close()


@pytest.fixture
def soft(rs: Any) -> Iterator[SoftCamera]:
    camera = SoftCamera(rs)
    yield camera
    camera.close()


def test_depth_is_aligned_to_colour_and_lifts_the_joints(rs: Any, soft: SoftCamera) -> None:
    rng = np.random.default_rng(2)
    true = rendered.person(rng, 2.2, 15)
    # Rendered from the depth camera's position, which differs from the colour camera's.
    shifted = rendered.Person(true.joints_m - (BASELINE_M, 0, 0), true.stout)
    depth_m = rendered.depth_of([shifted])
    image = np.full((HEIGHT, WIDTH, 3), 77, np.uint8)
    pictures = AlignedPictures(rs, soft.syncer, "RealSense soft")
    source = PoseSource(
        parse_uri("realsense:soft"),
        lambda _: pictures,
        lambda: FakeEstimator([rendered.estimate(rng, true)]),
    )

    def feed() -> None:
        for number in range(FRAMES):
            soft.feed(number, depth_m, image)
            fed.wait(0.02)

    fed = threading.Event()
    feeder = threading.Thread(target=feed)
    feeder.start()
    frames = source.frames()
    first, second = next(frames), next(frames)
    source.close()
    fed.set()
    feeder.join()
    (body,) = first.bodies
    far_m = np.linalg.norm(body.joints_m - true.joints_m * (-1, -1, 1), axis=1)
    assert np.median(far_m[body.confidence > 0]) <= 0.03
    assert (body.confidence > INFERRED).mean() > 0.5
    step_ns = second.captured_ns - first.captured_ns
    assert step_ns > 0


def test_a_picture_has_the_colour_cameras_image_and_pinhole(rs: Any, soft: SoftCamera) -> None:
    depth_m = np.full(rendered.SHAPE, 2.0, np.float32)
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[..., 0] = 200
    for number in range(3):
        soft.feed(number, depth_m, image)
    picture = AlignedPictures(rs, soft.syncer, "RealSense soft").read()
    assert picture.image[0, 0].tolist() == [200, 0, 0]
    assert picture.depth_m is not None
    assert float(np.median(picture.depth_m)) == pytest.approx(2.0, abs=0.001)
    assert picture.pinhole == Pinhole(615, 615, 320, 240)


def test_silence_raises_a_sensor_error(rs: Any) -> None:
    class Silent:
        def wait_for_frames(self, timeout_ms: int) -> Any:
            raise RuntimeError(f"Frame didn't arrive within {timeout_ms}")

    with pytest.raises(SensorError, match=r"RealSense 7 sends no more .*arrive within 5000.*USB 3"):
        AlignedPictures(rs, Silent(), "RealSense 7").read()


def test_a_missing_camera_is_named(rs: Any) -> None:
    with pytest.raises(SensorError, match=r"^RealSense 0123 is not plugged in.*found: none"):
        RealSense("0123")
    assert [(one.ready, one.uri) for one in find()] == [(False, "")]


def test_without_the_sdk_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrealsense2", None)
    with pytest.raises(SensorError, match=r"pip install 'jointwise\[realsense\]'"):
        open_realsense(parse_uri("realsense:"))
    assert find()[0].mend == "pip install 'jointwise[realsense]'"
