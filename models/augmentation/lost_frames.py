"""Streams in which a person is out of view for a moment, as a live window has them.

A live window bridges such a gap by linear interpolation (`sensor.tracking.resampling`).
"""

from __future__ import annotations

import numpy as np

from models.augmentation.settings import Variation
from models.features import BoolArray, FloatArray

_GAP_FRAMES = (6, 45)
"""Least and greatest length of a gap: 0.2 to 1.5 s, the longest gap that a live window bridges."""


def bridge_gaps(
    rng: np.random.Generator, joints_m: FloatArray, v: Variation
) -> tuple[FloatArray, BoolArray]:
    """Replace one random gap, in some of the streams (N, T, 18, 3), by straight lines.

    Returns the streams, and the bridged frames, bool (N, T).
    """
    count, frames = joints_m.shape[:2]
    out, bridged = joints_m.copy(), np.zeros((count, frames), np.bool_)
    for n in np.flatnonzero(rng.random(count) < v.lost_body):
        length = int(rng.integers(_GAP_FRAMES[0], _GAP_FRAMES[1] + 1))
        first = int(rng.integers(1, max(frames - length, 2)))
        after = min(first + length, frames - 1)
        share = (np.arange(1, after - first + 1) / (after - first + 1))[:, None, None]
        before_m, after_m = joints_m[n, first - 1], joints_m[n, after]
        out[n, first:after] = before_m + share.astype(np.float32) * (after_m - before_m)
        bridged[n, first:after] = True
    return out, bridged
