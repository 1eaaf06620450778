"""The documented interface of kinect-next 3, with a script instead of a sensor.

Each opened sensor plays the next script: framesets, and errors to raise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag


class StreamType(IntFlag):
    COLOR = 1
    INFRARED = 2
    DEPTH = 8
    BODY_INDEX = 16
    BODY = 32


class TrackingState(IntEnum):
    NOT_TRACKED = 0
    INFERRED = 1
    TRACKED = 2


class KinectError(Exception):
    pass


class KinectNotAvailableError(KinectError):
    pass


class KinectTimeoutError(KinectError):
    pass


class KinectClosedError(KinectError):
    pass


@dataclass(frozen=True)
class Vector3:
    x: float
    y: float
    z: float

    def as_tuple(self) -> tuple[float, float, float]:
        return self.x, self.y, self.z


@dataclass(frozen=True)
class Joint:
    joint_type: int
    position: Vector3
    tracking_state: TrackingState


class JointCollection:
    def __init__(self, joints: dict[int, Joint]) -> None:
        self._joints = joints

    def __getitem__(self, joint_type: int) -> Joint:
        return self._joints[joint_type]


@dataclass
class Body:
    tracking_id: int
    is_tracked: bool
    joints: JointCollection


@dataclass
class FrameSet:
    bodies: list[Body] = field(default_factory=list)
    relative_time_ns: int = 0

    @property
    def tracked_bodies(self) -> list[Body]:
        return [body for body in self.bodies if body.is_tracked]


class FakeKinect:
    """Replaces the module `kinect_next`; counts open sensors."""

    StreamType = StreamType
    KinectError = KinectError
    KinectNotAvailableError = KinectNotAvailableError
    KinectTimeoutError = KinectTimeoutError
    KinectClosedError = KinectClosedError

    def __init__(self, *scripts: Iterable[FrameSet | Exception], available: bool = True) -> None:
        self.open = 0
        self._scripts = list(scripts)
        self._available = available

    def KinectSensor(self, streams: StreamType, *, auto_open: bool = True) -> KinectSensor:  # noqa: N802
        assert streams == StreamType.BODY and auto_open
        if not self._available:
            raise KinectNotAvailableError("No Kinect v2 sensor is connected.")
        self.open += 1
        return KinectSensor(self, self._scripts.pop(0) if self._scripts else ())


class KinectSensor:
    def __init__(self, module: FakeKinect, script: Iterable[FrameSet | Exception]) -> None:
        self._module = module
        self._script = iter(script)
        self.is_available = True

    def wait_for_frames(self, timeout_ms: int = 5000) -> FrameSet:
        step = next(self._script, KinectTimeoutError(f"Timed out ({timeout_ms} ms)."))
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self._module.open -= 1
