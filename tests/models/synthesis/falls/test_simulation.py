from itertools import groupby

import numpy as np
import pytest

from models.synthesis.falls.body.humanoid import Humanoid
from models.synthesis.falls.body.shape import draw_shape
from models.synthesis.falls.body.simulator import Simulator
from models.synthesis.falls.data_set import KINDS, simulated_clip, write_simulated
from models.synthesis.falls.everyday import EVERYDAY, simulate_everyday
from models.synthesis.falls.falling import simulate_fall
from models.synthesis.falls.frame_labels import BACKGROUND, FALL, GET_UP, LIE
from models.synthesis.falls.motion.grounding import grounded
from models.synthesis.falls.rising import guided
from models.synthesis.falls.triggers import FALLS
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2
from tests.models.synthesis.falls.motions import motions, write_sets

pytest.importorskip("mujoco", reason="needs the simulate extra")
J = KINECT_V2.index


def phases(labels):
    """The labels in their order, each run once."""
    return [label for label, _ in groupby(labels.tolist())]


def limb_lengths(joints, *names):
    return np.linalg.norm(joints[:, J[names[0]]] - joints[:, J[names[1]]], axis=1)


def test_shapes_are_people_from_children_to_tall_adults():
    shapes = [draw_shape(number, 0) for number in range(60)]
    assert all(1.1 <= shape.height <= 2.0 for shape in shapes)
    assert all(12 < shape.mass_kg / shape.height**2 < 40 for shape in shapes)
    assert min(shape.height for shape in shapes) < 1.4 < 1.85 < max(s.height for s in shapes)
    assert draw_shape(3, 0) == draw_shape(3, 0) != draw_shape(3, 1)


def test_a_body_follows_a_recorded_walk():
    body = Humanoid(draw_shape(2, 0))
    poses = grounded(body, motions().walking[0].poses, real_steps=True)
    found = Simulator(body, poses[0], poses[1]).run(guided(poses))
    apart = np.linalg.norm(body.joints_of(found) - body.joints_of(poses), axis=2)
    assert apart[:, J["SpineBase"]].max() < 0.1
    assert apart[:, J["Head"]].max() < 0.25
    assert np.abs(poses[:, 2] - draw_shape(2, 0).leg).max() < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("kind", FALLS)
def test_every_kind_of_fall_ends_on_the_floor(kind):
    clip = simulate_fall(np.random.default_rng(4), draw_shape(2, 0), kind, motions(), rises=False)
    assert clip is not None
    height = draw_shape(2, 0).height
    assert phases(clip.labels) == [BACKGROUND, FALL, LIE]
    assert 0.3 < (clip.labels == FALL).sum() / 30 < 3
    assert (clip.joints[-1, [J["SpineBase"], J["SpineShoulder"]], 2] < 0.35 * height).all()
    assert clip.joints[..., 2].min() > -0.08
    for bone in (
        ("HipLeft", "KneeLeft"),
        ("KneeRight", "AnkleRight"),
        ("ShoulderLeft", "ElbowLeft"),
    ):
        assert np.ptp(limb_lengths(clip.joints, *bone)) < 1e-6
    down = -np.diff(clip.joints[:, J["SpineBase"], 2]) * 30
    assert 0.6 < down.max() < 4.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", EVERYDAY)
def test_everyday_motions_are_no_falls(kind):
    clip = simulate_everyday(np.random.default_rng(1), draw_shape(5, 0), kind, motions())
    assert FALL not in clip.labels
    assert (LIE in clip.labels) == (kind == "lie_down")
    assert clip.joints[..., 2].min() > -0.1
    assert len(clip.labels) == len(clip.joints) > 60


@pytest.mark.slow
def test_a_person_gets_up_after_a_fall_and_stands():
    shape = draw_shape(2, 0)
    clip = simulate_fall(np.random.default_rng(0), shape, "push_forward", motions(), rises=True)
    assert clip is not None
    assert phases(clip.labels) == [BACKGROUND, FALL, LIE, GET_UP, BACKGROUND]
    assert clip.joints[-1, J["SpineBase"], 2] > 0.8 * shape.leg
    speed = np.linalg.norm(np.diff(clip.joints[:, J["SpineBase"]], axis=0), axis=1) * 30
    assert speed[clip.labels[1:] == GET_UP].max() < 3


@pytest.mark.slow
def test_a_clip_depends_on_its_number_and_the_seed_only():
    first, again = (simulated_clip(0, 7, motions()) for _ in range(2))
    other = simulated_clip(0, 8, motions())
    assert first is not None and again is not None and other is not None
    assert np.array_equal(first.joints_m, again.joints_m)
    assert first.joints_m.shape != other.joints_m.shape


@pytest.mark.slow
def test_a_data_set_is_written_as_a_clip_set(tmp_path):
    write_sets(tmp_path)
    out = tmp_path / "simulated_falls.npz"
    summary = write_simulated(tmp_path, out, 4, 0)
    assert summary.startswith("2 falls and 2 everyday motions of ")
    found = clip_set.load(out)
    assert found.names == ("background", "fall", "lie", "get_up")
    assert found.frame_label is not None and len(found.frame_label) == len(found.xyz_m)
    assert found.seen.all()
    assert [KINDS[view] for view in found.view[::2]] == ["push_forward", "push_backward"]
    assert found.clip[0].startswith("push_forward-body")
    with pytest.raises(RecordingError, match="exists; choose another name"):
        write_simulated(tmp_path, out, 4, 0)
