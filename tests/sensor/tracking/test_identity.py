from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.skeleton import Body, FloatArray
from sensor.tracking.identity import IdentityTracker
from tests import builders
from tests.identities import MS, ids, standing


def test_the_trackers_ids_are_kept():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0), (4, 1)) == [7, 4]
    assert ids(tracks, 33, (4, 1), (7, 0)) == [4, 7]


def test_a_new_id_near_a_person_who_just_left_is_the_same_person():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 500) == []
    assert ids(tracks, 900, (8, 0.3)) == [7]
    assert ids(tracks, 933, (8, 0.3)) == [7]


def test_too_late_or_too_far_is_a_new_person():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 1100, (8, 0)) == [8]
    assert ids(tracks, 1500, (9, 1)) == [9]


def test_the_nearest_candidate_is_taken():
    tracks = IdentityTracker()
    ids(tracks, 0, (1, 0), (2, 0.4))
    assert ids(tracks, 100, (8, 0.3), (9, 0.05)) == [2, 1]


def test_an_id_that_returns_elsewhere_is_a_new_person():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0)) == [1]
    ids(tracks, 33)
    assert ids(tracks, 66, (1, 3)) != [1]


def test_missing_and_repeated_ids_are_matched_by_position():
    tracks = IdentityTracker()
    first = ids(tracks, 0, (-1, 0), (-1, 1))
    assert ids(tracks, 33, (-1, 1.02), (-1, 0.02)) == first[::-1]
    assert ids(tracks, 66, (5, 0.0), (5, 1.0)) == first
    assert len(set(first)) == 2


def test_a_new_id_is_not_one_that_the_tracker_uses():
    tracks = IdentityTracker()
    made = ids(tracks, 0, (-1, 0), (1, 2))
    assert made[1] == 1
    assert len(set(made)) == 2


def test_a_large_id_becomes_a_small_one():
    tracks = IdentityTracker()
    (small,) = ids(tracks, 0, (72057594037931101, 0))
    assert small < 2**31
    assert ids(tracks, 33, (72057594037931101, 0)) == [small]


def test_a_body_without_joints_keeps_the_trackers_id():
    tracks = IdentityTracker()
    ids(tracks, 0, (3, 0))
    empty = Body(3, np.zeros((25, 3), np.float32), np.zeros(25, np.float32))
    assert tracks.update(builders.frame([empty], 33 * MS)).bodies[0].id == 3


bodies = st.lists(st.tuples(st.integers(-1, 4), st.floats(-2, 2)), max_size=5)


@given(st.lists(st.tuples(st.integers(-50, 1500), bodies), max_size=12))
def test_two_bodies_never_share_an_id(frames: list[tuple[int, list[tuple[int, float]]]]):
    tracks = IdentityTracker()
    now = 0
    for step, there in frames:
        now += step
        given_out = ids(tracks, now, *there)
        assert len(given_out) == len(there) == len(set(given_out))


def test_a_jump_keeps_its_id_if_nobody_else_is_near():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0), (2, 3)) == [1, 2]
    assert ids(tracks, 33, (1, 1), (2, 3)) == [1, 2]


def test_an_id_that_jumps_to_a_lost_person_is_that_person():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0), (2, 0.5)) == [1, 2]
    assert ids(tracks, 33, (1, 0.5)) == [2]
    assert ids(tracks, 66, (1, 0.5), (7, 0)) == [2, 1]


def test_two_people_who_return_are_told_apart_by_proportions():
    tracks = IdentityTracker()
    grown, child = standing(1), standing(2, 0.75)
    at = np.float32((0, 0, 2.5))
    other = np.float32((0.2, 0, 2.5))

    def see(i: int, *made: tuple[int, FloatArray, FloatArray]) -> list[int]:
        seen = [Body(id_, m[i] + place, np.ones(25)) for id_, m, place in made]
        return [b.id for b in tracks.update(builders.frame(seen, i * 33 * MS)).bodies]

    for i in range(20):
        assert see(i, (1, grown, at), (2, child, other)) == [1, 2]
    # They changed places while they were out of view.
    assert see(35, (8, grown, other), (9, child, at)) == [1, 2]


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(-0.1, 0.1)), max_size=60),
    st.lists(st.integers(0, 1000), min_size=1, max_size=4, unique=True),
)
def test_people_whom_the_tracker_follows_keep_their_ids(
    steps: list[tuple[int, float]], people: list[int]
):
    tracks = IdentityTracker()
    now, x = 0, 0.0
    for step, way in steps:
        now += step
        x += way
        made = [(id_, x + 1.5 * n) for n, id_ in enumerate(people)]
        assert ids(tracks, now, *made) == people


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
@settings(max_examples=30, deadline=None)
def test_bodies_in_another_order_are_the_same_people(seed: int, count: int):
    rng = np.random.default_rng(seed)
    one, other = IdentityTracker(), IdentityTracker()
    x = rng.uniform(-2, 2, count)
    for i in range(40):
        x += rng.normal(0, 0.05, count)
        made = [(n + 1, float(x[n])) for n in range(count) if rng.random() > 0.1]
        turned = rng.permutation(len(made))
        straight = ids(one, 33 * i, *made)
        mixed = ids(other, 33 * i, *(made[k] for k in turned))
        assert [straight[k] for k in turned] == mixed
