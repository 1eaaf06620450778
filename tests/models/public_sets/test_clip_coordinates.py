import numpy as np
import pytest

from models.public_sets.clip_coordinates import (
    PERSON,
    Frame,
    body_frame,
    channels,
    channels_per_joint,
)
from models.public_sets.pair_coordinates import PAIR, pair_frame, swapped
from tests.fakes.small_sets import pair_clip, person

KINDS = ("place", "bone", "direction", "speed", "distance")


def turned(joints: np.ndarray, degrees: float) -> np.ndarray:
    a = np.deg2rad(degrees)
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    return (joints @ turn.T).astype(np.float32)


def test_a_person_elsewhere_larger_and_turned_has_the_same_coordinates() -> None:
    clip = person(0, 0)
    other = turned(clip * np.float32(1.2), 40) + np.float32((1, 0.3, 2))
    found = body_frame(clip, Frame(), 15.0)
    np.testing.assert_allclose(body_frame(other, Frame(), 15.0), found, atol=1e-4)
    assert np.ptp(found, axis=0).max() > 0.05  # the wave is still there


def test_a_camera_that_looks_down_is_levelled() -> None:
    clip, a = person(0, 0), np.deg2rad(15)
    # What a camera that looks down by 15 degrees sees leans towards it.
    lean = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    seen = (clip @ lean).astype(np.float32)
    levelled = Frame(pitch_deg=15.0).upright(seen)
    np.testing.assert_allclose(levelled, clip, atol=1e-5)
    head = PERSON.joints.index("Head")
    feet = PERSON.joints.index("FootLeft")
    assert (seen[0, head] - seen[0, feet])[2] < (clip[0, head] - clip[0, feet])[2] - 0.1


def test_with_the_cameras_axes_a_turn_shows() -> None:
    clip = person(0, 0)
    rule = Frame(facing=False)
    difference = body_frame(turned(clip, 40), rule, 15.0) - body_frame(clip, rule, 15.0)
    assert np.abs(difference).max() > 0.05


def test_a_pair_elsewhere_and_turned_has_the_same_coordinates() -> None:
    clip = pair_clip(1, 3)
    other = turned(clip, 70) + np.float32((1, 0.3, 2))
    found = pair_frame(clip, Frame(), 15.0)
    np.testing.assert_allclose(pair_frame(other, Frame(), 15.0), found, atol=1e-4)


def test_swapped_actors_are_the_pair_with_their_names_changed() -> None:
    clip = pair_clip(1, 3)
    renamed = np.concatenate([clip[:, 15:], clip[:, :15]], axis=1)
    expected = pair_frame(renamed, Frame(), 15.0)
    np.testing.assert_allclose(swapped(pair_frame(clip, Frame(), 15.0)), expected, atol=1e-4)


@pytest.mark.parametrize("rig", [PERSON, PAIR], ids=["person", "pair"])
def test_coordinates_and_channels_look_only_back(rig) -> None:
    clip = person(0, 0) if rig is PERSON else pair_clip(1, 0)
    frame = body_frame if rig is PERSON else pair_frame
    whole = channels(frame(clip, Frame(), 15.0)[None], rig, KINDS, 15.0)
    part = channels(frame(clip[:9], Frame(), 15.0)[None], rig, KINDS, 15.0)
    np.testing.assert_allclose(whole[:, :9], part, atol=1e-6)
    assert whole.shape[-1] == channels_per_joint(rig, KINDS) == 12 + len(rig.anchors)


def test_directions_do_not_know_the_length_and_speed_is_nothing_at_rest() -> None:
    clip = person(0, 0)[:1].repeat(6, axis=0)
    small, large = (
        channels(clip[None] * np.float32(k), PERSON, ("direction", "speed"), 15.0) for k in (1, 2)
    )
    at = PERSON.joints.index("KneeLeft")
    np.testing.assert_allclose(small[0, 0, at, :3], large[0, 0, at, :3], atol=0.03)
    assert (small[..., 3:] == 0).all()


def test_an_unknown_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="smell"):
        channels(person(0, 0)[None], PERSON, ("smell",), 15.0)
