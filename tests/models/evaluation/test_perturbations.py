import numpy as np
import pytest

from models.evaluation.clip_runs import Motion
from models.evaluation.perturbations import (
    at_rate,
    at_speed,
    begun,
    floor_m,
    mirrored,
    place_m,
    placed,
    scaled,
    turned,
    with_frames_dropped,
    with_joints_lost,
    with_noise,
)
from models.features import CANONICAL_PICKS
from sensor.skeleton import KINECT_V2
from tests.builders import wave

AT = KINECT_V2.index


@pytest.fixture
def motion():
    """Two seconds of waving, one joint never seen."""
    joints = wave(60)
    seen = np.ones(joints.shape[:2], bool)
    seen[:, AT["ThumbLeft"]] = False
    joints[~seen] = 0
    return Motion(joints, seen, np.arange(60) / 30)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


EVERY = [
    turned(30), placed(3), scaled(0.6), at_speed(2), at_rate(15), with_frames_dropped(0.3),
    with_joints_lost(3), with_noise(0.01), mirrored, begun(0.5),
]  # fmt: skip


def bones(joints_m):
    """The length of each bone of a pose (25, 3)."""
    return np.array([np.linalg.norm(joints_m[a] - joints_m[b]) for a, b in KINECT_V2.bones])


@pytest.mark.parametrize("change", EVERY)
def test_a_change_leaves_what_it_was_given(change, motion, rng):
    before = motion.joints_m.copy(), motion.seen.copy(), motion.times_s.copy()
    after = change(motion, rng)
    for was, now in zip(before, (motion.joints_m, motion.seen, motion.times_s), strict=True):
        np.testing.assert_array_equal(was, now)
    assert after.joints_m.dtype == np.float32
    assert len(after.joints_m) == len(after.seen) == len(after.times_s)
    assert after.times_s[0] == 0
    assert (np.diff(after.times_s) > 0).all()
    assert not after.joints_m[~after.seen].any()


@pytest.mark.parametrize("change", EVERY)
def test_the_same_draw_changes_the_same(change, motion):
    one, two = (change(motion, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.joints_m, two.joints_m)
    np.testing.assert_array_equal(one.times_s, two.times_s)


def test_a_turned_person_stays_on_the_spot(motion, rng):
    after = turned(90)(motion, rng)
    np.testing.assert_allclose(place_m(after), place_m(motion), atol=1e-5)
    np.testing.assert_allclose(after.joints_m[..., 1], motion.joints_m[..., 1], atol=1e-6)
    across = after.joints_m[0, AT["HipRight"]] - after.joints_m[0, AT["HipLeft"]]
    assert across == pytest.approx([0, 0, -0.18], abs=1e-5)  # the right side is nearer now


def test_a_whole_turn_changes_nothing(motion, rng):
    np.testing.assert_allclose(turned(360)(motion, rng).joints_m, motion.joints_m, atol=1e-5)


def test_a_placed_person_is_there(motion, rng):
    after = placed(5, -1.5)(motion, rng)
    assert place_m(after)[[0, 2]] == pytest.approx([-1.5, 5], abs=1e-5)
    assert floor_m(after) == pytest.approx(floor_m(motion))


def test_a_child_stands_on_the_same_floor(motion, rng):
    after = scaled(0.6)(motion, rng)
    assert floor_m(after) == pytest.approx(floor_m(motion), abs=1e-6)
    assert place_m(after)[[0, 2]] == pytest.approx(place_m(motion)[[0, 2]], abs=1e-5)
    seen = [AT["ShoulderRight"], AT["ElbowRight"]]
    lengths = [np.linalg.norm(np.diff(m.joints_m[0, seen], axis=0)) for m in (motion, after)]
    assert lengths[1] == pytest.approx(0.6 * lengths[0], rel=1e-5)


def test_speed_is_a_matter_of_times_alone(motion, rng):
    after = at_speed(2)(motion, rng)
    np.testing.assert_array_equal(after.joints_m, motion.joints_m)
    assert after.times_s[-1] == pytest.approx(motion.times_s[-1] / 2)


@pytest.mark.parametrize("rate_hz", [15, 60])
def test_another_rate_shows_the_same_motion(rate_hz, motion, rng):
    after = at_rate(rate_hz)(motion, rng)
    assert len(after.times_s) == pytest.approx(motion.times_s[-1] * rate_hz, abs=2)
    assert np.diff(after.times_s).std() > 0
    hand = AT["HandRight"]
    there = np.interp(after.times_s, motion.times_s, motion.joints_m[:, hand, 0])
    np.testing.assert_allclose(after.joints_m[:, hand, 0], there, atol=1e-5)


def test_dropped_frames_leave_the_others_where_they_were(motion, rng):
    after = with_frames_dropped(0.5)(motion, rng)
    assert 15 < len(after.times_s) < 45
    kept = np.isin(motion.times_s, after.times_s)
    np.testing.assert_array_equal(after.joints_m, motion.joints_m[kept])


def test_lost_joints_are_ones_that_models_read(motion, rng):
    after = with_joints_lost(6)(motion, rng)
    lost = np.flatnonzero(motion.seen.any(axis=0) & ~after.seen.any(axis=0))
    assert len(lost) == 6
    assert set(lost) <= set(CANONICAL_PICKS)


def test_noise_is_as_large_as_asked(motion, rng):
    off = with_noise(0.03)(motion, rng).joints_m - motion.joints_m
    assert off[motion.seen].std() == pytest.approx(0.03, rel=0.05)


def test_a_mirrored_wave_is_the_other_hand_s(motion, rng):
    after = mirrored(motion, rng)
    centre = place_m(motion)[0]
    assert after.joints_m[:, AT["HandLeft"], 0] == pytest.approx(
        2 * centre - motion.joints_m[:, AT["HandRight"], 0], abs=1e-5
    )
    assert not after.seen[:, AT["ThumbRight"]].any()
    np.testing.assert_allclose(mirrored(after, rng).joints_m, motion.joints_m, atol=1e-5)


def test_the_beginning_is_the_first_frames(motion, rng):
    assert len(begun(0.25)(motion, rng).times_s) == 15
    assert len(begun(0.001)(motion, rng).times_s) == 1


def test_bodies_keep_their_bones_where_only_the_place_changes(motion, rng):
    for change in (turned(60), placed(2, 1)):
        after = change(motion, rng)
        seen = [a != AT["ThumbLeft"] and b != AT["ThumbLeft"] for a, b in KINECT_V2.bones]
        np.testing.assert_allclose(
            bones(after.joints_m[7])[seen], bones(motion.joints_m[7])[seen], atol=1e-5
        )
