"""Joints as means of a tool's own points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sensor.skeleton import KINECT_V2, FloatArray


def to_kinect_v2(
    points: FloatArray,
    confidence: FloatArray,
    names: Sequence[str],
    sources: Mapping[str, Sequence[str]],
) -> tuple[FloatArray, FloatArray]:
    """Convert P named points to the canonical layout: each joint is the mean of its sources.

    `points` is float32 (..., P, 3) and `confidence` float32 (..., P); the results have 25 joints.
    A point that is exactly 0, 0, 0 or not finite was not seen. A joint has the lowest confidence of
    its sources, and 0 if it has none.
    """
    count = len(KINECT_V2.joints)
    seen = np.isfinite(points).all(axis=-1) & (points != 0).any(axis=-1)
    sure = np.where(seen, confidence, np.float32(0))
    clean = np.where(seen[..., None], points, np.float32(0))
    joints = np.zeros((*points.shape[:-2], count, 3), np.float32)
    weights = np.zeros((*points.shape[:-2], count), np.float32)
    for joint, parts in sources.items():
        picks = [names.index(part) for part in parts]
        at = KINECT_V2.index[joint]
        with np.errstate(over="ignore"):
            joints[..., at, :] = clean[..., picks, :].mean(axis=-2)
        weights[..., at] = sure[..., picks].min(axis=-1)
    return joints, weights
