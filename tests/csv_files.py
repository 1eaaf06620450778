"""CSV and JSON of Kinect v2 and Azure Kinect in forms that differ a little from the usual ones."""

from __future__ import annotations

import json

from sensor.formats import azure_kinect_csv, kinect_v2_csv
from sensor.formats.recording import OPTICAL_AXES, Recording
from sensor.skeleton import AZURE_KINECT, KINECT_V2
from tests import builders


def kinect_with_header(made: Recording, unit_ns: float = 100, form: str = "{joint}_{axis}") -> str:
    """Kinect v2 CSV below a header, with times in the given unit."""
    names = [
        form.format(joint=j, axis=a) for j in KINECT_V2.joints for a in ("x", "y", "z", "state")
    ]
    lines = [",".join(["time", *names])]
    for line in kinect_v2_csv.write(made).splitlines():
        ticks, rest = line.split(",", 1)
        lines.append(f"{int(ticks) * 100 / unit_ns:.6f},{rest.removesuffix(',')}")
    return "\n".join(lines) + "\n"


def azure_axis_per_column(made: Recording, per_metre: float = 1000, time: bool = True) -> str:
    """Azure Kinect CSV with the SDK's joint names and a column for each axis."""
    names = [spelled(joint) for joint in AZURE_KINECT.joints]
    head = [f"{name}_{axis}" for name in names for axis in "XYZ"]
    lines = [",".join([*(["Timestamp (us)"] if time else []), *head])]
    for frame in made.frames:
        values = (frame.bodies[0].joints_m * OPTICAL_AXES * per_metre).ravel()
        stamp = [str(800_222 + round(frame.captured_ns / 1000))] if time else []
        lines.append(",".join(stamp + [f"{value:.9g}" for value in values]))
    return "\n".join(lines) + "\n"


def spelled(joint: str) -> str:
    """`HandTipLeft` as `HANDTIP_LEFT`, and so on."""
    for part in ("Left", "Right", "Navel", "Chest"):
        joint = joint.replace(part, f"_{part}")
    return joint.upper().strip("_")


def azure_with_time(made: Recording, in_lines: bool) -> str:
    """Azure Kinect CSV whose header begins with `time`, with and without times in the lines."""
    head, *lines = azure_kinect_csv.write(made).strip().split("\n")
    rows = [
        f"{frame.captured_ns / 1e9:.6f},{line}" if in_lines else line
        for frame, line in zip(made.frames, lines, strict=True)
    ]
    return "\n".join(["\ufefftime," + head.removeprefix("\ufeff"), *rows]) + "\n"


def pykinect_lines(made: Recording) -> bytes:
    """pykinect_azure's bodies of each frame as one JSON document per line."""
    entries = json.loads(builders.pykinect_json(made))
    lines = []
    for frame in made.frames:
        lines.append(json.dumps(entries[: len(frame.bodies)] or ""))
        entries = entries[len(frame.bodies) :]
    return "\n".join(lines).encode() + b"\n"
