import pytest
import torch

from models.network.readability import carrying_joints, joint_shares, shrink_joints
from models.network.res_tcn import CausalConv, MotionStem

JOINTS, CHANNELS = 5, 4


@pytest.fixture
def stem():
    torch.manual_seed(0)
    return MotionStem(JOINTS * CHANNELS, 3)


def only(stem, *joints):
    """Zero the weights of all other joints."""
    for weights in (stem.weight, stem.motion):
        kept = torch.zeros_like(weights)
        for joint in joints:
            at = slice(joint * CHANNELS, (joint + 1) * CHANNELS)
            kept[:, at] = weights[:, at]
        weights.data = kept
    return stem


def test_shares_add_up_and_name_the_joints_that_carry_a_filter(stem):
    shares = joint_shares(only(stem, 1, 3), JOINTS)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(3, dtype=torch.float64))
    assert (shares[:, [0, 2, 4]] == 0).all()
    assert carrying_joints(stem, JOINTS).tolist() == [2, 2, 2]


def test_equal_joints_all_carry(stem):
    stem.weight.data.fill_(1)
    stem.motion.data.zero_()
    assert carrying_joints(stem, JOINTS).tolist() == [4, 4, 4]  # four fifths are 80 %


def test_a_published_stem_is_measured_too():
    stem = CausalConv(JOINTS * CHANNELS, 2, 8)
    assert joint_shares(stem, JOINTS).shape == (2, JOINTS)


def test_a_filter_of_zeros_is_carried_by_all_joints(stem):
    assert carrying_joints(only(stem), JOINTS).tolist() == [JOINTS] * 3


def test_shrinking_takes_the_same_from_the_norm_of_each_joint_until_none_is_left(stem):
    def norms():
        both = torch.cat([stem.weight, stem.motion], dim=2).reshape(3, JOINTS, -1)
        return both.norm(dim=2).detach()

    before = norms()
    shrink_joints(stem, JOINTS, 0.1)
    torch.testing.assert_close(norms(), before - 0.1)
    shrink_joints(stem, JOINTS, 100.0)
    assert (norms() == 0).all()
