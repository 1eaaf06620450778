"""Messages of a pusher become frames in host time; wrong ones name the field."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from sensor.skeleton import AZURE_KINECT, KINECT_V2, Frame
from service.errors import ClientError
from service.ingest.push_decoder import PushDecoder, check_name
from service.wire.binary_frames import encode_frames
from tests.builders import pose

HOST_NS = 5_000_000_000


def push_decoder() -> PushDecoder:
    return PushDecoder("s", max_bodies=2, clock_ns=lambda: HOST_NS)


def message(captured_ns: int = 7, **changes: Any) -> dict[str, Any]:
    body = {"id": 1, "joints_m": pose().tolist()}
    return {"type": "frame", "captured_ns": captured_ns, "bodies": [body], **changes}


def one_frame(decoder: PushDecoder, data: bytes | str) -> Frame:
    (frame,) = decoder.read(data)
    return frame


def text(content: dict[str, Any]) -> str:
    return msgspec.json.encode(content).decode()


def test_the_clock_of_the_pusher_is_converted_to_that_of_the_host() -> None:
    decoder = push_decoder()
    assert one_frame(decoder, text(message(-100))).captured_ns == HOST_NS
    assert one_frame(decoder, text(message(900))).captured_ns == HOST_NS + 1000


def test_times_in_a_larger_unit_are_refused_once_the_rate_is_known() -> None:
    milliseconds, nanoseconds = push_decoder(), push_decoder()
    for i in range(29):
        milliseconds.read(text(message(34 * i)))
    with pytest.raises(ClientError, match="30 frames came within 986 ns of each other; send nano"):
        milliseconds.read(text(message(34 * 29)))
    for i in range(60):
        nanoseconds.read(text(message(34_000_000 * i)))


def test_json_and_msgpack_give_the_same_frame() -> None:
    first = one_frame(push_decoder(), text(message()))
    second = one_frame(push_decoder(), msgspec.msgpack.encode(message()))
    np.testing.assert_array_equal(first.bodies[0].joints_m, second.bodies[0].joints_m)


def test_a_layout_is_found_by_its_name() -> None:
    body = {"id": 1, "joints_m": pose(AZURE_KINECT).tolist()}
    frame = one_frame(push_decoder(), text(message(layout="azure-kinect", bodies=[body])))
    assert frame.layout is AZURE_KINECT


def test_joints_that_are_not_numbers_are_missing() -> None:
    joints: list[Any] = pose().tolist()
    joints[3][0] = float("nan")
    joints[4][1] = 1e300
    packed = msgspec.msgpack.encode(message(bodies=[{"id": 1, "joints_m": joints}]))
    body = one_frame(push_decoder(), packed).bodies[0]
    assert list(np.flatnonzero(body.confidence == 0)) == [3, 4]


def test_confidence_outside_0_to_1_is_clipped() -> None:
    sure = [2.0, -1.0, None, 1e300, *[0.5] * 21]
    body = {"id": 1, "joints_m": pose().tolist(), "confidence": sure}
    got = one_frame(push_decoder(), text(message(bodies=[body]))).bodies[0].confidence
    assert list(got[:5]) == [1.0, 0.0, 0.0, 1.0, 0.5]


BODY = {"id": 1, "joints_m": pose().tolist()}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"layout": "openpose"}, "layout"),
        ({"bodies": [{"id": 1, "joints_m": pose()[:24].tolist()}]}, "bodies[0].joints_m"),
        ({"bodies": [BODY, {**BODY, "id": 2, "confidence": [1.0]}]}, "bodies[1].confidence"),
        ({"bodies": [BODY, BODY]}, "bodies"),
        ({"bodies": [{**BODY, "id": n} for n in range(3)]}, "bodies"),
        ({"bodies": [{"id": 1, "joints_m": (pose() * 1000).tolist()}]}, "bodies[0].joints_m"),
        ({"captured_ns": 2**63 - 1}, "captured_ns"),
        ({"sequence": 2**53 + 1}, "sequence"),
        ({"truth": "x" * 201}, "truth"),
    ],
)
def test_a_wrong_frame_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ClientError) as caught:
        one_frame(push_decoder(), text(message(**changes)))
    assert caught.value.field == field


@pytest.mark.parametrize("captured_ns", [6, 7])
def test_times_must_increase(captured_ns: int) -> None:
    decoder = push_decoder()
    one_frame(decoder, text(message(7)))
    with pytest.raises(ClientError, match="times must increase"):
        one_frame(decoder, text(message(captured_ns)))


def test_a_text_that_utf_8_cannot_hold_is_refused() -> None:
    data = text(message(truth="x", more=1.5)).replace('"x"', '"\\ud800"').replace("1.5", "NaN")
    with pytest.raises(ClientError, match="surrogate") as caught:
        one_frame(push_decoder(), data)
    assert caught.value.field == "truth"


@pytest.mark.parametrize("later_ns", [2**61 + 8, 2**62])
def test_times_stay_so_near_that_all_their_differences_can_be_represented(later_ns: int) -> None:
    decoder = push_decoder()
    one_frame(decoder, text(message(-(2**62))))
    with pytest.raises(ClientError, match="73 years") as caught:
        one_frame(decoder, text(message(later_ns)))
    assert caught.value.field == "captured_ns"
    one_frame(decoder, text(message(-(2**62) + 10**9)))


def test_the_times_of_a_first_message_stay_near_too() -> None:
    frames = [Frame("s", i, t_ns, (), KINECT_V2) for i, t_ns in enumerate([-(2**62), 2**62])]
    with pytest.raises(ClientError, match="73 years"):
        push_decoder().read(encode_frames(frames))


@pytest.mark.parametrize("name", ["hall", "0", "a-b_c", "x" * 64])
def test_valid_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "A", "a.b", "a/b", "x" * 65, "a\n", "é"])
def test_invalid_names(name: str) -> None:
    with pytest.raises(ClientError):
        check_name(name)


def test_a_joint_of_zeros_was_not_seen() -> None:
    joints = pose()
    joints[3] = 0
    body = {"id": 1, "joints_m": joints.tolist(), "confidence": [1.0] * 25}
    (seen,) = one_frame(push_decoder(), text(message(bodies=[body]))).bodies
    assert np.flatnonzero(seen.confidence == 0).tolist() == [3]
