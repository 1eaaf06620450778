import numpy as np
import pytest

from models.atlas.body_plan import plan_of
from models.atlas.standing_poses import standing_pose
from models.card import DEFAULT_MODEL, load_card
from models.features import JOINTS_USED, TEMPLATE
from models.public_sets.clip_coordinates import channels
from models.public_sets.pair_coordinates import PAIR
from tests.fakes.models.atlas_folder import pair_folder


def test_served_filters_see_positions_directly():
    plan = plan_of(DEFAULT_MODEL, load_card(DEFAULT_MODEL))
    kernel = np.arange(2 * 18 * 4 * 12, dtype=np.float32).reshape(2, 18, 4, 12)
    assert plan.channels == ("x", "y", "z", "seen")
    np.testing.assert_array_equal(plan.by_position(kernel), kernel[:, :, :3])


def test_filters_of_places_and_speeds_answer_to_positions(tmp_path):
    """The weights for positions give the answers of the filter to the channels of a movement."""
    folder = pair_folder(tmp_path, kinds=("place", "bone", "speed"))
    plan = plan_of(folder, load_card(folder))
    rng = np.random.default_rng(3)
    kernel = rng.normal(size=(2, 30, 9, 12)).astype(np.float32)
    positions = rng.normal(size=(1, 40, 30, 3)).astype(np.float32)
    read = channels(positions, PAIR, ("place", "bone", "speed"), plan.rate_hz)[0, -12:]
    expected = np.einsum("ujkt,tjk->u", kernel, read)
    weights = plan.by_position(kernel)
    frames = positions[0, -weights.shape[3] :]
    np.testing.assert_allclose(np.einsum("ujat,tja->u", weights, frames), expected, rtol=1e-3)


def test_two_people_stand_apart_and_face_each_other(tmp_path):
    folder = pair_folder(tmp_path, kinds=("place",))
    plan = plan_of(folder, load_card(folder))
    a, b = plan.pose_m.reshape(2, 15, 3)
    left, right = (PAIR.joints.index(f"A_{side}Shoulder") for side in ("Left", "Right"))
    assert plan.actors == 2 and a[:, 0].max() < 0 < b[:, 0].min()
    np.testing.assert_allclose(a[:, 0], -b[:, 0])
    # Facing +x, with y up and z behind somebody who faces the camera, the right side is at +z.
    assert a[right, 2] > a[left, 2]
    assert ("A_Head", "A_Neck") in named_bones(plan.layout)


def named_bones(layout):
    return {(layout.joints[joint], layout.joints[parent]) for parent, joint in layout.bones}


def test_the_standing_figure_of_one_person_is_the_template():
    np.testing.assert_array_equal(standing_pose(JOINTS_USED), TEMPLATE)


@pytest.mark.parametrize("kinds", [("direction",), ("distance",)])
def test_channels_without_a_direct_way_to_positions_move_nothing(tmp_path, kinds):
    folder = pair_folder(tmp_path, kinds=kinds)
    plan = plan_of(folder, load_card(folder))
    kernel = np.ones((1, 30, len(plan.channels), 12), np.float32)
    assert not plan.by_position(kernel).any()
