"""Files as other tools would write them of a recording."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from sensor.formats.other_tools import nuitrack_json, openpose_json
from sensor.formats.recording import Recording
from sensor.landmarks import JOINT_LANDMARKS, LANDMARKS
from sensor.skeleton import KINECT_V2, Body, FloatArray

AT = KINECT_V2.index
RIGHT_DOWN = np.float32((-1, -1, 1))
"""Camera space to axes with x right and y down."""


def points_of(
    body: Body, names: tuple[str, ...], sources: dict[str, tuple[str, ...]]
) -> FloatArray:
    """A tool's named points, each at a joint that it belongs to; the mean joints come first."""
    places = dict.fromkeys(names, body.joints_m[AT["Head"]])
    for joint, parts in sorted(sources.items(), key=lambda item: -len(item[1])):
        places |= dict.fromkeys(parts, body.joints_m[AT[joint]])
    return np.array([places[name] for name in names], np.float32)


def world_landmarks(body: Body) -> FloatArray:
    """MediaPipe's world landmarks, float32 (33, 3)."""
    points = points_of(body, LANDMARKS, JOINT_LANDMARKS)
    hips = points[[LANDMARKS.index("left_hip"), LANDMARKS.index("right_hip")]].mean(axis=0)
    return (points - hips) * RIGHT_DOWN


def mediapipe_frames(made: Recording) -> list[list[dict[str, float]]]:
    """A list of 33 landmarks for each frame, of its first person."""
    return [
        [
            {"x": float(x), "y": float(y), "z": float(z), "visibility": 0.9}
            for x, y, z in (world_landmarks(f.bodies[0]) if f.bodies else ())
        ]
        for f in made.frames
    ]


def mediapipe_csv(made: Recording, form: str = "{name}_{axis}", time: bool = True) -> str:
    """A line for each frame; `form` spells a column of a landmark's name or number."""
    kinds = ("x", "y", "z", "visibility")
    head = [form.format(name=n, number=i, axis=k) for i, n in enumerate(LANDMARKS) for k in kinds]
    lines = [",".join((["timestamp_ms"] if time else []) + head)]
    for f in made.frames:
        rows = np.concatenate([world_landmarks(f.bodies[0]), np.full((33, 1), 0.9)], axis=1)
        stamp = [f"{f.captured_ns / 1e6:.3f}"] if time else []
        lines.append(",".join(stamp + [f"{x:.7g}" for x in rows.ravel()]))
    return "\n".join(lines) + "\n"


def openpose_frames(made: Recording, per_metre: float = 1000.0, coco: bool = False) -> list[Any]:
    """OpenPose's documents with 3D key points."""
    names = openpose_json.COCO if coco else openpose_json.BODY_25
    known = openpose_json._SOURCES.items()
    sources = {joint: parts for joint, parts in known if set(parts) <= set(names)}
    documents = []
    for f in made.frames:
        people = []
        for b in f.bodies:
            points = points_of(b, names, sources) * RIGHT_DOWN * per_metre
            rows = np.concatenate([points, np.ones((len(names), 1))], axis=1)
            people.append(
                {
                    "person_id": [-1],
                    "pose_keypoints_2d": [640.0, 360.0, 0.9] * len(names),
                    "pose_keypoints_3d": rows.ravel().tolist(),
                }
            )
        documents.append({"version": 1.3, "people": people})
    return documents


def nuitrack_points(body: Body) -> FloatArray:
    """Nuitrack's joints in metres and its axes, float32 (25, 3); NONE is zero."""
    points = points_of(body, nuitrack_json.JOINTS, nuitrack_json.SOURCES)
    points[0] = 0
    return points * np.float32((-1, 1, 1))


def nuitrack_document(made: Recording, names: bool = False) -> dict[str, Any]:
    """Nuitrack's skeletons in millimetres, with times in microseconds."""
    return {
        "frames": [
            {
                "Timestamp": str(1_700_000_000_000_000 + round(f.captured_ns / 1000)),
                "Skeletons": [
                    {
                        "id": b.id,
                        "joints": [
                            {
                                "type": f"JOINT_{nuitrack_json.JOINTS[i]}" if names else i,
                                "real": dict(zip("xyz", (p * 1000).tolist(), strict=True)),
                                "confidence": 0.75 if i else 0.0,
                            }
                            for i, p in enumerate(nuitrack_points(b))
                        ],
                    }
                    for b in f.bodies
                ],
            }
            for f in made.frames
        ]
    }


def nuitrack_csv(made: Recording) -> str:
    """Nuitrack's CSV recorder, which writes some lines twice."""
    joints = [n for n in nuitrack_json.JOINTS if n not in ("NONE", "LEFT_FOOT", "RIGHT_FOOT")]
    columns = [f"JOINT_{n}.{axis}" for n in joints for axis in "xyz"]
    lines = [",".join(["", "timestamp", "serial", "id", *columns, "JOINT_TORSO.rot"])]
    for f in made.frames:
        for b in f.bodies:
            points = nuitrack_points(b)[[nuitrack_json.JOINTS.index(n) for n in joints]]
            stamp = str(1_700_000_000_000_000 + round(f.captured_ns / 1000))
            cells = ["0", stamp, "AS3M", str(b.id), *(f"{x:.7g}" for x in points.ravel()), "178.6"]
            lines += [",".join(cells)] * (1 + f.sequence % 2)
    return "\n".join(lines) + "\n"


def kinect_bodies(made: Recording) -> list[list[dict[str, Any]]]:
    """The bodies of each frame, with Kinect v2's own names and states."""
    return [
        [
            {
                "TrackingId": 72057594037934458 + b.id,
                "Joints": {
                    name: {
                        "JointType": i,
                        "Position": dict(zip("XYZ", b.joints_m[i].tolist(), strict=True)),
                        "TrackingState": 2 if b.confidence[i] else 0,
                    }
                    for i, name in enumerate(KINECT_V2.joints)
                },
            }
            for b in f.bodies
        ]
        for f in made.frames
    ]


def push_lines(made: Recording) -> str:
    """The `frame` messages of a recording, one per line."""
    return "\n".join(
        json.dumps(
            {
                "type": "frame",
                "captured_ns": 5_000_000_000 + f.captured_ns,
                "sequence": f.sequence,
                "layout": made.layout.name,
                "bodies": [
                    {
                        "id": b.id,
                        "joints_m": b.joints_m.tolist(),
                        "confidence": b.confidence.tolist(),
                    }
                    for b in f.bodies
                ],
            }
        )
        for f in made.frames
    )


def one_per_line(frames: list[Any]) -> bytes:
    """Frames as JSON, one document per line."""
    return "\n".join(json.dumps(frame) for frame in frames).encode() + b"\n"
