"""Joints by depth and by body size, for rendered people with known joints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensor.cameras.pose.depth_lifting import INFERRED, Pinhole, lift, place_by_height
from sensor.cameras.pose.landmarks import BONE_SHARES
from sensor.skeleton import Body
from tests.fakes.cameras import rendered
from tests.fakes.cameras.rendered import AT, PINHOLE, Person, depth_of, estimate, person, spoil

CANONICAL = np.array((-1.0, -1.0, 1.0))


def errors_m(body: Body, true: Person) -> np.ndarray:
    """Return each joint's distance from its true position, NaN if it is missing."""
    far = np.linalg.norm(body.joints_m - true.joints_m * CANONICAL, axis=1)
    return np.where(body.confidence > 0, far, np.nan)


def lifted(seed: int) -> tuple[Body, Person]:
    rng = np.random.default_rng(seed)
    true = person(rng, rng.uniform(1.6, 4.0), rng.uniform(-60, 60))
    body = lift(estimate(rng, true), spoil(rng, depth_of([true])), PINHOLE)
    assert body is not None
    return body, true


def test_joints_from_a_noisy_depth_image_are_within_3_cm() -> None:
    pairs = [lifted(seed) for seed in range(25)]
    all_m = np.concatenate([errors_m(body, true) for body, true in pairs])
    assert np.nanmedian(all_m) <= 0.03
    assert np.nanpercentile(all_m, 90) <= 0.10
    measured = np.concatenate([body.confidence > INFERRED for body, _ in pairs])
    assert np.nanmedian(all_m[measured]) <= 0.025
    assert measured.mean() > 0.6


def test_bones_keep_plausible_lengths() -> None:
    for seed in range(10):
        body, _ = lifted(seed)
        for (a, b), share in BONE_SHARES.items():
            if "Hip" not in b and min(body.confidence[AT[a]], body.confidence[AT[b]]) > 0:
                length = np.linalg.norm(body.joints_m[AT[a]] - body.joints_m[AT[b]])
                assert 0.4 * share * 1.7 < length < 1.9 * share * 1.7


def test_a_face_to_face_person_stands_upright_and_unmirrored() -> None:
    rng = np.random.default_rng(3)
    true = person(rng, 2.5, 0)
    body = lift(estimate(rng, true), depth_of([true]), PINHOLE)
    assert body is not None
    at = {name: body.joints_m[AT[name]] for name in AT}
    assert at["ShoulderLeft"][0] < at["ShoulderRight"][0]
    assert at["Head"][1] > at["SpineBase"][1] > at["AnkleLeft"][1]
    assert abs(at["SpineBase"][2] - 2.5) < 0.1


def test_joints_in_holes_are_inferred_with_less_confidence() -> None:
    rng = np.random.default_rng(4)
    true = person(rng, 2.5, 0)
    pose, depth = estimate(rng, true), depth_of([true])
    x, y = np.round(pose.pixels[AT["KneeLeft"]]).astype(int)
    depth[y - 30 : y + 30, x - 30 : x + 30] = 0
    body = lift(pose, depth, PINHOLE)
    assert body is not None
    assert body.confidence[AT["KneeLeft"]] == INFERRED
    assert body.confidence[AT["KneeRight"]] == 1
    assert errors_m(body, true)[AT["KneeLeft"]] < 0.25


def test_an_object_in_front_is_not_taken_for_the_person() -> None:
    rng = np.random.default_rng(5)
    true = person(rng, 3.0, 0)
    pose, depth = estimate(rng, true), depth_of([true])
    y = round(float(pose.pixels[AT["KneeLeft"], 1])) - 20
    depth[y:] = 2.0  # a table
    body = lift(pose, depth, PINHOLE)
    assert body is not None
    legs = [AT[name] for name in ("KneeLeft", "KneeRight", "AnkleLeft", "AnkleRight")]
    assert (body.confidence[legs] <= INFERRED).all()
    assert (errors_m(body, true)[legs] < 0.3).all()


def test_the_wall_behind_a_hand_is_not_the_hand() -> None:
    rng = np.random.default_rng(6)
    true = person(rng, 2.0, 0)
    pose, depth = estimate(rng, true), depth_of([true])
    x, y = np.round(pose.pixels[AT["WristLeft"]]).astype(int)
    depth[y - 15 : y + 15, x - 15 : x + 15] = rendered.WALL_M
    body = lift(pose, depth, PINHOLE)
    assert body is not None
    assert body.confidence[AT["WristLeft"]] <= INFERRED
    assert errors_m(body, true)[AT["WristLeft"]] < 0.3


def test_missing_joints_stay_missing() -> None:
    rng = np.random.default_rng(7)
    true = person(rng, 2.0, 0)
    pose = estimate(rng, true)
    pose.confidence[AT["HipLeft"]] = 0
    body = lift(pose, depth_of([true]), PINHOLE)
    assert body is not None
    for name in ("HipLeft", "SpineBase", "SpineMid", "HandTipLeft"):
        assert body.confidence[AT[name]] == 0


def test_a_trunk_without_depth_gives_no_body() -> None:
    rng = np.random.default_rng(8)
    pose = estimate(rng, person(rng, 2.0, 0))
    assert lift(pose, np.zeros(rendered.SHAPE, np.float32), PINHOLE) is None
    nobody = replace(pose, confidence=pose.confidence * 0)
    assert lift(nobody, np.ones(rendered.SHAPE, np.float32), PINHOLE) is None


@pytest.mark.parametrize("at", [(-50.0, 10.0), (10_000.0, 10.0), (10.0, -3.0), (0.0, 479.4)])
def test_a_joint_outside_the_picture_is_inferred(at: tuple[float, float]) -> None:
    rng = np.random.default_rng(9)
    true = person(rng, 2.0, 0)
    pose = estimate(rng, true)
    pose.pixels[AT["HandLeft"]] = at
    body = lift(pose, depth_of([true]), PINHOLE)
    assert body is not None and np.isfinite(body.joints_m).all()
    assert body.confidence[AT["HandLeft"]] <= INFERRED


def test_without_depth_the_body_has_the_given_height_and_fits_the_picture() -> None:
    rng = np.random.default_rng(10)
    true = person(rng, 3.0, 20)
    pose = estimate(rng, true)
    near, far = (place_by_height(pose, PINHOLE, height) for height in (1.5, 1.8))
    assert near is not None and far is not None
    ratio = far.joints_m[AT["SpineBase"], 2] / near.joints_m[AT["SpineBase"], 2]
    assert ratio == pytest.approx(1.8 / 1.5, rel=0.02)
    assert abs(far.joints_m[AT["SpineBase"], 2] - 3.0) < 0.6
    seen = (far.joints_m * CANONICAL)[far.confidence > 0]
    x = PINHOLE.cx + PINHOLE.fx * seen[:, 0] / seen[:, 2]
    assert np.median(np.abs(x - pose.pixels[far.confidence > 0, 0])) < 10


def test_too_few_seen_joints_give_no_body() -> None:
    rng = np.random.default_rng(11)
    pose = estimate(rng, person(rng, 2.0, 0))
    only_head = np.zeros(25, np.float32)
    only_head[AT["Head"]] = 1
    assert place_by_height(replace(pose, confidence=only_head), PINHOLE, 1.7) is None


def test_a_field_of_view_gives_the_focal_length() -> None:
    pinhole = Pinhole.of_view(640, 480, 90)
    assert pinhole == Pinhole(pytest.approx(320), pytest.approx(320), 320, 240)  # type: ignore[arg-type]
    assert pinhole.rays(np.float32([(640, 240)]))[0].tolist() == pytest.approx([1, 0, 1])
