from __future__ import annotations

import numpy as np
import pytest

from sensor.block import Block
from sensor.skeleton import KINECT_V2, Body
from tests.builders import wave

TIMES = np.arange(4) * 33_000_000


def block(**changes: object) -> Block:
    fields = {
        "sequence": np.arange(4),
        "captured_ns": TIMES,
        "joints_m": wave(4),
        "confidence": np.ones((4, 25), np.float32),
    }
    return Block("s", KINECT_V2, 7, **{**fields, **changes})  # type: ignore[arg-type]


def test_a_block_is_its_frames() -> None:
    joints = wave(4)
    joints[1, 3, 0] = np.nan
    sure = np.full((4, 25), 0.5, np.float32)
    sure[2, 4], sure[2, 5], sure[3, 6] = -1, np.nan, 9
    made = block(joints_m=joints, confidence=sure).frames()
    assert [frame.captured_ns for frame in made] == TIMES.tolist()
    assert [frame.sequence for frame in made] == [0, 1, 2, 3]
    for i, frame in enumerate(made):
        want = Body(7, joints[i], sure[i])
        (got,) = frame.bodies
        assert (frame.source, frame.layout, got.id) == ("s", KINECT_V2, 7)
        np.testing.assert_array_equal(got.joints_m, want.joints_m)
        np.testing.assert_array_equal(got.confidence, want.confidence)


def test_unseen_joints_are_zero() -> None:
    joints = wave(4)
    joints[1, 3, 0] = np.inf
    made = block(joints_m=joints)
    assert made.confidence[1, 3] == 0 and not made.joints_m[1, 3].any()
    assert made.confidence.sum() == 99
    assert not made.joints_m.flags.writeable


@pytest.mark.parametrize(
    "changes",
    [
        {"captured_ns": TIMES[::-1]},
        {"captured_ns": np.zeros(4)},
        {"captured_ns": TIMES[:3]},
        {"sequence": np.arange(3)},
        {"joints_m": wave(4)[:, :24]},
        {"confidence": np.ones((4, 24))},
        {"sequence": [], "captured_ns": [], "joints_m": wave(0), "confidence": np.ones((0, 25))},
    ],
)
def test_a_block_with_wrong_shapes_or_times_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"block|must be"):
        block(**changes)
