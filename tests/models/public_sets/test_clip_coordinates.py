import numpy as np
import pytest

from models.public_sets.clip_coordinates import (
    PERSON,
    CoordinateSettings,
    body_coordinates,
    channels,
    channels_per_joint,
)
from models.public_sets.pair_coordinates import PAIR, pair_coordinates, swapped
from tests.fakes.small_sets import pair_clip, person

PLAIN = CoordinateSettings()
KINDS = ("place", "bone", "direction", "speed", "distance")


def turned(joints: np.ndarray, degrees: float) -> np.ndarray:
    a = np.deg2rad(degrees)
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    return (joints @ turn.T).astype(np.float32)


def test_coordinates_do_not_depend_on_place_size_and_facing() -> None:
    clip = person(0, 0)
    other = turned(clip * np.float32(1.2), 40) + np.float32((1, 0.3, 2))
    found = body_coordinates(clip, PLAIN, 15.0)
    np.testing.assert_allclose(body_coordinates(other, PLAIN, 15.0), found, atol=1e-4)
    assert np.ptp(found, axis=0).max() > 0.05  # the wave is still visible


def test_the_pitch_of_the_camera_is_undone() -> None:
    clip, a = person(0, 0), np.deg2rad(15)
    # In the axes of a camera that looks down by 15 degrees, people lean towards it.
    lean = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    seen = (clip @ lean).astype(np.float32)
    levelled = CoordinateSettings(pitch_deg=15.0).upright(seen)
    np.testing.assert_allclose(levelled, clip, atol=1e-5)
    head = PERSON.joints.index("Head")
    feet = PERSON.joints.index("FootLeft")
    assert (seen[0, head] - seen[0, feet])[2] < (clip[0, head] - clip[0, feet])[2] - 0.1


def test_a_turn_is_visible_in_the_axes_of_the_camera() -> None:
    clip = person(0, 0)
    camera = CoordinateSettings(facing=False)
    turn = body_coordinates(turned(clip, 40), camera, 15.0)
    difference = turn - body_coordinates(clip, camera, 15.0)
    assert np.abs(difference).max() > 0.05


def test_pair_coordinates_do_not_depend_on_place_and_facing() -> None:
    clip = pair_clip(1, 3)
    other = turned(clip, 70) + np.float32((1, 0.3, 2))
    found = pair_coordinates(clip, PLAIN, 15.0)
    np.testing.assert_allclose(pair_coordinates(other, PLAIN, 15.0), found, atol=1e-4)


def test_swapping_equals_renaming_the_actors() -> None:
    clip = pair_clip(1, 3)
    renamed = np.concatenate([clip[:, 15:], clip[:, :15]], axis=1)
    expected = pair_coordinates(renamed, PLAIN, 15.0)
    np.testing.assert_allclose(swapped(pair_coordinates(clip, PLAIN, 15.0)), expected, atol=1e-4)


@pytest.mark.parametrize("layout", [PERSON, PAIR], ids=["person", "pair"])
def test_coordinates_and_channels_are_causal(layout) -> None:
    clip = person(0, 0) if layout is PERSON else pair_clip(1, 0)
    coordinates = body_coordinates if layout is PERSON else pair_coordinates
    whole = channels(coordinates(clip, PLAIN, 15.0)[None], layout, KINDS, 15.0)
    part = channels(coordinates(clip[:9], PLAIN, 15.0)[None], layout, KINDS, 15.0)
    np.testing.assert_allclose(whole[:, :9], part, atol=1e-6)
    assert whole.shape[-1] == channels_per_joint(layout, KINDS) == 12 + len(layout.anchors)


def test_directions_do_not_depend_on_bone_length_and_speed_is_zero_at_rest() -> None:
    clip = person(0, 0)[:1].repeat(6, axis=0)
    small, large = (
        channels(clip[None] * np.float32(k), PERSON, ("direction", "speed"), 15.0) for k in (1, 2)
    )
    at = PERSON.joints.index("KneeLeft")
    np.testing.assert_allclose(small[0, 0, at, :3], large[0, 0, at, :3], atol=0.03)
    assert (small[..., 3:] == 0).all()


def test_an_unknown_channel_raises() -> None:
    with pytest.raises(ValueError, match="smell"):
        channels(person(0, 0)[None], PERSON, ("smell",), 15.0)
