"""BVH motion capture: one person's skeleton, and its rotations in each frame.

CMU (cgspeed), Mixamo, Perception Neuron, Rokoko and most animation tools write it. The form:
M. Meredith and S. Maddock, "Motion Capture File Formats Explained", University of Sheffield, 2001.

The axes are right-handed. The vertical axis and the facing are told from the pose at rest, or from
the motion if that pose is not a person who stands. A sensor is put 3 m before the hips of the first
frame, at their height; the performer at rest faces it. The unit is told from the length of legs and
trunk: metres, centimetres, millimetres, inches, or the unit of the CMU database (an inch / 0.45).
Frame Time gives the rate.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.bvh.hierarchy import Node, parse_hierarchy
from sensor.formats.bvh.joints import Pair, find_joints
from sensor.formats.bvh.motion import parse_motion, rest_places, world_places
from sensor.formats.recording import (
    Limits,
    Recording,
    checked_recording,
    single_body_frames,
    times_at_rate,
    to_float32,
)
from sensor.skeleton import KINECT_V2

FORMAT = "bvh"
Floats = NDArray[np.float64]

METRIC_UNITS_M = (1.0, 0.01, 0.001)
OTHER_UNITS_M = (0.0254, 0.0254 / 0.45)
"""Inches, and the unit of the CMU database (mocap.cs.cmu.edu, FAQ)."""
USUAL_M = 1.3
"""A grown person's leg and trunk together, hip to ankle and hips to neck."""
SHORTEST_M, LONGEST_M = 0.65, 2.0
"""Of leg and trunk together: a small child, and more than any person."""
PLACE_M = np.array((0.0, 0.0, 3.0))
"""The hips in the first frame, in camera space."""
_INDEX = KINECT_V2.index
_STRAIGHT = 0.8
"""The share of a direction along one axis from which it is that axis."""


def is_header(line: str) -> bool:
    """Return whether a first line begins a BVH file."""
    return line.upper().startswith("HIERARCHY")


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a BVH text. Raises RecordingError."""
    motion = re.search(r"^[ \t]*MOTION[ \t\r]*$", text, re.MULTILINE | re.IGNORECASE)
    if motion is None:
        raise RecordingError(f"{name}: the BVH file has no MOTION: it was cut off")
    nodes = parse_hierarchy(name, text[: motion.start()])
    rest = rest_places(nodes)
    joints = find_joints(name, nodes, rest)
    unit_m = _unit_m(name, nodes, joints)
    values, frame_s = parse_motion(name, text, motion.end(), nodes, limits)
    wanted = sorted({i for pair in joints.values() for i in pair})
    places = _body(world_places(nodes, values, wanted), wanted, joints)
    axes = _camera_axes(_body(rest[None], range(len(nodes)), joints)[0], places)
    placed = (places - places[0, _INDEX["SpineBase"]]) @ axes.T * unit_m + PLACE_M
    confidence = np.zeros(placed.shape[:2], np.float32)
    confidence[:, [_INDEX[joint] for joint in joints]] = 1
    times = times_at_rate(name, len(placed), 1 / frame_s, limits)
    frames = single_body_frames(name, KINECT_V2, times, to_float32(placed), confidence)
    return checked_recording(name, FORMAT, KINECT_V2, frames, 1 / frame_s, limits)


def _body(places: Floats, columns: list[int] | range, joints: dict[str, Pair]) -> Floats:
    """Return the Kinect v2 joints (T, 25, 3) of nodes (T, N, 3) in the order of `columns`."""
    column = {node: i for i, node in enumerate(columns)}
    out = np.zeros((len(places), len(KINECT_V2.joints), 3))
    for joint, (one, two) in joints.items():
        out[:, _INDEX[joint]] = (places[:, column[one]] + places[:, column[two]]) / 2
    return out


def _unit_m(name: str, nodes: list[Node], joints: dict[str, Pair]) -> float:
    """Return the metres of the file's unit, by the bones from hip to ankle and hips to neck."""
    legs = [_bones(nodes, joints[f"Hip{s}"][0], joints[f"Ankle{s}"][0]) for s in ("Left", "Right")]
    size = float(np.mean(legs)) + _bones(nodes, joints["SpineBase"][0], joints["SpineShoulder"][0])
    for unit in METRIC_UNITS_M:
        if SHORTEST_M <= size * unit <= LONGEST_M:
            return unit
    unit = min(OTHER_UNITS_M, key=lambda u: abs(np.log(max(size, 1e-9) * u / USUAL_M)))
    if not SHORTEST_M <= size * unit <= LONGEST_M:
        raise RecordingError(
            f"{name}: leg and trunk of the BVH skeleton are {size:.3g} units long, which is no "
            "person's size in metres, centimetres, millimetres or inches"
        )
    return unit


def _bones(nodes: list[Node], top: int, bottom: int) -> float:
    """Return the length of all bones from `bottom` up to `top`, or to the root."""
    length = 0.0
    while bottom not in (top, -1):
        length += float(np.linalg.norm(nodes[bottom].offset))
        bottom = nodes[bottom].parent
    return length


def _camera_axes(rest: Floats, places: Floats) -> Floats:
    """Return the rotation (3, 3) from the axes of the file to camera space.

    `rest` (25, 3) is the pose at rest, `places` (T, 25, 3) the motion. The rotation turns by whole
    quarters only, so it never tilts or mirrors anybody.
    """
    up, left = _up_and_left(rest)
    if not _stands(rest, up):
        directions = [_up_and_left(frame) for frame in places[:: max(len(places) // 200, 1)]]
        up, left = np.median([up for up, _ in directions], axis=0), directions[0][1]
    up = _axis(up)
    level = np.where(up == 0, left, 0)
    # Without any left and right, another axis than the vertical one is as good as the other.
    left = _axis(level if level.any() else np.roll(up, 1))
    return np.stack((-left, up, -np.cross(left, up)))


def _up_and_left(pose: Floats) -> tuple[Floats, Floats]:
    """Return the directions from ankles to neck and from the right side to the left."""
    at = {joint: pose[i] for joint, i in _INDEX.items()}
    up = at["SpineShoulder"] - (at["AnkleLeft"] + at["AnkleRight"]) / 2
    left = at["ShoulderLeft"] + at["HipLeft"] - at["ShoulderRight"] - at["HipRight"]
    return up, left


def _stands(pose: Floats, up: Floats) -> bool:
    """Return whether a pose stands along an axis: neck above hips above both ankles."""
    axis = _axis(up)
    heights = pose @ axis
    hips = pose[_INDEX["SpineBase"]]
    straight = all(
        float(np.abs(step @ axis)) >= _STRAIGHT * float(np.linalg.norm(step))
        for step in (
            pose[_INDEX["SpineShoulder"]] - hips,
            pose[_INDEX["AnkleLeft"]] - hips,
            pose[_INDEX["AnkleRight"]] - hips,
        )
    )
    ankles = max(heights[_INDEX["AnkleLeft"]], heights[_INDEX["AnkleRight"]])
    _, left = _up_and_left(pose)
    level = float(np.abs(left @ axis)) < 0.5 * float(np.linalg.norm(left))
    return bool(straight and level and heights[_INDEX["SpineShoulder"]] > hips @ axis > ankles)


def _axis(direction: Floats) -> Floats:
    """Return the signed axis of the file that is nearest to a direction."""
    axis = np.zeros(3)
    largest = int(np.argmax(np.abs(direction)))
    axis[largest] = np.sign(direction[largest]) or 1.0
    return axis
