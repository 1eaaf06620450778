"""Binary messages round-trip; wrong ones name the field."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.block import Block
from sensor.skeleton import AZURE_KINECT, KINECT_V2, Body, Frame, Layout
from service.errors import ClientError
from service.ingest.push_decoder import PushDecoder
from service.wire.binary_frames import HEADER, MAGIC, encode_frames, record_type
from tests.builders import pose, wave

HOST_NS = 5_000_000_000
STEP_NS = 33_333_333


def push_decoder() -> PushDecoder:
    return PushDecoder("s", max_bodies=2, clock_ns=lambda: HOST_NS)


def frames(count: int, ids: Sequence[int] = (1,), layout: Layout = KINECT_V2) -> list[Frame]:
    motion = wave(count, layout)
    confidence = np.linspace(0.5, 1, len(layout.joints), dtype=np.float32)
    return [
        Frame(
            "s",
            i,
            i * STEP_NS,
            tuple(Body(n, motion[i] + np.float32(n % 7 / 10), confidence) for n in ids),
            layout,
        )
        for i in range(count)
    ]


def same(got: list[Frame], sent: list[Frame]) -> None:
    shift_ns = HOST_NS - sent[-1].captured_ns
    assert [f.captured_ns - shift_ns for f in got] == [f.captured_ns for f in sent]
    assert [f.sequence for f in got] == [f.sequence for f in sent]
    for one, other in zip(got, sent, strict=True):
        assert one.layout is other.layout
        assert [b.id for b in one.bodies] == [b.id for b in other.bodies]
        for a, b in zip(one.bodies, other.bodies, strict=True):
            np.testing.assert_array_equal(a.joints_m, b.joints_m)
            np.testing.assert_array_equal(a.confidence, b.confidence)


@given(
    st.integers(1, 9),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=2, unique=True),
    st.sampled_from([KINECT_V2, AZURE_KINECT]),
)
def test_frames_round_trip(count: int, ids: list[int], layout: Layout) -> None:
    sent = frames(count, ids, layout)
    got = push_decoder().read(encode_frames(sent))
    assert isinstance(got, Block) == (len(ids) == 1)
    same(got.frames() if isinstance(got, Block) else got, sent)


def test_a_change_of_the_body_gives_frames_instead_of_a_block() -> None:
    sent = [*frames(2), Frame("s", 2, 2 * STEP_NS, frames(1, (9,))[0].bodies, KINECT_V2)]
    got = push_decoder().read(encode_frames(sent))
    assert isinstance(got, list)
    same(got, sent)


def test_joints_that_are_not_numbers_are_missing() -> None:
    data = bytearray(encode_frames(frames(2)))
    records = np.frombuffer(data, record_type("kinect-v2", 1), offset=HEADER.size)
    records["bodies"]["joints_m"][1, 0, 3, 2] = np.nan
    records["bodies"]["confidence"][0, 0, 4:7] = (-1, np.nan, 7)
    got = push_decoder().read(bytes(data))
    assert isinstance(got, Block)
    assert got.confidence[1, 3] == 0 and not got.joints_m[1, 3].any()
    assert got.confidence[0, 4:7].tolist() == [0, 0, 1]


def test_times_must_increase_from_message_to_message() -> None:
    decoder, sent = push_decoder(), frames(8)
    decoder.read(encode_frames(sent[:4]))
    second = decoder.read(encode_frames(sent[4:]))
    assert isinstance(second, Block)
    assert second.captured_ns[0] == HOST_NS + STEP_NS
    with pytest.raises(ClientError, match="times must increase") as caught:
        decoder.read(encode_frames(sent[7:]))
    assert caught.value.field == "frames[0].captured_ns"


def changed(field: str, at: tuple[int, ...], value: float, ids: Sequence[int] = (1, 2)) -> bytes:
    data = bytearray(encode_frames(frames(3, ids)))
    records = np.frombuffer(data, record_type("kinect-v2", len(ids)), offset=HEADER.size)
    (records if field in ("captured_ns", "sequence") else records["bodies"])[field][at] = value
    return bytes(data)


GOOD = encode_frames(frames(3))


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        (MAGIC, "", "at least 8 bytes"),
        (GOOD[:-1], "frames", "3 frames of 1 bodies in layout kinect-v2 make 1268 bytes, not 1267"),
        (GOOD + b"\0", "frames", "not 1269"),
        (HEADER.pack(MAGIC, 9, 1, 1), "layout", "0 kinect-v2"),
        (HEADER.pack(MAGIC, 0, 1, 0), "frames", "at least one"),
        (encode_frames(frames(1, (1, 2, 3))), "frames[0].bodies", "has at most 2 bodies"),
        (changed("id", (2, 1), 1), "frames[2].bodies", "same id"),
        (changed("joints_m", (1, 1, 5, 0), -1500), "frames[1].bodies[1].joints_m", "1500 m away"),
        (changed("captured_ns", (2,), STEP_NS), "frames[2].captured_ns", "times must increase"),
        (changed("captured_ns", (2,), 2**62 + 1), "frames[2].captured_ns", "out of range"),
        (changed("sequence", (1,), 2**53 + 1), "frames[1].sequence", "2\\*\\*53"),
    ],
)
def test_a_wrong_message_names_the_field(data: bytes, field: str, words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        push_decoder().read(data)
    assert caught.value.field == field


@given(st.binary(max_size=2000))
def test_arbitrary_data_causes_only_client_errors(rest: bytes) -> None:
    for data in (MAGIC + rest, GOOD[:8] + rest[:1260].ljust(1260, b"\xff")):
        try:
            push_decoder().read(data)
        except ClientError:
            continue


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [*frames(1), *frames(1, (1, 2))],
        [*frames(1), *frames(1, layout=AZURE_KINECT)],
        [Frame("s", 0, 0, tuple(Body(i, pose(), np.ones(25)) for i in range(256)), KINECT_V2)],
    ],
)
def test_frames_of_different_kinds_are_not_encoded_together(wrong: list[Frame]) -> None:
    with pytest.raises(ValueError, match=r"a message holds|the frames of|a frame holds"):
        encode_frames(wrong)
