"""Places the hands of bodies whose hands were not measured, so that they are complete."""

from __future__ import annotations

import numpy as np

from models.features import JOINT, BoolArray, FloatArray

HANDS = [JOINT["HandLeft"], JOINT["HandRight"]]
"""Indices of the hands among the joints that the model reads."""
_HAND_SHARE = np.float32(0.31)
"""Length from wrist to hand as a share of the forearm: the median of UTD-MHAD, PRECOG and
Kinder-Gator (0.30, 0.33 and 0.32), rounded."""
_ARMS = [
    (JOINT[f"Elbow{side}"], JOINT[f"Wrist{side}"], JOINT[f"Hand{side}"])
    for side in ("Left", "Right")
]


def fill_hands(joints_m: FloatArray, measured: BoolArray) -> FloatArray:
    """Put each hand that is not `measured` (18,) beyond its wrist, in line with the forearm.

    `joints_m` float32 (T, 18, 3) metres. The distance to the wrist is a share of the median length
    of the forearm.
    """
    out = joints_m.copy()
    for elbow, wrist, hand in _ARMS:
        if not measured[hand]:
            forearm = joints_m[:, wrist] - joints_m[:, elbow]
            length_m = np.linalg.norm(forearm, axis=1, keepdims=True)
            typical_m = _HAND_SHARE * np.float32(np.median(length_m))
            out[:, hand] = joints_m[:, wrist] + forearm / np.maximum(length_m, 1e-3) * typical_m
    return out
