from pathlib import Path

import numpy as np
import pytest

from models.public_sets.clip_data import (
    MSR,
    MSR_SUBSETS,
    NW_UCLA,
    SBU,
    SBU_FOLDS,
    at_rate,
    filled,
    load_action_set,
)
from sensor.errors import RecordingError
from tests.fakes.small_sets import write_pairs, write_people


def test_clips_are_resampled_to_the_requested_rate(tmp_path: Path) -> None:
    write_people(tmp_path / f"{MSR}.npz", people=2)
    native = load_action_set(tmp_path, MSR, 15.0)
    doubled = load_action_set(tmp_path, MSR, 30.0)
    assert len(native.clips) == 6 and native.labels[0] == "action_0"
    for slow, fast in zip(native.clips, doubled.clips, strict=True):
        assert len(fast.joints_m) == 2 * len(slow.joints_m) - 1
        np.testing.assert_allclose(fast.joints_m[::2], slow.joints_m, atol=1e-6)


def test_exchanged_labels_are_corrected_in_one_view_only(tmp_path: Path) -> None:
    path = tmp_path / f"{NW_UCLA}.npz"
    write_people(path, people=5, views=3)
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {"names": np.array(["sit down", "stand up", "throw"])})
    found = load_action_set(tmp_path, NW_UCLA, 15.0)
    exchanged = [(c.person, c.view) == (4, 2) for c in found.clips]
    changed = [c.label != was for c, was in zip(found.clips, arrays["label"], strict=True)]
    sits = [was < 2 for was in arrays["label"]]
    assert changed == [a and b for a, b in zip(exchanged, sits, strict=True)] and any(changed)


def test_pairs_have_both_bodies_in_one_clip(tmp_path: Path) -> None:
    write_pairs(tmp_path / f"{SBU}.npz", pairs=2)
    found = load_action_set(tmp_path, SBU, 15.0)
    assert found.clips[0].joints_m.shape == (14, 30, 3)
    assert [clip.person for clip in found.clips[:2]] == [0, 1]


def test_gaps_are_interpolated_and_empty_ends_are_cut_off() -> None:
    joints = np.arange(6, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)
    seen = np.ones((6, 2), bool)
    seen[0] = seen[5] = False
    seen[2] = False
    seen[3, 1] = False
    joints[~seen] = 0
    whole = filled(joints, seen)
    np.testing.assert_allclose(whole[:, 1, 0], [1, 2, 3, 4])


def test_a_blank_clip_has_no_frame_and_one_frame_stays_one() -> None:
    blank = np.zeros((4, 2, 3), np.float32)
    assert filled(blank, np.zeros((4, 2), bool)).shape == (0, 2, 3)
    assert at_rate(blank[:1], 15.0, 30.0).shape == (1, 2, 3)


def test_a_joint_that_is_never_seen_is_put_at_the_mean_of_the_others() -> None:
    joints = np.ones((3, 2, 3), np.float32)
    seen = np.array([[True, False]] * 3)
    np.testing.assert_allclose(filled(joints, seen)[:, 1], 1.0)


def test_subsets_and_folds_are_complete() -> None:
    assert all(len(actions) == 8 for actions in MSR_SUBSETS.values())
    assert set().union(*MSR_SUBSETS.values()) == set(range(1, 21))
    assert sorted(pair for fold in SBU_FOLDS for pair in fold) == list(range(1, 22))


def test_a_missing_or_wrong_file_raises(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        load_action_set(tmp_path, NW_UCLA, 15.0)
    np.savez(tmp_path / f"{SBU}.npz", xyz=np.zeros((3, 30, 3), np.float32))
    with pytest.raises(RecordingError, match="has no array"):
        load_action_set(tmp_path, SBU, 15.0)
