"""Packs a folder of `.skeleton` files into one memory-mapped file. It can be stopped and resumed.

`packed/joints.f32` holds float32 (frames of all clips, 2 slots, 25 joints, 3), metres.
`packed/index.jsonl` has a line for each file: its name, its number of frames (0: left out, with
the reason) and a checksum. Joints are written before their line, so a clip that has a line is
complete.
"""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from models.public_sets.ntu_actors import MOST_FRAMES, SLOTS, slots
from models.public_sets.ntu_split import missing_samples, skeleton_files
from sensor.errors import RecordingError
from sensor.formats.ntu_skeleton import NtuName, parse_name, read
from sensor.formats.recording import LOCAL_LIMITS
from sensor.skeleton import FloatArray

log = logging.getLogger(__name__)

PACK_DIR, JOINTS_FILE, INDEX_FILE = "packed", "joints.f32", "index.jsonl"
NUMBERS = SLOTS * 25 * 3
AT_ONCE = 256
"""The number of files between two writes."""
FEW = 2000
"""Up to this many files, starting other processes would take longer than reading."""


class Entry(msgspec.Struct, frozen=True):
    """A line of the index. `left_out` is the reason if a file has no frames."""

    name: str
    frames: int
    crc32: int = 0
    left_out: str = ""


@dataclass(frozen=True, eq=False)
class NtuClips:
    """N clips of a packed folder.

    `first` and `frames`, int64 (N,), are the first frame and the length of each clip in
    `joints_m`, float32 (frames of all clips, 150), metres, memory-mapped.
    """

    names: tuple[str, ...]
    ids: tuple[NtuName, ...]
    first: NDArray[np.int64]
    frames: NDArray[np.int64]
    joints_m: FloatArray
    index_file: Path

    def padded(self, picks: NDArray[np.int64]) -> FloatArray:
        """Clips as network input: float32 (N, 300, 150), with zeros after the last frame."""
        out = np.zeros((len(picks), MOST_FRAMES, NUMBERS), np.float32)
        for row, pick in zip(out, picks, strict=True):
            first, frames = self.first[pick], self.frames[pick]
            row[:frames] = self.joints_m[first : first + frames]
        return out


def pack(folder: Path, workers: int = 0) -> NtuClips:
    """Open the packed clips of a folder; first pack new files, with a progress bar.

    Clips in the folder's lists of missing skeletons are packed but not returned. `workers` is the
    number of processes that read (0: one for each processor). Raises ValueError if there are no
    clips, OSError if the folder cannot be written.
    """
    files = skeleton_files(folder)
    packed = folder / PACK_DIR
    if not files and not (packed / INDEX_FILE).exists():
        raise ValueError(f"{folder} holds no .skeleton files: give NTU RGB+D's folder of them")
    packed.mkdir(exist_ok=True)
    done = {entry.name for entry in _done(packed)}
    todo = [path for name, path in files.items() if name not in done]
    if todo:
        _append(packed, todo, workers)
    return _open(packed, missing_samples(folder))


def _done(packed: Path) -> list[Entry]:
    """The entries that are packed. Cuts off a line or joints whose writing was interrupted."""
    index, joints = packed / INDEX_FILE, packed / JOINTS_FILE
    index.touch()
    joints.touch()
    text = index.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    entries = _entries(whole)
    size = 4 * NUMBERS * sum(entry.frames for entry in entries)
    if joints.stat().st_size < size:
        raise ValueError(f"{joints} is shorter than its index says: delete {packed}")
    if len(whole) < len(text):
        os.truncate(index, len(whole))
    if joints.stat().st_size > size:
        os.truncate(joints, size)
    return entries


def _append(packed: Path, paths: Sequence[Path], workers: int) -> None:
    with (
        (packed / JOINTS_FILE).open("ab") as joints,
        (packed / INDEX_FILE).open("ab") as index,
        _read_all(paths, workers) as results,
    ):
        found = iter(track(results, "packing skeletons", total=len(paths)))
        while some := list(itertools.islice(found, AT_ONCE)):
            joints.writelines(clip.tobytes() for _, clip in some)
            joints.flush()
            index.writelines(msgspec.json.encode(entry) + b"\n" for entry, _ in some)
            index.flush()


@contextmanager
def _read_all(paths: Sequence[Path], workers: int) -> Iterator[Iterator[tuple[Entry, FloatArray]]]:
    if workers == 1 or (workers == 0 and len(paths) <= FEW):
        yield map(read_clip, paths)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or None, mp_context=spawn) as pool:
        try:
            yield pool.map(read_clip, paths, chunksize=32)
        finally:
            pool.shutdown(cancel_futures=True)


def read_clip(path: Path) -> tuple[Entry, FloatArray]:
    """Read a file: its line of the index and its joints (T, 2, 25, 3), T = 0 if it is left out."""
    try:
        clip = slots(read(path.stem, path.read_text(), LOCAL_LIMITS))
    except (RecordingError, UnicodeDecodeError) as error:
        return Entry(path.stem, 0, 0, str(error)), np.zeros((0, SLOTS, 25, 3), np.float32)
    return Entry(path.stem, len(clip), zlib.crc32(clip.tobytes())), clip


def _open(packed: Path, missing: set[str]) -> NtuClips:
    entries = _entries((packed / INDEX_FILE).read_bytes())
    left_out = [entry for entry in entries if not entry.frames and entry.name not in missing]
    if left_out:
        log.warning(
            "%d left out of the packed skeletons (listed in %s); the first: %s",
            len(left_out), packed / INDEX_FILE, left_out[0].left_out,
        )  # fmt: skip
    ends = np.cumsum([entry.frames for entry in entries])
    kept = [i for i, entry in enumerate(entries) if entry.frames and entry.name not in missing]
    if not kept:
        raise ValueError(f"{packed.parent}: no file holds a skeleton that is not listed as missing")
    frames = np.array([entries[i].frames for i in kept])
    names = tuple(entries[i].name for i in kept)
    return NtuClips(
        names,
        tuple(name for name in map(parse_name, names) if name is not None),
        ends[kept] - frames,
        frames,
        np.memmap(packed / JOINTS_FILE, np.float32, "r", shape=(int(ends[-1]), NUMBERS)),
        packed / INDEX_FILE,
    )


def _entries(lines: bytes) -> list[Entry]:
    return [msgspec.json.decode(line, type=Entry) for line in lines.splitlines()]
