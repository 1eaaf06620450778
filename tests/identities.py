"""Bodies for the tests of identity."""

from __future__ import annotations

import numpy as np

from sensor.skeleton import FloatArray
from sensor.tracking.identity import IdentityTracker
from tests import builders
from tests.fakes.crossing import FRAMES

MS = 1_000_000


def ids(tracks: IdentityTracker, t_ms: int, *bodies: tuple[int, float]) -> list[int]:
    """Return the lasting ids of bodies given as (tracker id, x in metres)."""
    made = [builders.body(id_, place_m=(x, 0, 2)) for id_, x in bodies]
    return [b.id for b in tracks.update(builders.frame(made, t_ms * MS)).bodies]


def standing(seed: int, scale: float = 1.0, noise_m: float = 0.01) -> FloatArray:
    """Return a standing person with noise, float32 (T, 25, 3), hips at the origin."""
    noise = np.random.default_rng(seed).normal(0, noise_m, (FRAMES, 25, 3))
    pose = builders.pose(place_m=(0, 0, 0)) * np.float32(scale)
    return np.asarray(pose + noise, np.float32)
