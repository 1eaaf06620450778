"""The text formats of public data sets of Kinect v1: MSRC-12, UTKinect and MSR-Action3D."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.other_tools.kinect_v1_sets import msr_action3d_text
from sensor.formats.recording import Limits, Recording
from sensor.skeleton import KINECT_V1, FloatArray
from tests import builders
from tests.recording_checks import assert_refused


def motion(frames: int = 12) -> FloatArray:
    return builders.wave(frames, KINECT_V1)


def msrc12(unit: float = 1e6, separator: str = " ", state: float = 1) -> str:
    lines = []
    for i, joints in enumerate(motion()):
        values = [str(round((1000 + i / 30) * unit, 6))]
        values += [f"{v:.6f}" for joint in joints for v in (*joint, state)]
        lines.append(separator.join(values))
    return "\n".join(lines) + "\n"


def utkinect(numbers: list[int] | None = None) -> str:
    numbers = numbers or list(range(252, 276, 2))
    rows = zip(numbers, motion(len(numbers)), strict=True)
    lines = [" ".join([str(n), *(f" {v:.6f}" for v in joints.ravel())]) for n, joints in rows]
    return "\n".join(lines) + "\n"


def msr_real(confidence: str | None = "1.0") -> str:
    order = [KINECT_V1.index[joint] for joint in msr_action3d_text.JOINTS]
    end = f" {confidence}" if confidence else ""
    rows = motion()[:, order].reshape(-1, 3)
    return "".join(f"{x:.6f} {y:.6f} {z:.6f}{end}\n" for x, y, z in rows)


def msr_screen(unit_m: float = 0.004, mirrored: bool = False) -> str:
    order = [KINECT_V1.index[joint] for joint in msr_action3d_text.JOINTS]
    x, y, z = motion()[:, order].reshape(-1, 3).T
    u = 160 + (-1 if mirrored else 1) * msr_action3d_text.FOCAL_PX * x / z
    v = 120 - msr_action3d_text.FOCAL_PX * y / z
    return "".join(
        f"{a:.5f} {b:.5f} {c:.5f} 0.7\n" for a, b, c in zip(u, v, z / unit_m, strict=True)
    )


def assert_places(read: Recording, tolerance_m: float = 1e-5) -> None:
    assert read.layout is KINECT_V1
    got = np.array([frame.bodies[0].joints_m for frame in read.frames])
    np.testing.assert_allclose(got, motion(len(got)), rtol=0, atol=tolerance_m)
    left, right = KINECT_V1.index["ShoulderLeft"], KINECT_V1.index["ShoulderRight"]
    assert (got[:, left, 0] < got[:, right, 0]).all()


@pytest.mark.parametrize("unit", [1.0, 1e3, 1e6, 1e7])
@pytest.mark.parametrize("separator", [" ", ",", ", "])
def test_msrc12_is_read_in_every_unit_of_time(unit: float, separator: str):
    read = read_recording(msrc12(unit, separator).encode())
    assert (read.format, len(read.frames)) == ("msrc-12-csv", 12)
    assert read.rate_hz == pytest.approx(30, rel=1e-2)
    assert_places(read)


@pytest.mark.parametrize(("state", "confidence"), [(0, 0.5), (1, 1), (2, 1)])
def test_msrc12_states_become_confidence(state: float, confidence: float):
    read = read_recording(msrc12(state=state).encode())
    assert (read.frames[0].bodies[0].confidence == confidence).all()


def test_utkinect_is_read_with_the_jumps_of_its_frame_numbers():
    read = read_recording(utkinect().encode())
    assert (read.format, read.rate_hz) == ("utkinect-text", pytest.approx(15))
    assert read.frames[3].captured_ns == 200_000_000
    assert_places(read)


def test_utkinect_keeps_the_first_of_two_rows_of_a_frame():
    read = read_recording(utkinect([1, 2, 2, 3]).encode())
    assert [frame.captured_ns for frame in read.frames] == [0, 33_333_333, 66_666_667]


@pytest.mark.parametrize("confidence", ["1.0", "0.0", None])
def test_msr_action3d_is_read_in_metres(confidence: str | None):
    read = read_recording(msr_real(confidence).encode())
    assert (read.format, read.rate_hz, len(read.frames)) == ("msr-action3d-text", 15, 12)
    assert_places(read)


@pytest.mark.parametrize("unit_m", [0.001, 0.004])
@pytest.mark.parametrize("mirrored", [False, True])
def test_msr_action3d_is_read_from_the_screen(unit_m: float, mirrored: bool):
    read = read_recording(msr_screen(unit_m, mirrored).encode())
    assert_places(read, 0.001)
    assert read.frames[0].bodies[0].confidence[0] == pytest.approx(0.7)


def test_a_joint_of_zeros_was_not_seen():
    fields = msrc12().splitlines()[0].split()
    fields[1:4] = ["0", "0", "0"]
    msrc = " ".join(fields) + "\n" + msrc12().split("\n", 1)[1]
    fields = utkinect().splitlines()[0].split()
    fields[1:4] = ["0", "0", "0"]
    ut = " ".join(fields) + "\n" + utkinect().split("\n", 1)[1]
    for text in (msrc, ut):
        assert read_recording(text.encode()).frames[0].bodies[0].confidence[:2].tolist() == [0, 1]
    msr = "0 0 0 0\n" * 20 + msr_real()
    assert [len(f.bodies) for f in read_recording(msr.encode()).frames[:2]] == [0, 1]


MALFORMED: dict[str, tuple[Callable[[], str], str]] = {
    "msrc: cut": (lambda: msrc12()[:-30], "line 12 has 7[0-9] values, not 81"),
    "msrc: a word": (lambda: msrc12()[:-10] + " x 1\n", "line 12"),
    "msrc: time nan": (lambda: "nan" + msrc12()[msrc12().index(" ") :], "a time is not a valid"),
    "msrc: backwards": (lambda: msrc12() + msrc12(), "time runs backwards at line 13"),
    "msrc: nothing tracked": (lambda: msrc12(state=float("nan")), "no frame has a joint"),
    "utkinect: cut": (lambda: utkinect()[:-30], "line 12 has 5[0-9] values, not 61"),
    "utkinect: backwards": (lambda: utkinect([3, 2, 1]), "time runs backwards at line 2"),
    "utkinect: nan": (
        lambda: "\n".join(f"{i} " + "nan " * 60 for i in range(5)), "no frame has a joint"
    ),
    "msr: cut": (lambda: "\n".join(msr_real().splitlines()[:-3]), "237 lines of joints are not"),
    "msr: wrong columns": (lambda: msr_real() + "1 2\n", "line 241 has 2 values, not 4"),
    "msr: nothing seen": (lambda: "0 0 0 0\n" * 40, "no frame has a joint"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)


def test_frames_beyond_the_limit_are_refused():
    for text in (msrc12(), utkinect(), msr_real()):
        with pytest.raises(RecordingError, match="more than 11 frames"):
            read_recording(text.encode(), limits=Limits(max_frames=11))
