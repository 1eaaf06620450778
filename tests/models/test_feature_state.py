"""Values begin as medians, and one bad frame does not decide them."""

from __future__ import annotations

import numpy as np
import pytest

from models.feature_state import BEGINNING_S, FeatureState, beginning_frames
from models.features import JOINT, TEMPLATE, FeatureSettings, clip_features, measured_of

SETTINGS = FeatureSettings()
GAINS = SETTINGS.gains()
BEGINNING = beginning_frames(SETTINGS.rate_hz)
RNG = np.random.default_rng(1)
MEASURED = RNG.normal(0, 1, (40, 3, 6)).astype(np.float32)
OK = RNG.random((40, 3, 6)) < 0.7
EVERY = np.arange(3)


def followed(measured: np.ndarray, ok: np.ndarray) -> np.ndarray:
    """Return the values of N bodies after each frame, (T, N, 6)."""
    state = SETTINGS.new_state(measured.shape[1])
    rows = np.arange(measured.shape[1])
    return np.stack([state.follow(rows, m, o, GAINS)[0] for m, o in zip(measured, ok, strict=True)])


@pytest.mark.parametrize(("rate_hz", "frames"), [(30.0, 9), (15.0, 4), (60.0, 18), (1.0, 1)])
def test_the_beginning_lasts_a_third_of_a_second(rate_hz: float, frames: int) -> None:
    assert beginning_frames(rate_hz) == frames
    state = FeatureSettings(rate_hz=rate_hz).new_state(1)
    assert state.early.shape == (1, frames, 6)


def test_a_value_is_the_median_of_its_first_measurements_and_then_follows_slowly() -> None:
    found = followed(MEASURED, OK)
    for body in EVERY:
        for value in range(6):
            times = np.flatnonzero(OK[:, body, value])
            for n in range(1, BEGINNING + 1):
                expected = np.median(MEASURED[times[:n], body, value])
                until = times[n] if n < len(times) else 40
                np.testing.assert_array_equal(found[times[n - 1] : until, body, value], expected)
            then, before = times[BEGINNING], found[times[BEGINNING - 1], body, value]
            step = GAINS[value] * (MEASURED[then, body, value] - before)
            assert found[then, body, value] == before + step


def test_bodies_of_one_state_do_not_affect_each_other() -> None:
    together = followed(MEASURED, OK)
    for body in EVERY:
        alone = followed(MEASURED[:, body : body + 1], OK[:, body : body + 1])
        np.testing.assert_array_equal(together[:, body : body + 1], alone)


def test_rows_are_picked_by_index_or_slice_and_can_be_reset_and_added() -> None:
    state, other = SETTINGS.new_state(3), SETTINGS.new_state(1)
    for measured, ok in zip(MEASURED[:5], OK[:5], strict=True):
        state.follow(slice(None), measured, ok, GAINS)
        other.follow(np.array([0]), measured[2:], ok[2:], GAINS)
    state.reset(0)
    state = state.grown(2)
    fresh = FeatureState.new(1, BEGINNING)
    for row in (0, 3, 4):
        for mine, new in zip(vars(state).values(), vars(fresh).values(), strict=True):
            np.testing.assert_array_equal(mine[row], new[0])
    found, seen = state.follow(np.array([4, 2]), MEASURED[5, 1:], OK[5, 1:], GAINS)
    expected, known = other.follow(slice(None), MEASURED[5, 2:], OK[5, 2:], GAINS)
    np.testing.assert_array_equal(found[1:], expected)
    np.testing.assert_array_equal(seen[1:], known)


@pytest.mark.parametrize("joint", ["HipLeft", "ShoulderRight", "SpineShoulder"])
def test_a_bad_first_frame_has_no_effect_after_the_beginning(joint: str) -> None:
    noise = np.random.default_rng(2).normal(0, 0.004, (1, 60, 18, 3)).astype(np.float32)
    joints = TEMPLATE + np.float32((0.3, 0.1, 2.5)) + noise
    bad = joints.copy()
    bad[0, 0, JOINT[joint]] += np.float32((0.9, 0, 1.2))
    seen = np.ones((1, 60, 18), bool)
    values = [followed(*(a.swapaxes(0, 1) for a in measured_of(j, seen))) for j in (joints, bad)]
    assert np.abs(values[0] - values[1])[0].max() > 0.1
    assert np.abs(values[0] - values[1])[round(30 * BEGINNING_S) :].max() < 0.01
    sound, changed = (clip_features(j, seen, SETTINGS)[0] for j in (joints, bad))
    np.testing.assert_allclose(sound[BEGINNING:], changed[BEGINNING:], atol=0.01)


def test_somebody_who_walks_from_the_first_frame_is_at_most_half_the_beginning_behind() -> None:
    joints = np.tile(TEMPLATE, (1, 30, 1, 1)).astype(np.float32)
    joints[..., 0] += np.arange(30, dtype=np.float32)[:, None] * np.float32(1.5 / 30)
    measured, ok = measured_of(joints, np.ones((1, 30, 18), bool))
    found = followed(measured.swapaxes(0, 1), ok.swapaxes(0, 1))
    behind_m = measured[0, :, 0] - found[:, 0, 0]
    assert 0.15 < behind_m[BEGINNING - 1] < 1.5 * 0.15
