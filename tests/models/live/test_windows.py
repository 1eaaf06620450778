from __future__ import annotations

import msgspec
import numpy as np
import pytest

from models.datasets.pieces import Piece
from models.features import CANONICAL_PICKS, TEMPLATE, FloatArray, clip_features
from models.live.windows import KEPT_FRAMES, Windows
from models.scoring.clip_answers import held_to_stride, last_windows
from tests.fakes.recognizer import CARD

SURE = np.ones(25, np.float32)


def moved(frames: int, seed: int = 0) -> FloatArray:
    """A moving body, float32 (T, 25, 3), in metres."""
    joints = np.zeros((frames, 25, 3), np.float32)
    joints[:, CANONICAL_PICKS] = TEMPLATE
    return joints + np.random.default_rng(seed).normal(0, 0.1, joints.shape).astype(np.float32)


def push(windows: Windows, row: int, joints: FloatArray) -> list[bool]:
    return [bool(windows.push(np.array([row]), pose[None], SURE[None])[0]) for pose in joints]


@pytest.mark.parametrize("frames", [1, 2, 47, 48, 49, 200])
def test_the_last_window_is_that_of_the_whole_clip(frames: int) -> None:
    joints, windows = moved(frames), Windows(CARD)
    row = windows.open()
    piece = Piece(joints[:, CANONICAL_PICKS], np.ones(frames, int), 1, "set")
    held = np.concatenate([joints[:1]] * (-frames % 4) + [joints])
    assert len(held) == len(held_to_stride(piece.joints_m))
    assert push(windows, row, held)[-1]
    found = windows.window(row, len(held))
    np.testing.assert_array_equal(last_windows([piece], CARD)[0], found)
    np.testing.assert_array_equal(windows.newest(np.array([row]))[0], found[-4:])


def test_features_frame_by_frame_are_those_of_the_whole_clip() -> None:
    joints, windows = moved(60), Windows(CARD)
    row = windows.open()
    sure = (np.random.default_rng(2).random((60, 25)) > 0.2).astype(np.float32)
    for pose, seen in zip(joints, sure, strict=True):
        windows.push(np.array([row]), pose[None], seen[None])
    used = joints[None, :, CANONICAL_PICKS], sure[None, :, CANONICAL_PICKS] > 0
    (clip,) = clip_features(*used, CARD.features)
    found = windows.window(row, 60)
    np.testing.assert_array_equal(found[-60:], clip[-len(found) :])


def test_a_copied_row_continues_apart_from_the_other() -> None:
    windows = Windows(CARD, capacity=1)
    mine, joints = windows.open(), moved(70)
    push(windows, mine, joints[:58])
    before = windows.window(mine, 58)
    copied = windows.copy(mine)
    push(windows, copied, joints[58:])
    np.testing.assert_array_equal(windows.window(mine, 58), before)
    push(windows, mine, joints[58:])
    np.testing.assert_array_equal(windows.window(mine, 70), windows.window(copied, 70))


def test_reset_starts_a_row_from_its_first_frame() -> None:
    windows = Windows(CARD)
    mine, fresh = windows.open(), windows.open()
    joints = moved(70)
    push(windows, mine, joints[:61])
    windows.reset(mine)
    assert push(windows, mine, joints[61:]) == [n % 4 == 3 for n in range(9)]
    push(windows, fresh, joints[61:])
    np.testing.assert_array_equal(windows.window(mine, 8), windows.window(fresh, 8))


def test_predictions_are_due_at_the_stride_of_the_card() -> None:
    windows = Windows(msgspec.structs.replace(CARD, stride_frames=2))
    assert push(windows, windows.open(), moved(4)) == [False, True, False, True]


def test_rows_are_independent_and_reused() -> None:
    windows = Windows(CARD, capacity=1)
    rows = [windows.open() for _ in range(5)]
    together = np.stack([moved(60, seed) for seed in range(5)])
    for frame in together.swapaxes(0, 1):
        windows.push(np.array(rows), frame, np.stack([SURE] * 5))
    for row, joints in zip(rows, together, strict=True):
        alone = Windows(CARD)
        push(alone, alone.open(), joints)
        np.testing.assert_array_equal(windows.window(row, 60), alone.window(0, 60))
    windows.close(rows[2])
    assert len(windows) == 4
    assert windows.open() == rows[2]
    push(windows, rows[2], together[0][:8])
    assert np.isfinite(windows.window(rows[2], 8)).all()


def test_an_older_window_stays_available_for_kept_frames() -> None:
    windows, joints = Windows(CARD), moved(200 + KEPT_FRAMES + 4)
    row, early = windows.open(), Windows(CARD)
    push(early, early.open(), joints[:200])
    push(windows, row, joints[: 200 + KEPT_FRAMES])
    np.testing.assert_array_equal(windows.window(row, 200), early.window(0, 200))
    push(windows, row, joints[200 + KEPT_FRAMES :])
    with pytest.raises(ValueError, match="is gone"):
        windows.window(row, 200)
    with pytest.raises(ValueError, match="is gone"):
        windows.window(row, 1000)
