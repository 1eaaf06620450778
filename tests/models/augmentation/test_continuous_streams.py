import numpy as np
import pytest

from models.augmentation.continuous_streams import (
    NOTHING,
    Between,
    Stretch,
    continuous_recording,
    fitted,
)
from models.augmentation.limbs import bones_of
from models.augmentation.walking import turned
from tests.fakes.walkers import raising, standing, walking

BETWEEN = Between(
    (Stretch(walking(90), "walk"),), (Stretch(standing(400) * np.float32(1.1), "wash"),)
)


def made(seed=0, turn=0.0, between=BETWEEN):
    joints = turned(raising(), np.full(60, turn, np.float32))
    actions = [[Stretch(joints, "raise")], [Stretch(raising(45, "Left"), "raise_left")]] * 4
    return continuous_recording(np.random.default_rng(seed), "s", actions, between)


def joints_of(recording):
    return np.stack([frame.bodies[0].joints_m for frame in recording.frames])


def test_a_stream_has_every_action_and_names_what_is_between():
    recording = made()
    names = [span.label for span in recording.spans]
    assert [name for name in names if name.startswith("raise")] == ["raise", "raise_left"] * 4
    assert names[0] == names[-1] == NOTHING
    every = {span.label for seed in range(4) for span in made(seed).spans}
    assert every == {NOTHING, "raise", "raise_left", "walk", "wash"}
    lengths = {span.last - span.first + 1 for span in recording.spans if span.label == "raise"}
    assert lengths == {60}


@pytest.mark.parametrize("turn", [0.0, 1.5, 3.0])
def test_a_person_never_jumps(turn):
    joints = joints_of(made(turn=turn))
    assert np.abs(np.diff(joints, axis=0)).max() * 30 < 8


def test_an_action_of_several_stretches_is_not_interrupted():
    parts = [Stretch(raising()[:30], "up"), Stretch(raising()[30:], "down")]
    recording = continuous_recording(np.random.default_rng(0), "s", [parts], Between())
    spans = recording.spans
    assert [span.label for span in spans] == [NOTHING, "up", "down", NOTHING]
    np.testing.assert_allclose(
        np.diff(joints_of(recording)[spans[1].first : spans[2].last + 1], axis=0)[:, :, 1].max(),
        np.diff(raising(), axis=0)[:, :, 1].max(),
        rtol=1e-4,
    )


def test_feet_stay_on_one_floor():
    lowest = joints_of(made())[..., 1].min(axis=1)
    assert np.abs(lowest - lowest[0]).max() < 0.1


def test_the_same_seed_gives_the_same_stream():
    np.testing.assert_array_equal(joints_of(made(3)), joints_of(made(3)))
    assert len(made(3).frames) != len(made(4).frames)


def test_without_other_motions_a_person_only_rests():
    names = {span.label for span in made(between=Between()).spans}
    assert names == {NOTHING, "raise", "raise_left"}


def test_a_motion_gets_the_bones_of_another_body():
    own = bones_of([standing()])
    small = walking() * np.float32(0.7)
    on_own = fitted(small, own, bones_of([small]))
    np.testing.assert_allclose(bones_of([on_own]), own, rtol=0.02)
