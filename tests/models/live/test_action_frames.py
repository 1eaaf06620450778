"""The frames of actions are kept up to their ends, also if these come with a gap."""

import numpy as np
import pytest

from models.live.offline import run_frames
from models.live.windows import KEPT_FRAMES, Windows
from tests.fakes import people
from tests.fakes.recognizer import CARD, FakeRecognizer


def kept_of(frames, **options):
    found = []
    events = list(
        run_frames(FakeRecognizer(), frames, joints=False, on_action=found.append, **options)
    )
    ends = [one for one in events if getattr(one, "phase", "") == "end"]
    assert [one.action for one in found] == ends
    return found


def test_every_action_of_a_recording_is_kept_up_to_its_end():
    right, left = kept_of(people.frames(people.motion()))
    assert (right.action.label, left.action.label) == ("raise_right", "raise_left")
    for one in (right, left):
        assert one.features.shape[1:] == (18, 4) and one.features.dtype == np.float32
        assert one.newest_ns == one.action.at_ns
        assert one.whole or len(one.features) >= CARD.window_frames
    assert right.whole and len(right.features) == 88 and not left.whole


@pytest.mark.parametrize("hold", [False, True])
def test_an_action_at_the_end_of_the_recording_is_kept(hold):
    (one,) = kept_of(people.frames(people.motion((("rest", 1.0), ("right", 1.5)))), hold=hold)
    assert len(one.features) == 72  # predictions come every four of 75 frames


def test_an_action_that_ends_with_a_gap_keeps_the_frames_before_it():
    frames = people.frames(people.motion((("rest", 1.0), ("right", 3.0))))
    before = frames[:60]
    later = people.frames(people.motion((("right", 1.0),)), start_ns=5 * 10**9)
    (one, *_) = kept_of([*before, *later])
    assert one.features.shape[0] <= 60 and one.newest_ns <= before[-1].captured_ns


def test_history_is_what_was_pushed():
    windows = Windows(CARD, capacity=1)
    row = windows.open()
    rng = np.random.default_rng(0)
    count = CARD.window_frames + KEPT_FRAMES + 20
    for _ in range(count):
        joints = rng.normal(size=(1, 25, 3)).astype(np.float32)
        windows.push(np.array([row]), joints, np.ones((1, 25), np.float32))
    features, whole = windows.history(row, count)
    assert not whole and len(features) == CARD.window_frames + KEPT_FRAMES
    np.testing.assert_array_equal(features[-CARD.window_frames :], windows.window(row, count))
    earlier, _ = windows.history(row, count - 40)
    np.testing.assert_array_equal(earlier, features[:-40])
    with pytest.raises(ValueError, match="is gone"):
        windows.history(row, 5)
