"""A track becomes certain after looking like a person for long enough."""

from __future__ import annotations

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
