from dataclasses import replace

import msgspec
import numpy as np

from models.public_sets.clip_batches import (
    BatchMaker,
    ClipVariation,
    Sample,
    blended,
    end_aligned,
    vary,
)
from models.public_sets.clip_coordinates import PERSON, CoordinateSettings, body_coordinates
from models.public_sets.pair_coordinates import PAIR, pair_coordinates
from tests.fakes.small_sets import pair_clip, person

PLAIN = CoordinateSettings()
STILL = ClipVariation(1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
VARIED = ClipVariation(mirrored=0.5)


def batches(variation: ClipVariation = VARIED) -> BatchMaker:
    learnt = [
        Sample(body_coordinates(person(label, who), PLAIN, 15.0), label)
        for label in range(3)
        for who in range(4)
    ]
    return BatchMaker([learnt, learnt[:2]], [1.0, 0.5], PERSON, ("place", "speed"), 15.0, variation)


def test_a_batch_is_reproducible_and_differs_from_the_next() -> None:
    one, again = batches().batch(3, 7, (9, 24)), batches().batch(3, 7, (9, 24))
    for a, b in zip(one, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one[0], batches().batch(3, 8, (9, 24))[0])
    assert one[0].shape == (9, 24, 20 * 6) and one[0].dtype == np.float32
    assert one[1].shape == one[2].shape == (9, 6)


def test_only_the_newest_prediction_has_weight_and_groups_have_their_shares() -> None:
    _, target, weight = batches().batch(0, 0, (9, 24))
    assert weight.sum() == 9 and (weight[:, -1] == 1).all()
    assert (target[-3:, -1] == 0).all()  # the second group: a third of the batch, class 0 alone


def test_every_clip_is_drawn_before_any_is_drawn_again() -> None:
    drawn = replace(batches(), groups=[batches().groups[0]], shares=[1.0])
    labels = np.concatenate([drawn.batch(0, i, (6, 24))[1][:, -1] for i in range(2)])
    assert np.bincount(labels).tolist() == [4, 4, 4]


def test_without_variation_a_batch_holds_the_clips_with_a_held_first_pose() -> None:
    still = batches(STILL)
    x, target, _ = still.batch(0, 0, (4, 24))
    clips = {label: still.groups[0][label * 4].positions for label in range(3)}
    for row, label in zip(x.reshape(4, 24, 20, 6), target[:, -1], strict=True):
        ending = [
            np.allclose(row[:, :, :3], end_aligned([s.positions], 24)[0], atol=1e-6)
            for s in still.groups[0]
            if s.label == label
        ]
        assert any(ending), clips[label].shape


def test_longer_clips_keep_their_newest_frames() -> None:
    clip = np.arange(10, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)
    np.testing.assert_array_equal(end_aligned([clip], 4)[0, :, 0, 0], [6, 7, 8, 9])
    np.testing.assert_array_equal(end_aligned([clip[:2]], 4)[0, :, 0, 0], [0, 0, 0, 1])


def test_rotation_keeps_distances() -> None:
    positions = body_coordinates(person(0, 0), PLAIN, 15.0)[None]
    turn = ClipVariation(1.0, 0, 30.0, 10.0, 0, 0, 0, 0, 0, 0, 0)
    varied = vary(np.random.default_rng(0), positions, turn)
    lengths = [np.linalg.norm(p[:, :, 3] - p[:, :, 7], axis=-1) for p in (positions, varied)]
    np.testing.assert_allclose(*lengths, atol=1e-5)
    assert np.abs(varied - positions).max() > 0.01


def test_blending_keeps_the_length_of_a_clip() -> None:
    one = body_coordinates(person(1, 0), PLAIN, 15.0)
    other = body_coordinates(person(1, 3, 31), PLAIN, 15.0)
    np.testing.assert_array_equal(blended(one, other, 0.0), one)
    whole = blended(one, other, 1.0)
    assert whole.shape == one.shape
    np.testing.assert_allclose(whole[[0, -1]], other[[0, -1]], atol=1e-5)
    mixed = batches(msgspec.structs.replace(STILL, blended=1.0)).batch(0, 0, (4, 24))[0]
    assert not np.array_equal(mixed, batches(STILL).batch(0, 0, (4, 24))[0])


def test_two_actors_are_swapped_and_mirrored() -> None:
    learnt = [Sample(pair_coordinates(pair_clip(1, 0), PLAIN, 15.0), 0)]
    both = ClipVariation(1.0, 0, 0, 0, 0, 0, 0, 0, 1.0, 1.0, 0)
    pairs = BatchMaker([learnt], [1.0], PAIR, ("place",), 15.0, both)
    x = pairs.batch(0, 0, (1, 16))[0].reshape(16, 30, 3)
    moved = np.abs(x[-1] - x[0]).max(axis=1).argmax()
    assert PAIR.joints[moved] == "B_LeftHand"
