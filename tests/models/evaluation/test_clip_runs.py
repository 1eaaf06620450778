import numpy as np
import pytest

from models.evaluation.clip_runs import (
    Motion,
    ending_on_stride,
    logits_at_end,
    whole_answers,
    window_at_end,
)
from models.progress import shown
from sensor.skeleton import KINECT_V2
from service.clips.timeline import classify
from tests.builders import clip_set_arrays, npz, wave
from tests.fakes.people import motion as raised
from tests.fakes.people import recording
from tests.fakes.recognizer import CARD, FakeRecognizer


def seen(joints_m, rate_hz=30.0):
    return Motion(joints_m, np.ones(joints_m.shape[:2], bool), np.arange(len(joints_m)) / rate_hz)


class WithLogits(FakeRecognizer):
    """The fake model with the method `logits`; `calls` holds the size of each batch."""

    def logits(self, windows):
        self.calls.append(len(windows))
        return self._logits(windows)


@pytest.mark.parametrize("frames", [29, 30, 31, 32])
def test_a_padded_clip_ends_when_a_prediction_is_due(frames):
    motion = ending_on_stride(seen(wave(frames)), CARD)
    assert len(motion.times_s) == 32
    np.testing.assert_allclose(np.diff(motion.times_s), 1 / 30)
    np.testing.assert_array_equal(np.ptp(motion.joints_m[: 32 - frames + 1], axis=0), 0)


def test_the_window_ends_on_the_newest_frame():
    still, moved = wave(31), wave(31)
    moved[-1, KINECT_V2.index["HandRight"]] += 0.1
    one, two = window_at_end(seen(still), CARD), window_at_end(seen(moved), CARD)
    differs = np.abs(one - two).max(axis=(1, 2)) > 1e-3
    assert np.flatnonzero(differs).tolist() == [CARD.window_frames - 1]


def test_a_pose_held_before_the_clip_changes_nothing():
    joints = wave(30)
    longer = np.concatenate([joints[:1]] * 2 + [joints])
    one, two = window_at_end(seen(joints), CARD), window_at_end(seen(longer), CARD)
    np.testing.assert_allclose(one, two, atol=1e-6)


def test_a_motion_of_another_rate_is_resampled():
    fast, slow = seen(wave(60, rate_hz=60.0), 60.0), seen(wave(30))
    one, two = window_at_end(fast, CARD), window_at_end(slow, CARD)
    assert np.abs(one - two).max() < 0.05


def test_logits_are_those_at_the_end_of_each_clip():
    clips = [
        raised((("rest", 0.5), ("right", 1.0))),
        raised((("right", 0.5), ("rest", 1.5))),
        raised((("rest", 0.5), ("left", 1.0))),
    ]
    model = WithLogits()
    with shown():
        logits = logits_at_end(model, map(seen, clips), "clips", 3)
    names = [CARD.labels[i] for i in logits.argmax(axis=1)]
    assert names == ["raise_right", "background", "raise_left"]
    assert model.calls == [3]


def test_the_label_of_a_whole_clip_is_its_action_at_any_time_in_it():
    clips = [
        raised((("rest", 0.5), ("right", 1.0))),
        raised((("right", 1.0), ("rest", 2.5))),
        raised((("rest", 2.0),)),
    ]
    with shown():
        whole, last = whole_answers(WithLogits(), map(seen, clips), "clips", 3)
    assert [CARD.labels[i] for i in whole] == ["raise_right", "raise_right", "background"]
    assert [CARD.labels[i] for i in last] == ["raise_right", "background", "background"]


def test_a_whole_clip_gets_the_same_label_as_an_upload():
    joints = raised((("rest", 1.0), ("left", 1.0), ("rest", 1.0)))
    with shown():
        (whole,), _ = whole_answers(WithLogits(), [seen(joints)], "clips", 1)
    assert CARD.labels[whole] == classify(FakeRecognizer(), recording(joints)).label


def test_a_clip_without_a_person_is_background():
    nobody = Motion(np.zeros((8, 25, 3), np.float32), np.zeros((8, 25), bool), np.arange(8) / 30)
    logits = logits_at_end(WithLogits(), [nobody], "clips", 1)
    (whole,), (last,) = whole_answers(WithLogits(), [nobody], "clips", 1)
    for answer in (int(logits[0].argmax()), whole, last):
        assert CARD.labels[answer] == "background"


def test_clips_are_loaded_with_all_joints_of_the_sensor(tmp_path):
    from models.evaluation.clip_runs import load_clips

    path = tmp_path / "set.npz"
    path.write_bytes(npz(clip_set_arrays()))
    clips = load_clips(path, ["background", "clap", "wave"], [2])
    assert clips.truth.tolist() == [2, 1]
    assert [len(motion.times_s) for motion in clips.motions] == [30, 35]
    assert clips.motions[0].seen.sum() == 20 * 30
