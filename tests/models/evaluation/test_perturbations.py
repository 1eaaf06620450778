import numpy as np
import pytest

from models.evaluation.clip_runs import Motion
from models.evaluation.perturbations import (
    add_noise,
    change_rate,
    change_speed,
    drop_frames,
    few_joints,
    floor_m,
    hide_joints,
    lose_block,
    mirror,
    place,
    position_m,
    scale,
    truncate,
    turn,
)
from models.features import CANONICAL_PICKS
from sensor.skeleton import KINECT_V2
from tests.builders import wave

AT = KINECT_V2.index


@pytest.fixture
def motion():
    """Two seconds of waving, one joint hidden."""
    joints = wave(60)
    seen = np.ones(joints.shape[:2], bool)
    seen[:, AT["ThumbLeft"]] = False
    joints[~seen] = 0
    return Motion(joints, seen, np.arange(60) / 30)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


EVERY = [
    turn(30), place(3), scale(0.6), change_speed(2), change_rate(15), drop_frames(0.3),
    hide_joints(3), add_noise(0.01), mirror, truncate(0.5),
]  # fmt: skip


def bones(joints_m):
    """The length of each bone of a pose (25, 3)."""
    return np.array([np.linalg.norm(joints_m[a] - joints_m[b]) for a, b in KINECT_V2.bones])


@pytest.mark.parametrize("change", EVERY)
def test_a_change_leaves_its_input_as_it_is(change, motion, rng):
    before = motion.joints_m.copy(), motion.seen.copy(), motion.times_s.copy()
    after = change(motion, rng)
    for old, now in zip(before, (motion.joints_m, motion.seen, motion.times_s), strict=True):
        np.testing.assert_array_equal(old, now)
    assert after.joints_m.dtype == np.float32
    assert len(after.joints_m) == len(after.seen) == len(after.times_s)
    assert after.times_s[0] == 0
    assert (np.diff(after.times_s) > 0).all()
    assert not after.joints_m[~after.seen].any()


@pytest.mark.parametrize("change", EVERY)
def test_the_same_seed_gives_the_same_change(change, motion):
    one, two = (change(motion, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.joints_m, two.joints_m)
    np.testing.assert_array_equal(one.times_s, two.times_s)


def test_turning_keeps_the_position(motion, rng):
    after = turn(90)(motion, rng)
    np.testing.assert_allclose(position_m(after), position_m(motion), atol=1e-5)
    np.testing.assert_allclose(after.joints_m[..., 1], motion.joints_m[..., 1], atol=1e-6)
    across = after.joints_m[0, AT["HipRight"]] - after.joints_m[0, AT["HipLeft"]]
    assert across == pytest.approx(
        [0, 0, -0.18], abs=1e-5
    )  # the right side is now nearer to the camera


def test_a_full_turn_changes_nothing(motion, rng):
    np.testing.assert_allclose(turn(360)(motion, rng).joints_m, motion.joints_m, atol=1e-5)


def test_placing_sets_the_position(motion, rng):
    after = place(5, -1.5)(motion, rng)
    assert position_m(after)[[0, 2]] == pytest.approx([-1.5, 5], abs=1e-5)
    assert floor_m(after) == pytest.approx(floor_m(motion))


def test_scaling_keeps_floor_and_position(motion, rng):
    after = scale(0.6)(motion, rng)
    assert floor_m(after) == pytest.approx(floor_m(motion), abs=1e-6)
    assert position_m(after)[[0, 2]] == pytest.approx(position_m(motion)[[0, 2]], abs=1e-5)
    seen = [AT["ShoulderRight"], AT["ElbowRight"]]
    lengths = [np.linalg.norm(np.diff(m.joints_m[0, seen], axis=0)) for m in (motion, after)]
    assert lengths[1] == pytest.approx(0.6 * lengths[0], rel=1e-5)


def test_speed_changes_only_the_times(motion, rng):
    after = change_speed(2)(motion, rng)
    np.testing.assert_array_equal(after.joints_m, motion.joints_m)
    assert after.times_s[-1] == pytest.approx(motion.times_s[-1] / 2)


@pytest.mark.parametrize("rate_hz", [15, 60])
def test_another_rate_keeps_the_motion(rate_hz, motion, rng):
    after = change_rate(rate_hz)(motion, rng)
    assert len(after.times_s) == pytest.approx(motion.times_s[-1] * rate_hz, abs=2)
    assert np.diff(after.times_s).std() > 0
    hand = AT["HandRight"]
    expected = np.interp(after.times_s, motion.times_s, motion.joints_m[:, hand, 0])
    np.testing.assert_allclose(after.joints_m[:, hand, 0], expected, atol=1e-5)


def test_dropping_frames_keeps_the_others_as_they_are(motion, rng):
    after = drop_frames(0.5)(motion, rng)
    assert 15 < len(after.times_s) < 45
    kept = np.isin(motion.times_s, after.times_s)
    np.testing.assert_array_equal(after.joints_m, motion.joints_m[kept])


def test_a_lost_block_leaves_one_gap_of_its_length(motion, rng):
    after = lose_block(1.0)(motion, rng)
    gaps = np.diff(after.times_s)
    assert (gaps > 0.05).sum() == 1
    assert gaps.max() == pytest.approx(1.0, abs=0.07)
    assert after.times_s[[0, -1]].tolist() == motion.times_s[[0, -1]].tolist()


def test_a_simple_skeleton_has_15_joints_but_no_hands_and_feet(motion, rng):
    after = few_joints(motion, rng)
    seen = {name for name, n in AT.items() if after.seen[:, n].any()}
    assert len(seen) == 15
    assert {"WristLeft", "AnkleRight", "Head"} <= seen
    assert not {name for name in seen if name.startswith(("Hand", "Foot"))}


def test_hidden_joints_are_among_those_that_models_read(motion, rng):
    after = hide_joints(6)(motion, rng)
    hidden = np.flatnonzero(motion.seen.any(axis=0) & ~after.seen.any(axis=0))
    assert len(hidden) == 6
    assert set(hidden) <= set(CANONICAL_PICKS)


def test_noise_has_the_given_deviation(motion, rng):
    error = add_noise(0.03)(motion, rng).joints_m - motion.joints_m
    assert error[motion.seen].std() == pytest.approx(0.03, rel=0.05)


def test_mirroring_exchanges_the_hands(motion, rng):
    after = mirror(motion, rng)
    centre = position_m(motion)[0]
    assert after.joints_m[:, AT["HandLeft"], 0] == pytest.approx(
        2 * centre - motion.joints_m[:, AT["HandRight"], 0], abs=1e-5
    )
    assert not after.seen[:, AT["ThumbRight"]].any()
    np.testing.assert_allclose(mirror(after, rng).joints_m, motion.joints_m, atol=1e-5)


def test_truncating_keeps_the_first_frames(motion, rng):
    assert len(truncate(0.25)(motion, rng).times_s) == 15
    assert len(truncate(0.001)(motion, rng).times_s) == 1


def test_bones_keep_their_length_when_the_person_is_moved(motion, rng):
    for change in (turn(60), place(2, 1)):
        after = change(motion, rng)
        seen = [a != AT["ThumbLeft"] and b != AT["ThumbLeft"] for a, b in KINECT_V2.bones]
        np.testing.assert_allclose(
            bones(after.joints_m[7])[seen], bones(motion.joints_m[7])[seen], atol=1e-5
        )
