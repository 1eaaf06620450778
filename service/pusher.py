"""Frames from another machine: one pusher's messages become `Frame`s of its stream."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from sensor.skeleton import LAYOUTS, Body, Frame
from service.errors import ClientError
from service.wire import PushedBody, decode_pushed, pushed_arrays

STREAM_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
FARTHEST_M = 100.0
_MAX_NS = 2**62


def check_name(name: str) -> str:
    """The stream's name; ClientError where it is not one."""
    if STREAM_NAME.fullmatch(name) is None:
        raise ClientError(
            "a stream's name has 1 to 64 of a-z, 0-9, - and _, and starts with a letter or digit",
            "stream",
        )
    return name


class Pusher:
    """Reads one pusher's messages and carries its clock to the host's.

    The pusher's clock may start anywhere; its first frame is taken as captured when it arrived.
    """

    def __init__(self, stream: str, max_bodies: int, clock_ns: Callable[[], int]) -> None:
        self._stream = stream
        self._max_bodies = max_bodies
        self._clock_ns = clock_ns
        self._offset_ns: int | None = None
        self._newest_ns = 0

    def frame(self, data: bytes | str) -> Frame:
        """The next message as a frame in host time. Raises ClientError naming the field."""
        pushed = decode_pushed(data)
        layout = LAYOUTS.get(pushed.layout)
        if layout is None:
            known = ", ".join(LAYOUTS)
            raise ClientError(f"no layout is called {pushed.layout!r}; known are {known}", "layout")
        if len(pushed.bodies) > self._max_bodies:
            raise ClientError(f"a frame may hold {self._max_bodies} bodies", "bodies")
        if len({body.id for body in pushed.bodies}) < len(pushed.bodies):
            raise ClientError("two bodies of one frame have the same id", "bodies")
        joints = len(layout.joints)
        bodies = tuple(
            _body(body, joints, f"bodies[{i}]", layout.name) for i, body in enumerate(pushed.bodies)
        )
        host_ns = self._host_ns(pushed.captured_ns)
        return Frame(self._stream, pushed.sequence, host_ns, bodies, layout, pushed.truth)

    def _host_ns(self, captured_ns: int) -> int:
        if abs(captured_ns) > _MAX_NS:
            raise ClientError("the time is beyond any clock; send nanoseconds", "captured_ns")
        if self._offset_ns is None:
            self._offset_ns = self._clock_ns() - captured_ns
        elif captured_ns <= self._newest_ns:
            raise ClientError(
                f"time must go on: {captured_ns} came after {self._newest_ns}", "captured_ns"
            )
        self._newest_ns = captured_ns
        return captured_ns + self._offset_ns


def _body(pushed: PushedBody, joints: int, field: str, layout: str) -> Body:
    if len(pushed.joints_m) != joints:
        raise ClientError(
            f"layout {layout} has {joints} joints, not {len(pushed.joints_m)}", f"{field}.joints_m"
        )
    if pushed.confidence is not None and len(pushed.confidence) != joints:
        raise ClientError(
            f"layout {layout} has {joints} joints, not {len(pushed.confidence)} confidences",
            f"{field}.confidence",
        )
    joints_m, confidence = pushed_arrays(pushed)
    finite = joints_m[np.isfinite(joints_m)]
    if finite.size and np.abs(finite).max() > FARTHEST_M:
        raise ClientError(
            f"a joint lies {np.abs(finite).max():.0f} m away; send metres, not millimetres",
            f"{field}.joints_m",
        )
    return Body(pushed.id, joints_m, confidence)
