"""Recording formats, and `read_recording`, which recognises the format by the content of a file.

  recording                       `Recording`, which every reader returns, and its limits
  azure_kinect_csv, azure_kinect_json, gesture_json, jointwise_lines, kinect_v2_csv,
  ntu_skeleton                    one reader per format
  clip_set                        the `.npz` files of many labelled clips
  clip_stream, clip_composing     selected clips of such a file become one recording
  json_text, csv_text             JSON into typed structs; cells and numbers of CSV
  tables/                         files of any other form, read by a map of columns
  unknown/                        what a file of unknown form seems to be
  mcap/                           MCAP files, record by record, and recordings in them
  bvh/                            BVH motion capture
  other_tools/                    one reader per format of another tool or public data set

To add a format, write a module with `read(name, content, limits) -> Recording` and enter it in
`TEXT_READERS` or `JSON_READERS` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from sensor.errors import RecordingError, name_file
from sensor.formats import (
    azure_kinect_csv,
    azure_kinect_json,
    clip_selection,
    clip_set,
    clip_stream,
    csv_text,
    gesture_json,
    jointwise_lines,
    json_text,
    kinect_v2_csv,
    ntu_skeleton,
)
from sensor.formats.bvh import reader as bvh
from sensor.formats.csv_text import numbered_lines
from sensor.formats.json_text import JsonFrames
from sensor.formats.local_file import check_size, file_bytes, is_folder
from sensor.formats.mcap import reader as mcap_reader
from sensor.formats.mcap import recording as mcap_recording
from sensor.formats.other_tools import (
    kinect_json,
    mediapipe_csv,
    mediapipe_json,
    nuitrack_csv,
    nuitrack_json,
    openpose_json,
    push_frames,
)
from sensor.formats.other_tools.kinect_v1_sets import (
    g3d_recording,
    msr_action3d_text,
    msrc12_csv,
    utkinect_text,
)
from sensor.formats.recording import UPLOAD_LIMITS, Limits, Recording, check_frame_count
from sensor.formats.tables import mapped_reader
from sensor.formats.unknown import zip_archive
from sensor.formats.unknown.refusal import KNOWN as KNOWN
from sensor.formats.unknown.refusal import unsupported
from sensor.rotation import rotate_frame

JSON_READERS: tuple[
    tuple[Callable[[frozenset[str]], bool], Callable[[str, JsonFrames, Limits], Recording]], ...
] = (
    (push_frames.is_frame, push_frames.read),
    (openpose_json.is_frame, openpose_json.read),
    (nuitrack_json.is_frame, nuitrack_json.read),
    (kinect_json.is_frame, kinect_json.read),
    (mediapipe_json.is_frame, mediapipe_json.read),
)
"""A test of the first keys in a JSON text, and the reader of its frames."""

TEXT_READERS: tuple[tuple[Callable[[str], bool], Callable[[str, str, Limits], Recording]], ...] = (
    (azure_kinect_csv.is_header, azure_kinect_csv.read),
    (nuitrack_csv.is_first_line, nuitrack_csv.read),
    (mediapipe_csv.is_first_line, mediapipe_csv.read),
    (lambda line: line.isascii() and line.isdigit(), ntu_skeleton.read),
    (bvh.is_header, bvh.read),
    (msrc12_csv.is_header, msrc12_csv.read),
    (utkinect_text.is_header, utkinect_text.read),
    (msr_action3d_text.is_header, msr_action3d_text.read),
    (kinect_v2_csv.is_first_line, kinect_v2_csv.read),
)
"""A test of the first line of a text that is not JSON, and the reader of the text."""
_PEEK = 4096
_LONGEST_HEADER = 64 * 1024
_STAMPED, _OBJECT = re.compile(rb'"timestamp_usec"'), re.compile(rb"\{")


def read_recording(
    source: Path | str | bytes,
    name: str | None = None,
    select: Mapping[str, str] | None = None,
    limits: Limits = UPLOAD_LIMITS,
    columns: Path | None = None,
    rotate: int = 0,
) -> Recording:
    """Read a recording from a path or from bytes. The name of the file does not matter.

    `name` defaults to the file's name without its ending. `select` holds options for a clip set
    (see `clip_selection.OPTIONS`); all its clips become one recording. `columns` is a map for a
    file of any other form (see `tables.column_map`). `rotate` turns the bodies by 90, 180 or 270
    degrees about the viewing axis, for a camera that was turned. Raises RecordingError with one
    sentence that says what is wrong.
    """
    if isinstance(source, bytes):
        unread = [source]
        del source
        made = _from_bytes(unread, name, select or {}, limits, columns)
    else:
        made = _from_file(Path(source), name, select or {}, limits, columns)
    if not rotate:
        return made
    return replace(made, frames=tuple(rotate_frame(frame, rotate) for frame in made.frames))


def _from_bytes(
    unread: list[bytes],
    name: str | None,
    select: Mapping[str, str],
    limits: Limits,
    columns: Path | None,
) -> Recording:
    title = name or "recording"
    check_size(title, len(unread[0]), limits)
    return _read(title, unread, select, limits, columns)


def _from_file(
    path: Path,
    name: str | None,
    select: Mapping[str, str],
    limits: Limits,
    columns: Path | None,
) -> Recording:
    title = name or path.stem
    if is_folder(path):
        return g3d_recording.read_folder(title, path, limits)
    unread = [file_bytes(path, limits)]
    try:
        return _read(title, unread, select, limits, columns)
    except RecordingError as error:
        text = str(error)
        raise RecordingError(text if name else name_file(text, title, path.name)) from None


def _read(
    title: str,
    unread: list[bytes],
    select: Mapping[str, str],
    limits: Limits,
    columns: Path | None,
) -> Recording:
    """Read the bytes, the only item of `unread`; they are freed once they have become text."""
    data = unread.pop()
    if columns is not None:
        return mapped_reader.read(title, data, limits, columns)
    if data.startswith(zip_archive.MAGIC):
        return _read_zip(title, data, limits, select)
    if select:
        raise RecordingError(f"{title}: only a clip set (.npz) takes {', '.join(select)}")
    if data.startswith(mcap_reader.MAGIC):
        return mcap_recording.read(title, data, limits)
    unread.append(data)
    del data
    return _read_text(title, unread, limits)


def _read_zip(title: str, data: bytes, limits: Limits, select: Mapping[str, str]) -> Recording:
    names = zip_archive.names_in(title, data)
    if any(member.removesuffix(".npy") in clip_set.MEMBERS for member in names):
        clips = clip_set.read(title, data, limits)
        return clip_stream.to_recording(
            title, clips, clip_selection.parse_selection(select), limits
        )
    if any(map(g3d_recording.is_frame_name, names)):
        return g3d_recording.read_zip(title, data, limits)
    raise unsupported(title, data, limits)


def _read_text(title: str, unread: list[bytes], limits: Limits) -> Recording:
    data = unread.pop()
    try:
        data = csv_text.to_utf8(title, data)
    except RecordingError:
        raise unsupported(title, data, limits) from None
    start = data.lstrip()
    if not start:
        raise RecordingError(f"{title}: the file is empty")
    first_line = start[:_LONGEST_HEADER].split(b"\n", 1)[0]
    if jointwise_lines.is_header(first_line):
        return jointwise_lines.read(title, start, limits)
    if start.startswith((b"{", b"[")) or first_line.strip() in (b'""', b"null"):
        return _read_json(title, start, limits)
    del start
    try:
        text = csv_text.decode_text(title, data)
    except RecordingError:
        raise unsupported(title, data, limits) from None
    head = next((line for _, line in numbered_lines(text)), "")
    if g3d_recording.is_start(text[:_PEEK].lstrip()):
        return g3d_recording.read(title, text, limits)
    for recognises, read in TEXT_READERS:
        if recognises(head):
            return read(title, text, limits)
    raise unsupported(title, data, limits)


class _Keys(msgspec.Struct):
    frames: msgspec.Raw = msgspec.Raw()
    samples: msgspec.Raw = msgspec.Raw()


def _read_json(title: str, data: bytes, limits: Limits) -> Recording:
    json_text.check_number_count(title, data, limits)
    data = json_text.as_list(title, data, limits)
    keys = json_text.first_keys(data)
    for recognises, read in JSON_READERS:
        if recognises(keys):
            return read(title, json_text.frames_of(title, data), limits)
    if not keys and json_text.starts_with_rows(data):
        return mediapipe_json.read(title, json_text.frames_of(title, data), limits)
    if data.lstrip().startswith(b"{"):
        return _read_object(title, data, limits)
    if json_text.is_all_nobody(data) and b"{" not in data:
        check_frame_count(title, data.count(b","), limits)
        keys |= {"id"}
    if "id" in keys:
        return azure_kinect_json.read_pykinect(title, data, limits)
    raise unsupported(title, data, limits)


def _read_object(title: str, data: bytes, limits: Limits) -> Recording:
    keys = json_text.decode(title, data, _Keys)
    if bytes(keys.samples):
        return gesture_json.read(title, data, limits)
    frames = memoryview(keys.frames)
    if frames and (_STAMPED.search(frames) or not _OBJECT.search(frames)):
        return azure_kinect_json.read_offline(title, data, limits)
    raise unsupported(title, data, limits)
