"""MSR-Action3D skeleton text: one joint a line, 20 lines a frame, no frame numbers and no times.

The data set: W. Li, Z. Zhang and Z. Liu, "Action recognition based on a bag of 3D points", CVPR
Workshops 2010. One person at 15 Hz, joints in an order of the set's own (`JOINTS`). A line holds
either real-world x, y, z in metres (files `_skeleton3D.txt`; y up, z away from the sensor, x to its
left) or screen u, v (320 x 240 pixels) and depth d (files `_skeleton.txt`). A fourth number, if
there is one, is the confidence. A joint at 0, 0, 0 was not seen.

Screen positions become metres with the focal length of the Kinect's depth camera. The depth counts
millimetres or steps of 4 mm, told from the size of the body. u rises to either side of the sensor,
told from the left and right shoulders and hips.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.csv_text import numbered_lines
from sensor.formats.other_tools.kinect_v1_sets.number_rows import count_fields, parse_rows
from sensor.formats.recording import (
    Limits,
    Recording,
    checked_recording,
    single_body_frames,
    times_at_rate,
    to_float32,
)
from sensor.skeleton import KINECT_V1

FORMAT = "msr-action3d-text"
RATE_HZ = 15.0
JOINTS = (
    "ShoulderLeft", "ShoulderRight", "ShoulderCenter", "Spine", "HipLeft", "HipRight", "HipCenter",
    "ElbowLeft", "ElbowRight", "WristLeft", "WristRight", "HandLeft", "HandRight", "KneeLeft",
    "KneeRight", "AnkleLeft", "AnkleRight", "FootLeft", "FootRight", "Head",
)  # fmt: skip
FOCAL_PX = 285.6
"""Focal length of the first Kinect's depth camera at 320 x 240 pixels."""
CENTRE_PX = (160.0, 120.0)
DEPTH_UNITS_M = (0.001, 0.004)
"""The units of depth in screen files, in metres."""
TRUNK_M = 0.48
"""Hips to shoulder centre of a grown person."""
_ORDER = [JOINTS.index(joint) for joint in KINECT_V1.joints]
_INDEX = KINECT_V1.index

FloatRows = NDArray[np.float64]


def is_header(line: str) -> bool:
    """Return whether a first line holds three or four numbers."""
    return count_fields(line) in (3, 4)


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a skeleton text of either kind. Raises RecordingError."""
    fields = count_fields(next(numbered_lines(text))[1])
    content = "one joint of an MSR-Action3D file"
    rows = parse_rows(name, text, fields, content, limits, rows_a_frame=20).rows()
    if len(rows) % 20:
        raise RecordingError(
            f"{name}: {len(rows)} lines of joints are not whole frames of 20: the file was cut off"
        )
    values = rows.reshape(-1, 20, fields)[:, _ORDER]
    places = values[..., :3]
    seen = np.isfinite(places).all(axis=2) & (places != 0).any(axis=2)
    confidence = np.ones(seen.shape)
    if fields == 4 and (values[..., 3] > 0).any():
        confidence = np.nan_to_num(values[..., 3])
    if _on_screen(places[seen]):
        places = _to_metres(places, seen)
    frames = single_body_frames(
        name, KINECT_V1, times_at_rate(name, len(places), RATE_HZ, limits),
        to_float32(places), to_float32(confidence * seen),
    )  # fmt: skip
    return checked_recording(name, FORMAT, KINECT_V1, frames, RATE_HZ, limits)


def _on_screen(places: FloatRows) -> bool:
    """Return whether places (N, 3) are pixels: no body in metres is 20 units from the middle."""
    return len(places) > 0 and float(np.median(np.abs(places[:, 0]))) > 20


def _to_metres(places: FloatRows, seen: NDArray[np.bool_]) -> FloatRows:
    """Return screen places (T, 20, 3) of u, v, d in camera space, in metres."""
    offsets = np.array(CENTRE_PX) - places[..., :2]
    sides = np.array([offsets[:, _INDEX[f"{joint}Left"], 0] - offsets[:, _INDEX[f"{joint}Right"], 0]
                      for joint in ("Shoulder", "Hip")])  # fmt: skip
    if np.median(np.nan_to_num(sides)) > 0:
        offsets[..., 0] *= -1
    depths = places[..., 2]
    trunk = offsets[:, _INDEX["ShoulderCenter"]] - offsets[:, _INDEX["HipCenter"]]
    whole = seen[:, _INDEX["ShoulderCenter"]] & seen[:, _INDEX["HipCenter"]]
    unit_m = DEPTH_UNITS_M[0]
    if whole.any():
        trunks = np.linalg.norm(trunk, axis=1) * depths[:, _INDEX["HipCenter"]] / FOCAL_PX
        size = max(float(np.median(trunks[whole])), 1e-9)
        unit_m = min(DEPTH_UNITS_M, key=lambda unit: abs(np.log(unit * size / TRUNK_M)))
    z = depths * unit_m
    return np.stack((offsets[..., 0] * z / FOCAL_PX, offsets[..., 1] * z / FOCAL_PX, z), axis=2)
