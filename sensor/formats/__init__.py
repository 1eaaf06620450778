"""Recording formats, and `read_recording`, which recognises the format by the content of a file.

  recording                       `Recording`, which every reader returns, and its limits
  azure_kinect_csv, azure_kinect_json, gesture_json, jointwise_lines, kinect_v2_csv,
  mcap_recording, ntu_skeleton    one reader per format
  other_tools                     readers of other tools' files and of public data sets
  clip_set                        the `.npz` files of many labelled clips
  clip_stream, clip_composing     selected clips of such a file become one recording
  json_text                       JSON into typed structs
  mcap_reader, mcap_writer        MCAP files, record by record

To add a format, write a module with `read(name, content, limits) -> Recording` and call it from
`read_recording` or `_read_text` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from sensor.errors import RecordingError
from sensor.formats import (
    azure_kinect_csv,
    azure_kinect_json,
    clip_set,
    clip_stream,
    gesture_json,
    jointwise_lines,
    json_text,
    kinect_v2_csv,
    mcap_reader,
    mcap_recording,
    ntu_skeleton,
)
from sensor.formats.other_tools import bvh, msr_action3d_text, msrc12_csv, utkinect_text
from sensor.formats.recording import MIB, UPLOAD_LIMITS, Limits, Recording

BYTES_A_NUMBER = 8
"""The fewest bytes of a number in a JSON recording; most take 12 to 40."""

KNOWN = (
    "a Jointwise recording (.mcap, .jsonl), a clip set (.npz), BVH, NTU RGB+D .skeleton, Kinect v2 "
    "CSV, Azure Kinect CSV, MSRC-12, UTKinect and MSR-Action3D text, and Azure Kinect JSON "
    "(offline_processor, pykinect_azure, gestures)"
)


class _TextFormat(Protocol):
    """A module that reads a text format, told by its first line that is not blank."""

    def is_header(self, line: str) -> bool: ...

    def read(self, name: str, text: str, limits: Limits) -> Recording: ...


TEXT_FORMATS: tuple[_TextFormat, ...] = (bvh, msrc12_csv, utkinect_text, msr_action3d_text)
"""Text formats of other tools."""


def read_recording(
    source: Path | str | bytes,
    name: str | None = None,
    select: Mapping[str, str] | None = None,
    limits: Limits = UPLOAD_LIMITS,
) -> Recording:
    """Read a recording from a path or from bytes. The name of the file does not matter.

    `name` defaults to the file's name without its ending. `select` holds options for a clip set
    (see `clip_stream.OPTIONS`); all its clips become one recording. Raises RecordingError with one
    sentence that says what is wrong.
    """
    if isinstance(source, bytes):
        title, data = name or "recording", source
        _check_size(title, len(data), limits)
    else:
        path = Path(source)
        title = name or path.stem
        data = _file_bytes(path, limits)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise RecordingError(f"{title}: the file is empty")
    if data.startswith(b"PK\x03\x04"):
        clips = clip_set.read(title, data, limits)
        selection = clip_stream.parse_selection(select or {})
        return clip_stream.to_recording(title, clips, selection, limits)
    if select:
        raise RecordingError(f"{title}: only a clip set (.npz) takes {', '.join(select)}")
    if data.startswith(mcap_reader.MAGIC):
        return mcap_recording.read(title, data, limits)
    return _read_text(title, data, limits)


def _file_bytes(path: Path, limits: Limits) -> bytes:
    try:
        if not path.is_file():
            problem = "not a file" if path.exists() else "no such file"
            raise RecordingError(f"{path}: {problem}")
        _check_size(str(path), path.stat().st_size, limits)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path}: cannot be read: {reason}") from None


def _check_size(title: str, size: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise RecordingError(
            f"{title}: {size / MIB:.0f} MiB; at most {limits.max_bytes / MIB:.0f} MiB are read"
        )


def _read_text(title: str, data: bytes, limits: Limits) -> Recording:
    start = data.lstrip()
    first_line = start.split(b"\n", 1)[0]
    if jointwise_lines.is_header(first_line):
        return jointwise_lines.read(title, start, limits)
    if start.startswith((b"{", b"[")):
        return _read_json(title, data, limits)
    text = _decode(title, data)
    head = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if azure_kinect_csv.is_header(head):
        return azure_kinect_csv.read(title, text, limits)
    if head.isascii() and head.isdigit():
        return ntu_skeleton.read(title, text, limits)
    for text_format in TEXT_FORMATS:
        if text_format.is_header(head):
            return text_format.read(title, text, limits)
    if _is_number(head.split(",")[0]) and "," in head:
        return kinect_v2_csv.read(title, text, limits)
    raise _unknown(title)


class _Keys(msgspec.Struct):
    frames: msgspec.Raw = msgspec.Raw()
    samples: msgspec.Raw = msgspec.Raw()


def _read_json(title: str, data: bytes, limits: Limits) -> Recording:
    # Each number becomes a Python object, so a large file of short numbers would fill the memory.
    most = limits.max_bytes // BYTES_A_NUMBER
    if data.count(b",") > most:
        raise RecordingError(f"{title}: more than {most} numbers; shorten the recording")
    if data.lstrip().startswith(b"["):
        return azure_kinect_json.read_pykinect(title, data, limits)
    keys = json_text.decode(title, data, _Keys)
    if bytes(keys.samples):
        return gesture_json.read(title, data, limits)
    if bytes(keys.frames):
        return azure_kinect_json.read_offline(title, data, limits)
    raise _unknown(title)


def _decode(title: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _unknown(title) from None
    if "\0" in text:
        raise _unknown(title)
    return text.replace("\r\n", "\n")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unknown(title: str) -> RecordingError:
    return RecordingError(f"{title}: not a recording that Jointwise reads; it reads {KNOWN}")
