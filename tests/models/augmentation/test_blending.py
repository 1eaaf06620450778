import numpy as np
import pytest

from models.augmentation.blending import blend
from models.datasets.pieces import Piece
from models.features import JOINTS_USED, TEMPLATE

HAND, ELBOW = JOINTS_USED.index("HandRight"), JOINTS_USED.index("ElbowRight")


def raising(frames, degrees, size=1.0):
    """A person who raises the right forearm by `degrees` and lowers it again."""
    body = np.repeat(TEMPLATE[None], frames, axis=0)
    angle = np.deg2rad(degrees) * np.sin(np.linspace(0, np.pi, frames))
    for joint in ("WristRight", "HandRight"):
        at = JOINTS_USED.index(joint)
        length = np.linalg.norm(TEMPLATE[at] - TEMPLATE[ELBOW])
        way = np.stack([0 * angle, -np.cos(angle), -np.sin(angle)], axis=1)
        body[:, at] = TEMPLATE[ELBOW] + length * way
    return Piece((body * size).astype(np.float32), np.ones(frames, np.int64), 1, "a")


def highest_m(joints_m):
    return float((joints_m[:, HAND, 1] - joints_m[:, ELBOW, 1]).max())


def test_a_share_of_0_is_the_motion_itself():
    one = raising(50, 90)
    np.testing.assert_allclose(blend(one, raising(80, 150), 0.0), one.joints_m, atol=1e-5)


def test_a_greater_share_is_nearer_to_the_other_motion():
    one, other = raising(50, 80), raising(80, 120)
    heights = [highest_m(blend(one, other, share)) for share in (-0.3, 0.0, 0.5, 1.0)]
    assert heights == sorted(heights)
    assert heights[3] == pytest.approx(highest_m(other.joints_m), abs=0.03)
    assert heights[0] < heights[1] - 0.01


def test_a_blend_keeps_pace_and_bones():
    one, other = raising(50, 80), raising(80, 120, size=1.3)
    made = blend(one, other, 0.5)
    assert made.shape == one.joints_m.shape
    for body in (made, one.joints_m):
        bone = np.linalg.norm(body[:, HAND] - body[:, ELBOW], axis=1)
        assert bone == pytest.approx(
            np.full(50, np.linalg.norm(TEMPLATE[HAND] - TEMPLATE[ELBOW])), abs=0.03
        )
    peak = (made[:, HAND, 1] - made[:, ELBOW, 1]).argmax()
    assert abs(int(peak) - 25) < 6
