import numpy as np
import pytest

from models.synthesis.falls.body.hinges import HIGH, HINGE_INDEX, HINGES, LOW, ROOT
from models.synthesis.falls.motion.key_poses import KEYS, LIE_DOWN, UP_FROM_BACK, mirrored
from models.synthesis.falls.motion.paths import facing_like, path, pose_of, restless, way
from models.synthesis.falls.motion.pose_fitting import fit_poses, smoothed
from models.synthesis.falls.motion.real_motion import Motion, RealMotions, load_motions
from models.synthesis.falls.motion.rotations import about, aligned, heading, matrix, quaternions
from sensor.errors import RecordingError
from sensor.skeleton import KINECT_V2
from tests.models.synthesis.falls.motions import standing, write_sets

J = KINECT_V2.index


def degrees(poses, name):
    return np.rad2deg(poses[:, ROOT + HINGE_INDEX[name]])


def test_quaternions_turn_back_into_the_same_rotations():
    turns = np.array(
        [about(2, a) @ about(1, b) @ about(0, a - b) for a in (-3, 0, 2) for b in (0, 3)]
    )
    found = quaternions(turns)
    assert np.allclose([matrix(turn) for turn in found], turns)
    assert ((found[1:] * found[:-1]).sum(axis=1) >= 0).all()
    assert np.allclose(aligned(found), found)


def test_a_standing_person_is_fitted_upright_and_faces_the_camera():
    poses = fit_poses(standing())
    assert abs(heading(poses[0])) == pytest.approx(np.pi, abs=0.01)
    for name in ("left_hip_flex", "right_knee", "trunk_turn"):
        assert np.abs(degrees(poses, name)).max() < 8


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_a_raised_arm_and_a_bent_knee_become_angles_of_their_side(side):
    joints = standing(30)
    shoulder = joints[:, J[f"Shoulder{side}"]]
    joints[:, J[f"Elbow{side}"]] = shoulder + np.array((0, 0, -0.28))
    joints[:, J[f"Wrist{side}"]] = shoulder + np.array((0, 0.24, -0.28))
    joints[:, J[f"Ankle{side}"]] = joints[:, J[f"Knee{side}"]] + (0, 0, 0.4)
    poses = fit_poses(joints)
    own = side.lower()
    assert degrees(poses, f"{own}_shoulder_flex") == pytest.approx(90, abs=6)
    assert degrees(poses, f"{own}_elbow") == pytest.approx(90, abs=6)
    assert degrees(poses, f"{own}_knee") == pytest.approx(90, abs=8)
    other = "right" if own == "left" else "left"
    assert np.abs(degrees(poses, f"{other}_shoulder_flex")).max() < 15


def test_smoothing_keeps_a_straight_line_and_lessens_noise():
    line = np.linspace(0, 3, 40)
    assert np.allclose(smoothed(line), line)
    noise = np.random.default_rng(0).normal(0, 1, 400)
    assert smoothed(noise).std() < 0.6


def test_key_poses_are_within_the_ranges_of_the_hinges():
    for name, key in KEYS.items():
        outside = [
            HINGES[i].name
            for i in np.flatnonzero((key.hinges < LOW - 0.01) | (key.hinges > HIGH + 0.01))
        ]
        assert not outside, name
    twice = mirrored(mirrored(KEYS["side_sit"]))
    assert np.array_equal(twice.hinges, KEYS["side_sit"].hinges)
    assert twice.roll_deg == KEYS["side_sit"].roll_deg


@pytest.mark.parametrize("names", [*LIE_DOWN, *UP_FROM_BACK])
def test_a_path_starts_at_its_pose_and_ends_at_its_last_key(names):
    rng = np.random.default_rng(0)
    start = pose_of(KEYS["stand"], 0.4)
    keys = way(rng, names)
    poses = path(rng, start, keys, [0.8] * len(keys), 0.4)
    assert np.abs(poses[0] - start).max() < 0.15
    assert np.allclose(poses[-1, ROOT:], keys[-1].hinges, atol=1e-6)
    turns = np.abs((poses[1:, 3:ROOT] * poses[:-1, 3:ROOT]).sum(axis=1))
    assert np.rad2deg(2 * np.arccos(np.clip(turns, 0, 1))).max() < 15


def test_a_lying_body_turns_as_little_as_it_can():
    for angle in (-2.0, 0.0, 1.5):
        lying = pose_of(KEYS["supine"], angle)
        assert facing_like(lying, KEYS["supine"]) == pytest.approx(angle, abs=0.05)


def test_restless_poses_start_as_they_were_and_move_a_little():
    poses = np.tile(pose_of(KEYS["prone"], 0), (60, 1))
    found = restless(np.random.default_rng(0), poses, 5)
    moved = np.abs(found - poses)[:, ROOT:]
    assert np.abs(found - poses)[:, :ROOT].max() == 0
    assert 0 < moved.max() < np.deg2rad(30)


def test_real_motions_are_read_from_the_clip_sets_that_are_there(tmp_path):
    with pytest.raises(RecordingError, match=r"put cmu_mocap_parts\.npz and at least one of"):
        load_motions(tmp_path)
    write_sets(tmp_path)
    found = load_motions(tmp_path)
    assert [motion.source for motion in found.standing] == ["utd_mhad/1/stand.mat"]
    assert {motion.source for motion in found.walking} == {"cmu_mocap_parts/1/walk.mat"}
    assert len(found.life) >= 1
    assert len(found.standing[0].poses) == len(standing())
    gone = found.walking[0].poses[[0, -1], :2]
    assert np.linalg.norm(gone[1] - gone[0]) > 3


def test_motions_of_test_people_are_kept_apart():
    poses = fit_poses(standing())
    one, other = Motion(poses, "utd_mhad/1/a", False), Motion(poses, "utd_mhad/2/a", True)
    every = RealMotions((one, other), (other,), (one,))
    assert every.of(tested=False) == RealMotions((one,), (other,), (one,))
    assert every.of(tested=True) == RealMotions((other,), (other,), (one,))
