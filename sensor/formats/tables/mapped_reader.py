"""Reads CSV and JSON of any form by a `ColumnMap`: one body, with times if the map names them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.recording import (
    Limits,
    Recording,
    check_times,
    checked_recording,
    measured_rate_hz,
    single_body_frames,
    times_at_rate,
    to_float32,
)
from sensor.formats.tables.column_map import TIME_UNITS_NS, UNITS_M, ColumnMap, load_map
from sensor.formats.tables.table import Table, read_table

FORMAT = "mapped-columns"
_LARGEST_NS = 9e18


def read(name: str, data: bytes, limits: Limits, map_path: Path) -> Recording:
    """Read a table by the map at `map_path`. Raises RecordingError.

    A joint with a cell that is not a number, or at exactly 0, 0, 0, was not seen.
    """
    found = load_map(map_path)
    table = read_table(name, data, limits, found.frames)
    joints_m, confidence = mapped_joints(str(map_path), table, found)
    times, rate_hz = _times(str(map_path), name, table, found, limits)
    layout = found.joint_layout
    frames = single_body_frames(name, layout, times, joints_m, confidence)
    return checked_recording(name, FORMAT, layout, frames, rate_hz, limits)


def mapped_joints(
    where: str, table: Table, found: ColumnMap
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return joints float32 (T, J, 3) in camera space metres, and confidence float32 (T, J).

    `where` names the map in errors. Raises RecordingError.
    """
    layout = found.joint_layout
    places = np.full((len(table.values), len(layout.joints), 3), np.nan)
    confidence = np.zeros(places.shape[:2])
    for joint, columns in found.joints.items():
        picked = [_column(f"{where}: joints.{joint}", table, column) for column in columns]
        places[:, layout.index[joint]] = table.values[:, picked[:3]]
        sure = table.values[:, picked[3]] if len(picked) > 3 else 1.0
        confidence[:, layout.index[joint]] = np.clip(np.nan_to_num(sure), 0, 1)
    seen = np.isfinite(places).all(axis=2) & places.any(axis=2)
    places[~seen] = 0
    in_metres = places @ found.rotation.astype(float).T * UNITS_M[found.unit]
    return to_float32(in_metres), to_float32(confidence * seen)


def _column(where: str, table: Table, column: str | int) -> int:
    """Return the index of a column named by its header or by its number from 1."""
    if isinstance(column, str):
        if column in table.columns:
            return table.columns.index(column)
        known = ", ".join(table.columns[:6]) + (", ..." if len(table.columns) > 6 else "")
        raise RecordingError(f"{where}: the file has no column {column!r}; it has {known}")
    if not 1 <= column <= len(table.columns):
        raise RecordingError(f"{where}: column {column}; the file has 1 to {len(table.columns)}")
    return column - 1


def _times(
    where: str, name: str, table: Table, found: ColumnMap, limits: Limits
) -> tuple[NDArray[np.int64], float]:
    """Return the times of the rows from 0, int64 (T,), and the rate."""
    if found.time is None:
        return times_at_rate(name, len(table.values), found.rate_hz, limits), found.rate_hz
    column = table.values[:, _column(f"{where}: time", table, found.time)]
    stamps = column * TIME_UNITS_NS[found.time_unit]
    wrong = np.flatnonzero(~(np.abs(stamps) < _LARGEST_NS))
    if len(wrong):
        raise RecordingError(f"{name}: row {wrong[0] + 1} has no valid time in {found.time!r}")
    rows = [f"row {i + 1}" for i in range(len(stamps))]
    times = check_times(name, [round(stamp) for stamp in stamps.tolist()], rows, limits)
    return times, measured_rate_hz(times)
