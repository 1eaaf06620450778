"""The MOTION section of a BVH file, and forward kinematics."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.bvh.hierarchy import Node, channel_count
from sensor.formats.csv_text import numbered_lines
from sensor.formats.other_tools.kinect_v1_sets.number_rows import RowParser
from sensor.formats.recording import Limits, check_extent, check_frame_count

Floats = NDArray[np.float64]

FRAMES_AT_ONCE = 1024
"""Frames whose rotations are in memory together."""
LARGEST = 1e9
"""No angle or position of a channel is as large."""
SHORTEST_S, LONGEST_S = 0.001, 2.0
"""The shortest and longest time between frames that shows motion."""


def parse_motion(
    name: str, text: str, start: int, nodes: list[Node], limits: Limits
) -> tuple[Floats, float]:
    """Return the values float64 (T, channels) and the seconds between frames.

    `start` is the place in `text` after the word MOTION. Raises RecordingError.
    """
    lines = numbered_lines(text, start)
    count = _declared(name, next(lines, (0, ""))[1], "Frames:", limits)
    frame_s = _frame_time(name, next(lines, (0, ""))[1])
    check_extent(name, count, (count - 1) * frame_s, limits)
    parser = RowParser(name, channel_count(nodes), "the channels of the BVH hierarchy")
    for number, line in lines:
        if len(parser) == count:
            raise RecordingError(f"{name}: line {number} goes on after the {count} frames declared")
        parser.add(number, line)
    if len(parser) < count:
        raise RecordingError(
            f"{name}: {count} frames are declared and {len(parser)} are there: the file was cut off"
        )
    values = parser.rows()
    wrong = ~(np.abs(values) < LARGEST).all(axis=1)
    if wrong.any():
        number = parser.lines[int(np.argmax(wrong))]
        raise RecordingError(f"{name}: line {number}: a channel is not a finite number")
    return values, frame_s


def _declared(name: str, line: str, key: str, limits: Limits) -> int:
    found = re.fullmatch(r"Frames\s*:\s*(\d{1,12})", line, re.IGNORECASE)
    if not found:
        raise RecordingError(f"{name}: MOTION should be followed by {key} and their number")
    count = int(found[1])
    check_frame_count(name, count, limits)
    if not count:
        raise RecordingError(f"{name}: the recording holds no frames")
    return count


def _frame_time(name: str, line: str) -> float:
    found = re.fullmatch(r"Frame\s*Time\s*:\s*(\S{1,40})", line, re.IGNORECASE)
    try:
        frame_s = float(found[1]) if found else np.nan
    except ValueError:
        frame_s = np.nan
    if not SHORTEST_S <= frame_s <= LONGEST_S:
        raise RecordingError(
            f"{name}: Frame Time should be the seconds between frames, "
            f"from {SHORTEST_S:g} to {LONGEST_S:g}, not {line[:60]!r}"
        )
    return frame_s


def rest_places(nodes: list[Node]) -> Floats:
    """Return the places of all nodes with every rotation 0, float64 (N, 3), the root at 0."""
    places = np.zeros((len(nodes), 3))
    for i, node in enumerate(nodes):
        if node.parent >= 0:
            places[i] = places[node.parent] + node.offset
    return places


def world_places(nodes: list[Node], values: Floats, wanted: Collection[int]) -> Floats:
    """Return the places of the wanted nodes in every frame, float64 (T, len(wanted), 3).

    A joint turns by its rotations in the order of its channels: the first is applied last. Its
    position channels, if it has some, take the place of its offset; those of joints below the root
    that hover about 0 are added to it, as some tools write them.
    """
    needed = set()
    for i in wanted:
        while i >= 0 and i not in needed:
            needed.add(i)
            i = nodes[i].parent
    order = sorted(needed)
    added = {i for i in order if _adds_position(nodes[i], values)}
    out = np.zeros((len(values), len(wanted), 3))
    for start in range(0, len(values), FRAMES_AT_ONCE):
        part = values[start : start + FRAMES_AT_ONCE]
        places: dict[int, Floats] = {}
        turns: dict[int, Floats] = {}
        for i in order:
            node = nodes[i]
            local = _local_places(node, part, i in added)
            if node.parent < 0:
                places[i], turns[i] = local, _turns(node, part)
                continue
            above = turns[node.parent]
            places[i] = places[node.parent] + (above @ local[..., None])[..., 0]
            turns[i] = above @ _turns(node, part) if node.channels else above
        for column, i in enumerate(wanted):
            out[start : start + len(part), column] = places[i]
    return out


def _positions(node: Node) -> list[tuple[int, int]]:
    """Return (axis, column) of each position channel."""
    return [
        ("XYZ".index(channel[0]), node.first_channel + i)
        for i, channel in enumerate(node.channels)
        if channel.endswith("position")
    ]


def _adds_position(node: Node, values: Floats) -> bool:
    positions = _positions(node)
    if node.parent < 0 or not positions:
        return False
    usual = np.array([np.median(values[:, column]) for _, column in positions])
    offset = np.array([node.offset[axis] for axis, _ in positions])
    return bool(np.linalg.norm(usual - offset) > np.linalg.norm(usual))


def _local_places(node: Node, values: Floats, added: bool) -> Floats:
    places = np.tile(np.array(node.offset), (len(values), 1))
    for axis, column in _positions(node):
        places[:, axis] = values[:, column] + (node.offset[axis] if added else 0.0)
    return places


def _turns(node: Node, values: Floats) -> Floats:
    """Return the rotation matrices of a joint, float64 (T, 3, 3)."""
    turn = np.tile(np.eye(3), (len(values), 1, 1))
    for i, channel in enumerate(node.channels):
        if channel.endswith("rotation"):
            angle = np.deg2rad(values[:, node.first_channel + i])
            turn = turn @ _about("XYZ".index(channel[0]), angle)
    return turn


def _about(axis: int, angle: Floats) -> Floats:
    one, two = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(angle), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, one, one] = turn[:, two, two] = np.cos(angle)
    turn[:, two, one] = np.sin(angle)
    turn[:, one, two] = -np.sin(angle)
    return turn
