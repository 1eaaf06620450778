"""Builders of bodies, frames, clips and files; nothing here comes from a data set."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.formats.clip_composing import Clip
from sensor.formats.recording import OPTICAL_AXES, Recording, even_times_ns
from sensor.skeleton import (
    AZURE_KINECT,
    KINECT_V1,
    KINECT_V2,
    Body,
    FloatArray,
    Frame,
    Layout,
    convert_joints,
)

# A grown person who faces the camera 2.5 m away: metres, camera space, by joint.
_HALF = {
    "ShoulderLeft": (-0.17, 0.45, 0.0), "ElbowLeft": (-0.22, 0.18, 0.0),
    "WristLeft": (-0.23, -0.04, -0.05), "HandLeft": (-0.23, -0.12, -0.06),
    "HandTipLeft": (-0.23, -0.19, -0.07), "ThumbLeft": (-0.2, -0.1, -0.1),
    "HipLeft": (-0.09, -0.02, 0.0), "KneeLeft": (-0.1, -0.42, 0.0),
    "AnkleLeft": (-0.1, -0.8, 0.03), "FootLeft": (-0.11, -0.86, -0.08),
    "ClavicleLeft": (-0.03, 0.5, 0.0), "EyeLeft": (-0.03, 0.72, -0.08),
    "EarLeft": (-0.07, 0.7, 0.0),
}  # fmt: skip
_MIDDLE = {
    "SpineBase": (0, 0, 0), "SpineMid": (0, 0.3, 0), "SpineShoulder": (0, 0.5, 0),
    "Neck": (0, 0.57, 0), "Head": (0, 0.7, 0), "HipCenter": (0, 0, 0), "Spine": (0, 0.3, 0),
    "ShoulderCenter": (0, 0.5, 0), "Pelvis": (0, 0, 0), "SpineNavel": (0, 0.17, 0),
    "SpineChest": (0, 0.3, 0), "Nose": (0, 0.68, -0.12),
}  # fmt: skip
PLACE_M = (0.1, -0.1, 2.5)


def pose(layout: Layout = KINECT_V2, place_m: Sequence[float] = PLACE_M) -> FloatArray:
    """A person standing, float32 (J, 3)."""
    places = {k: (float(x), float(y), float(z)) for k, (x, y, z) in _MIDDLE.items()}
    for name, (x, y, z) in _HALF.items():
        places[name] = (x, y, z)
        places[name.replace("Left", "Right")] = (-x, y, z)
    return np.array([places[joint] for joint in layout.joints], np.float32) + np.float32(place_m)


def body(id: int = 1, layout: Layout = KINECT_V2, place_m: Sequence[float] = PLACE_M) -> Body:
    """A standing person as a `Body`, every joint fully seen."""
    joints = pose(layout, place_m)
    return Body(id, joints, np.ones(len(joints), np.float32))


def frame(
    bodies: Sequence[Body] = (), t_ns: int = 0, sequence: int = 0, layout: Layout = KINECT_V2
) -> Frame:
    """A frame of a stream called `test`."""
    return Frame("test", sequence, t_ns, tuple(bodies), layout)


def wave(frames: int = 30, layout: Layout = KINECT_V2, rate_hz: float = 30.0) -> FloatArray:
    """A standing person who waves the right hand, float32 (T, J, 3)."""
    joints = np.repeat(pose(layout)[None], frames, axis=0)
    angle = 2 * np.pi * np.arange(frames) / rate_hz
    lifts_m = {"Elbow": 0.2, "Wrist": 0.6, "Hand": 0.7, "HandTip": 0.8, "Thumb": 0.7}
    for part, lift_m in lifts_m.items():
        i = layout.index.get(f"{part}Right")
        if i is not None:
            joints[:, i, 0] += 0.15 * np.sin(angle)
            joints[:, i, 1] += lift_m
    return joints


def clip(label: str = "wave", frames: int = 30, subject: int = 1, shift_m: float = 0.0) -> Clip:
    """A labelled clip in Kinect v1's joints."""
    joints = wave(frames, KINECT_V1) + np.float32((shift_m, 0, 0))
    sure = np.ones(joints.shape[:2], np.float32)
    return Clip(joints, sure, (label,) * frames, label, subject, 0, f"{label}_{subject}")


def recording(
    frames: int = 20, layout: Layout = KINECT_V2, people: int = 1, rate_hz: float = 30.0
) -> Recording:
    """People who wave side by side, ids from 1; one joint of the first is missing throughout."""
    motion = wave(frames, layout, rate_hz)
    sure = np.ones(len(layout.joints), np.float32)
    lost = sure.copy()
    lost[layout.index["FootLeft"]] = 0
    made = []
    for i, t in enumerate(even_times_ns(frames, rate_hz)):
        bodies = tuple(
            Body(n + 1, motion[i] + np.float32((n, 0, 0)), lost if n == 0 else sure)
            for n in range(people)
        )
        made.append(Frame("test", i, int(t), bodies, layout))
    return Recording("test", "built", layout, tuple(made), rate_hz)


def offline_processor_json(made: Recording, first_usec: int = 800_222) -> bytes:
    """What Microsoft's offline processor would write of a recording in Azure Kinect's layout."""
    frames = [
        {
            "timestamp_usec": first_usec + round(f.captured_ns / 1000),
            "frame_id": 2 * f.sequence,
            "num_bodies": len(f.bodies),
            "bodies": [
                {
                    "body_id": b.id,
                    "joint_positions": (b.joints_m * OPTICAL_AXES * 1000).tolist(),
                    "joint_orientations": [[1, 0, 0, 0]] * 32,
                }
                for b in f.bodies
            ],
        }
        for f in made.frames
    ]
    head = {"k4abt_sdk_version": "1.1.2", "source_file": "x.mkv"}
    names = {"joint_names": list(AZURE_KINECT.joints), "bone_list": [[0, 1]]}
    return json.dumps({**head, **names, "frames": frames}).encode()


def pykinect_json(made: Recording) -> bytes:
    """A flat list of bodies as pykinect_azure's objects become JSON."""
    entries = [
        {
            "id": b.id,
            "skeleton": {
                "joints": [
                    {
                        "position": dict(
                            zip("xyz", (p * OPTICAL_AXES * 1000).tolist(), strict=True)
                        ),
                        "orientation": {"w": 1, "x": 0, "y": 0, "z": 0},
                        "confidence_level": 2 if sure else 0,
                    }
                    for p, sure in zip(b.joints_m, b.confidence, strict=True)
                ]
            },
        }
        for f in made.frames
        for b in f.bodies
    ]
    return json.dumps(entries).encode()


def gesture_json(frames: int = 20, rate_hz: float = 15.0) -> bytes:
    """A gesture capture: pelvis-centred, y up, left-handed, parts of the body scaled."""
    from sensor.formats.gesture_json import PART_SCALES

    joints = wave(frames, AZURE_KINECT, rate_hz)
    joints = (joints - joints[:, :1]) * np.float32((1, 1, -1))
    for part, scale in PART_SCALES.items():
        joints[:, list(part)] *= scale
    rows = [
        {"jointCount": 32, "values": row.ravel().tolist(), "weights": [0.75] * 32} for row in joints
    ]
    sample = {"frameCount": frames, "sampleRate": rate_hz, "frames": rows}
    return json.dumps({"gestureName": "Wave", "samples": [sample]}, indent=2).encode()


def clip_set_arrays(layout: Layout = KINECT_V1) -> dict[str, NDArray[Any]]:
    """Two people, two labels, one clip of each pair, joints in an order of the file's own."""
    clips = [wave(20 + 5 * i, layout) + np.float32((0.02 * i, 0, 0)) for i in range(4)]
    order = np.arange(len(layout.joints))[::-1]
    return {
        "xyz": np.concatenate(clips)[:, order],
        "start": np.cumsum([0, *map(len, clips)]),
        "label": np.array([0, 1, 0, 1]),
        "subject": np.array([1, 1, 2, 2]),
        "rep": np.array([1, 1, 1, 1]),
        "view": np.array([0, 0, 0, 0]),
        "names": np.array(["wave", "clap"]),
        "joints": np.array(layout.joints)[order],
        "clip": np.array(["a", "b", "c", "d"]),
    }


def npz(arrays: dict[str, NDArray[Any]]) -> bytes:
    """The bytes of a compressed `.npz` file."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def in_layout(made: Recording, target: Layout) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Each first body's joints and confidence in another layout."""
    for f in made.frames:
        for b in f.bodies[:1]:
            yield convert_joints(b.joints_m, b.confidence, made.layout, target)
