"""Writes recordings in formats that other programs read: the table of formats, `write_recording`.

  ntu_skeleton, kinect_v2_csv, azure_kinect_json, bvh, clip_set, mcap_recording, jointwise_lines
                    one writer per format
  bvh_pose          rotations and places of a BVH hierarchy
  fitting           fits a recording to what a format can hold, and notes each loss
  new_file          a temporary name first, so that a failure leaves nothing half-written

To add a format, write a module with `TITLE` and `write(recording, path) -> notes`, and add it to
`TARGETS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sensor.errors import RecordingError
from sensor.formats.azure_kinect_json import OFFLINE_FORMAT
from sensor.formats.bvh.reader import FORMAT as BVH
from sensor.formats.clip_stream import FORMAT as CLIP_SET
from sensor.formats.jointwise_lines import FORMAT as LINES
from sensor.formats.kinect_v2_csv import FORMAT as KINECT_V2_CSV
from sensor.formats.mcap.recording import FORMAT as MCAP
from sensor.formats.ntu_skeleton import FORMAT as NTU
from sensor.formats.recording import Recording
from sensor.writing import (
    azure_kinect_json,
    bvh,
    clip_set,
    jointwise_lines,
    kinect_v2_csv,
    mcap_recording,
    ntu_skeleton,
)
from sensor.writing.new_file import new_file

Writer = Callable[[Recording, Path], list[str]]


@dataclass(frozen=True)
class Target:
    """A format to write: its suffix, its title for people, and the function that writes it."""

    suffix: str
    title: str
    write: Writer


TARGETS: dict[str, Target] = {
    NTU: Target(".skeleton", ntu_skeleton.TITLE, ntu_skeleton.write),
    KINECT_V2_CSV: Target(".csv", kinect_v2_csv.TITLE, kinect_v2_csv.write),
    OFFLINE_FORMAT: Target(".json", azure_kinect_json.TITLE, azure_kinect_json.write),
    CLIP_SET: Target(".npz", clip_set.TITLE, clip_set.write),
    BVH: Target(".bvh", bvh.TITLE, bvh.write),
    MCAP: Target(".mcap", mcap_recording.TITLE, mcap_recording.write),
    LINES: Target(".jsonl", jointwise_lines.TITLE, jointwise_lines.write),
}
"""The formats by name, which is the name that readers give to them."""


def target_for(path: Path, name: str | None = None) -> Target:
    """Return the format called `name`, or else the one of the path's suffix.

    Raises RecordingError.
    """
    if name is not None:
        if name not in TARGETS:
            raise RecordingError(f"no format to write is called {name!r}; known: {_known()}")
        return TARGETS[name]
    found = [target for target in TARGETS.values() if target.suffix == path.suffix.lower()]
    if len(found) != 1:
        problem = f"more than one format ends in {path.suffix}" if found else "no known suffix"
        raise RecordingError(f"{path}: {problem}; name the format with --to: {_known()}")
    return found[0]


def write_recording(
    recording: Recording, path: Path, target: Target, overwrite: bool = False
) -> list[str]:
    """Write a recording to a new file and return a sentence for each loss.

    Raises RecordingError if the file exists and `overwrite` is False, or if it cannot be written;
    nothing half-written remains.
    """
    with new_file(path, overwrite) as made:
        return target.write(recording, made)


def _known() -> str:
    return ", ".join(f"{name} ({target.suffix})" for name, target in TARGETS.items())
