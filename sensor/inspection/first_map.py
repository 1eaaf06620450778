"""Writes a first map of columns for a table, from the names of its columns."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sensor.formats.tables.column_map import ColumnMap
from sensor.formats.tables.mapped_reader import mapped_joints
from sensor.formats.tables.table import Table
from sensor.inspection.guess import Guess, guess
from sensor.skeleton import KINECT_V2

_PARTS = {
    "SpineBase": "spinebase pelvis hipcenter hipscenter hips midhip waist root torsobase",
    "SpineMid": "spinemid spine spinechest torso chest spinenavel abdomen",
    "SpineShoulder": "spineshoulder shouldercenter shoulderscenter upperchest collar spine2",
    "Neck": "neck",
    "Head": "head",
    "Shoulder": "shoulder upperarm arm",
    "Elbow": "elbow forearm lowerarm",
    "Wrist": "wrist",
    "Hand": "hand palm",
    "HandTip": "handtip fingertip",
    "Thumb": "thumb",
    "Hip": "hip upperleg thigh upleg",
    "Knee": "knee lowerleg shin leg calf",
    "Ankle": "ankle",
    "Foot": "foot footindex toe toes toebase",
}
_JOINT_OF = {word: joint for joint, words in _PARTS.items() for word in words.split()}
_SIDES = {"left": "Left", "l": "Left", "right": "Right", "r": "Right"}
_IGNORED = {
    "joint", "joints", "position", "positions", "pos", "p", "location", "loc", "point", "points",
    "translation", "world", "real", "coordinates", "coordinate", "data", "body", "bodies",
    "skeleton", "m", "mm", "cm",
}  # fmt: skip
_TIMES = {"time": "s", "timestamp": "s", "t": "s", "seconds": "s", "time_s": "s", "ms": "ms",
          "timestamp_ms": "ms", "time_ms": "ms", "timestamp_us": "us", "timestamp_usec": "us",
          "timestamp_ns": "ns", "time_ns": "ns", "captured_ns": "ns", "t_ns": "ns"}  # fmt: skip


@dataclass(frozen=True)
class FirstMap:
    """A map made from names, the guess by which its axes and unit were chosen, and its text."""

    joints: dict[str, list[str]]
    guess: Guess | None
    text: str


def first_map(table: Table, file_name: str) -> FirstMap:
    """Return a map with the joints whose columns can be told by their names."""
    joints = _joints(table.columns)
    found = _guess(table, joints) if joints else None
    return FirstMap(joints, found, _text(table, file_name, joints, found))


def _joints(columns: tuple[str, ...]) -> dict[str, list[str]]:
    places: dict[str, dict[str, str]] = {}
    for column in columns:
        named = _named(column)
        if named is not None:
            places.setdefault(named[0], {}).setdefault(named[1], column)
    return {
        joint: [places[joint][axis] for axis in "xyz"]
        for joint in KINECT_V2.joints
        if len(places.get(joint, {})) == 3
    }


def _named(column: str) -> tuple[str, str] | None:
    """Return the joint and the axis that a column's name says, None if it says none."""
    words = _words(column)
    axes = [word for word in words if word in ("x", "y", "z")]
    if not axes or (len(axes) > 1 and words[-1] not in axes):
        return None
    axis = axes[-1]
    side = next((_SIDES[word] for word in words if word in _SIDES), "")
    rest = [
        word
        for word in words
        if word not in _SIDES and word not in _IGNORED and word not in axes and not word.isdigit()
    ]
    ends = ("".join(rest[i:]) for i in range(len(rest)))
    part = next((_JOINT_OF[end] for end in ends if end in _JOINT_OF), None)
    joint = f"{part}{side}"
    return (joint, axis) if part and joint in KINECT_V2.index else None


def _words(column: str) -> list[str]:
    """Split a name at marks and capitals, and between a side and the part: lefthand."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column).lower()
    spaced = re.sub(r"\b(left|right)(?=[a-z])|(?<=[a-z])(?=(?:left|right)\b)", r"\1 ", spaced)
    return [word for word in re.split(r"[^a-z0-9]+", spaced) if word]


def _guess(table: Table, joints: dict[str, list[str]]) -> Guess:
    plain = ColumnMap(joints={joint: list(columns) for joint, columns in joints.items()})
    return guess(*mapped_joints("map", table, plain), KINECT_V2)


def _text(table: Table, file_name: str, joints: dict[str, list[str]], found: Guess | None) -> str:
    axes = list((found.axes if found else None) or ("x", "y", "z"))
    unit = (found.unit if found else None) or "m"
    lines = [
        f"# Which columns of {_one_line(file_name)} hold which joints. Use it by",
        "#   jointwise classify FILE --columns MAP",
        f"# The file: {table.kind}, {len(table.columns)} columns, {len(table.values)} rows.",
        "",
        f"unit = {json.dumps(unit)}  # m, dm, cm, mm or ft"
        + (f"; {found.unit_reason}" if found else ""),
        "# The file's axes that point to the sensor's left, up, and away from the sensor.",
        *([f"# {found.axes_reason}."] if found else []),
        f"axes = {json.dumps(axes)}",
        *_time_lines(table.columns),
    ]
    if table.kind == "JSON" and table.where != "the list":
        lines.append(f"frames = {_quoted(table.where)}  # the place of the list of frames")
    lines += ["", "[joints]  # the columns of x, y, z, and of confidence (0 to 1) if there is one"]
    for joint in KINECT_V2.joints:
        names = joints.get(joint)
        quoted = ", ".join(map(_quoted, names)) if names else '"?", "?", "?"'
        lines.append(f"{'' if names else '# '}{joint} = [{quoted}]")
    lines += ["", "# The file's columns:", *(f"#   {_one_line(name)}" for name in table.columns)]
    return "\n".join(lines) + "\n"


def _time_lines(columns: tuple[str, ...]) -> list[str]:
    column = next((name for name in columns if name.lower() in _TIMES), None)
    if column is None:
        return ["rate_hz = 30.0", '# time = "column"', '# time_unit = "s"  # s, ms, us, ns, 100ns']
    unit = _TIMES[column.lower()]
    return [f"time = {_quoted(column)}", f'time_unit = "{unit}"  # s, ms, us, ns, 100ns']


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
