"""Jointwise's own recordings as JSON Lines, `.jsonl`.

The first line is a header, `{"format": "jointwise-recording", "version": 1, "name", "layout",
"joints", "rate_hz", "start_unix_ns"}`. Each further line is one frame, `{"t_ns", "sequence",
"bodies": [{"id", "joints_m": [[x, y, z], ...], "confidence": [...]}], "truth"}`. Times count from
the first frame. Each line is flushed after it is written, so a crash loses at most the last line;
the reader ignores a last line that is incomplete. Nine digits represent a float32 exactly.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated

import msgspec

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.json_text import BodyJson, bodies_from_json, bodies_to_json
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
)
from sensor.skeleton import LAYOUTS, Frame, Layout

FORMAT = "jointwise-recording"
VERSION = 1


class _Header(msgspec.Struct):
    format: str
    version: int
    name: str
    layout: str
    joints: list[str]
    rate_hz: float
    start_unix_ns: int


class _Frame(msgspec.Struct, omit_defaults=True):
    t_ns: int
    sequence: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
    bodies: list[BodyJson]
    truth: str | None = None


class RecordingWriter:
    """Writes frames to a new `.jsonl` file as they come. Call `close`, or use `with`.

    Raises FileExistsError instead of overwriting a recording.
    """

    def __init__(
        self, path: Path, layout: Layout, name: str, rate_hz: float = 30.0, start_unix_ns: int = 0
    ) -> None:
        self._file: IO[bytes] = path.open("xb")
        self._layout = layout
        self._first_ns: int | None = None
        self._line(
            _Header(FORMAT, VERSION, name, layout.name, list(layout.joints), rate_hz, start_unix_ns)
        )

    def write(self, frame: Frame) -> None:
        """Append one frame. Raises ValueError if its layout is not the recording's."""
        if frame.layout.name != self._layout.name:
            raise ValueError(f"a {frame.layout.name} frame in a {self._layout.name} recording")
        if self._first_ns is None:
            self._first_ns = frame.captured_ns
        t_ns = frame.captured_ns - self._first_ns
        self._line(_Frame(t_ns, frame.sequence, bodies_to_json(frame.bodies), frame.truth))

    def close(self) -> None:
        """Close the file. May be called again."""
        self._file.close()

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _line(self, content: _Header | _Frame) -> None:
        self._file.write(msgspec.json.encode(content) + b"\n")
        self._file.flush()


def is_header(line: bytes) -> bool:
    """Return whether a first line is the header of a Jointwise recording."""
    return line.lstrip().startswith(b"{") and FORMAT.encode() in line[:200]


def read(name: str, data: bytes, limits: Limits) -> Recording:
    """Read a Jointwise recording; its name is the one in the header. Raises RecordingError."""
    lines = data.split(b"\n")
    if not _is_whole(lines[-1]):
        lines.pop()
    if not lines:
        raise RecordingError(f"{name}: the header line is incomplete; nothing was recorded")
    check_frame_count(name, len(lines) - 1, limits)
    header = json_text.decode(f"{name}: line 1", lines[0], _Header)
    layout = _layout(name, header)
    stamps, where, frames = [], [], []
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            found = json_text.decode(f"{name}: line {number}", line, _Frame)
            bodies = bodies_from_json(f"{name}: line {number}", found.bodies, layout)
            stamps.append(found.t_ns)
            where.append(f"line {number}")
            frames.append(Frame(header.name, found.sequence, 0, bodies, layout, found.truth))
    times = check_times(name, stamps, where, limits)
    timed = [replace(f, captured_ns=int(t)) for f, t in zip(frames, times, strict=True)]
    return checked_recording(header.name, FORMAT, layout, timed, header.rate_hz, limits)


def _is_whole(last_line: bytes) -> bool:
    try:
        msgspec.json.decode(last_line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _layout(name: str, header: _Header) -> Layout:
    if header.version != VERSION:
        raise RecordingError(
            f"{name}: a recording of version {header.version}; this Jointwise reads version "
            f"{VERSION}; upgrade it"
        )
    if not 1 <= header.rate_hz <= 240:
        raise RecordingError(f"{name}: line 1: rate_hz is {header.rate_hz}; 1 to 240 is read")
    layout = LAYOUTS.get(header.layout)
    if layout is None or list(layout.joints) != header.joints:
        raise RecordingError(
            f"{name}: line 1 names the layout {header.layout!r} with {len(header.joints)} joints; "
            f"known: {', '.join(f'{k} ({len(v.joints)})' for k, v in LAYOUTS.items())}"
        )
    return layout
