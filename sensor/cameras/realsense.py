"""`realsense:SERIAL`, an Intel RealSense: a pose estimator finds joints, depth places them."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

import numpy as np

from sensor.cameras.device_clock import DeviceClock
from sensor.cameras.pose.depth_lifting import Pinhole
from sensor.cameras.pose.newest_picture import NewestPicture
from sensor.cameras.pose.source import ESTIMATOR_OPTIONS, Picture, PoseSource, View, estimator_of
from sensor.errors import SensorError
from sensor.skeleton import FloatArray
from sensor.source import Finding, SourceUri

WIDTH, HEIGHT, RATE_HZ = 640, 480, 30
WAIT_MS = 5000
INSTALL = "pip install 'jointwise[realsense]'"


class FrameSets(Protocol):
    """A provider of pyrealsense2's framesets: its pipeline, or its syncer."""

    def wait_for_frames(self, timeout_ms: int) -> Any:
        """Return the next depth and colour of one moment. Raises RuntimeError if none comes."""
        ...


class AlignedPictures:
    """Pictures with depth aligned to colour, from framesets. Raises SensorError if none come."""

    def __init__(self, rs: Any, framesets: FrameSets, name: str) -> None:
        self._framesets = framesets
        self._name = name
        self._align = rs.align(rs.stream.color)
        self._clock = DeviceClock()

    def read(self) -> Picture:
        """Return the next picture that has both depth and colour."""
        while True:
            try:
                frames = self._framesets.wait_for_frames(WAIT_MS)
                now_ns = time.monotonic_ns()
                aligned = self._align.process(frames.as_frameset())
                depth, colour = aligned.get_depth_frame(), aligned.get_color_frame()
            except RuntimeError as error:
                raise SensorError(
                    f"{self._name} sends no more pictures ({error}); plug it in again, into a "
                    "USB 3 port with its own cable"
                ) from None
            if depth and colour:
                return self._picture(depth, colour, now_ns)

    def close(self) -> None:
        """Do nothing, since nothing is held."""

    def _picture(self, depth: Any, colour: Any, now_ns: int) -> Picture:
        seen = colour.get_profile().as_video_stream_profile().get_intrinsics()
        # Copied, since the SDK reuses its few buffers.
        image = np.array(colour.get_data(), np.uint8)
        depth_m: FloatArray = np.array(depth.get_data(), np.float32) * np.float32(depth.get_units())
        captured_ns = self._clock.host_ns(round(colour.get_timestamp() * 1e6), now_ns)
        return Picture(image, captured_ns, depth_m, Pinhole(seen.fx, seen.fy, seen.ppx, seen.ppy))


class RealSense(AlignedPictures):
    """An opened RealSense. A `serial` of "" takes any. Raises SensorError if it is missing."""

    def __init__(self, serial: str) -> None:
        rs = _sdk()
        name = f"RealSense {serial}".strip()
        found = _devices(rs)  # the pipeline would wait long for a missing camera
        if not any(serial in ("", number) for number, _ in found):
            others = ", ".join(f"realsense:{number} ({what})" for number, what in found)
            raise SensorError(
                f"{name} is not plugged in; it needs a USB 3 port; found: {others or 'none'}"
            )
        config = rs.config()
        if serial:
            config.enable_device(serial)
        config.enable_stream(rs.stream.depth, WIDTH, HEIGHT, rs.format.z16, RATE_HZ)
        config.enable_stream(rs.stream.color, WIDTH, HEIGHT, rs.format.rgb8, RATE_HZ)
        self._pipeline = rs.pipeline()
        try:
            self._pipeline.start(config)
        except RuntimeError as error:
            raise SensorError(
                f"{name} cannot be opened ({error}); plug it into a USB 3 port and close other "
                "programs that use it"
            ) from None
        super().__init__(rs, self._pipeline, name)

    def close(self) -> None:
        """Release the camera."""
        self._pipeline.stop()


def open_realsense(uri: SourceUri) -> PoseSource:
    """Open `realsense:SERIAL`, or `realsense:` for any camera; options model, people.

    `frames()` looks for the camera itself. Raises SensorError if pyrealsense2, MediaPipe or its
    model is missing, SourceUriError for a wrong option.
    """
    uri.check_options(ESTIMATOR_OPTIONS)
    _sdk()
    estimator = estimator_of(uri)

    def pictures(closed: threading.Event) -> NewestPicture[Picture]:
        return NewestPicture(
            f"RealSense {uri.path}".strip(), lambda: RealSense(uri.path), 2 * WAIT_MS / 1e3
        )

    return PoseSource(uri, pictures, estimator, View())


def find() -> list[Finding]:
    """Find the RealSense cameras of this machine, or what is missing."""
    try:
        rs = _sdk()
    except SensorError as error:
        return [Finding("realsense", "", "RealSense", False, str(error), INSTALL)]
    found = [
        Finding("realsense", f"realsense:{serial}", name, True, f"{name}, serial {serial}", "")
        for serial, name in _devices(rs)
    ]
    nothing = Finding(
        "realsense",
        "",
        "RealSense",
        False,
        "no RealSense was found",
        "plug one into a USB 3 port; on Linux its udev rules let users open it",
    )
    return found or [nothing]


def _devices(rs: Any) -> list[tuple[str, str]]:
    """Return serial numbers and names of the connected cameras."""
    info = rs.camera_info
    return [
        (device.get_info(info.serial_number), device.get_info(info.name))
        for device in rs.context().query_devices()
    ]


def _sdk() -> Any:
    try:
        import pyrealsense2
    except ImportError as error:
        if error.name == "pyrealsense2":
            raise SensorError(f"pyrealsense2 is not installed: {INSTALL}") from None
        raise SensorError(
            f"pyrealsense2 cannot be loaded ({error}); on Debian or Ubuntu: "
            "apt-get install libusb-1.0-0"
        ) from None
    return pyrealsense2
