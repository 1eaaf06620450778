"""Azure Kinect CSV: a header with the names of the 32 joints, then one line per frame.

Each cell is `x y z`. Metres in Azure Kinect axes (x right, y down, z forward), one person, no times
and no confidence.
"""

from __future__ import annotations

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    even_times_ns,
    single_body_frames,
    to_float32,
)
from sensor.skeleton import AZURE_KINECT, FloatArray

FORMAT = "azure-kinect-csv"
RATE_HZ = 30.0
AXES = np.array((-1, -1, 1), np.float32)
"""Azure Kinect axes to camera space. Flipping y alone would mirror the body."""


def is_header(line: str) -> bool:
    """Return whether a first line names at least one joint of the Azure Kinect."""
    return any(cell.strip() in AZURE_KINECT.index for cell in line.split(","))


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read an Azure Kinect CSV text. It has no times, so 30 Hz is assumed.

    The columns may have any order. Raises RecordingError.
    """
    lines = [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    order = _column_order(name, lines[0][1])
    check_frame_count(name, len(lines) - 1, limits)
    if len(lines) == 1:
        raise RecordingError(f"{name}: the header is followed by no frames")
    cells = np.array([_places(name, i, line) for i, line in lines[1:]])
    joints: FloatArray = cells[:, order] * AXES
    sure = np.ones(joints.shape[:2], np.float32)
    times = even_times_ns(len(joints), RATE_HZ)
    frames = single_body_frames(name, AZURE_KINECT, times, joints, sure)
    return checked_recording(name, FORMAT, AZURE_KINECT, frames, RATE_HZ, limits)


def _column_order(name: str, header: str) -> list[int]:
    columns = [cell.strip() for cell in header.removesuffix(",").split(",")]
    lost = [joint for joint in AZURE_KINECT.joints if joint not in columns]
    if lost or len(columns) != len(AZURE_KINECT.joints):
        raise RecordingError(
            f"{name}: the header has {len(columns)} columns and should name the 32 joints of the "
            f"Azure Kinect; missing: {', '.join(lost[:5]) or 'none'}"
        )
    return [columns.index(joint) for joint in AZURE_KINECT.joints]


def _places(name: str, number: int, line: str) -> FloatArray:
    cells = line.removesuffix(",").split(",")
    if len(cells) != 32:
        raise RecordingError(f"{name}: line {number} has {len(cells)} cells, not 32")
    places = [cell.split() for cell in cells]
    wrong = next((i for i, place in enumerate(places) if len(place) != 3), None)
    if wrong is not None:
        raise RecordingError(
            f"{name}: line {number}, cell {wrong + 1} should be three numbers, "
            f"not {cells[wrong].strip()[:40]!r}"
        )
    try:
        return to_float32([[float(value) for value in place] for place in places])
    except ValueError as error:
        raise RecordingError(f"{name}: line {number}: {error}") from None


def write(recording: Recording) -> str:
    """Return the text of a one-person recording in the Azure Kinect's layout. Times are lost."""
    lines = ["\ufeff" + ",".join(AZURE_KINECT.joints)]
    for frame in recording.frames:
        if frame.bodies:
            places = frame.bodies[0].joints_m * AXES
            lines.append(",".join(f"{x:.9g} {y:.9g} {z:.9g}" for x, y, z in places))
    return "\n".join(lines) + "\n"
