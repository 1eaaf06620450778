from types import SimpleNamespace

import numpy as np
import pytest

from models.atlas.class_shares import class_shares, label_parts
from models.atlas.motions import Motion
from models.inference.readings import Readings

LABELS = ["background", "wave", "kick"]


class FakeReader:
    """The score is the mean of the last frame; units 0 and 1 share it, 2 speaks against it."""

    card = SimpleNamespace(labels=LABELS, window_frames=24, rate_hz=30.0)

    def read(self, windows, labels):
        assert len(windows) <= 8 and (labels == labels[0]).all()
        score = windows[:, -1].mean(axis=(1, 2)) * labels
        units = np.zeros((len(windows), 6, 3), np.float32)
        units[:, -1] = score[:, None] * [2.0, 0.5, -1.0]
        units[:, 0, 0] = -0.5 * score
        none = np.zeros((len(windows), 1))
        return Readings(score, np.zeros_like(score), none, none, units, none, none)


def rising(label, frames):
    values = np.linspace(0, 1, frames, dtype=np.float32)
    values[-10:] = 0  # the highest moment is not the last one
    return Motion(label, np.tile(values[:, None, None], (1, 4, 3)))


@pytest.fixture
def parts():
    return list(label_parts(FakeReader(), [rising("wave", 150), rising("kick", 40)]))


def test_parts_of_all_units_add_up_at_the_highest_moment(parts):
    for one in parts:
        assert one.summary().residual == pytest.approx(0, abs=1e-6) and one.gain > 0
    wave = parts[0]
    assert 139 - 8 <= wave.at_s * 30 <= 139
    assert parts[1].gain > 1 > wave.gain, "the score of kick counts twice"


def test_shares_add_up_to_one_without_their_signs(parts):
    by_unit = [class_shares(parts, unit) for unit in range(3)]
    for label in ("wave", "kick"):
        shares = [next(c.share for c in classes if c.label == label) for classes in by_unit]
        assert sum(map(abs, shares)) == pytest.approx(1, abs=1e-4)
        assert shares == pytest.approx([0.5, 1 / 6, -1 / 3], abs=1e-4)


def test_classes_are_ordered_from_for_to_against():
    motions = [rising("wave", 60), rising("kick", 60)]
    parts = list(label_parts(FakeReader(), motions))
    parts[0].parts[0] = -9.0
    assert [found.label for found in class_shares(parts, 0)] == ["kick", "wave"]


def test_windows_end_at_the_last_frame_and_hold_the_first_pose():
    features = np.arange(20, dtype=np.float32)[:, None, None]
    windows, ends = Motion("wave", features).windows(12)
    assert ends.tolist() == [3, 11, 19]
    assert windows[-1, :, 0, 0].tolist() == list(range(8, 20))
    assert windows[0, :, 0, 0].tolist() == [0] * 8 + [0, 1, 2, 3]
