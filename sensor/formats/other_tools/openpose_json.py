"""OpenPose JSON with 3D key points: a list of its documents, one per frame.

`pose_keypoints_3d` holds x, y, z and confidence of 25 points (BODY_25) or 18 (COCO), in the axes of
the calibrated camera: x right, y down, z forward. The unit is that of the calibration; millimetres,
centimetres and metres are told apart by the body's size. No times: 30 Hz. Key points in the picture
(`pose_keypoints_2d`) have no depth and are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.json_text import JsonFrames
from sensor.formats.other_tools import json_values
from sensor.formats.other_tools.joint_means import to_kinect_v2
from sensor.formats.other_tools.people_frames import people_frames
from sensor.formats.recording import (
    OPTICAL_AXES,
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    metres_per_unit,
)
from sensor.skeleton import KINECT_V2, Body, FloatArray

FORMAT = "openpose-json"
COCO = (
    "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "RHip",
    "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar",
)  # fmt: skip
BODY_25 = (
    "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "MidHip",
    "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar",
    "LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel",
)  # fmt: skip
"""OpenPose's points in its order; left and right are the person's own."""

_SOURCES: dict[str, tuple[str, ...]] = {
    "Head": ("LEar", "REar"),
    "Neck": ("LShoulder", "RShoulder", "LEar", "REar"),
    "SpineShoulder": ("LShoulder", "RShoulder"),
    "SpineMid": ("LShoulder", "RShoulder", "LHip", "RHip"),
    "SpineBase": ("LHip", "RHip"),
    **{
        f"{joint}{side}": (f"{side[0]}{joint}",)
        for joint in ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle")
        for side in ("Left", "Right")
    },
    "FootLeft": ("LBigToe",),
    "FootRight": ("RBigToe",),
}


def is_frame(keys: frozenset[str]) -> bool:
    """Return whether a JSON text with these first keys is OpenPose's."""
    return "people" in keys or any(key.startswith("pose_keypoints_") for key in keys)


def read(name: str, found: JsonFrames, limits: Limits) -> Recording:
    """Read 3D key points. Raises RecordingError, also for files with 2D key points alone."""
    check_frame_count(name, len(found.frames), limits)
    people: list[list[tuple[int, FloatArray]]] = []
    flat = 0
    for i in range(len(found.frames)):
        persons = _persons(name, found, i)[: limits.max_bodies + 1]
        points = [(j, _points(f"{name}: frame {i}", p)) for j, p in enumerate(persons)]
        people.append([(_id(persons[j], j), p) for j, p in points if p is not None])
        flat += len(points) - len(people[-1])
    if flat and not any(people):
        raise RecordingError(
            f"{name}: these OpenPose key points are places in the picture (2D) without depth; run "
            "OpenPose with --3d, or play the video itself with --source video:FILE"
        )
    times, rate_hz = json_values.times_ns(name, found, [None] * len(people), limits)
    frames = people_frames(
        name, times, people, _bodies([person for group in people for person in group])
    )
    return checked_recording(name, FORMAT, KINECT_V2, frames, rate_hz, limits)


def _persons(name: str, found: JsonFrames, at: int) -> list[Any]:
    value = json_values.decoded(name, found, at)
    if value is None or value == "":
        return []
    where = f"{name}: frame {at}"
    if not isinstance(value, dict):
        raise RecordingError(f"{where} should be an object with a list `people`")
    return json_values.list_of(where, value.get("people"), "`people`")


def _points(where: str, person: Any) -> FloatArray | None:
    """Return a person's points, float32 (25, 4): x, y, z and confidence; None if they are 2D.

    Points that COCO lacks are zero.
    """
    values = person.get("pose_keypoints_3d") if isinstance(person, dict) else None
    numbers = json_values.numbers(where, json_values.list_of(where, values, "key points"))
    if not numbers.size:
        return None
    if numbers.shape not in ((4 * len(BODY_25),), (4 * len(COCO),)):
        raise RecordingError(
            f"{where}: pose_keypoints_3d has {numbers.size} numbers; x, y, z and confidence of "
            f"{len(BODY_25)} or {len(COCO)} points are read"
        )
    points: FloatArray = numbers.reshape(-1, 4)
    if len(points) == len(BODY_25):
        return points
    full = np.zeros((len(BODY_25), 4), np.float32)
    full[[BODY_25.index(point) for point in COCO]] = points
    return full


def _id(person: Any, otherwise: int) -> int:
    ids = person.get("person_id")
    known = json_values.body_id(ids[0]) if isinstance(ids, list) and ids else -1
    return known if 0 <= known < 2**63 - 1 else otherwise


def _bodies(people: list[tuple[int, FloatArray]]) -> list[Body]:
    if not people:
        return []
    points = np.array([values for _, values in people])
    joints, confidence = to_kinect_v2(
        points[..., :3], np.nan_to_num(points[..., 3]), BODY_25, _SOURCES
    )
    unit_m = np.float32(metres_per_unit(_trunks(joints, confidence)))
    placed = joints * OPTICAL_AXES * unit_m
    ids = [id_ for id_, _ in people]
    return [Body(*body) for body in zip(ids, placed, confidence, strict=True)]


def _trunks(joints: FloatArray, confidence: FloatArray) -> FloatArray:
    ends = [KINECT_V2.index["SpineBase"], KINECT_V2.index["SpineShoulder"]]
    found = joints[(confidence[:, ends] > 0).all(axis=1)][:, ends].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths: FloatArray = np.linalg.norm(found[:, 0] - found[:, 1], axis=1).astype(np.float32)
    return lengths
