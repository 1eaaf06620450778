"""A track becomes certain after looking like a person for long enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sensor.skeleton import KINECT_V2, LAYOUTS, Body, FloatArray
from sensor.tracking.identity import IdentityTracker
from tests import builders
from tests.identities import MS


def seen_for(
    tracks: IdentityTracker, joints: FloatArray, frames: int, first: int = 0
) -> list[bool]:
    """Return, for each frame, whether its only body is still tentative."""
    doubt = []
    for i in range(first, first + frames):
        tracks.update(builders.frame([Body(1, joints, np.ones(25))], round(i * 1e9 / 30)))
        doubt.append(bool(tracks.tentative))
    return doubt


def test_a_person_is_certain_after_a_quarter_of_a_second():
    assert seen_for(IdentityTracker(), builders.pose(), 20) == [True] * 8 + [False] * 12


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_a_person_becomes_certain_in_every_layout(layout):
    tracks = IdentityTracker()
    for frame in builders.recording(10, layout).frames:
        tracks.update(frame)
    assert not tracks.tentative


def test_a_person_with_only_arms_and_head_seen_becomes_certain():
    tracks = IdentityTracker()
    upper = ("Shoulder", "Elbow", "Wrist", "Hand", "Head", "Neck")
    sure = np.array([name.startswith(upper) for name in KINECT_V2.joints], np.float32)
    for i in range(12):
        tracks.update(builders.frame([Body(1, builders.pose(), sure)], i * 33 * MS))
    assert not tracks.tentative


def test_a_lying_person_becomes_certain_slowly_and_a_fallen_one_stays_certain():
    lying = builders.pose()[:, [1, 0, 2]]
    doubt = seen_for(IdentityTracker(), lying, 60)
    assert all(doubt[:30]) and not any(doubt[45:])
    tracks = IdentityTracker()
    seen_for(tracks, builders.pose(), 10)
    assert not any(seen_for(tracks, lying, 30, first=10))


def chair() -> FloatArray:
    """Return a chair as a tracker sees it: limbs in a heap of half a metre."""
    heap = np.random.default_rng(1).normal(0, 0.12, (25, 3))
    return np.asarray(heap + np.array((0, -0.5, 2)), np.float32)


def test_a_chair_never_counts_as_a_person():
    assert all(seen_for(IdentityTracker(), chair(), 300))


def test_short_appearances_never_count_as_a_person():
    tracks = IdentityTracker()
    for first in range(0, 300, 12):
        assert all(seen_for(tracks, builders.pose(), 6, first))
        tracks.update(builders.frame([], round((first + 6) * 1e9 / 30)))


def flickering(joints: FloatArray, seen: Sequence[bool]) -> list[bool]:
    """Return, for each frame in which the body is seen, whether it is still tentative."""
    tracks, doubt = IdentityTracker(), []
    for i, here in enumerate(seen):
        body = [Body(1, joints, np.ones(25))] if here else []
        tracks.update(builders.frame(body, round(i * 1e9 / 30)))
        doubt += [bool(tracks.tentative)] * here
    return doubt


@pytest.mark.parametrize("every", [2, 3, 4, 5, 8])
def test_a_person_who_is_missing_in_every_nth_frame_becomes_certain(every: int):
    seen = [i % every != 1 for i in range(12)]
    assert not flickering(builders.pose(), seen)[-1]
    assert all(flickering(chair(), seen * 20))


@pytest.mark.parametrize("missing", [1, 3, 5, 6])
def test_a_gap_of_up_to_a_quarter_of_a_second_keeps_evidence(missing: int):
    seen = [True] * 8 + [False] * missing + [True] * 8
    assert not flickering(builders.pose(), seen)[-1]
    fresh = flickering(builders.pose(), [True] * 8)
    assert all(fresh)


def test_a_longer_gap_takes_all_evidence_away():
    doubt = flickering(builders.pose(), [True] * 8 + [False] * 8 + [True] * 9)
    assert all(doubt[:-1]) and not doubt[-1]


def test_half_of_the_frames_at_random_suffice_within_three_quarters_of_a_second():
    certain = 0
    for seed in range(100):
        seen = np.random.default_rng(seed).random(23) < 0.5
        certain += not flickering(builders.pose(), seen.tolist())[-1]
    assert certain >= 95
