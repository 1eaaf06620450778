"""NTU RGB+D `.skeleton`: text, 25 Kinect v2 joints, camera space in metres, 30 Hz, no times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sensor.errors import RecordingError
from sensor.formats.recording import Limits, Recording, checked_recording, times_at_rate, to_float32
from sensor.skeleton import KINECT_V2, Body, Frame
from sensor.stopping import stop_if_asked

FORMAT = "ntu-skeleton"
RATE_HZ = 30.0
_CONFIDENCE = {"0": 0.0, "1": 0.5, "2": 1.0}


@dataclass(frozen=True)
class NtuName:
    """The numbers in a file name `SsssCcccPpppRrrrAaaa`, all counted from 1."""

    setup: int
    camera: int
    performer: int
    repetition: int
    action: int


def parse_name(name: str) -> NtuName | None:
    """Return the five numbers of an NTU file name; None if the name does not have that form."""
    found = re.search(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})", name)
    return NtuName(*map(int, found.groups())) if found else None


class _Lines:
    """The lines of the file one by one, with their numbers for errors."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.at = 0
        self._text = text
        self._start = 0
        self._end = len(text.rstrip())

    @property
    def is_at_end(self) -> bool:
        """Whether no line follows, apart from blank ones."""
        return self._start >= self._end

    def next(self, what: str) -> str:
        stop_if_asked()
        if self.is_at_end:
            raise RecordingError(
                f"{self.name}: the file ends after line {self.at}, where {what} should follow: "
                "it was cut off"
            )
        self.at += 1
        start, end = self._start, self._text.find("\n", self._start, self._end)
        end = self._end if end < 0 else end
        self._start = end + 1
        return self._text[start:end]

    def count(self, what: str, most: int) -> int:
        line = self.next(what).strip()
        if not (line.isascii() and line.isdigit() and len(line) < 10):
            raise RecordingError(f"{self.name}: line {self.at} should be {what}, not {line[:40]!r}")
        if int(line) > most:
            raise RecordingError(f"{self.name}: line {self.at}: {what} is {line}, at most {most}")
        return int(line)


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a `.skeleton` text. Body ids are the file's own 64-bit numbers.

    Tracking states 0, 1, 2 become confidence 0, 0.5, 1. Raises RecordingError.
    """
    lines = _Lines(name, text)
    count = lines.count("the number of frames", limits.max_frames)
    times = times_at_rate(name, count, RATE_HZ, limits)
    frames = [
        Frame(name, i, int(t), tuple(_bodies(lines, limits)), KINECT_V2)
        for i, t in enumerate(times)
    ]
    if not lines.is_at_end:
        raise RecordingError(
            f"{name}: line {lines.at + 1} goes on after the {count} frames that line 1 names"
        )
    return checked_recording(name, FORMAT, KINECT_V2, frames, RATE_HZ, limits)


def _bodies(lines: _Lines, limits: Limits) -> Iterator[Body]:
    for _ in range(lines.count("the number of bodies", limits.max_bodies)):
        fields = lines.next("a body").split()
        if len(fields) != 10 or not (fields[0].isascii() and fields[0].isdigit()):
            raise RecordingError(
                f"{lines.name}: line {lines.at} should be a body of ten fields that starts with "
                f"its number; it has {len(fields)}"
            )
        joints = lines.count("the number of joints", 25)
        if joints != 25:
            raise RecordingError(f"{lines.name}: line {lines.at}: {joints} joints, not 25")
        rows = [_joint(lines) for _ in range(25)]
        yield Body(
            int(fields[0]) % 2**63,
            to_float32([place for place, _ in rows]),
            to_float32([sure for _, sure in rows]),
        )


def _joint(lines: _Lines) -> tuple[list[float], float]:
    fields = lines.next("a joint").split()
    try:
        if len(fields) != 12:
            raise ValueError
        return [float(field) for field in fields[:3]], _CONFIDENCE[fields[11]]
    except (ValueError, KeyError):
        raise RecordingError(
            f"{lines.name}: line {lines.at} should be a joint of twelve numbers that ends with "
            "tracking state 0, 1 or 2"
        ) from None


def write(recording: Recording) -> str:
    """Return the text of a recording in Kinect v2's layout. Times are lost, since NTU has none."""
    lines = [str(len(recording.frames))]
    for frame in recording.frames:
        lines.append(str(len(frame.bodies)))
        for body in frame.bodies:
            lines += [f"{body.id} 0 1 1 1 1 0 0.0 0.0 2", "25"]
            for (x, y, z), sure in zip(body.joints_m, body.confidence, strict=True):
                state = 0 if sure == 0 else 1 if sure < 0.75 else 2
                lines.append(f"{x:.9g} {y:.9g} {z:.9g} 0 0 0 0 0 0 0 0 {state}")
    return "\n".join(lines) + "\n"
