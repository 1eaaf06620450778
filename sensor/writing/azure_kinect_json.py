"""Writes Azure Kinect JSON in the form of Microsoft's `offline_processor`.

Joint orientations are left out, since a recording has none.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from sensor.formats.recording import OPTICAL_AXES, Recording
from sensor.skeleton import AZURE_KINECT, Body, Frame
from sensor.writing.fitting import Fitting

TITLE = "Azure Kinect offline JSON"
_VENDOR_NAMES = [
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper().replace("HAND_TIP", "HANDTIP")
    for name in AZURE_KINECT.joints
]
"""The joints as the vendor's own files spell them, in the order of the layout."""


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording and return a sentence for each loss. Raises OSError.

    A joint that was not seen is 0, 0, 0.
    """
    fitting = Fitting(recording, TITLE)
    fitting.to_layout(AZURE_KINECT)
    fitting.drop_labels()
    fitting.drop_confidence()
    content = {
        "source_file": recording.name,
        "joint_names": _VENDOR_NAMES,
        "bone_list": [[_VENDOR_NAMES[a], _VENDOR_NAMES[b]] for a, b in AZURE_KINECT.bones],
        "frames": [_frame(i, frame) for i, frame in enumerate(fitting.recording.frames)],
    }
    path.write_bytes(msgspec.json.encode(content))
    return fitting.notes


def _frame(number: int, frame: Frame) -> dict[str, Any]:
    return {
        "frame_id": number,
        "timestamp_usec": round(frame.captured_ns / 1000),
        "num_bodies": len(frame.bodies),
        "bodies": [{"body_id": body.id, "joint_positions": _places_mm(body)}
                   for body in frame.bodies],
    }  # fmt: skip


def _places_mm(body: Body) -> list[list[float]]:
    # Adding 0 turns -0 into 0.
    places = body.joints_m.astype(float) * OPTICAL_AXES * 1000 + 0.0
    return [[float(f"{value:.9g}") for value in place] for place in places]
