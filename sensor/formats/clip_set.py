"""`.npz` clip sets: many labelled clips in one file. Read without pickle and within limits.

Required arrays are `xyz` (sumT, J, 3), metres in camera space, and `joints` (J,). A joint at
exactly 0, 0, 0 was not seen. Optional are `start` (N+1,) offsets, `label` (N,) with `names` (C,),
`subject`, `rep`, `view` and `clip` (N,), `frame_label` (sumT,) for continuous streams, `t` (sumT,)
in seconds, and `rate_hz` () in frames a second for a set without `t`.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.recording import LOCAL_LIMITS, Limits, check_frame_count
from sensor.skeleton import LAYOUTS, FloatArray, Layout, placed

MEMBERS = {
    "xyz": "f", "t": "f", "start": "iu", "label": "iu", "subject": "iu", "rep": "iu", "view": "iu",
    "frame_label": "iu", "names": "U", "joints": "U", "clip": "U", "pairs": "U",
    "rate_hz": "fiu",
}  # fmt: skip
"""The arrays that a clip set may hold, with the kinds of dtype that each may have."""
RATES_HZ = (1.0, 240.0)
"""The lowest and the highest rate of a set without times."""
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError, TokenError,
)  # fmt: skip
"""Errors for damaged files; numpy raises TokenError for a header with open brackets."""
RATIO_LIMIT = 200
"""A file may unpack to at most this many times its size, or to `RATIO_FREE_BYTES` if that is
more."""
RATIO_FREE_BYTES = 4 * 1024 * 1024
"""A file may always unpack to this size."""


@dataclass(frozen=True, eq=False)
class ClipSet:
    """A clip set in memory. Arrays are as in the file; joints are in the order of `layout`.

    `xyz_m` is float32 (sumT, J, 3), zero where `seen` bool (sumT, J) is False. `start` is (N+1,).
    `label`, `subject`, `rep`, `view` and `clip` are (N,); a label of -1 means no label. `names` has
    C labels. `frame_label` and `t_s` are (sumT,) or None. `rate_hz` is the rate that the file
    states, or None.
    """

    name: str
    layout: Layout
    xyz_m: FloatArray
    seen: NDArray[np.bool_]
    start: NDArray[np.int64]
    label: NDArray[np.int64]
    subject: NDArray[np.int64]
    rep: NDArray[np.int64]
    view: NDArray[np.int64]
    clip: tuple[str, ...]
    names: tuple[str, ...]
    frame_label: NDArray[np.int64] | None
    t_s: NDArray[np.float64] | None
    rate_hz: float | None = None


def load(path: Path) -> ClipSet:
    """Read a clip set from a local file, which may be large. Raises RecordingError."""
    try:
        return read(path.stem, path.read_bytes(), LOCAL_LIMITS)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from None


def read(name: str, data: bytes, limits: Limits) -> ClipSet:
    """Read a clip set from the bytes of an `.npz` file. Raises RecordingError."""
    arrays = unpack(name, data, limits)
    for needed in ("xyz", "joints"):
        if needed not in arrays:
            raise RecordingError(f"{name}: the clip set has no array {needed!r}")
    layout, order = _layout(name, arrays["joints"])
    xyz = arrays["xyz"]
    if xyz.ndim != 3 or xyz.shape[1:] != (len(order), 3) or not len(xyz):
        raise RecordingError(
            f"{name}: xyz has shape {xyz.shape}; {len(order)} joints are named, so it should be "
            f"(frames, {len(order)}, 3)"
        )
    check_frame_count(name, len(xyz), limits)
    start = _starts(name, arrays.get("start"), len(xyz))
    count = len(start) - 1
    with np.errstate(over="ignore"):
        joints = xyz[:, order].astype(np.float32)
    seen = placed(joints)
    joints[~seen] = 0.0
    return ClipSet(
        name=name,
        layout=layout,
        xyz_m=joints,
        seen=seen,
        start=start,
        label=_column(name, arrays, "label", count),
        subject=_column(name, arrays, "subject", count),
        rep=_column(name, arrays, "rep", count),
        view=_column(name, arrays, "view", count),
        clip=_clip_names(name, arrays.get("clip"), count),
        names=_names(name, arrays),
        frame_label=_per_frame(name, arrays, "frame_label", len(xyz)),
        t_s=_per_frame(name, arrays, "t", len(xyz)),
        rate_hz=_rate_hz(name, arrays.get("rate_hz")),
    )


def unpack(name: str, data: bytes, limits: Limits) -> dict[str, NDArray[Any]]:
    """Return the arrays of a clip set by name; only those in `MEMBERS`. Raises RecordingError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(name, members, len(data), limits)
            return {m.filename[:-4]: _array(name, archive, m) for m in members}
    except _UNREADABLE as error:
        problem = error.args[0] if isinstance(error, TokenError) else error
        raise RecordingError(f"{name}: a damaged .npz file: {problem}") from None


def _check_members(name: str, members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    names = [member.filename for member in members]
    strange = [n for n in names if not (n.endswith(".npy") and n[:-4] in MEMBERS)]
    if strange or len(set(names)) != len(names):
        raise RecordingError(
            f"{name}: not a clip set: it holds {(strange or names)[0][:60]!r}; a clip set is an "
            f".npz file of {', '.join(MEMBERS)}"
        )
    unpacked = sum(member.file_size for member in members)
    most = min(limits.max_unpacked_bytes, max(RATIO_FREE_BYTES, RATIO_LIMIT * packed))
    if unpacked > most:
        raise RecordingError(
            f"{name}: it would unpack to {unpacked} bytes from {packed}; at most {most} are read"
        )


def _array(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    key = member.filename[:-4]
    with archive.open(member) as file:
        raw = file.read(member.file_size + 1)
    stream = io.BytesIO(raw)
    version = np.lib.format.read_magic(stream)
    header = (
        np.lib.format.read_array_header_1_0(stream)
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0(stream)
    )
    shape, _, dtype = header
    if dtype.kind not in MEMBERS[key] or dtype.itemsize == 0:
        raise RecordingError(f"{name}: array {key!r} has dtype {dtype}, which is not allowed")
    # Check the claimed shape before numpy allocates memory for it.
    claimed = dtype.itemsize
    for size in shape:
        claimed *= size
    if claimed != len(raw) - stream.tell():
        raise RecordingError(f"{name}: array {key!r} is cut off or longer than its shape {shape}")
    stream.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _layout(name: str, joints: NDArray[Any]) -> tuple[Layout, list[int]]:
    """Return the layout with exactly these joints, and each joint's index in the file."""
    names = [str(joint) for joint in joints.ravel()]
    for layout in LAYOUTS.values():
        if len(names) == len(layout.joints) and set(names) == set(layout.joints):
            return layout, [names.index(joint) for joint in layout.joints]
    raise RecordingError(
        f"{name}: its {len(names)} joints ({', '.join(names[:3])}, ...) match no known layout; "
        f"known: {', '.join(f'{k} ({len(v.joints)})' for k, v in LAYOUTS.items())}"
    )


def _starts(name: str, start: NDArray[Any] | None, frames: int) -> NDArray[np.int64]:
    if start is None:
        return np.array((0, frames), np.int64)
    right = start.ndim == 1 and len(start) > 1 and start[0] == 0 and start[-1] == frames
    if not right or not (start[1:] > start[:-1]).all():
        raise RecordingError(f"{name}: start should rise from 0 to the number of frames, {frames}")
    return start.astype(np.int64)


def _column(name: str, arrays: dict[str, NDArray[Any]], key: str, count: int) -> NDArray[np.int64]:
    column = arrays.get(key)
    if column is None:
        return np.full(count, -1 if key == "label" else 0, np.int64)
    if column.shape != (count,):
        raise RecordingError(f"{name}: {key} has shape {column.shape} for {count} clips")
    if key == "label" and (column.min() < -1 or column.max() >= len(_names(name, arrays))):
        raise RecordingError(f"{name}: label should be an index into names, or -1")
    return column.astype(np.int64)


def _names(name: str, arrays: dict[str, NDArray[Any]]) -> tuple[str, ...]:
    return tuple(str(label) for label in arrays.get("names", np.array([], "U1")).ravel())


def _clip_names(name: str, clip: NDArray[Any] | None, count: int) -> tuple[str, ...]:
    if clip is None:
        return tuple(f"{name}-{i}" for i in range(count))
    if clip.shape != (count,):
        raise RecordingError(f"{name}: clip has shape {clip.shape} for {count} clips")
    return tuple(str(title) for title in clip)


def _per_frame(
    name: str, arrays: dict[str, NDArray[Any]], key: str, frames: int
) -> NDArray[Any] | None:
    values = arrays.get(key)
    if values is None:
        return None
    if values.shape != (frames,):
        raise RecordingError(f"{name}: {key} has shape {values.shape} for {frames} frames")
    if key == "t":
        if not np.isfinite(values).all():
            raise RecordingError(f"{name}: t has times that are not finite")
        return values.astype(np.float64)
    if values.min() < 0 or values.max() >= len(_names(name, arrays)):
        raise RecordingError(f"{name}: frame_label should be an index into names")
    return values.astype(np.int64)


def _rate_hz(name: str, value: NDArray[Any] | None) -> float | None:
    if value is None:
        return None
    low, high = RATES_HZ
    if value.size != 1 or not low <= value.item() <= high:
        raise RecordingError(f"{name}: rate_hz should be one number from {low:g} to {high:g}")
    return float(value.item())
