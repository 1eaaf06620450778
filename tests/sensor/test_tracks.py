from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sensor.skeleton import Body
from sensor.tracks import Tracks
from tests import builders

MS = 1_000_000


def ids(tracks: Tracks, t_ms: int, *bodies: tuple[int, float]) -> list[int]:
    """The lasting ids of bodies given as (tracker id, x in metres)."""
    made = [builders.body(id_, place_m=(x, 0, 2)) for id_, x in bodies]
    return [b.id for b in tracks.update(builders.frame(made, t_ms * MS)).bodies]


def test_the_trackers_ids_are_kept():
    tracks = Tracks()
    assert ids(tracks, 0, (7, 0), (4, 1)) == [7, 4]
    assert ids(tracks, 33, (4, 1), (7, 0)) == [4, 7]


def test_a_new_id_near_the_place_of_one_just_gone_is_the_same_person():
    tracks = Tracks()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 500) == []
    assert ids(tracks, 900, (8, 0.3)) == [7]
    assert ids(tracks, 933, (8, 0.3)) == [7]


def test_too_late_or_too_far_is_somebody_else():
    tracks = Tracks()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 1100, (8, 0)) == [8]
    assert ids(tracks, 1500, (9, 1)) == [9]


def test_the_nearest_candidate_is_taken():
    tracks = Tracks()
    ids(tracks, 0, (1, 0), (2, 0.4))
    assert ids(tracks, 100, (8, 0.3), (9, 0.05)) == [2, 1]


def test_an_id_that_returns_elsewhere_is_somebody_else():
    tracks = Tracks()
    assert ids(tracks, 0, (1, 0)) == [1]
    ids(tracks, 33)
    assert ids(tracks, 66, (1, 3)) != [1]


def test_no_id_and_doubled_ids_are_matched_by_place():
    tracks = Tracks()
    first = ids(tracks, 0, (-1, 0), (-1, 1))
    assert ids(tracks, 33, (-1, 1.02), (-1, 0.02)) == first[::-1]
    assert ids(tracks, 66, (5, 0.0), (5, 1.0)) == first
    assert len(set(first)) == 2


def test_a_made_id_is_not_one_that_the_tracker_uses():
    tracks = Tracks()
    made = ids(tracks, 0, (-1, 0), (1, 2))
    assert made[1] == 1
    assert len(set(made)) == 2


def test_a_large_id_becomes_a_small_one():
    tracks = Tracks()
    (small,) = ids(tracks, 0, (72057594037931101, 0))
    assert small < 2**31
    assert ids(tracks, 33, (72057594037931101, 0)) == [small]


def test_a_body_without_joints_keeps_its_id_by_the_tracker():
    tracks = Tracks()
    ids(tracks, 0, (3, 0))
    empty = Body(3, np.zeros((25, 3), np.float32), np.zeros(25, np.float32))
    assert tracks.update(builders.frame([empty], 33 * MS)).bodies[0].id == 3


bodies = st.lists(st.tuples(st.integers(-1, 4), st.floats(-2, 2)), max_size=5)


@given(st.lists(st.tuples(st.integers(-50, 1500), bodies), max_size=12))
def test_two_bodies_never_share_an_id(frames: list[tuple[int, list[tuple[int, float]]]]):
    tracks = Tracks()
    now = 0
    for step, there in frames:
        now += step
        given_out = ids(tracks, now, *there)
        assert len(given_out) == len(there) == len(set(given_out))
