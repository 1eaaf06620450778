"""The pose of no class: a reference for explanations that the window does not choose."""

from __future__ import annotations

import numpy as np

from models.card import ModelCard
from models.features import CANONICAL_PICKS, FloatArray, clip_features
from models.gallery.exemplars import Exemplars


def neutral_pose(exemplars: Exemplars, card: ModelCard) -> FloatArray:
    """The mean pose of the averaged motions of all labels, as features float32 (18, 4).

    Every label counts the same, so the pose speaks for none of them. It is a reference for
    `models.inference.readings.WindowReader.read`.
    """
    poses = []
    for clip in exemplars.clips:
        joints_m = clip[None, :, CANONICAL_PICKS]
        seen = np.broadcast_to(exemplars.confidence[CANONICAL_PICKS] > 0, joints_m.shape[:3])
        poses.append(clip_features(joints_m, seen, card.features)[0].mean(axis=0))
    return np.asarray(np.mean(poses, axis=0), np.float32)
