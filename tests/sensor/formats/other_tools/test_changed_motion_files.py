"""Files of BVH and of the Kinect v1 sets with bytes changed, cut, swapped or repeated."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.errors import RecordingError
from sensor.formats import read_recording
from tests.fakes.files import bvh as bvh_files
from tests.sensor.formats.other_tools.kinect_v1_sets.test_kinect_v1_texts import (
    msr_real,
    msr_screen,
    msrc12,
    utkinect,
)

NEW = st.one_of(
    st.binary(max_size=4),
    st.sampled_from([b"nan", b"-1e308", b"1e999", b"9" * 30, b"{", b"}", b"\n", b" ", b"0 0 0"]),
)


@cache
def one_of_each() -> list[bytes]:
    texts = [msrc12(), utkinect(), msr_real(), msr_screen()]
    for scheme in bvh_files.SCHEMES:
        made = bvh_files.skeleton(scheme)
        texts.append(bvh_files.text(made, *bvh_files.swaying(made, 3)))
    return [text.encode() for text in texts]


@settings(max_examples=600, deadline=5000, derandomize=True)
@given(
    which=st.integers(0, 7),
    changes=st.lists(st.tuples(st.floats(0, 1), NEW, st.booleans()), max_size=4),
    cut=st.floats(0.05, 1),
    swap=st.booleans(),
)
def test_a_changed_file_is_read_or_refused(
    which: int, changes: list[tuple[float, bytes, bool]], cut: float, swap: bool
):
    data = bytearray(one_of_each()[which])
    for place, new, insert in changes:
        at = int(place * len(data))
        data[at : at if insert else at + len(new)] = new
    if swap:
        lines = bytes(data).split(b"\n")
        at = int(cut * (len(lines) - 1))
        lines[0], lines[at] = lines[at], lines[0]
        data = bytearray(b"\n".join(lines))
    try:
        read_recording(bytes(data[: int(cut * len(data))]), "upload")
    except RecordingError as error:
        assert "\n" not in str(error)
