import numpy as np
import pytest

from models.augmentation.idle import fidget, take_steps
from models.augmentation.settings import Variation
from models.augmentation.variants import Variants, cut_actions, scale_detail
from models.datasets.pieces import Piece
from models.features import JOINTS_USED, TEMPLATE


def test_a_fidget_starts_and_ends_in_the_pose():
    moved = fidget(np.random.default_rng(1), TEMPLATE)
    legs = [i for i, name in enumerate(JOINTS_USED) if name.startswith(("Hip", "Knee", "Ankle"))]
    assert np.abs(moved[[0, -1]] - TEMPLATE).max() < 0.1
    assert np.abs(moved - TEMPLATE).max() > 0.1
    assert np.abs(moved - TEMPLATE)[:, legs].max() < 0.05


def test_steps_move_the_body_and_keep_the_length_of_its_legs():
    rng = np.random.default_rng(3)
    walk = np.repeat(TEMPLATE[None], 90, axis=0) * np.float32(1.2)
    swing = 0.3 * np.sin(2 * np.pi * np.arange(90) / 30)
    for side, sign in (("Left", 1), ("Right", -1)):
        for joint in ("Ankle", "Foot"):
            walk[:, JOINTS_USED.index(joint + side), 2] += sign * swing
    moved = take_steps(rng, [walk], TEMPLATE)
    hip, knee, ankle = (JOINTS_USED.index(f"{joint}Left") for joint in ("Hip", "Knee", "Ankle"))
    thigh = np.linalg.norm(moved[:, knee] - moved[:, hip], axis=1)
    np.testing.assert_allclose(thigh, np.linalg.norm(TEMPLATE[knee] - TEMPLATE[hip]), rtol=0.01)
    assert np.ptp(moved[:, ankle, 2] - moved[:, hip, 2]) > 0.1
    assert 12 <= len(moved) <= 30
    assert 0.1 < np.linalg.norm(moved[-1, hip] - moved[0, hip]) < 1.5
    np.testing.assert_array_equal(moved[:, hip, 1], TEMPLATE[hip, 1])


def test_detail_is_the_motion_within_one_second():
    at = np.arange(120)[:, None, None] / 30
    slow = np.sin(2 * np.pi * at / 8) * np.ones((1, 18, 3))
    fast = 0.1 * np.sin(2 * np.pi * at / 0.5) * np.ones((1, 18, 3))
    half = scale_detail((slow + fast).astype(np.float32), 0.5)[20:100]
    assert np.abs(half - (slow + fast / 2)[20:100]).max() < 0.06
    joints = (slow + fast).astype(np.float32)
    np.testing.assert_array_equal(scale_detail(joints, 1), joints)


def test_actions_are_cut_out_of_a_recording_of_several():
    labels = np.repeat([0, 1, 0, 2, 0, 3], [20, 30, 10, 40, 5, 4])
    joints = np.tile(TEMPLATE, (len(labels), 1, 1)) + np.arange(len(labels))[:, None, None]
    cut = cut_actions(Piece(joints.astype(np.float32), labels, 1, "set"))
    assert [(one.labels[0], len(one.joints_m)) for one in cut] == [(1, 30), (2, 40)]
    np.testing.assert_array_equal(cut[0].joints_m, joints[20:50].astype(np.float32))


def test_a_motion_without_variation_stays_as_it_was():
    asked = Variation(
        speed=(1, 1), warp=0, fidgets=0, repeated=0, cut=0, blended=0, exchanged=0, aborted=0,
        detail=(1, 1),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    joints = np.repeat(TEMPLATE[None], 40, axis=0)
    joints[:, JOINTS_USED.index("HandRight")] += np.linspace(0, 0.3, 40, dtype=np.float32)[:, None]
    pieces = [Piece(joints * size, np.full(40, 1), 1, "a") for size in np.float32((1, 1.1))]
    as_it_was, labels = Variants.of(pieces, asked, ["background", "wave"]).draw(rng, pieces[:1])
    np.testing.assert_allclose(as_it_was, joints[: len(as_it_was)], atol=1e-5)
    assert set(labels.tolist()) == {1}


@pytest.mark.parametrize("kind", ["blended", "exchanged"])
def test_styles_and_limbs_of_others_keep_the_bones_of_the_body(kind):
    asked = {"blended": 0.0, "exchanged": 0.0} | {kind: 1.0}
    calm = Variation(speed=(1, 1), fidgets=0, repeated=0, aborted=0, detail=(1, 1), **asked)
    rng = np.random.default_rng(0)
    joints = np.repeat(TEMPLATE[None], 40, axis=0)
    wave = 0.2 * np.linspace(0, 1, 40, dtype=np.float32) ** 2
    for name in ("WristRight", "HandRight"):
        joints[:, JOINTS_USED.index(name), 1] += wave
    other = joints.copy()
    other[:, [JOINTS_USED.index("WristRight"), JOINTS_USED.index("HandRight")], 0] += wave[:, None]
    other[:, JOINTS_USED.index("HandLeft"), 2] -= 0.05
    pieces = [Piece(body, np.full(40, 1), 1, "a") for body in (joints, other)]
    motions = Variants.of(pieces, calm, ["background", "wave"])
    made = [motions.draw(rng, pieces[:1])[0] for _ in range(8)]
    elbow, wrist = JOINTS_USED.index("ElbowLeft"), JOINTS_USED.index("WristLeft")
    for body in made:
        bone_m = np.linalg.norm(body[:, wrist] - body[:, elbow], axis=1)
        own_m = np.linalg.norm(TEMPLATE[wrist] - TEMPLATE[elbow])
        np.testing.assert_allclose(bone_m, own_m, rtol=0.05)
    assert max(np.abs(body[20] - made[0][20]).max() for body in made) > 0.005


def test_a_recording_too_short_to_be_cut_is_used_as_it_is():
    rng = np.random.default_rng(0)
    short = Piece(np.repeat(TEMPLATE[None], 8, axis=0), np.full(8, 1), 1, "own")
    motions = Variants.of([short], Variation(blended=1, exchanged=1), ["background", "wave"])
    for _ in range(20):
        joints, labels = motions.draw(rng, [short])
        assert len(joints) == len(labels) > 0
