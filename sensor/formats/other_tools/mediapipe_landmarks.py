"""MediaPipe's world landmarks as bodies.

World landmarks are metres from the middle of the hips, x to the picture's right, y down, z away
from the camera. They do not say where the person stands, so all bodies are placed `DISTANCE_M` in
front of the sensor.
"""

from __future__ import annotations

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.other_tools.joint_means import to_kinect_v2
from sensor.formats.recording import OPTICAL_AXES
from sensor.landmarks import JOINT_LANDMARKS, LANDMARKS
from sensor.skeleton import FloatArray

COUNT = len(LANDMARKS)
DISTANCE_M = 2.5
_PLACE_M = np.array((0, 0, DISTANCE_M), np.float32)
FARTHEST_HIPS_M = 0.2
"""World landmarks have the middle of the hips at the origin; beyond this they are others."""
_HIPS = [LANDMARKS.index("left_hip"), LANDMARKS.index("right_hip")]
_LEAST_CONFIDENCE = 0.01


def to_joints(
    name: str, landmarks: FloatArray, visibility: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Convert world landmarks float32 (T, 33, 3) and visibility (T, 33) to joints and confidence.

    The joints are those of the canonical layout, in camera space. Raises RecordingError if the
    landmarks are those in the picture, which have no size in metres.
    """
    seen = np.isfinite(landmarks).all(axis=2) & (landmarks != 0).any(axis=2)
    hips = landmarks[seen[:, _HIPS].all(axis=1)][:, _HIPS].astype(np.float64).mean(axis=1)
    if len(hips) and float(np.median(np.abs(hips[:, :2]).max(axis=1))) > FARTHEST_HIPS_M:
        raise RecordingError(
            f"{name}: these MediaPipe landmarks are places in the picture (2D), which have no size "
            "in metres; save pose_world_landmarks instead of pose_landmarks"
        )
    sure = np.maximum(np.nan_to_num(visibility), np.float32(_LEAST_CONFIDENCE))
    joints, confidence = to_kinect_v2(landmarks, sure, LANDMARKS, JOINT_LANDMARKS)
    return joints * OPTICAL_AXES + _PLACE_M, confidence
