from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.formats.recording import even_times_ns
from sensor.tracking.resampling import Resampler, Sample

MS = 1_000_000


def joints(value: float, count: int = 2) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.full((count, 3), value, np.float32)


SURE = np.ones(2, np.float32)


def push_all(resampler: Resampler, times: list[int]) -> list[Sample]:
    """Push samples whose position is their time in seconds."""
    return [s for t in times for s in resampler.push(t, joints(t / 1e9), SURE)]


def test_an_even_recording_is_unchanged():
    times = [10**15 + int(t) for t in even_times_ns(5000, 30.0)]
    rng = np.random.default_rng(1)
    resampler = Resampler()
    for number, t in enumerate(times):
        places = rng.normal(size=(2, 3)).astype(np.float32)
        (sample,) = resampler.push(t, places, SURE)
        assert sample.joints_m is places
        assert sample.t_ns == t
        assert sample.reset == (number == 0)


def test_an_even_recording_is_unchanged_on_the_streams_grid():
    times = [7 + int(t) for t in even_times_ns(500, 30.0)]
    resampler = Resampler(origin_ns=7)
    out = push_all(resampler, times[123:])
    assert [s.t_ns for s in out] == times[123:]


@pytest.mark.parametrize("rate_hz", [15.0, 25.0, 29.97, 30.0, 60.0, 90.0])
def test_other_rates_give_the_same_moments(rate_hz: float):
    times = [int(t) for t in even_times_ns(round(rate_hz * 10), rate_hz)]
    out = push_all(Resampler(), times)
    assert abs(len(out) - 300) <= 2
    for sample in out:
        np.testing.assert_allclose(sample.joints_m, sample.t_ns / 1e9, atol=1e-5)
    assert [s.reset for s in out] == [True] + [False] * (len(out) - 1)


@given(st.lists(st.integers(-12 * MS, 12 * MS), min_size=60, max_size=60))
def test_jitter_neither_repeats_nor_loses_frames(jitter: list[int]):
    times = [int(t) + j for t, j in zip(even_times_ns(60, 30.0), jitter, strict=True)]
    out = push_all(Resampler(), times)
    assert abs(len(out) - 60) <= 1
    steps = np.diff([s.t_ns for s in out])
    assert (np.abs(steps - 1e9 / 30) <= 4_001).all()


steps_ns = st.lists(
    st.one_of(
        st.integers(5 * MS, 80 * MS),
        st.integers(-2000 * MS, 2000 * MS),
        st.sampled_from([0, 33_333_333, 1]),
    ),
    max_size=60,
)


@given(steps_ns, st.booleans())
def test_any_times_give_a_rising_even_grid_between_resets(steps: list[int], anchored: bool):
    times = [int(t) for t in np.cumsum([10**12, *steps])]
    resampler = Resampler(origin_ns=10**12 - 5 * MS if anchored else None)
    out = push_all(resampler, times)
    for before, after in pairwise(out):
        if not after.reset:
            assert abs(after.t_ns - before.t_ns - 1e9 / 30) <= 4_001
    for sample in out:
        np.testing.assert_allclose(sample.joints_m, sample.t_ns / 1e9, rtol=1e-5)
    went_back = sum(b < a for a, b in pairwise(times))
    assert resampler.backwards == went_back


@given(steps_ns)
def test_each_moment_depends_only_on_earlier_samples(steps: list[int]):
    """Every prefix of the input gives a prefix of the output."""
    times = [int(t) for t in np.cumsum([0, *steps])]
    whole = [s.t_ns for s in push_all(Resampler(), times)]
    for cut in range(len(times)):
        part = [s.t_ns for s in push_all(Resampler(), times[:cut])]
        assert part == whole[: len(part)]


def test_short_gaps_are_filled_and_long_ones_reset():
    t = [int(x) for x in even_times_ns(40, 30.0)]
    resampler = Resampler(max_gap_s=0.35)
    out = push_all(resampler, t[:10] + t[19:])
    assert [s.t_ns for s in out] == pytest.approx(t, abs=2)
    out = push_all(Resampler(), t[:10] + t[20:])
    assert len(out) == 30
    assert [i for i, s in enumerate(out) if s.reset] == [0, 10]


@pytest.mark.parametrize("shift_ns", [0, 11 * MS])
def test_longer_gaps_are_bridged_by_lost_samples(shift_ns: int):
    t = [int(x) + 10**9 + shift_ns for x in even_times_ns(80, 30.0)]
    resampler = Resampler(origin_ns=10**9, most_lost_s=1.5)
    out = push_all(resampler, t[:10] + t[50:])
    lost = [i for i, s in enumerate(out) if s.lost]
    assert len(lost) == 40 + (shift_ns > 0)
    assert [s.reset for s in out] == [True] + [False] * (len(out) - 1)
    np.testing.assert_allclose(np.diff([s.t_ns for s in out]), 1e9 / 30, atol=2)
    for sample in out:
        assert sample.confidence.all()
        np.testing.assert_allclose(sample.joints_m, joints(sample.t_ns / 1e9), atol=1e-5)
        assert not sample.lost or t[9] < sample.t_ns < t[50]


def test_a_gap_is_not_bridged_if_the_caller_forbids_it():
    t = [int(x) for x in even_times_ns(80, 30.0)]
    resampler = Resampler(most_lost_s=1.5)
    out = push_all(resampler, t[:10])
    out += resampler.push(t[30], joints(t[30] / 1e9), np.ones(2, np.float32), bridged=False)
    assert [i for i, s in enumerate(out) if s.reset] == [0, 10]


def test_gaps_of_more_than_the_longest_that_is_bridged_reset():
    t = [int(x) for x in even_times_ns(80, 30.0)]
    out = push_all(Resampler(most_lost_s=1.5), t[:10] + t[56:])
    assert [i for i, s in enumerate(out) if s.reset] == [0, 10]
    assert not any(s.lost for s in out)


@pytest.mark.parametrize("shift_ns", [0, 1_000, 5 * MS, 20 * MS, 33 * MS])
def test_a_joint_is_held_for_one_step_on_the_grid_and_off_it(shift_ns: int):
    resampler = Resampler(origin_ns=0)
    seen = [True] * 5 + [False] * 3 + [True] * 4
    out = []
    for t, there in zip(even_times_ns(len(seen), 30.0), seen, strict=True):
        sure = np.array((1.0, there), np.float32)
        places = np.stack([joints(t / 1e9)[0], joints(t / 1e9)[0] * there])
        out += resampler.push(int(t) + shift_ns, places, sure)
    there_too = [bool(s.confidence[1]) for s in out]
    first = there_too.index(False)
    assert there_too == [i not in (first, first + 1) for i in range(len(out))]
    np.testing.assert_array_equal(
        out[first - 1].joints_m[1], joints(even_times_ns(5, 30.0)[4] / 1e9)[0]
    )


def test_a_joint_is_not_held_on_the_grid_for_more_than_a_step():
    resampler = Resampler(origin_ns=0)
    resampler.push(0, joints(1), SURE)
    out = resampler.push(66_666_667, joints(1), np.array((1.0, 0.0), np.float32))
    assert [s.confidence.tolist() for s in out] == [[1, 1], [1, 0]]


def test_time_that_runs_backwards_resets_and_is_counted():
    resampler = Resampler()
    t = [int(x) for x in even_times_ns(10, 30.0)]
    out = push_all(resampler, [*t, *t])
    assert (resampler.backwards, resampler.duplicates) == (1, 0)
    assert [i for i, s in enumerate(out) if s.reset] == [0, 10]


def test_a_sample_of_the_same_time_is_dropped():
    resampler = Resampler()
    out = push_all(resampler, [0, 0, 33_333_333, 33_333_333])
    assert len(out) == 2
    assert resampler.duplicates == 2


def test_a_missing_joint_is_held_for_one_step_and_then_missing():
    resampler = Resampler(origin_ns=0)
    half = np.array((1.0, 0.0), np.float32)
    resampler.push(0, joints(0), SURE)
    out = resampler.push(110 * MS, joints(11), half)
    assert [s.confidence.tolist() for s in out] == [[1, 1], [1, 0], [1, 0]]
    assert out[0].joints_m[1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(out[2].joints_m[0], 10.0, rtol=1e-5)
    assert not out[2].joints_m[1].any()
