"""Bodies that cannot be people are named; people who lie, bend, sit or fall are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensor.rotation import rotation
from sensor.skeleton import KINECT_V2, Body, FloatArray
from sensor.tracking.plausibility import Convention, RunningCheck, problem_in
from sensor.tracking.posture import Finding, examine
from tests import builders

STEP_NS = 33_333_333
INDEX = KINECT_V2.index
UPPER = [i for name, i in INDEX.items() if not name.startswith(("Hip", "Knee", "Ankle", "Foot"))]
LEGS = [i for name, i in INDEX.items() if name.startswith(("Knee", "Ankle", "Foot"))]


def find(joints: FloatArray) -> Finding:
    found = examine(Body(1, joints, np.ones(25, np.float32)))
    assert found is not None
    return found


def about_hips(turn: Callable[[FloatArray], FloatArray], joints: FloatArray) -> FloatArray:
    middle = joints[INDEX["SpineBase"]]
    return np.asarray(turn(joints - middle) + middle, np.float32)


def upside_down(joints: FloatArray) -> FloatArray:
    return about_hips(lambda j: j * np.float32((1, -1, 1)), joints)


def lying_along_z(joints: FloatArray) -> FloatArray:
    return about_hips(lambda j: j[:, [0, 2, 1]], joints)


def lying_along_x(joints: FloatArray) -> FloatArray:
    return about_hips(lambda j: j[:, [1, 0, 2]], joints)


def turned(degrees: int) -> Callable[[FloatArray], FloatArray]:
    """Return what turns a body about its hips, clockwise as the camera sees it."""
    return lambda joints: about_hips(lambda j: j @ rotation(degrees), joints)


def tilted(joints: FloatArray, degrees: float) -> FloatArray:
    a = np.radians(degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    return about_hips(lambda j: j @ turn.T, joints)


def bent(joints: FloatArray) -> FloatArray:
    """Return somebody who touches their toes: all above the hips is turned down."""
    made = joints.copy()
    made[UPPER] = upside_down(joints)[UPPER] + np.float32((0, 0, -0.2))
    return made


def sitting_on_the_floor(joints: FloatArray) -> FloatArray:
    made = joints.copy()
    made[LEGS] = lying_along_z(joints)[LEGS]
    return made


@pytest.mark.parametrize("degrees", [-45, -20, 0, 20, 45])
def test_people_before_a_tilted_camera_are_people(degrees: float) -> None:
    assert find(tilted(builders.pose(), degrees)).verdict == "person"


@pytest.mark.parametrize("scale", [0.55, 0.7, 1.0, 1.25])
def test_children_and_tall_people_are_people(scale: float) -> None:
    assert find(builders.pose() * np.float32(scale)).verdict == "person"


@pytest.mark.parametrize("posture", [bent, sitting_on_the_floor])
def test_who_bends_or_sits_is_a_person(posture: Callable[[FloatArray], FloatArray]) -> None:
    assert find(posture(builders.pose())).verdict == "person"


def test_who_is_seen_without_legs_is_a_person() -> None:
    sure = np.ones(25, np.float32)
    sure[LEGS] = 0
    found = examine(Body(1, builders.pose(), sure))
    assert found is not None and found.verdict == "person"


def test_nothing_is_said_of_a_trunk_that_was_not_seen() -> None:
    sure = np.ones(25, np.float32)
    sure[INDEX["HipLeft"]] = 0
    assert examine(Body(1, builders.pose(), sure)) is None


CAUSES = [
    (upside_down, "the body stands on its head: y must point up; negate y"),
    (turned(180), "the body stands on its head: y must point up; is the camera upside down? turn "
     "the coordinates (x, y to -x, -y)"),
    (lying_along_z, "the body lies along the z axis: z seems to point up or down, but y must"),
    (lying_along_x, "the body lies on its side: y must point up; exchange x and y"),
    (turned(90), "the body lies on its side: y must point up; is the camera turned? turn the "
     "coordinates (x, y to y, -x)"),
    (turned(270), "the body lies on its side: y must point up; is the camera turned? turn the "
     "coordinates (x, y to -y, x)"),
    (lambda j: j * 1000, "the body is 1,700 m tall: coordinates seem to be millimetres, but must"),
    (lambda j: j * 100, "the body is 170 m tall: coordinates seem to be centimetres, but must"),
    (lambda j: j * 10, "the body is 17 m tall: coordinates seem to be decimetres, but must"),
    (lambda j: j / 0.3048, "the body is 5.6 m tall: coordinates seem to be feet, but must"),
    (lambda j: j / 0.0254, "the body is 67 m tall: coordinates seem to be inches, but must"),
    (lambda j: j / 1000, "the body is 0.0017 m tall: coordinates seem to be metres divided by 1"),
    (lambda j: j * 0.3, "the body is 0.51 m tall: coordinates must be metres, and not scaled"),
    (lambda j: j[np.random.default_rng(3).permutation(25)], None),
]  # fmt: skip


@pytest.mark.parametrize(("turn", "line"), CAUSES)
def test_a_body_that_cannot_be_a_person_gets_its_likely_cause(
    turn: Callable[[FloatArray], FloatArray], line: str | None
) -> None:
    trunk = np.float32(0.5 / 0.47)  # the built person's trunk, as a usual one
    findings = [find(turn(builders.pose() * trunk)) for _ in range(10)]
    problem = problem_in(findings)
    assert problem is not None and "\n" not in problem
    if line is not None:
        assert problem.startswith(line)


def test_the_sentences_follow_the_conventions_of_a_format() -> None:
    azure = Convention("millimetres", y_up=False)
    metres = [find(builders.pose() / 1000)] * 10
    line = problem_in(metres, azure)
    assert line is not None
    assert line.endswith("m tall: coordinates seem to be metres, but must be millimetres")
    flipped = problem_in([find(upside_down(builders.pose()))] * 10, azure)
    assert flipped == "the body stands on its head: y must point down; negate y"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_line_names_the_option_that_makes_the_body_stand(degrees: int) -> None:
    lying = turned(degrees)(builders.pose())
    line = problem_in([find(lying)] * 10, rotate="rotate={}")
    assert line is not None and line.endswith(f"? add rotate={360 - degrees}")
    assert find(turned(360 - degrees)(lying)).verdict == "person"


def test_without_feet_both_causes_of_a_body_on_its_head_are_named() -> None:
    sure = np.ones(25, np.float32)
    sure[[INDEX["FootLeft"], INDEX["FootRight"]]] = 0
    found = examine(Body(1, upside_down(builders.pose()), sure))
    assert found is not None
    line = problem_in([found] * 10, rotate="rotate={}")
    assert line is not None
    assert line.endswith("negate y, or is the camera upside down? add rotate=180")


def test_who_lies_or_falls_in_part_of_the_time_is_not_refused() -> None:
    standing, lying = find(builders.pose()), find(lying_along_x(builders.pose()))
    assert problem_in([standing] * 3 + [lying] * 7) is None
    assert problem_in([lying] * 2) is None
    assert problem_in([lying] * 10) is not None


def looked(check: RunningCheck, joints: FloatArray, first: int, frames: int) -> None:
    for i in range(first, first + frames):
        if check.due(i * STEP_NS):
            check.update((Body(1, joints, np.ones(25, np.float32)),), i * STEP_NS)


def test_a_stream_is_checked_until_a_person_was_seen_for_long_enough() -> None:
    check = RunningCheck()
    looked(check, builders.pose(), 0, 30)
    assert not check.done
    looked(check, builders.pose(), 30, 60)
    assert check.done and check.problem is None
    looked(check, lying_along_x(builders.pose()), 90, 300)
    assert check.problem is None


def test_a_stream_with_a_problem_recovers_when_a_person_is_seen() -> None:
    check = RunningCheck()
    looked(check, upside_down(builders.pose()), 0, 8)
    assert check.problem is not None
    looked(check, upside_down(builders.pose()), 8, 300)
    assert check.problem is not None and not check.done
    looked(check, builders.pose(), 308, 60)
    assert check.problem is None


def test_one_person_among_wrong_bodies_is_enough() -> None:
    check = RunningCheck()
    both = (builders.body(1), Body(2, builders.pose() * 0.1, np.ones(25, np.float32)))
    for i in range(90):
        if check.due(i * STEP_NS):
            check.update(both[::-1], i * STEP_NS)
    assert check.done
