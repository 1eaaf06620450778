"""`kinect-v2:`: the Kinect for Windows v2, whose own runtime tracks bodies; through kinect-next."""

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
    "a Kinect v2's skeletons come from Microsoft's runtime, which exists for Windows alone: run "
    "Jointwise there, push its frames here from there, or use this machine's own cameras "
    "(azure-kinect:, realsense:, webcam:)"
)
TICK_MS = 500
STALL_S = 8.0
"""A freshly opened Kinect needs some seconds, and pauses once more after its first frames."""


class KinectV2:
    """A Kinect v2. Each call of `frames` opens it anew. `clock` gives nanoseconds."""

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
        """Yield the sensor's frames. Raises SensorError where it is missing or gives no more."""
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
                f"no Kinect v2 can be opened ({error}): plug in its power and a USB 3 port, and "
                f"install the Kinect for Windows SDK 2.0 from {RUNTIME_URL}"
            ) from None
        except self._sdk.KinectError as error:
            raise SensorError(f"the Kinect v2 failed: {error}; plug it in again") from None

    def close(self) -> None:
        """Stop soon, from whatever thread."""
        self._closed.set()

    def _ticks(self, sensor: Any) -> Iterator[tuple[Any, int]]:
        """The sensor's framesets until `close`, and when each was handed over, nanoseconds.

        Raises SensorError where it falls silent.
        """
        heard_ns = self._clock()
        while not self._closed.is_set():
            try:
                tick = sensor.wait_for_frames(TICK_MS)
            except self._sdk.KinectTimeoutError:
                if self._clock() - heard_ns > STALL_S * 1e9:
                    raise SensorError(
                        f"the Kinect v2 has given nothing for {STALL_S:g} s: see to its power "
                        "supply and its USB 3 port"
                    ) from None
                continue
            heard_ns = self._clock()
            yield tick, heard_ns


def open_kinect_v2(uri: SourceUri) -> KinectV2:
    """Open `kinect-v2:`, the one Kinect v2 that Windows gives out; no options.

    The sensor itself is looked for when frames are read. Raises SensorError on another system,
    or where kinect-next is missing, SourceUriError for a path or option.
    """
    uri.check_options(())
    if uri.path not in ("", "0"):
        raise SourceUriError(f"{uri.text}: Windows gives out one Kinect v2 alone; write kinect-v2:")
    if sys.platform != "win32":
        raise SensorError(f"kinect-v2: {ONLY_WINDOWS}")
    return KinectV2(uri.name, _sdk())


def find() -> list[Finding]:
    """Whether a Kinect v2 can be opened here, and what it needs."""
    if sys.platform != "win32":
        return [_finding(False, "works on Windows alone", ONLY_WINDOWS)]
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
        return _finding(True, "the runtime is there and a sensor answers", "")
    text = "the runtime is there, but no sensor answers yet"
    return _finding(False, text, "plug in its power and a USB 3 port; it takes some seconds")


def _finding(ready: bool, text: str, mend: str) -> Finding:
    return Finding("kinect-v2", "kinect-v2:" if ready else "", "Kinect v2", ready, text, mend)


def _body(body: Any) -> Body:
    """A tracked body; states not tracked, inferred, tracked become confidence 0, 0.5, 1.

    kinect-next gives camera space already: metres, y up, x to the sensor's left.
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
