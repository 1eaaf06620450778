import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.features import JOINT, JOINTS_USED, TEMPLATE  # noqa: E402
from models.network.whole_body import WholeBody, hip_means  # noqa: E402

HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]


def features_of(positions, seen):
    """Features (N, 18, 4, F) of joints (N, 18, 3, F) in the coordinates of the features."""
    offsets = positions - torch.from_numpy(TEMPLATE)[None, :, :, None]
    return torch.cat([offsets, torch.ones_like(offsets[:, :, :1])], 2) * seen


def test_the_hips_of_the_template_are_at_the_origin():
    assert np.abs(TEMPLATE[HIPS].mean(axis=0)).max() < 1e-7


def test_the_part_is_the_middle_of_the_hips_for_every_joint():
    positions = torch.randn(2, 18, 3, 30)
    part = WholeBody.of_features()(features_of(positions, torch.ones(2, 18, 1, 30)))[0]
    middle = positions[:, HIPS].mean(1, keepdim=True)
    torch.testing.assert_close(part, middle.expand(-1, 18, -1, -1), atol=1e-6, rtol=0)


def test_what_remains_does_not_change_when_the_whole_body_moves():
    positions, path = torch.randn(1, 18, 3, 30), torch.randn(1, 1, 3, 30)
    seen = torch.ones(1, 18, 1, 30)
    rest = []
    for moved in (positions, positions + path):
        features = features_of(moved, seen)
        rest.append(features[:, :, :3] - WholeBody.of_features()(features)[0])
    torch.testing.assert_close(rest[0], rest[1], atol=1e-5, rtol=0)


def test_joints_that_are_not_seen_have_no_part_and_one_hip_suffices():
    positions, seen = torch.randn(1, 18, 3, 8), torch.ones(1, 18, 1, 8)
    seen[:, 5], seen[:, HIPS[0]] = 0, 0
    features = features_of(positions, seen)
    part = WholeBody.of_features()(features)[0]
    assert part[:, [5, HIPS[0]]].abs().max() == 0
    torch.testing.assert_close(part[:, 0], features[:, HIPS[1], :3])
    seen[:, HIPS[1]] = 0
    assert WholeBody.of_features()(features_of(positions, seen))[0].abs().max() == 0


def test_each_actor_moves_with_their_own_hips():
    names = ["A_Head", "A_LeftHip", "A_RightHip", "B_Head", "B_LeftHip", "B_RightHip"]
    x = torch.randn(1, 6, 9, 4)
    place, speed = WholeBody(hip_means(names, 2), [[0, 1, 2], [6, 7, 8]], None)(x)
    torch.testing.assert_close(place[:, 3], x[:, 4:, :3].mean(1))
    torch.testing.assert_close(speed[:, 0], x[:, 1:3, 6:].mean(1))


def test_a_body_without_hips_is_refused():
    with pytest.raises(ValueError, match="no left and right hip"):
        hip_means([name for name in JOINTS_USED if "Hip" not in name])
