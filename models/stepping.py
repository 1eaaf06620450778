"""Steps from here to there: what people do between actions, and no walk.

In the data sets who walks walks on the spot, and recordings stop where people step back to their
place. A network that has seen no more takes a step or two for a walk.
"""

from __future__ import annotations

import numpy as np

from models.augmentation.limbs import with_limbs_of
from models.features import FloatArray

_LEGS, _ARMS = ("LegLeft", "LegRight"), ("ArmLeft", "ArmRight")


def stepped(rng: np.random.Generator, walks: list[FloatArray], pose_m: FloatArray) -> FloatArray:
    """A few steps in any direction, float32 (T, 18, 3): the legs of a moment of one of the
    `walks` (frames, 18, 3) carry a body (18, 3) to another place; its arms hang on, or swing."""
    walk = walks[rng.integers(len(walks))]
    frames = min(int(30 * rng.uniform(0.4, 1.0)), len(walk))
    start = rng.integers(len(walk) - frames + 1)
    limbs = _LEGS + (_ARMS if rng.random() < 0.5 else ())
    joints = np.repeat(pose_m[None], frames, axis=0)
    joints = with_limbs_of(joints, walk[start : start + frames], limbs)
    angle, far_m = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.4) * frames / 30
    part = np.linspace(0, 1, frames)
    gone_m = far_m * part * part * (3 - 2 * part)
    way = gone_m[:, None] * np.array([np.cos(angle), 0, np.sin(angle)])
    return np.asarray(joints + way[:, None], np.float32)
