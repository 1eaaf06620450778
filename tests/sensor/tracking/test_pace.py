"""Limbs that are too fast or too slow for a person show a wrong frame rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensor.skeleton import KINECT_V2, Body, Frame
from sensor.tracking.pace import pace_problem
from tests import builders


def frames(joints_m: np.ndarray, rate_hz: float, truth: str | None = None) -> list[Frame]:
    sure = np.ones(joints_m.shape[1], np.float32)
    return [
        Frame("s", i, round(i * 1e9 / rate_hz), (Body(1, joints, sure),), KINECT_V2, truth)
        for i, joints in enumerate(joints_m)
    ]


def waving(swing_m: float = 0.5, hz: float = 1.0, seconds: float = 3.0) -> np.ndarray:
    """Return a hand that swings to and fro at 30 frames a second; its top speed is 2 pi m/s."""
    t_s = np.arange(round(seconds * 30)) / 30
    joints = np.repeat(builders.pose(KINECT_V2)[None], len(t_s), axis=0)
    joints[:, KINECT_V2.index["WristRight"], 0] += swing_m * np.sin(2 * np.pi * hz * t_s)
    return joints


@pytest.mark.parametrize("rate_hz", [15.0, 30.0, 60.0])
def test_a_wave_at_a_plausible_rate_has_no_problem(rate_hz: float) -> None:
    assert pace_problem(frames(waving(), rate_hz)) is None


def test_a_rate_far_too_high_or_low_is_told() -> None:
    assert "implausibly fast" in (pace_problem(frames(waving(), 120.0)) or "")
    assert "implausibly slowly" in (pace_problem(frames(waving(), 2.4)) or "")


def test_somebody_still_is_no_problem() -> None:
    assert pace_problem(frames(waving(swing_m=0.02), 30.0)) is None
    assert pace_problem(frames(waving(seconds=0.2), 120.0)) is None
    assert pace_problem([]) is None


def test_rests_between_labelled_clips_do_not_count() -> None:
    still = frames(waving(swing_m=0.0, seconds=60), 120.0)
    moving = [
        replace(f, captured_ns=f.captured_ns + 10**11) for f in frames(waving(), 120.0, "wave")
    ]
    assert pace_problem([*still, *moving]) is not None


def test_joints_that_were_not_seen_do_not_count() -> None:
    joints = waving()
    joints[::7, KINECT_V2.index["WristLeft"]] = 0
    joints[::5, KINECT_V2.index["HipLeft"]] = np.nan
    assert pace_problem(frames(joints, 30.0)) is None
