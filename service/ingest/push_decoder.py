"""Decodes the messages of one pusher into frames of its stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from sensor.block import Block
from sensor.formats.recording import SHORTEST_STEP_NS
from sensor.skeleton import LAYOUTS, Body, FloatArray, Frame
from service.errors import ClientError
from service.wire.binary_frames import MAGIC, decode_records
from service.wire.pushed import PushedBody, decode_pushed, pushed_arrays

STREAM_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
FARTHEST_M = 100.0
"""A joint farther away than this is refused, because its unit is probably not metres."""
MOST_SEQUENCE = 2**53
"""The largest sequence number that every client can represent."""
_MAX_NS = 2**62
_MAX_HOST_NS = 2**61
"""Times on the host's clock stay within 73 years, so that int64 holds all differences of two."""
SOME_FRAMES = 30
"""The rate of a pusher is checked once it has sent this many frames."""
_TOO_FAR = "a joint lies {:.0f} m away; send metres, not millimetres"


def check_name(name: str) -> str:
    """Return a stream's name. Raises ClientError if it is not valid."""
    if STREAM_NAME.fullmatch(name) is None:
        raise ClientError(
            "a stream's name has 1 to 64 of a-z, 0-9, - and _, and starts with a letter or digit",
            "stream",
        )
    return name


class PushDecoder:
    """Decodes one pusher's messages, and converts its clock to the host's.

    The pusher's clock may start anywhere: the newest frame of its first message counts as captured
    at its arrival.
    """

    def __init__(self, stream: str, max_bodies: int, clock_ns: Callable[[], int]) -> None:
        self._stream = stream
        self._max_bodies = max_bodies
        self._clock_ns = clock_ns
        self._offset_ns: int | None = None
        self._newest_ns = 0
        self._first_ns = 0
        self._frames = 0

    def read(self, data: bytes | str) -> Block | list[Frame]:
        """Decode the next message; return its frames in host time, oldest first, at least one.

        Returns a `Block` if all frames of a binary message show the same single body. Raises
        ClientError, which names the wrong field.
        """
        if isinstance(data, bytes) and data.startswith(MAGIC):
            return self._binary(data)
        return [self._frame(data)]

    def _frame(self, data: bytes | str) -> Frame:
        pushed = decode_pushed(data)
        layout = LAYOUTS.get(pushed.layout)
        if layout is None:
            known = ", ".join(LAYOUTS)
            raise ClientError(f"unknown layout {pushed.layout!r}; available: {known}", "layout")
        self._check_bodies([body.id for body in pushed.bodies])
        joints = len(layout.joints)
        bodies = tuple(
            _body(body, joints, f"bodies[{i}]", layout.name) for i, body in enumerate(pushed.bodies)
        )
        check_text(pushed.truth or "", "truth")
        host_ns = pushed.captured_ns + self.offset_ns([pushed.captured_ns], "captured_ns")
        return Frame(self._stream, pushed.sequence, host_ns, bodies, layout, pushed.truth)

    def _binary(self, data: bytes) -> Block | list[Frame]:
        layout, records = decode_records(data)
        bodies = records["bodies"]
        ids: list[list[int]] = bodies["id"].tolist()
        if len(ids[0]) > 1:
            for i, frame_ids in enumerate(ids):
                self._check_bodies(frame_ids, f"frames[{i}].")
        check_near(bodies["joints_m"])
        sequence = records["sequence"]
        check_sequence(sequence.tolist())
        times = records["captured_ns"]
        host_ns = times + self.offset_ns(times.tolist())
        if len(ids[0]) == 1 and all(frame_ids == ids[0] for frame_ids in ids):
            body = bodies[:, 0]
            joints_m, confidence = body["joints_m"], body["confidence"]
            return Block(self._stream, layout, ids[0][0], sequence, host_ns, joints_m, confidence)
        return [
            Frame(
                self._stream,
                number,
                t_ns,
                tuple(Body(int(body_id), *arrays) for body_id, *arrays in frame_bodies),
                layout,
            )
            for number, t_ns, frame_bodies in zip(
                sequence.tolist(), host_ns.tolist(), bodies, strict=True
            )
        ]

    def _check_bodies(self, ids: Sequence[int], prefix: str = "") -> None:
        if len(ids) > self._max_bodies:
            raise ClientError(f"a frame has at most {self._max_bodies} bodies", f"{prefix}bodies")
        if len(set(ids)) < len(ids):
            raise ClientError("two bodies of one frame have the same id", f"{prefix}bodies")

    def offset_ns(self, times_ns: Sequence[int], field: str = "frames[{}].captured_ns") -> int:
        """Return the offset from the times of the next message's frames to the host's clock.

        Raises ClientError if the times do not increase. `field` is the name of the wrong field,
        with a placeholder for the frame's number.
        """
        newest = self._newest_ns
        for i, t_ns in enumerate(times_ns):
            if not -_MAX_NS <= t_ns <= _MAX_NS:
                text = "the time is out of range; send nanoseconds"
                raise ClientError(text, field.format(i))
            if t_ns <= newest and (i or self._offset_ns is not None):
                text = f"times must increase: {t_ns} came after {newest}"
                raise ClientError(text, field.format(i))
            newest = t_ns
        offset_ns = self._clock_ns() - newest if self._offset_ns is None else self._offset_ns
        if times_ns[0] + offset_ns < -_MAX_HOST_NS or newest + offset_ns > _MAX_HOST_NS:
            text = "times lie more than 73 years apart; send nanoseconds"
            raise ClientError(text, field.format(0))
        if self._offset_ns is None:
            self._offset_ns, self._first_ns = offset_ns, times_ns[0]
        self._newest_ns, self._frames = newest, self._frames + len(times_ns)
        self._check_rate(field)
        return offset_ns

    def _check_rate(self, field: str) -> None:
        span_ns = self._newest_ns - self._first_ns
        if self._frames >= SOME_FRAMES and span_ns < (self._frames - 1) * SHORTEST_STEP_NS:
            text = f"{self._frames} frames came within {span_ns} ns of each other; send nanoseconds"
            raise ClientError(text, field.format(0))


def check_near(joints_m: FloatArray) -> None:
    """Raise ClientError if a joint of (F, B, J, 3) is beyond `FARTHEST_M`; NaN means missing."""
    if not joints_m.size or np.maximum.reduce(np.abs(joints_m), None) <= FARTHEST_M:
        return
    absolute_m = np.where(np.isfinite(joints_m), np.abs(joints_m), 0.0)
    farthest_m = absolute_m.max()
    if farthest_m > FARTHEST_M:
        frame, body = (int(i) for i in np.argwhere(absolute_m > FARTHEST_M)[0, :2])
        raise ClientError(_TOO_FAR.format(farthest_m), f"frames[{frame}].bodies[{body}].joints_m")


def check_text(text: str, field: str) -> None:
    """Raise ClientError if a text has a lone surrogate, which UTF-8 cannot represent.

    JSON can hold one as an escape.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ClientError("the text has a surrogate without its partner", field) from None


def check_sequence(numbers: Sequence[int]) -> None:
    """Raise ClientError if a sequence number is beyond `MOST_SEQUENCE`."""
    for i, number in enumerate(numbers):
        if abs(number) > MOST_SEQUENCE:
            raise ClientError(
                f"a sequence number is at most 2**53, not {number}", f"frames[{i}].sequence"
            )


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
        raise ClientError(_TOO_FAR.format(np.abs(finite).max()), f"{field}.joints_m")
    return Body(pushed.id, joints_m, confidence)
