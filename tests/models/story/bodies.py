"""Standing bodies that move in known ways, as places of the 18 joints."""

import numpy as np

from models.features import JOINT, TEMPLATE, FeatureSettings, clip_features

SETTINGS = FeatureSettings()
RATE_HZ = SETTINGS.rate_hz


def standing(frames):
    """A body that stands, float32 (F, 18, 3)."""
    return np.repeat(TEMPLATE[None], frames, axis=0)


def eased(frames, start, end):
    """A number for each frame: 0 until `start`, 1 from `end` on, smooth between them."""
    t = np.clip((np.arange(frames) - start) / max(end - start, 1), 0, 1)
    return 0.5 - 0.5 * np.cos(np.pi * t)


def turned(places, root, joints, degrees, axis=(1.0, 0.0, 0.0)):
    """Turn joints about a root by an angle for each frame, in degrees."""
    axis = np.array(axis) / np.linalg.norm(axis)
    angle = np.radians(degrees)[:, None, None]
    at = [JOINT[joint] for joint in joints]
    arm = places[:, at] - places[:, [JOINT[root]]]
    along = (arm @ axis)[..., None] * axis
    out = places.copy()
    out[:, at] = places[:, [JOINT[root]]] + (
        arm * np.cos(angle) + np.cross(axis, arm) * np.sin(angle) + along * (1 - np.cos(angle))
    )
    return out.astype(np.float32)


def features(places, seen=None):
    """The features of places, float32 (F, 18, 4)."""
    seen = np.ones(places.shape[:2], bool) if seen is None else seen
    return clip_features(places[None].astype(np.float32), seen[None], SETTINGS)[0]
