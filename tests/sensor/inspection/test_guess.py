from __future__ import annotations

import numpy as np
import pytest

from sensor.formats.tables.column_map import UNITS_M, axes_matrix
from sensor.inspection.guess import guess
from sensor.skeleton import AZURE_KINECT, KINECT_V2
from tests import builders

MOTION = builders.wave(20)
SURE = np.ones(MOTION.shape[:2], np.float32)
WAYS = [["x", "y", "z"], ["-x", "-y", "z"], ["x", "z", "-y"], ["y", "z", "x"], ["x", "-y", "z"]]


@pytest.mark.parametrize("axes", WAYS, ids=" ".join)
def test_the_axes_follow_from_head_shoulders_and_toes(axes: list[str]) -> None:
    in_file = MOTION @ axes_matrix(axes)
    found = guess(in_file, SURE, KINECT_V2)
    assert found.axes == tuple(axes)
    np.testing.assert_allclose(in_file @ axes_matrix(list(found.axes)).T, MOTION, atol=1e-6)
    assert found.axes_reason.startswith(f"{found_up(axes)} is up: the head is above the hips in")


def found_up(axes: list[str]) -> str:
    return axes[1]


@pytest.mark.parametrize("unit", UNITS_M)
def test_the_unit_follows_from_the_trunk(unit: str) -> None:
    found = guess(MOTION / np.float32(UNITS_M[unit]), SURE, KINECT_V2)
    assert found.unit == unit and "the trunk is" in found.unit_reason


def test_without_feet_the_axes_are_taken_to_be_right_handed() -> None:
    sure = SURE.copy()
    sure[:, [KINECT_V2.index[f"Foot{side}"] for side in ("Left", "Right")]] = 0
    found = guess(MOTION @ axes_matrix(["-x", "-y", "z"]), sure, KINECT_V2)
    assert found.axes == ("-x", "-y", "z") and "right-handed" in found.axes_reason


def test_nothing_is_guessed_from_nothing() -> None:
    found = guess(MOTION, np.zeros_like(SURE), KINECT_V2)
    assert (found.axes, found.unit) == (None, None)
    assert "never seen together" in found.axes_reason


def test_a_lying_or_huge_body_has_no_unit() -> None:
    found = guess(MOTION * np.float32(30), SURE, KINECT_V2)
    assert found.unit is None and "no person's" in found.unit_reason
    assert guess(MOTION / 1000, SURE, KINECT_V2).unit_reason.endswith("by a factor of 1000")
    azure = builders.wave(5, AZURE_KINECT)
    assert guess(azure, np.ones(azure.shape[:2], np.float32), AZURE_KINECT).unit == "m"
