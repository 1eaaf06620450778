"""Messages round-trip in both encodings; wrong pushed messages name the field."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ClientError
from service.wire.encoding import Encoding, Envelope, decode, encode, kind_of
from service.wire.messages import (
    ActionMessage,
    BodyData,
    ErrorMessage,
    FrameMessage,
    Hello,
    JointShare,
    LayoutInfo,
    Message,
    ModelInfo,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)
from service.wire.pushed import decode_pushed

INFO = StreamInfo("hall", "demo", "live", "a note", 1, 2, 3, 4)
MODEL = ModelInfo("m", ["background", "wave"], "background", ["Head"], 30.0, 192, "CPU")
TIMES = Timings(1.0, 2.0, 3.0, 4.0, 10.0)
RELEVANCE = Relevance("wave", 2.5, 0.5, 1e-7, 4, [1.0, 1.0], [[0.5, 0.5], [0.5, 0.5]])
MESSAGES: list[Message] = [
    Hello(1, MODEL, LayoutInfo("two", ["a", "b"], [(0, 1)]), [INFO], 123),
    FrameMessage([BodyData(1, [(0.1, 0.2, 0.3)], [1.0])], 9, 2, "hall", "kinect-v2", "wave", TIMES),
    PredictionMessage("hall", [1], 2, 9, "wave", 0.9, [0.1, 0.9], TIMES),
    RelevanceMessage("hall", [1], 2, 9, RELEVANCE, TIMES),
    ActionMessage("hall", [1], "wave", "start", 9, 8, 0.9, [JointShare("a", 0.5)], TIMES),
    StatusMessage(INFO, 9),
    ErrorMessage("wrong", "max_hz"),
]


@pytest.mark.parametrize("encoding", get_args(Encoding))
@pytest.mark.parametrize("message", MESSAGES, ids=kind_of)
def test_every_message_round_trips(message: Message, encoding: Encoding) -> None:
    assert decode(encode(message, encoding), encoding) == message


def test_every_kind_is_tested() -> None:
    assert {type(message) for message in MESSAGES} == set(get_args(Message))


def test_an_envelope_encodes_once_per_encoding() -> None:
    message = MESSAGES[4]
    envelope = Envelope(message)
    assert envelope.encoded("json") is envelope.encoded("json")
    assert envelope.framed("json") is envelope.framed("json")
    assert decode(envelope.encoded("json"), "json") == message
    assert decode(envelope.encoded("msgpack"), "msgpack") == message


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_arbitrary_data_is_a_client_error(data: bytes | str) -> None:
    with pytest.raises(ClientError):
        decode_pushed(data)


def test_unknown_coordinates_may_be_null_or_nan() -> None:
    text = (
        '{"bodies": [{"id": 1, "joints_m": [[NaN, 1, 2], null, [null, 1, 2]]}], "captured_ns": 1}'
    )
    for data in (text, text.replace("NaN", "null")):
        assert len(decode_pushed(data).bodies[0].joints_m) == 3
    packed = {"captured_ns": 1, "bodies": [{"id": 1, "joints_m": [[float("nan"), 1.0, 2.0]]}]}
    assert decode_pushed(msgspec.msgpack.encode(packed)).captured_ns == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"bodies": []}', ""),
        ('{"bodies": [], "captured_ns": "now"}', "captured_ns"),
        ('{"bodies": [{"id": 1, "joints_m": [[1, 2]]}], "captured_ns": 1}', "joints_m"),
        ('{"type": "action", "bodies": [], "captured_ns": 1}', "type"),
        ("{", ""),
        ("[NaN", ""),
        ("[" * 100_000, ""),
    ],
)
def test_a_wrong_push_names_the_field(text: str, field: str) -> None:
    with pytest.raises(ClientError) as caught:
        decode_pushed(text)
    assert field in caught.value.field and "\n" not in str(caught.value)
