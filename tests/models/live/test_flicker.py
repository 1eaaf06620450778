"""A body that is missing in single frames still gets its actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.live.events import Action
from models.live.offline import run_frames
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer

MADE = frames(motion((("right", 2.0), ("rest", 1.0))))


def start_s(there: Sequence[bool]) -> float:
    """Return when the raised hand is found, if the body is seen in these frames only."""
    seen = [replace(f, bodies=f.bodies * here) for f, here in zip(MADE, there, strict=True)]
    events = run_frames(FakeRecognizer(), seen, joints=False)
    (start,) = [e for e in events if isinstance(e, Action) and e.phase == "start"]
    assert start.label == "raise_right"
    return start.at_ns / 1e9


WITHOUT_GAPS_S = start_s([True] * len(MADE))


@pytest.mark.parametrize("every", [2, 3, 4, 5, 8])
def test_an_action_is_found_although_every_nth_frame_is_missing(every: int) -> None:
    there = [i % every != every - 1 for i in range(len(MADE))]
    assert start_s(there) <= WITHOUT_GAPS_S + 0.2


@pytest.mark.parametrize("seed", range(8))
def test_an_action_is_found_although_half_of_the_frames_are_missing(seed: int) -> None:
    there = np.random.default_rng(seed).random(len(MADE)) < 0.5
    assert start_s(there.tolist()) <= WITHOUT_GAPS_S + 0.5
