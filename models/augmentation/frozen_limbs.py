"""Motions with some limbs held still; training and evaluation freeze limbs by the same rules.

Motions are float32 (T, 18, 3) metres. `models.acting_limbs` names the groups of limbs.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from models.acting_limbs import LEFT_ARM, LEGS, LIMBS_OF, RIGHT_ARM, TRUNK
from models.augmentation.limbs import transplant_limbs
from models.features import FloatArray


def limbs_of(groups: Collection[str]) -> tuple[str, ...]:
    """The names of the limbs of groups, as `transplant_limbs` takes them."""
    return tuple(limb for group in groups for limb in LIMBS_OF[group])


def held(joints_m: FloatArray, groups: Collection[str]) -> FloatArray:
    """The motion with the limbs of `groups` in their first pose."""
    return transplant_limbs(joints_m, joints_m[:1], limbs_of(groups))


def frozen(joints_m: FloatArray, groups: Collection[str]) -> FloatArray:
    """The motion with these groups in their first pose; the other limbs move as they did.

    Without legs or trunk a body stays where it is, so the whole body then keeps its first pose but
    for the other limbs.
    """
    if not {LEGS, TRUNK} & set(groups):
        return held(joints_m, groups)
    still = np.repeat(joints_m[:1], len(joints_m), axis=0)
    others = [group for group in (LEFT_ARM, RIGHT_ARM, LEGS) if group not in groups]
    return transplant_limbs(still, joints_m, limbs_of(others))
