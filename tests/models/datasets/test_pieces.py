import numpy as np
import pytest

from models.augmentation.variants import change_speed
from models.datasets.pieces import Piece, load_clip_set
from models.datasets.targets import TargetRule, targets
from models.features import CANONICAL_PICKS, JOINTS_USED, TEMPLATE
from models.labels import CMU, plain_label
from sensor.errors import RecordingError
from sensor.skeleton import KINECT_V1, KINECT_V2

RULE = TargetRule(silent=0.2, sure=0.6, held_s=0.2, forgotten_s=0.5)


def test_class_names_become_plain_labels():
    assert plain_label("front right kick (E)") == "front_right_kick"
    assert plain_label("Wave-your-hand") == "wave_your_hand"


def test_weights_grow_within_an_action_and_the_target_changes_after_it():
    labels = np.array([0] * 30 + [4] * 50 + [0] * 40)
    at = np.arange(120)
    target, weight = targets(labels, at, RULE)
    assert (target[:30] == 0).all()
    assert (weight[:30] == 1).all()
    assert (target[30:80] == 4).all()
    assert (weight[30:39] == 0).all()
    assert (weight[60:80] == 1).all()
    assert (np.diff(weight[30:80]) >= 0).all()
    assert (target[80:86] == 4).all()  # still right just after the action
    assert (weight[80:86] == 1).all()
    assert (weight[86:95] == 0).all()  # no weight
    assert (target[95:] == 0).all()
    assert (weight[95:] == 1).all()


def test_an_action_right_after_another_has_its_own_target():
    labels = np.array([3] * 40 + [5] * 40)
    target, _ = targets(labels, np.arange(80), RULE)
    assert target[79] == 5
    assert target[60] == 5


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7])
def test_speed_changes_the_length_and_keeps_the_path(speed):
    joints = np.linspace(0, 1, 60, dtype=np.float32)[:, None, None] * np.ones((1, 18, 3))
    piece = Piece(joints.astype(np.float32), np.arange(60) // 30, 1, "set")
    moved, labels = change_speed(np.random.default_rng(0), piece, speed)
    assert abs(len(moved) - 60 / speed) <= 2
    assert len(labels) == len(moved)
    np.testing.assert_allclose(np.diff(moved[:, 0, 0]), 1 / (len(moved) - 1), atol=1e-5)


def tiny_set(folder, lost=None, label=(1, 0)):
    order = KINECT_V1.joints[::-1]
    xyz = np.zeros((10, 20, 3), np.float32)
    xyz[:, order.index("Head"), 1] = 1.7
    xyz[:, :, 2] = 2.0
    if lost:
        xyz[6, order.index(lost)] = np.nan
    np.savez(
        folder / "tiny.npz", xyz=xyz, start=[0, 4, 10], label=label, subject=[3, 8],
        rep=[0, 0], view=[0, 0], names=["push", "wave (A)"], joints=list(order), clip=["a", "b"],
    )  # fmt: skip
    return folder / "tiny.npz"


def test_a_clip_set_becomes_pieces_by_person(tmp_path):
    loaded = load_clip_set(tiny_set(tmp_path), ["background", "wave", "push"])
    assert loaded.labels == ("push", "wave")
    assert [len(piece.joints_m) for piece in loaded.pieces] == [4, 6]
    assert [int(piece.labels[0]) for piece in loaded.pieces] == [1, 2]
    assert [piece.subject for piece in loaded.of([8])] == [8]
    np.testing.assert_allclose(loaded.pieces[0].joints_m[:, 0, 1], 1.7)  # joint 0 is the head


@pytest.mark.parametrize(
    ("changes", "vocabulary", "text"),
    [
        ({}, ["background", "push"], "the model has no label 'wave'"),
        ({"label": (1, -1)}, ["background", "push", "wave"], "clip b has no label"),
        ({"lost": "WristLeft"}, ["background", "push", "wave"], "clip b misses WristLeft"),
    ],
)
def test_a_clip_that_cannot_be_used_is_named(tmp_path, changes, vocabulary, text):
    with pytest.raises(RecordingError, match=text):
        load_clip_set(tiny_set(tmp_path, **changes), vocabulary)


def test_a_joint_that_the_model_does_not_read_may_be_missing(tmp_path):
    assert load_clip_set(tiny_set(tmp_path, lost="Spine"), ["background", "push", "wave"]).pieces


def test_only_the_action_is_labelled_in_sets_with_rests_at_the_ends(tmp_path):
    order, frames = KINECT_V1.joints, 120
    xyz = np.zeros((frames, 20, 3), np.float32)
    for i, name in enumerate(order):
        used = name.replace("ShoulderCenter", "SpineShoulder")
        if used in JOINTS_USED:
            xyz[:, i] = TEMPLATE[JOINTS_USED.index(used)]
    hand = order.index("HandRight")
    xyz[:25, hand, 0] += np.linspace(0.6, 0, 25, dtype=np.float32)  # spread for the sensor
    xyz[50:90, hand, 1] += 0.7 * np.sin(np.linspace(0, np.pi, 40, dtype=np.float32))
    path = tmp_path / "kinder_gator_12people.npz"
    np.savez(
        path, xyz=xyz, start=[0, frames], label=[0], subject=[3], rep=[0], view=[0],
        names=["Raise-your-hand"], joints=list(order), clip=["a"],
    )  # fmt: skip
    (piece,) = load_clip_set(path, ["background", "raise_hand"]).pieces
    assert 75 < len(piece.labels) < 90  # the spread arms are cut away
    assert piece.labels[0] == piece.labels[-1] == 0
    assert 30 < (piece.labels == 1).sum() < 50


def standing_set(folder, name, hands):
    """A set of one clip of 30 frames whose hands are at `hands` (3,)."""
    order = KINECT_V2.joints
    xyz = np.zeros((30, len(order), 3), np.float32)
    xyz[:, CANONICAL_PICKS] = TEMPLATE + np.float32((0, 1, 2.5))
    for side in ("Left", "Right"):
        xyz[:, order.index(f"Hand{side}")] = hands
    path = folder / f"{name}.npz"
    np.savez(
        path, xyz=xyz, start=[0, 30], label=[0], subject=[3], rep=[0], view=[0], names=["walk"],
        joints=list(order), clip=["a"],
    )  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("name", "hands", "measured"),
    [("tiny", np.nan, False), (CMU, (0.0, 0.1, 2.0), False), ("tiny", (0.3, 0.8, 2.4), True)],
)
def test_hands_that_were_not_measured_are_placed_along_the_forearm(tmp_path, name, hands, measured):
    (piece,) = load_clip_set(standing_set(tmp_path, name, hands), ["background", "walk"]).pieces
    lost = [JOINTS_USED.index("HandLeft"), JOINTS_USED.index("HandRight")]
    assert (piece.measured[lost] == measured).all()
    assert np.delete(piece.measured, lost).all()
    elbow, wrist, hand = (
        piece.joints_m[:, JOINTS_USED.index(joint)]
        for joint in ("ElbowRight", "WristRight", "HandRight")
    )
    if measured:
        np.testing.assert_allclose(hand, np.tile(hands, (30, 1)))
    else:
        np.testing.assert_allclose(hand - wrist, 0.31 * (wrist - elbow), atol=1e-5)


def test_a_hand_that_is_lost_in_some_frames_is_an_error(tmp_path):
    with pytest.raises(RecordingError, match="clip b misses HandLeft"):
        load_clip_set(tiny_set(tmp_path, lost="HandLeft"), ["background", "push", "wave"])


def cmu_set(folder):
    """A walk of 90 frames, a clip that is not used, and a dance of 20 s."""
    order, lengths = KINECT_V2.joints, [90, 60, 600]
    xyz = np.zeros((sum(lengths), len(order), 3), np.float32)
    xyz[:, CANONICAL_PICKS] = TEMPLATE
    xyz[:90, :, 2] += np.linspace(0, 3, 90, dtype=np.float32)[:, None]
    path = folder / f"{CMU}.npz"
    np.savez(
        path, xyz=xyz, start=np.cumsum([0, *lengths]), label=[0, 1, 2], subject=[-1, -1, 5],
        rep=[0] * 3, view=[0] * 3, names=["walk", "direct traffic", "dance"], joints=list(order),
        clip=["a", "b", "c"], rate_hz=30.0,
    )  # fmt: skip
    return path


def test_long_recordings_of_continuous_motion_are_cut_into_sections(tmp_path):
    loaded = load_clip_set(cmu_set(tmp_path), ["background", "walk"])
    walk, *sections = loaded.pieces
    assert len(walk.labels) == 90 and (walk.labels == 1).all() and walk.subject == -1
    assert {piece.subject for piece in sections} == {5}
    assert all(60 <= len(piece.labels) <= 180 for piece in sections)
    assert len({len(piece.labels) for piece in sections}) > 3
    assert not any(piece.labels.any() for piece in sections)


def test_a_set_can_keep_its_own_names(tmp_path):
    path = cmu_set(tmp_path)
    names = ["background", "walk", "direct_traffic", "dance"]
    loaded = load_clip_set(path, names, own_names=True)
    assert loaded.labels == ("walk", "direct_traffic", "dance")
    assert {names[piece.labels[0]] for piece in loaded.pieces} == set(loaded.labels)
