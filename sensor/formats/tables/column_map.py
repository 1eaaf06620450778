"""`ColumnMap`: which columns of a file hold which joints. A TOML file, or the same as JSON.

unit = "mm"                  # m, dm, cm, mm or ft
axes = ["x", "-y", "z"]      # the file's axes that point to the sensor's left, up, and away
time = "timestamp"           # a column, if there is one
time_unit = "ms"             # s, ms, us, ns, or 100ns as of Kinect
rate_hz = 30                 # without a time column
frames = "data.frames"       # JSON only: the place of the list of frames

[joints]                     # x, y, z, and confidence (0 to 1) if there is one
Head = ["head_x", "head_y", "head_z"]
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from sensor.errors import RecordingError
from sensor.skeleton import KINECT_V2, LAYOUTS, FloatArray, Layout

UNITS_M = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "ft": 0.3048}
TIME_UNITS_NS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "100ns": 100.0}
LARGEST_BYTES = 256 * 1024
_AXES = "xyz"

_Column = str | int
_Columns = Annotated[list[_Column], msgspec.Meta(min_length=3, max_length=4)]


class ColumnMap(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The content of a map; see the head of this file.

    A column is named by its header, by its number from 1, or in JSON by keys joined by dots.
    """

    joints: dict[str, _Columns]
    layout: str = KINECT_V2.name
    unit: Literal["m", "dm", "cm", "mm", "ft"] = "m"
    axes: tuple[str, str, str] = ("x", "y", "z")
    time: _Column | None = None
    time_unit: Literal["s", "ms", "us", "ns", "100ns"] = "s"
    rate_hz: Annotated[float, msgspec.Meta(ge=1, le=240)] = 30.0
    frames: str = ""

    @property
    def joint_layout(self) -> Layout:
        """The layout that the joints belong to."""
        return LAYOUTS[self.layout]

    @property
    def rotation(self) -> FloatArray:
        """The matrix from the file's axes to camera space, float32 (3, 3)."""
        return axes_matrix(self.axes)


def axes_matrix(axes: Sequence[str]) -> FloatArray:
    """Return the matrix from a file's axes to camera space, float32 (3, 3), for ("x", "-y", "z").

    Raises ValueError.
    """
    matrix = np.zeros((3, 3), np.float32)
    for row, axis in zip(matrix, axes, strict=True):
        sign, letter = (-1, axis[1:]) if axis.startswith("-") else (1, axis)
        if letter not in _AXES or len(letter) != 1:
            raise ValueError(f"{axis!r} should be x, y or z, or -x, -y or -z")
        row[_AXES.index(letter)] = sign
    if not matrix.any(axis=0).all():
        raise ValueError("each of x, y and z should occur once")
    return matrix


def load_map(path: Path) -> ColumnMap:
    """Read a map. Raises RecordingError with one line that names the key."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise RecordingError(f"{path}: too long for a map of columns")
        return parse_map(str(path), path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path}: cannot be read: {reason}") from None


def parse_map(name: str, data: bytes) -> ColumnMap:
    """Parse a map, TOML or JSON. Raises RecordingError with one line that names the key."""
    is_json = data.lstrip().startswith(b"{")
    decode = msgspec.json.decode if is_json else msgspec.toml.decode
    try:
        found: ColumnMap = decode(data, type=ColumnMap)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{name}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind = "JSON" if is_json else "TOML"
        raise RecordingError(f"{name}: not valid {kind}: {error}") from None
    _check(name, found)
    return found


def _check(name: str, found: ColumnMap) -> None:
    if found.layout not in LAYOUTS:
        raise RecordingError(
            f"{name}: unknown layout {found.layout!r}; available: {', '.join(LAYOUTS)}"
        )
    strange = [joint for joint in found.joints if joint not in found.joint_layout.index]
    if strange:
        raise RecordingError(
            f"{name}: joints.{strange[0]}: {found.layout} has no such joint; it has "
            f"{', '.join(found.joint_layout.joints)}"
        )
    if not found.joints:
        raise RecordingError(f"{name}: joints: names no joint")
    try:
        axes_matrix(found.axes)
    except ValueError as error:
        raise RecordingError(f"{name}: axes: {error}") from None
