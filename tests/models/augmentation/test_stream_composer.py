import numpy as np
import pytest
from msgspec.structs import replace

from models.augmentation.bodies import turn_features, vary_bodies, vary_limbs
from models.augmentation.settings import Variation
from models.augmentation.stream_composer import Composer, _facing_as, _glide, batch
from models.datasets.pieces import Piece
from models.datasets.targets import TargetRule
from models.features import JOINTS_USED, TEMPLATE, FeatureSettings, clip_features
from models.labels import FALLS
from models.mirroring import MIRROR_INDEX, Mirror

STILL = Variation(
    proportions=0, bones=0, arm_deg=0, leg_deg=0, tilt_deg=0, joint_offset_m=0, shoulder_rise_m=0,
    jitter_m=0, noisy=0, glitches=0, drift_m=0,
)  # fmt: skip
LABELS = ["background", "swipe_left", "swipe_right", "draw_circle_cw", "draw_circle_ccw", "wave"]


def composer(**changes):
    rng = np.random.default_rng(0)
    joints = TEMPLATE + rng.normal(0, 0.05, (60, 18, 3)).astype(np.float32).cumsum(0) * 0.1
    pieces = [Piece(joints, np.full(60, label), 1, "set") for label in range(1, 6)]
    return Composer(
        {("set", 1): pieces}, Variation(**changes), Mirror.of(LABELS), {"set": 1.0}, LABELS
    )


def test_mirrored_actions_get_the_label_of_the_other_side():
    swapped = [LABELS[i] for i in Mirror.of(LABELS).labels]
    assert swapped == [
        "background", "swipe_right", "swipe_left", "draw_circle_ccw", "draw_circle_cw", "wave",
    ]  # fmt: skip
    assert [JOINTS_USED[i] for i in MIRROR_INDEX][2] == "ShoulderRight"
    np.testing.assert_array_equal(MIRROR_INDEX[MIRROR_INDEX], np.arange(18))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("wave_l", "wave_r"),
        ("circle_clockwise", "circle_counterclockwise"),
        ("righthand_up", "lefthand_up"),
        ("raise_handleft", "raise_handright"),
        ("stand_upright", "stand_upright"),
        ("look_around", "look_around"),
        ("draw_l", None),
    ],
)
def test_sides_are_recognised_by_words_in_the_label(name, other):
    labels = list(dict.fromkeys([name, other or name, "draw_r"]))
    for one, partner in ((name, other), (other, name)):
        if one is not None:
            at = Mirror.of(labels).labels[labels.index(one)]
            assert (None if at < 0 else labels[at]) == partner


def test_the_description_lists_what_changes_when_mirrored():
    labels = ["clap", "swipe_left", "swipe_right", "draw_k"]
    assert Mirror.of(labels).describe(labels) == "swipe_left as swipe_right, draw_k never"
    assert Mirror.of(["clap"]).describe(["clap"]) == ""


def test_a_label_without_a_mirrored_label_is_never_mirrored():
    labels = ["background", "swipe_left", "draw_k", "wave", "make_the_letter_k"]
    np.testing.assert_array_equal(Mirror.of(labels).labels, [0, -1, -1, 3, 4])
    rng = np.random.default_rng(0)
    joints = TEMPLATE + rng.normal(0, 0.05, (60, 18, 3)).astype(np.float32)
    pieces = {("set", 1): [Piece(joints, np.full(60, 1), 1, "set")]}
    source = Composer(
        pieces, Variation(mirrored=1.0, fidgets=0), Mirror.of(labels), {"set": 1.0}, labels
    )
    made, classes = source.stream(rng, 200)
    assert set(classes) == {0, 1}
    left, right = (JOINTS_USED.index(f"Shoulder{side}") for side in ("Left", "Right"))
    assert (made[:, left, 0] < made[:, right, 0]).mean() > 0.9
    assert made[:, left, 1].mean() == pytest.approx(joints[:, left, 1].mean(), abs=0.02)


@pytest.mark.parametrize("kind", ["bones", "arm_deg", "leg_deg"])
def test_varied_limbs_stay_rigid(kind):
    joints = np.repeat(TEMPLATE[None, None], 20, axis=1).repeat(4, axis=0)
    size = {"bones": 0.2, "arm_deg": 30.0, "leg_deg": 30.0}[kind]
    made = vary_limbs(np.random.default_rng(0), joints, replace(STILL, **{kind: size}))
    elbow, wrist = (JOINTS_USED.index(joint) for joint in ("ElbowLeft", "WristLeft"))
    knee, ankle = (JOINTS_USED.index(joint) for joint in ("KneeLeft", "AnkleLeft"))
    for a, b in ((elbow, wrist), (knee, ankle)):
        before = np.linalg.norm(joints[:, :, a] - joints[:, :, b], axis=-1)
        after = np.linalg.norm(made[:, :, a] - made[:, :, b], axis=-1)
        assert np.ptp(after, axis=1).max() < 1e-5  # the same in all frames
        assert np.allclose(before, after, atol=1e-5) == (kind != "bones")
    assert np.abs(made - joints).max() > 0.02


def test_the_same_seed_gives_the_same_batch():
    made = [
        batch(composer(), FeatureSettings(), TargetRule(), seed, (2, 64))
        for seed in ((5, 1), (5, 1), (5, 2))
    ]
    for one, again in zip(made[0], made[1], strict=True):
        np.testing.assert_array_equal(one, again)
    assert not np.array_equal(made[0][0], made[2][0])
    assert made[0][0].shape == (2, 64, 72)
    assert made[0][1].shape == made[0][2].shape == (2, 16)
    assert all(np.isfinite(array).all() for array in made[0])


def test_streams_contain_actions_and_rests():
    joints, labels = composer(starts_at_once=0.0, fidgets=0).stream(np.random.default_rng(2), 900)
    assert joints.shape == (900, 18, 3)
    assert labels[0] == 0
    assert len(set(labels)) > 3
    jumps = np.linalg.norm(np.diff(joints, axis=0), axis=2).max()
    assert jumps < 0.12  # no leap between clips


def test_people_who_face_another_way_are_turned_before_they_are_joined():
    away = TEMPLATE * np.float32((-1, 1, -1)) + np.float32((0.1, 0, 3))
    motion = np.tile(away, (20, 1, 1))
    turned = _facing_as(motion, TEMPLATE)
    np.testing.assert_allclose(
        turned - turned[:, :1], TEMPLATE - TEMPLATE[:1] + 0 * turned, atol=1e-5
    )
    near = np.tile(TEMPLATE, (20, 1, 1))
    assert _facing_as(near, TEMPLATE) is near


def test_a_person_who_lies_goes_on_lying():
    labels = ["background", "fall", "lie"]
    joints = np.tile(TEMPLATE, (80, 1, 1))
    piece = Piece(joints, np.repeat([0, 1, 2], [20, 30, 30]), 0, FALLS)
    calm = Variation(fidgets=0, steps=0, aborted=0, mirrored=0, cut=1.0, speed=(1, 1), warp=0)
    source = Composer({(FALLS, 0): [piece]}, calm, Mirror.of(labels), {FALLS: 1.0}, labels)
    _, classes = source.stream(np.random.default_rng(0), 400)
    found = classes[np.flatnonzero(np.diff(classes, prepend=-1))]
    assert found.tolist() == [0, 1, 2] and (classes == 1).sum() in range(28, 33)


def test_a_stream_may_begin_within_a_long_fall():
    labels = ["background", "fall", "lie", "get_up"]
    joints = np.tile(TEMPLATE, (400, 1, 1))
    piece = Piece(joints, np.repeat([0, 1, 2, 3], [50, 30, 170, 150]), 0, FALLS)
    calm = Variation(fidgets=0, steps=0, aborted=0, mirrored=0)
    source = Composer({(FALLS, 0): [piece]}, calm, Mirror.of(labels), {FALLS: 1.0}, labels)
    rng = np.random.default_rng(0)
    streams = [source.stream(rng, 200)[1] for _ in range(20)]
    assert len({int(stream[0]) for stream in streams}) > 1
    assert any(3 in stream for stream in streams) and any(1 in stream for stream in streams)


def test_a_batch_loses_the_joints_that_its_people_do_not_measure():
    source = composer(lost_joint=0, lost_ends=0, lost_moment=0, lost_unmeasured=1.0)
    source.measured[("set", 1)][5] = False
    features, _, _ = batch(source, FeatureSettings(), TargetRule(), (0, 0), (2, 64))
    seen = features.reshape(2, 64, 18, 4)[..., 3]
    assert not seen[..., 5].any() and np.delete(seen, 5, axis=2).all()


def test_without_variation_bodies_do_not_change():
    joints = np.tile(TEMPLATE, (2, 30, 1, 1)) + np.float32((0.3, -0.1, 2.5))
    varied = vary_bodies(np.random.default_rng(0), joints, STILL)
    np.testing.assert_allclose(varied, joints, atol=1e-6)


def test_each_stream_varies_differently_and_stays_near():
    joints = np.tile(TEMPLATE, (3, 30, 1, 1)) + np.float32((0.3, -0.1, 2.5))
    calm = Variation(glitches=0, noisy=0)
    varied = vary_bodies(np.random.default_rng(0), joints, calm)
    assert varied.dtype == np.float32
    assert np.abs(varied[0] - varied[1]).max() > 0.01
    assert np.abs(varied.mean(axis=(1, 2)) - joints.mean(axis=(1, 2))).max() < 0.2
    assert np.abs(np.diff(varied, axis=1)).max() < 0.1  # noise, no leaps


def test_a_glitch_is_short_and_moves_hand_and_wrist_together():
    joints = np.tile(TEMPLATE, (8, 60, 1, 1))
    varied = vary_bodies(np.random.default_rng(0), joints, replace(STILL, glitches=1.0))
    leapt = np.abs(varied - joints).max(axis=3) > 0.01
    assert 0.005 < leapt.any(axis=2).mean() < 0.2
    for joint, other in (("HandLeft", "WristLeft"), ("FootRight", "AnkleRight")):
        pair = [JOINTS_USED.index(joint), JOINTS_USED.index(other)]
        np.testing.assert_array_equal(leapt[:, :, pair[0]], leapt[:, :, pair[1]])
    assert not leapt[:, :, JOINTS_USED.index("Head")].any()


def test_turned_features_keep_heights_lengths_and_missing_joints():
    rng = np.random.default_rng(2)
    joints = np.tile(TEMPLATE, (1, 8, 1, 1)) + rng.normal(0, 0.1, (1, 8, 18, 3)).astype(np.float32)
    seen = rng.random((1, 8, 18)) > 0.1
    features = clip_features(joints, seen, FeatureSettings())
    found = turn_features(np.random.default_rng(0), features, 20.0)
    np.testing.assert_array_equal(found[..., [1, 3]], features[..., [1, 3]])
    assert (found[features[..., 3] == 0] == 0).all()
    places, before = found[..., :3] + TEMPLATE, features[..., :3] + TEMPLATE
    known = features[..., 3] == 1
    length = np.hypot(places[..., 0], places[..., 2])[known]
    np.testing.assert_allclose(length, np.hypot(before[..., 0], before[..., 2])[known], atol=1e-5)
    assert np.abs(found - features).max() > 0.01


def test_a_gliding_body_keeps_its_pose_and_height():
    still = np.tile(TEMPLATE, (120, 1, 1))
    moved = _glide(np.random.default_rng(3), still, 0.4)
    np.testing.assert_allclose(
        moved - moved[:, :1], still - still[:, :1], atol=1e-5
    )  # every joint moves equally
    np.testing.assert_array_equal(moved[..., 1], still[..., 1])
    assert 0.05 < np.abs(moved[-1] - moved[0]).max() < 6


def test_borrowed_actions_are_scaled_to_the_same_body():
    def person(size, label):
        joints = np.repeat(TEMPLATE[None] * np.float32(size), 60, axis=0)
        joints[:, JOINTS_USED.index("HandRight"), 0] += 0.05 * np.sin(np.arange(60) / 5)
        return Piece(joints, np.full(60, label), int(10 * size), "set")

    small, large = person(0.7, 1), person(1.0, 2)
    source = Composer(
        {("set", 7): [small], ("set", 10): [large]},
        Variation(borrowed=0.5, mirrored=0, glides=0, detail=(1, 1), fidgets=0, aborted=0),
        Mirror.of(LABELS), {"set": 1.0}, LABELS,
    )  # fmt: skip
    joints, labels = source.stream(np.random.default_rng(0), 900)
    assert {1, 2} <= set(labels.tolist())
    thigh = np.linalg.norm(
        joints[:, JOINTS_USED.index("HipLeft")] - joints[:, JOINTS_USED.index("KneeLeft")], axis=1
    )
    acting = thigh[labels > 0]
    assert np.ptp(acting) < 0.01
