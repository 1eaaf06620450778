"""Writes BVH motion capture: one body of 21 joints, in centimetres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2
from sensor.writing.bvh_pose import NODES, Floats, fill, pose, zxy_degrees
from sensor.writing.fitting import Fitting

TITLE = "BVH"
CM = 100.0
_CHANNELS = "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
_UNUSED = ("HandTipLeft", "ThumbLeft", "HandTipRight", "ThumbRight")


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording and return a sentence for each loss.

    Frames before the body comes and after it leaves are left out. Raises OSError, and
    RecordingError if a joint that BVH needs is never seen.
    """
    fitting = Fitting(recording, TITLE)
    fitting.to_layout(KINECT_V2)
    fitting.keep_one_body()
    fitting.drop_labels()
    rate_hz = min(max(recording.rate_hz, 1.0), 240.0)
    fitting.make_even(rate_hz, "needs an even rate, here")
    joints_m, seen = _arrays(fitting)
    filled, lost, count = fill(joints_m, seen)
    if lost:
        raise RecordingError(f"BVH needs {', '.join(lost)}, which this recording never shows")
    if count:
        fitting.note(f"holds no missing joints: {count} places were filled in")
    fitting.drop_confidence()
    if seen[:, [KINECT_V2.index[name] for name in _UNUSED]].any():
        fitting.note(f"is written without {', '.join(_UNUSED)}")
    path.write_text(_text(*pose(filled), rate_hz), encoding="ascii")
    return fitting.notes


def _arrays(fitting: Fitting) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the joints (T, 25, 3) and which were seen (T, 25), from the body's first frame on."""
    frames = fitting.recording.frames
    there = [i for i, frame in enumerate(frames) if frame.bodies]
    kept = frames[there[0] : there[-1] + 1]
    if len(kept) < len(frames):
        fitting.note(f"needs a body in each frame: {len(frames) - len(kept)} at the ends left out")
    joints_m, seen = np.zeros((len(kept), 25, 3)), np.zeros((len(kept), 25), bool)
    for i, frame in enumerate(kept):
        for body in frame.bodies:
            joints_m[i], seen[i] = body.joints_m, body.confidence > 0
    return joints_m, seen


def _text(offsets_m: Floats, places_m: Floats, turns: Floats, rate_hz: float) -> str:
    lines = ["HIERARCHY", *_joint(0, offsets_m * CM), "MOTION"]
    lines += [f"Frames: {len(places_m)}", f"Frame Time: {1 / rate_hz:.9f}"]
    rows = np.concatenate((places_m * CM, zxy_degrees(turns)), axis=2)
    order = _order(0)
    return "\n".join((*lines, *(_row(row[order].ravel()) for row in rows))) + "\n"


def _row(values: Floats) -> str:
    # Adding 0 turns -0 into 0.
    return " ".join(f"{value:.5f}" for value in np.round(values, 5) + 0.0)


def _children(i: int) -> list[int]:
    return [child for child, node in enumerate(NODES) if node.parent == i]


def _order(i: int) -> list[int]:
    """Return a node and all below it, in the order of the file."""
    return [i, *(below for child in _children(i) for below in _order(child))]


def _joint(i: int, offsets: Floats, indent: str = "") -> list[str]:
    kind = "ROOT" if i == 0 else "JOINT"
    inner = indent + "\t"
    lines = [f"{indent}{kind} {NODES[i].name}", f"{indent}{{"]
    lines += [f"{inner}OFFSET {_row(offsets[i])}", f"{inner}{_CHANNELS}"]
    for child in _children(i):
        lines += _joint(child, offsets, inner)
    if not _children(i):
        # Without a length, since Kinect's head, hands and feet end at the joint itself.
        lines += [f"{inner}End Site", f"{inner}{{", f"{inner}\tOFFSET 0 0 0", f"{inner}}}"]
    return [*lines, f"{indent}}}"]
