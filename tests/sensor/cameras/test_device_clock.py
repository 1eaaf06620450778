"""`DeviceClock` on simulated devices, whose true times are known."""

from __future__ import annotations

import itertools
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sensor.cameras.device_clock import DeviceClock

MS = 1_000_000
S = 1_000 * MS
STEP_NS = 33_333_333
START_NS = 10**15
Times = NDArray[np.int64]


def hand_over(captured: Times, delays: Times) -> Times:
    """Return when each frame is handed over: after its delay, and never before an earlier frame."""
    return np.maximum.accumulate(captured + delays)


def device_times(captured: Times, ppm: float) -> Times:
    """Return a device's times: they start at zero and run `ppm` faster than the host's."""
    gone = captured - captured[0]
    return gone + np.round(gone * (ppm * 1e-6)).astype(np.int64)


def evenly(count: int) -> Times:
    return START_NS + STEP_NS * np.arange(count, dtype=np.int64)


def errors(clock: DeviceClock, captured: Times, device: Times, received: Times) -> Times:
    """Return the results minus the truth."""
    given_ns = [clock.host_ns(int(d), int(r)) for d, r in zip(device, received, strict=True)]
    assert all(b >= a for a, b in pairwise(given_ns))
    assert (np.array(given_ns) <= received).all()
    return np.array(given_ns) - captured


delays_ns = st.lists(
    st.one_of(
        st.integers(0, 3 * MS),
        st.integers(0, 60 * MS),
        st.sampled_from([0, 400 * MS]),
    ),
    min_size=2,
    max_size=120,
)


@given(delays_ns, st.floats(-400, 400), st.integers(0, 200 * MS), st.data())
def test_times_lie_between_the_truth_and_the_bound(
    delays: list[int], ppm: float, always: int, data: st.DataObject
) -> None:
    """For any delays and dropped frames: 0 <= error <= min(delay + 2 drift age), plus rounding."""
    kept = data.draw(st.lists(st.booleans(), min_size=len(delays), max_size=len(delays)))
    captured = evenly(len(delays))[[0, *np.flatnonzero(kept[1:]) + 1]]
    device = device_times(captured, ppm)
    received = hand_over(captured, np.array(delays)[: len(captured)])
    wrong = errors(DeviceClock(), captured, device, received + always) - always
    least = np.inf
    before = START_NS
    allowed = 0.0
    for now, delay, error in zip(captured, received - captured, wrong, strict=True):
        least = min(delay, least + 1e-3 * (now - before))
        # A falling offset is followed at half speed, so that time still advances.
        allowed = max(least, allowed - 0.49 * (now - before))
        before = now
        assert -len(captured) <= error <= allowed + 2 * len(captured)


@settings(max_examples=20, deadline=None)
@given(st.floats(-400, 400), st.integers(0, 2**32 - 1))
def test_jitter_bursts_and_drift_over_minutes(ppm: float, seed: int) -> None:
    """A third of the frames come promptly, others queue; after a second all errors are < 3 ms."""
    rng = np.random.default_rng(seed)
    captured = evenly(5 * 60 * 30)
    delays = (rng.exponential(8 * MS, len(captured)) * (rng.random(len(captured)) < 0.67)).astype(
        np.int64
    )
    for at in rng.integers(30, len(captured) - 30, 20):
        delays[at] += rng.integers(100 * MS, 800 * MS)  # a stall, then a burst
    received = hand_over(captured, delays)
    wrong = errors(DeviceClock(), captured, device_times(captured, ppm), received)
    assert wrong.min() >= -1000
    assert wrong[30:].max() < 3 * MS


def test_a_clock_that_loses_373_ms_in_16_minutes_is_followed() -> None:
    captured = evenly(16 * 60 * 30)
    ppm = -373e-3 / (16 * 60) * 1e6
    delays = np.random.default_rng(1).exponential(2 * MS, len(captured)).astype(np.int64)
    received = hand_over(captured, delays)
    wrong = errors(DeviceClock(), captured, device_times(captured, ppm), received)
    assert wrong.min() >= -1000
    assert wrong[30:].max() < 0.5 * MS


@pytest.mark.parametrize("stall_s", [0.1, 1.0, 3.0])
def test_a_stall_and_its_burst_are_no_clock_jump(stall_s: float) -> None:
    captured = evenly(600)
    received = captured.copy()
    stalled = (captured >= captured[300]) & (captured < captured[300] + round(stall_s * S))
    received[stalled] = captured[300] + round(stall_s * S)
    clock = DeviceClock()
    wrong = errors(clock, captured, device_times(captured, -400), np.maximum.accumulate(received))
    assert clock.restarts == 0
    assert wrong.min() >= -1000 and wrong.max() < 3 * MS


def test_a_queue_at_the_start_is_forgotten_without_running_backwards() -> None:
    captured = evenly(90)
    delays = np.where(np.arange(90) < 10, 400 * MS, 0)
    wrong = errors(DeviceClock(), captured, device_times(captured, 0), hand_over(captured, delays))
    assert wrong[0] == 400 * MS
    assert wrong[40:].max() < MS // 10


def test_a_restarted_device_clock_is_followed_at_once() -> None:
    captured = evenly(600)
    device = device_times(captured, 100)
    device[300:] -= device[300] - 5
    clock = DeviceClock()
    wrong = errors(clock, captured, device, captured + 2 * MS) - 2 * MS
    assert clock.restarts == 1
    assert np.abs(wrong).max() < MS


def test_a_device_clock_that_jumps_ahead_is_followed_at_once() -> None:
    captured = evenly(600)
    device = device_times(captured, 0)
    device[300:] += 7 * S
    wrong = errors(DeviceClock(), captured, device, captured)
    assert np.abs(wrong).max() < MS


def test_a_device_clock_that_stood_still_is_followed_after_a_while() -> None:
    device = device_times(evenly(600), 0)
    captured = evenly(600)
    captured[300:] += 2 * S
    clock = DeviceClock()
    wrong = errors(clock, captured, device, captured)
    assert clock.restarts == 1
    assert wrong.min() > -2 * S - MS
    assert np.abs(wrong[300 + 160 :]).max() < 2 * MS


def test_a_frame_out_of_order_affects_only_itself() -> None:
    captured = evenly(300)
    order = np.array([*range(150), 151, 150, *range(152, 300)])
    device = device_times(captured, 0)
    clock = DeviceClock()
    given_ns = [clock.host_ns(int(device[i]), int(r)) for i, r in zip(order, captured, strict=True)]
    wrong = np.array(given_ns) - captured[order]
    assert (np.abs(np.delete(wrong, (150, 151))) < 34 * MS).all()
    assert np.abs(wrong[155:]).max() < MS


def test_a_mean_would_add_the_queueing_time() -> None:
    """The lowest offset is right and a mean is not, if half of the frames queue for 20 ms."""
    captured = evenly(900)
    delays = np.array(list(itertools.islice(itertools.cycle([0, 20 * MS]), 900)), np.int64)
    received = hand_over(captured, delays)
    wrong = errors(DeviceClock(), captured, device_times(captured, 0), received)
    assert np.abs(wrong[30:]).max() < MS // 10
    mean = float(received[0] - captured[0])
    for r, c in zip(received, captured, strict=True):
        mean += 0.1 * (float(r - c) - mean)
    assert mean > 9 * MS
