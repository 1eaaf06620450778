"""People who cross or meet keep their ids, even if the tracker confuses them."""

from __future__ import annotations

import numpy as np
import pytest

from sensor.skeleton import Body
from sensor.tracking.identity import IdentityTracker
from tests import builders
from tests.fakes.crossing import TRACKERS, Scene, crossing, slid, with_ids
from tests.identities import MS, ids, standing


def share_of_right_ids(scene: Scene) -> float:
    """Return the share of people's bodies that have their person's first id."""
    tracks, first, right = IdentityTracker(), {}, []
    for frame, who in zip(scene.frames, scene.who, strict=True):
        for body, person in zip(tracks.update(frame).bodies, who, strict=True):
            if person is not None:
                right.append(body.id == first.setdefault(person, body.id))
    assert len(set(first.values())) == len(first)
    return float(np.mean(right))


def each(scene: Scene, step: int) -> Scene:
    return Scene(scene.frames[::step], scene.who[::step])


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("scale", [1.0, 0.9])
@pytest.mark.parametrize("step", [1, 3])
def test_two_people_who_cross_keep_their_ids(tracker, scale, step):
    scene = with_ids(crossing(standing(1), standing(2, scale)), TRACKERS[tracker])
    assert share_of_right_ids(each(scene, step)) == 1.0


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_skeletons_that_merged_are_corrected_as_they_part(scale):
    assert share_of_right_ids(slid(crossing(standing(1), standing(2, scale)))) >= 0.99


def test_corrected_people_are_reported_as_mended():
    scene = slid(crossing(standing(1), standing(2)))
    tracks = IdentityTracker()
    mended = [set(tracks.mended) for frame in scene.frames if tracks.update(frame)]
    assert {1, 2} in mended
    assert sum(map(bool, mended)) == 1


@pytest.mark.parametrize("apart_m", [0.2, 0.3, 0.5])
def test_two_people_who_stand_close_for_long_keep_their_ids(apart_m):
    rng = np.random.default_rng(0)
    tracks = IdentityTracker()
    for i in range(300):
        made = [
            Body(n + 1, builders.pose(place_m=(n * apart_m, 0, 2.5))
                 + rng.normal(0, 0.02, (25, 3)).astype(np.float32), np.ones(25, np.float32))
            for n in range(2)
        ]  # fmt: skip
        assert [b.id for b in tracks.update(builders.frame(made, i * 33 * MS)).bodies] == [1, 2]


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_two_people_who_meet_and_turn_back_keep_their_ids(scale):
    tracks = IdentityTracker()
    a, b = standing(3), standing(4, scale)
    for i in range(200):
        side = np.float32((max(abs(i - 100) / 60, 0.13), 0, -2.5))
        made = [Body(1, a[i] - side, np.ones(25)), Body(2, b[i] + side * (1, 1, -1), np.ones(25))]
        assert [b.id for b in tracks.update(builders.frame(made, i * 33 * MS)).bodies] == [1, 2]


def test_ids_rotated_among_three_people_are_corrected():
    tracks = IdentityTracker()
    for t in range(5):
        assert ids(tracks, 33 * t, (1, 0), (2, 0.5), (3, 1)) == [1, 2, 3]
    assert ids(tracks, 165, (3, 0), (1, 0.5), (2, 1)) == [1, 2, 3]
    assert ids(tracks, 200, (3, 0), (1, 0.5), (2, 1)) == [1, 2, 3]


def test_six_people_with_ids_swapped_now_and_then_keep_their_ids():
    rng = np.random.default_rng(5)
    tracks = IdentityTracker()
    tracker_ids = np.arange(1, 7)
    right = []
    for i in range(600):
        if i % 40 == 39:
            a, b = rng.choice(6, 2, replace=False)
            tracker_ids[[a, b]] = tracker_ids[[b, a]]
        x = 1.2 * np.arange(6) + 0.3 * np.sin(i / 20 + np.arange(6))
        made = list(zip(tracker_ids.tolist(), x.tolist(), strict=True))
        right.append(ids(tracks, 33 * i, *made) == [1, 2, 3, 4, 5, 6])
    assert np.mean(right) >= 0.99
