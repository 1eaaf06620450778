from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.skeleton import KINECT_V2, LAYOUTS, Body, FloatArray
from sensor.tracking.identity import IdentityTracker
from tests import builders
from tests.fakes.crossing import FRAMES, TRACKERS, Scene, crossing, slid, with_ids

MS = 1_000_000


def ids(tracks: IdentityTracker, t_ms: int, *bodies: tuple[int, float]) -> list[int]:
    """The lasting ids of bodies given as (tracker id, x in metres)."""
    made = [builders.body(id_, place_m=(x, 0, 2)) for id_, x in bodies]
    return [b.id for b in tracks.update(builders.frame(made, t_ms * MS)).bodies]


def test_the_trackers_ids_are_kept():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0), (4, 1)) == [7, 4]
    assert ids(tracks, 33, (4, 1), (7, 0)) == [4, 7]


def test_a_new_id_near_the_place_of_one_just_gone_is_the_same_person():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 500) == []
    assert ids(tracks, 900, (8, 0.3)) == [7]
    assert ids(tracks, 933, (8, 0.3)) == [7]


def test_too_late_or_too_far_is_somebody_else():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (7, 0)) == [7]
    assert ids(tracks, 1100, (8, 0)) == [8]
    assert ids(tracks, 1500, (9, 1)) == [9]


def test_the_nearest_candidate_is_taken():
    tracks = IdentityTracker()
    ids(tracks, 0, (1, 0), (2, 0.4))
    assert ids(tracks, 100, (8, 0.3), (9, 0.05)) == [2, 1]


def test_an_id_that_returns_elsewhere_is_somebody_else():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0)) == [1]
    ids(tracks, 33)
    assert ids(tracks, 66, (1, 3)) != [1]


def test_no_id_and_doubled_ids_are_matched_by_place():
    tracks = IdentityTracker()
    first = ids(tracks, 0, (-1, 0), (-1, 1))
    assert ids(tracks, 33, (-1, 1.02), (-1, 0.02)) == first[::-1]
    assert ids(tracks, 66, (5, 0.0), (5, 1.0)) == first
    assert len(set(first)) == 2


def test_a_made_id_is_not_one_that_the_tracker_uses():
    tracks = IdentityTracker()
    made = ids(tracks, 0, (-1, 0), (1, 2))
    assert made[1] == 1
    assert len(set(made)) == 2


def test_a_large_id_becomes_a_small_one():
    tracks = IdentityTracker()
    (small,) = ids(tracks, 0, (72057594037931101, 0))
    assert small < 2**31
    assert ids(tracks, 33, (72057594037931101, 0)) == [small]


def test_a_body_without_joints_keeps_its_id_by_the_tracker():
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


def share_of_right_ids(scene: Scene) -> float:
    """The share of bodies that have the id their person had first; those of nobody are left out."""
    tracks, first, right = IdentityTracker(), {}, []
    for frame, who in zip(scene.frames, scene.who, strict=True):
        for body, person in zip(tracks.update(frame).bodies, who, strict=True):
            if person is not None:
                right.append(body.id == first.setdefault(person, body.id))
    assert len(set(first.values())) == len(first)
    return float(np.mean(right))


def standing(seed: int, scale: float = 1.0, noise_m: float = 0.01) -> FloatArray:
    noise = np.random.default_rng(seed).normal(0, noise_m, (FRAMES, 25, 3))
    pose = builders.pose(place_m=(0, 0, 0)) * np.float32(scale)
    return np.asarray(pose + noise, np.float32)


def each(scene: Scene, step: int) -> Scene:
    return Scene(scene.frames[::step], scene.who[::step])


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("scale", [1.0, 0.9])
@pytest.mark.parametrize("step", [1, 3])
def test_two_who_cross_stay_who_they_are(tracker, scale, step):
    scene = with_ids(crossing(standing(1), standing(2, scale)), TRACKERS[tracker])
    assert share_of_right_ids(each(scene, step)) == 1.0


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_skeletons_that_slid_into_each_other_are_put_right_as_they_part(scale):
    assert share_of_right_ids(slid(crossing(standing(1), standing(2, scale)))) >= 0.99


def test_those_who_were_put_right_are_named():
    scene = slid(crossing(standing(1), standing(2)))
    tracks = IdentityTracker()
    mended = [set(tracks.mended) for frame in scene.frames if tracks.update(frame)]
    assert {1, 2} in mended
    assert sum(map(bool, mended)) == 1


@pytest.mark.parametrize("apart_m", [0.2, 0.3, 0.5])
def test_two_who_stand_close_for_long_keep_steady_ids(apart_m):
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
def test_two_who_meet_and_turn_back_keep_steady_ids(scale):
    tracks = IdentityTracker()
    a, b = standing(3), standing(4, scale)
    for i in range(200):
        side = np.float32((max(abs(i - 100) / 60, 0.13), 0, -2.5))
        made = [Body(1, a[i] - side, np.ones(25)), Body(2, b[i] + side * (1, 1, -1), np.ones(25))]
        assert [b.id for b in tracks.update(builders.frame(made, i * 33 * MS)).bodies] == [1, 2]


def test_ids_that_go_round_among_three_at_once_are_put_right():
    tracks = IdentityTracker()
    for t in range(5):
        assert ids(tracks, 33 * t, (1, 0), (2, 0.5), (3, 1)) == [1, 2, 3]
    assert ids(tracks, 165, (3, 0), (1, 0.5), (2, 1)) == [1, 2, 3]
    assert ids(tracks, 200, (3, 0), (1, 0.5), (2, 1)) == [1, 2, 3]


def test_six_people_who_mill_about_with_ids_exchanged_now_and_then():
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


def test_one_leap_with_nobody_else_about_is_no_reason_to_doubt_the_tracker():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0), (2, 3)) == [1, 2]
    assert ids(tracks, 33, (1, 1), (2, 3)) == [1, 2]


def test_an_id_that_leaps_onto_another_who_is_lost_is_the_other():
    tracks = IdentityTracker()
    assert ids(tracks, 0, (1, 0), (2, 0.5)) == [1, 2]
    assert ids(tracks, 33, (1, 0.5)) == [2]
    assert ids(tracks, 66, (1, 0.5), (7, 0)) == [2, 1]


def test_of_two_who_return_to_one_place_the_one_of_that_build_is_known():
    tracks = IdentityTracker()
    grown, child = standing(1), standing(2, 0.75)
    at = np.float32((0, 0, 2.5))
    other = np.float32((0.2, 0, 2.5))

    def see(i: int, *made: tuple[int, FloatArray, FloatArray]) -> list[int]:
        seen = [Body(id_, m[i] + place, np.ones(25)) for id_, m, place in made]
        return [b.id for b in tracks.update(builders.frame(seen, i * 33 * MS)).bodies]

    for i in range(20):
        assert see(i, (1, grown, at), (2, child, other)) == [1, 2]
    # They changed places while nobody saw them.
    assert see(35, (8, grown, other), (9, child, at)) == [1, 2]


def seen_for(
    tracks: IdentityTracker, joints: FloatArray, frames: int, first: int = 0
) -> list[bool]:
    """For each frame whether the one body in it is still in doubt."""
    doubt = []
    for i in range(first, first + frames):
        tracks.update(builders.frame([Body(1, joints, np.ones(25))], round(i * 1e9 / 30)))
        doubt.append(bool(tracks.tentative))
    return doubt


def test_a_person_is_believed_after_a_quarter_of_a_second():
    assert seen_for(IdentityTracker(), builders.pose(), 20) == [True] * 8 + [False] * 12


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_a_person_is_believed_in_every_layout(layout):
    tracks = IdentityTracker()
    for frame in builders.recording(10, layout).frames:
        tracks.update(frame)
    assert not tracks.tentative


def test_a_person_of_whom_only_arms_and_head_are_seen_is_believed():
    tracks = IdentityTracker()
    upper = ("Shoulder", "Elbow", "Wrist", "Hand", "Head", "Neck")
    sure = np.array([name.startswith(upper) for name in KINECT_V2.joints], np.float32)
    for i in range(12):
        tracks.update(builders.frame([Body(1, builders.pose(), sure)], i * 33 * MS))
    assert not tracks.tentative


def test_who_lies_is_believed_more_slowly_and_who_falls_stays_a_person():
    lying = builders.pose()[:, [1, 0, 2]]
    doubt = seen_for(IdentityTracker(), lying, 60)
    assert all(doubt[:30]) and not any(doubt[45:])
    tracks = IdentityTracker()
    seen_for(tracks, builders.pose(), 10)
    assert not any(seen_for(tracks, lying, 30, first=10))


def chair() -> FloatArray:
    """What a tracker makes of a chair: limbs folded into a heap of half a metre."""
    heap = np.random.default_rng(1).normal(0, 0.12, (25, 3))
    return np.asarray(heap + np.array((0, -0.5, 2)), np.float32)


def test_a_chair_never_counts_as_a_person():
    assert all(seen_for(IdentityTracker(), chair(), 300))


def test_what_is_tracked_for_a_moment_now_and_then_is_no_person():
    tracks = IdentityTracker()
    for first in range(0, 300, 12):
        assert all(seen_for(tracks, builders.pose(), 6, first))
        tracks.update(builders.frame([], round((first + 6) * 1e9 / 30)))


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(-0.1, 0.1)), max_size=60),
    st.lists(st.integers(0, 1000), min_size=1, max_size=4, unique=True),
)
def test_a_steady_person_keeps_the_id(steps: list[tuple[int, float]], people: list[int]):
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
