"""Turns Kinect v2 joints into the rotations and places of a BVH hierarchy.

Each joint has a rotation, for programs that animate a figure, and a place relative to its parent,
so that lengths that vary from frame to frame are kept exactly. The axes are those of most BVH
files: y up, z where the performer faces at rest, x to the performer's left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2

Floats = NDArray[np.float64]

CAMERA_TO_BVH = np.array((-1.0, 1.0, -1.0))
_SIDE_NODES = (
    ("Arm", "Shoulder", "Spine1", (0.97, -0.24, 0)), ("ForeArm", "Elbow", "*Arm", (1, 0, 0)),
    ("Hand", "Wrist", "*ForeArm", (1, 0, 0)), ("HandMiddle1", "Hand", "*Hand", (1, 0, 0)),
    ("UpLeg", "Hip", "Hips", (1, 0, 0)), ("Leg", "Knee", "*UpLeg", (0, -1, 0)),
    ("Foot", "Ankle", "*Leg", (0, -1, 0)), ("ToeBase", "Foot", "*Foot", (0, -0.5, 0.87)),
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A joint of the hierarchy: its name, its Kinect v2 joint, its parent's index (-1: none).

    `rest` is the direction from the parent at rest, in the axes of the file.
    """

    name: str
    joint: str
    parent: int
    rest: tuple[float, float, float]


def _hierarchy() -> tuple[Node, ...]:
    up = (0.0, 1.0, 0.0)
    nodes = [
        Node("Hips", "SpineBase", -1, up), Node("Spine", "SpineMid", 0, up),
        Node("Spine1", "SpineShoulder", 1, up), Node("Neck", "SpineShoulder", 2, up),
        Node("Neck1", "Neck", 3, up), Node("Head", "Head", 4, up),
    ]  # fmt: skip
    for side, sign in (("Left", 1), ("Right", -1)):
        for part, joint, parent, (x, y, z) in _SIDE_NODES:
            names = [node.name for node in nodes]
            index = names.index(parent.replace("*", side))
            nodes.append(Node(side + part, joint + side, index, (sign * x, y, z)))
    return tuple(nodes)


NODES = _hierarchy()
"""The hierarchy with the names of MotionBuilder; parents precede children."""
_STANDINS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SpineBase", ("HipLeft", "HipRight")),
    ("SpineShoulder", ("ShoulderLeft", "ShoulderRight")),
    ("SpineMid", ("SpineBase", "SpineShoulder")),
    ("Neck", ("SpineShoulder", "Head")),
    *((f"Hand{side}", (f"Wrist{side}",)) for side in ("Left", "Right")),
    *((f"Foot{side}", (f"Ankle{side}",)) for side in ("Left", "Right")),
)
"""The midpoint that stands in for a joint that is never seen."""


def fill(joints_m: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, list[str], int]:
    """Fill in joints that were not seen: joints (T, 25, 3) in metres, seen (T, 25).

    A joint is interpolated over time; one that is never seen gets a stand-in. Returns the joints,
    the names of those without even a stand-in, and the number of places that were filled in.
    """
    joints_m, known = joints_m.copy(), np.asarray(seen.any(axis=0))
    frames = np.arange(len(joints_m))
    for joint in np.flatnonzero(known):
        there = seen[:, joint]
        for axis in range(3):
            path = joints_m[there, joint, axis]
            joints_m[:, joint, axis] = np.interp(frames, frames[there], path)
    index = KINECT_V2.index
    for name, sources in _STANDINS:
        picked = [index[source] for source in sources]
        if not known[index[name]] and known[picked].all():
            joints_m[:, index[name]] = joints_m[:, picked].mean(axis=1)
            known[index[name]] = True
    lost = sorted({node.joint for node in NODES if not known[index[node.joint]]})
    used = [index[joint] for joint in {node.joint for node in NODES}]
    return joints_m, lost, int((~seen[:, used]).sum())


def pose(joints_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Return offsets at rest (N, 3), places (T, N, 3) and rotations (T, N, 3, 3) of the nodes.

    `joints_m` is (T, 25, 3) in camera space. Places and rotations are relative to the parent;
    everything is in metres and in the axes of the file.
    """
    index = [KINECT_V2.index[node.joint] for node in NODES]
    places = joints_m[:, index] * CAMERA_TO_BVH
    parents = [node.parent for node in NODES]
    steps = places - places[:, [max(parent, 0) for parent in parents]]
    lengths = np.median(np.linalg.norm(steps, axis=2), axis=0)
    offsets = np.array([node.rest for node in NODES]) * lengths[:, None]
    turns = _turns(offsets, steps)
    local_places, local_turns = places.copy(), turns.copy()
    for i, parent in enumerate(parents):
        if parent >= 0:
            back = np.swapaxes(turns[:, parent], 1, 2)
            local_places[:, i] = (back @ steps[:, i, :, None])[..., 0]
            local_turns[:, i] = back @ turns[:, i]
    return offsets, local_places, local_turns


def _turns(offsets: Floats, steps: Floats) -> Floats:
    """Return the rotation of each node in the axes of the file, (T, N, 3, 3)."""
    turns = np.tile(np.eye(3), (len(steps), len(NODES), 1, 1))
    for i, node in enumerate(NODES):
        below = [j for j, child in enumerate(NODES) if child.parent == i and offsets[j].any()]
        before = turns[:, max(node.parent, 0)]
        if len(below) > 1:
            turns[:, i] = _fitted(offsets[below], steps[:, below])
        elif below:
            start = (before @ offsets[below[0]][:, None])[..., 0]
            turns[:, i] = _swing(start, steps[:, below[0]]) @ before
        else:
            turns[:, i] = before
    return turns


def _fitted(rest: Floats, places: Floats) -> Floats:
    """Return the rotations (T, 3, 3) that turn rest (K, 3) best into places (T, K, 3).

    W. Kabsch, "A solution for the best rotation to relate two sets of vectors", 1976.
    """
    u, _, v = np.linalg.svd(np.swapaxes(places, 1, 2) @ rest)
    u[:, :, 2] *= np.sign(np.linalg.det(u @ v))[:, None]
    turned: Floats = u @ v
    return turned


def _swing(start: Floats, end: Floats) -> Floats:
    """Return the least rotations (T, 3, 3) that turn directions (T, 3) into others."""
    start, end = _unit(start), _unit(end)
    axis = np.cross(start, end)
    cosine = (start * end).sum(axis=1)[:, None, None]
    x, y, z = axis.T
    zero = np.zeros_like(x)
    cross = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=1).reshape(-1, 3, 3)
    # Rodrigues' formula; (1 - cos) / sin**2 = 1 / (1 + cos), without end if directions oppose.
    turned: Floats = np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-6)
    opposite = (cosine[:, 0, 0] < -1 + 1e-6) | ~np.any(start, axis=1) | ~np.any(end, axis=1)
    turned[opposite] = np.eye(3)
    return turned


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result


def zxy_degrees(turns: Floats) -> Floats:
    """Return the angles of rotations (..., 3, 3) about z, then x, then y, (..., 3) in degrees.

    turns = Rz Rx Ry, as for the channels Zrotation Xrotation Yrotation.
    """
    z = np.arctan2(-turns[..., 0, 1], turns[..., 1, 1])
    x = np.arcsin(np.clip(turns[..., 2, 1], -1, 1))
    y = np.arctan2(-turns[..., 2, 0], turns[..., 2, 2])
    angles: Floats = np.rad2deg(np.stack((z, x, y), axis=-1))
    return angles
