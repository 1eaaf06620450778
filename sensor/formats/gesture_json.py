"""Azure Kinect gesture captures as JSON: `samples[].frames[]` with flat `values` and `weights`.

One person, 32 joints in the body tracker's order. The axes follow from real captures: the head is
above the pelvis and the feet below, so y is up; the left shoulder has the smaller x; nose and toes
point to larger z. Up × forward then points to the person's right, so the axes are left-handed.
Negating z makes them camera space, with the person facing the camera.

Joints are centred on the pelvis, and each part of the body is scaled about it. `PART_SCALES` holds
the ratios between the bones of real gesture captures and those of metric Azure Kinect captures. The
ratios are the same in three files, except for the arms, whose ratio grows by a factor of up to two
as they are raised. So in this format a raised arm is too long.
"""

from __future__ import annotations

import msgspec
import numpy as np

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.json_text import Number
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    single_body_frames,
    times_at_rate,
    to_float32,
)
from sensor.skeleton import AZURE_KINECT, FloatArray

FORMAT = "azure-kinect-gesture-json"
PART_SCALES = {range(0, 4): 2.83, range(4, 18): 2.25, range(18, 26): 3.4, range(26, 32): 1.0}
"""Spine, arms with shoulders, legs, head: the file's length of one metre of the body."""


class _Frame(msgspec.Struct):
    values: list[Number]
    weights: list[Number] | None = None


class _Sample(msgspec.Struct):
    frames: list[_Frame]
    sampleRate: float = 15.0  # noqa: N815 (the file's own spelling)


class _Gesture(msgspec.Struct):
    samples: list[_Sample]


def read(name: str, data: bytes, limits: Limits) -> Recording:
    """Read a gesture JSON. Its samples are joined, at the `sampleRate` of the first.

    `weights` are the confidence; without them all joints count as seen. Raises RecordingError.
    """
    samples = json_text.decode(name, data, _Gesture).samples
    found = [frame for sample in samples for frame in sample.frames]
    check_frame_count(name, len(found), limits)
    if not found:
        raise RecordingError(f"{name}: the samples hold no frames")
    rate_hz = samples[0].sampleRate
    if not 1 <= rate_hz <= 240:
        raise RecordingError(f"{name}: sampleRate is {rate_hz} Hz; 1 to 240 is read")
    for i, frame in enumerate(found):
        if len(frame.values) != 96 or (frame.weights and len(frame.weights) != 32):
            raise RecordingError(
                f"{name}: frame {i} has {len(frame.values)} values and "
                f"{len(frame.weights or ())} weights; 32 joints need 96 and 32"
            )
    joints = _to_camera_space(to_float32([frame.values for frame in found]).reshape(-1, 32, 3))
    sure = to_float32([frame.weights or [1.0] * 32 for frame in found])
    times = times_at_rate(name, len(found), rate_hz, limits)
    frames = single_body_frames(name, AZURE_KINECT, times, joints, np.nan_to_num(sure))
    return checked_recording(name, FORMAT, AZURE_KINECT, frames, rate_hz, limits)


def _scales() -> FloatArray:
    scale = np.ones((32, 1), np.float32)
    for joints, value in PART_SCALES.items():
        scale[list(joints)] = value
    return scale


def _to_camera_space(values: FloatArray) -> FloatArray:
    return values * np.array((1, 1, -1), np.float32) / _scales()
