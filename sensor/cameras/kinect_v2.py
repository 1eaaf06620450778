"""`kinect-v2:`, the Kinect for Windows v2: its runtime's body tracking through kinect-next."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from sensor.cameras.device_clock import DeviceClock
from sensor.errors import SensorError, SourceUriError
from sensor.skeleton import KINECT_V2, Body, Frame
from sensor.source import Finding, SourceUri

INSTALL = "pip install 'jointwise[kinect-v2]'"
RUNTIME_URL = "https://www.microsoft.com/download/details.aspx?id=44561"
ONLY_WINDOWS = (
    "the skeletons of a Kinect v2 come from Microsoft's runtime, which exists for Windows only: "
    "run Jointwise on Windows, push frames from there to here, or use another camera here "
    "(azure-kinect:, realsense:, webcam:)"
)
TICK_MS = 500
STALL_S = 8.0
"""A newly opened Kinect needs some seconds, and pauses again after its first frames."""


class KinectV2:
    """A Kinect v2. Each call of `frames` opens it again. `clock` returns nanoseconds."""

    kind = "kinect-v2"
    note = ""
    restartable = True
    silence_s = STALL_S + 2

    def __init__(self, name: str, sdk: Any, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.name = name
        self._sdk = sdk
        self._clock = clock
        self._closed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Yield the sensor's frames. Raises SensorError if it is missing or sends no more."""
        if self._closed.is_set():
            return
        device_clock = DeviceClock()
        try:
            with closing(self._sdk.KinectSensor(streams=self._sdk.StreamType.BODY)) as sensor:
                for sequence, (tick, now_ns) in enumerate(self._ticks(sensor)):
                    told_ns = tick.relative_time_ns
                    captured_ns = device_clock.host_ns(told_ns, now_ns) if told_ns else now_ns
                    bodies = tuple(_body(body) for body in tick.tracked_bodies)
                    yield Frame(self.name, sequence, captured_ns, bodies, KINECT_V2)
        except self._sdk.KinectNotAvailableError as error:
            raise SensorError(
                f"no Kinect v2 can be opened ({error}); connect its power supply and a USB 3 port, "
                f"and install the Kinect for Windows SDK 2.0 from {RUNTIME_URL}"
            ) from None
        except self._sdk.KinectError as error:
            raise SensorError(f"the Kinect v2 failed: {error}; plug it in again") from None

    def close(self) -> None:
        """Make `frames` return soon; may be called from any thread."""
        self._closed.set()

    def _ticks(self, sensor: Any) -> Iterator[tuple[Any, int]]:
        """Yield the sensor's framesets until `close`, with the nanosecond at which each arrived.

        Raises SensorError if the sensor falls silent.
        """
        heard_ns = self._clock()
        while not self._closed.is_set():
            try:
                tick = sensor.wait_for_frames(TICK_MS)
            except self._sdk.KinectTimeoutError:
                if self._clock() - heard_ns > STALL_S * 1e9:
                    raise SensorError(
                        f"the Kinect v2 sent nothing for {STALL_S:g} s; check its power supply and "
                        "its USB 3 port"
                    ) from None
                continue
            heard_ns = self._clock()
            yield tick, heard_ns


def open_kinect_v2(uri: SourceUri) -> KinectV2:
    """Open `kinect-v2:`, the only Kinect v2 that Windows supports; it has no options.

    `frames()` looks for the sensor itself. Raises SensorError on another operating system or if
    kinect-next is missing, SourceUriError for a path or option.
    """
    uri.check_options(())
    if uri.path not in ("", "0"):
        raise SourceUriError(f"{uri.text}: Windows supports only one Kinect v2; write kinect-v2:")
    if sys.platform != "win32":
        raise SensorError(f"kinect-v2: {ONLY_WINDOWS}")
    return KinectV2(uri.name, _sdk())


def find() -> list[Finding]:
    """Find out whether a Kinect v2 can be opened here, and what is missing."""
    if sys.platform != "win32":
        return [_finding(False, "works on Windows only", ONLY_WINDOWS)]
    try:
        sdk = _sdk()
    except SensorError as error:
        return [_finding(False, str(error), INSTALL)]
    return [_look(sdk)]


def _look(sdk: Any) -> Finding:
    """Open the sensor for a moment."""
    try:
        with closing(sdk.KinectSensor(streams=sdk.StreamType.BODY)) as sensor:
            ready = bool(sensor.is_available)
    except sdk.KinectError as error:
        return _finding(False, str(error), f"install the Kinect for Windows SDK: {RUNTIME_URL}")
    if ready:
        return _finding(True, "the runtime is installed and a sensor answers", "")
    text = "the runtime is installed, but no sensor answers yet"
    return _finding(False, text, "connect its power supply and a USB 3 port, and wait some seconds")


def _finding(ready: bool, text: str, remedy: str) -> Finding:
    return Finding("kinect-v2", "kinect-v2:" if ready else "", "Kinect v2", ready, text, remedy)


def _body(body: Any) -> Body:
    """Convert a tracked body; the states not tracked, inferred, tracked become 0, 0.5, 1.

    kinect-next already gives camera space: metres, y up, x to the sensor's left.
    """
    joints = [body.joints[index] for index in range(len(KINECT_V2.joints))]
    places = np.array([joint.position.as_tuple() for joint in joints], np.float32)
    states = np.array([int(joint.tracking_state) for joint in joints], np.float32)
    return Body(int(body.tracking_id), places, np.clip(states, 0, 2) / np.float32(2))


def _sdk() -> Any:
    try:
        import kinect_next
    except ImportError as error:
        if error.name == "kinect_next":
            raise SensorError(f"kinect-next is not installed: {INSTALL}") from None
        raise SensorError(f"kinect-next cannot be loaded: {error}") from None
    return kinect_next
