"""Recordings of G3D and G3Di: a folder or a ZIP archive of `Skeleton N.xml`, one file per frame.

The data sets: V. Bloom, D. Makris and V. Argyriou, "G3D: a gaming action dataset and real time
action recognition evaluation framework", CVPR Workshops 2012. Metres, camera space of the Kinect (y
up, z away from the sensor, x to its left). N counts frames at 30 Hz; a number may be missing. A
document may also hold several frames; these follow each other at 30 Hz.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.other_tools.kinect_v1_sets import g3d_xml
from sensor.formats.recording import (
    MIB,
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
)
from sensor.skeleton import KINECT_V1, Body, Frame

FORMAT = "g3d-xml"
RATE_HZ = 30.0
LARGEST_FRAME_BYTES = 1 * MIB
"""Six skeletons take about 60 kB."""
_FILE = re.compile(r"skeleton[ _-]?(\d{1,7})\.xml", re.I)
_INNER_FOLDER = "Skeleton"


_File = tuple[str, int, Callable[[], bytes]]
"""A frame's file: its name, its size in bytes, and a function that reads it."""


def is_start(text: str) -> bool:
    """Return whether the beginning of a text is that of a document of skeletons."""
    return text.startswith("<") and f"<{g3d_xml.FRAME}" in text


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read one document of several frames. Raises RecordingError."""
    groups = g3d_xml.parse(name, text.encode(), limits)
    if len(groups) == 1:
        raise RecordingError(
            f"{name}: one frame of G3D; read the folder of its frames, or a ZIP archive of them"
        )
    return _recording(name, list(range(len(groups))), groups, limits)


def is_frame_name(file_name: str) -> bool:
    """Return whether a name is that of a frame, such as `Skeleton/Skeleton 0.xml`."""
    return _FILE.fullmatch(PurePosixPath(file_name).name) is not None


def read_folder(name: str, folder: Path, limits: Limits) -> Recording:
    """Read the frames in a folder, or in its folder `Skeleton`. Raises RecordingError."""
    try:
        files = _frame_files(folder) or _frame_files(folder / _INNER_FOLDER)
        check_frame_count(name, len(files), limits)
        if not files:
            raise RecordingError(
                f"{folder}: not a file; a folder is only read if it holds frames of G3D, such as "
                "'Skeleton 0.xml'"
            )
        found = [(path.name, path.stat().st_size, path.read_bytes) for path in files]
        return _from_files(name, found, limits)
    except OSError as error:
        raise RecordingError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _frame_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if is_frame_name(path.name) and path.is_file()]


def read_zip(name: str, data: bytes, limits: Limits) -> Recording:
    """Read the frames in a ZIP archive; its other files do not matter. Raises RecordingError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if is_frame_name(one.filename)]
            folders = sorted({str(PurePosixPath(one.filename).parent) for one in members})
            if len(folders) > 1:
                raise RecordingError(
                    f"{name}: has frames of G3D in {len(folders)} folders, such as {folders[0]!r} "
                    f"and {folders[1]!r}; put one recording into an archive"
                )
            found = [(one.filename, one.file_size, _reader(archive, one)) for one in members]
            return _from_files(name, found, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError) as error:
        raise RecordingError(f"{name}: a damaged ZIP archive: {error}") from None


def _reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read_member() -> bytes:
        with archive.open(member) as file:
            return file.read(LARGEST_FRAME_BYTES + 1)

    return read_member


def _from_files(name: str, files: Sequence[_File], limits: Limits) -> Recording:
    check_frame_count(name, len(files), limits)
    size = sum(size for _, size, _ in files)
    if size > limits.max_unpacked_bytes:
        raise RecordingError(f"{name}: {size / MIB:.0f} MiB of frames; shorten the recording")
    numbers, groups = [], []
    for number, where, content in _contents(name, sorted(files, key=lambda file: _number(file[0]))):
        for group in g3d_xml.parse(where, content, limits)[:1]:
            numbers.append(number)
            groups.append(group)
    return _recording(name, numbers, groups, limits)


def _contents(name: str, files: Iterable[_File]) -> Iterator[tuple[int, str, bytes]]:
    """Yield the number, the place for errors, and the UTF-8 text of each frame."""
    for file_name, size, read_file in files:
        where = f"{name}: {PurePosixPath(file_name).name}"
        content = read_file() if size <= LARGEST_FRAME_BYTES else b""
        if size > LARGEST_FRAME_BYTES or len(content) > LARGEST_FRAME_BYTES:
            raise RecordingError(f"{where}: too large for one frame")
        yield _number(file_name), where, csv_text.to_utf8(where, content)


def _number(file_name: str) -> int:
    found = _FILE.fullmatch(PurePosixPath(file_name).name)
    return int(found[1]) if found else 0


def _recording(
    name: str, numbers: Sequence[int], groups: Sequence[tuple[Body, ...]], limits: Limits
) -> Recording:
    stamps = [round((number - numbers[0]) * 1e9 / RATE_HZ) for number in numbers]
    times = check_times(name, stamps, [f"frame {number}" for number in numbers], limits)
    frames = [
        Frame(name, i, int(t), group, KINECT_V1)
        for i, (t, group) in enumerate(zip(times, groups, strict=True))
    ]
    return checked_recording(name, FORMAT, KINECT_V1, frames, RATE_HZ, limits)
