"""Encodes and decodes messages as JSON text or msgpack, with the same fields in both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    RelevanceMessage,
    StatusMessage,
)
from service.wire.websocket_frames import message_frame

Encoding = Literal["json", "msgpack"]
FloatArray = NDArray[np.float32]

_JSON = msgspec.json.Encoder()
_MSGPACK = msgspec.msgpack.Encoder()
_FROM_JSON: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_FROM_MSGPACK: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


class Envelope:
    """A message on its way to many readers; it is encoded once for each encoding."""

    __slots__ = ("_encoded", "_framed", "_message", "bodies", "kind", "stream")

    def __init__(self, message: Message) -> None:
        self._message: Message | None = message
        self.kind = kind_of(message)
        self.stream = stream_of(message)
        self.bodies = bodies_of(message)
        self._encoded: dict[Encoding, bytes] = {}
        self._framed: dict[Encoding, bytes] = {}

    @classmethod
    def of_json(cls, kind: str, stream: str, bodies: Sequence[int], data: bytes) -> Envelope:
        """Wrap a message that is already encoded as JSON, given its kind, stream and bodies."""
        envelope = object.__new__(cls)
        envelope._message = None
        envelope.kind, envelope.stream, envelope.bodies = kind, stream, bodies
        envelope._encoded, envelope._framed = {"json": data}, {}
        return envelope

    @property
    def message(self) -> Message:
        """The message, decoded at the first use if necessary."""
        if self._message is None:
            self._message = decode(self._encoded["json"], "json")
        return self._message

    @property
    def slot(self) -> tuple[object, ...] | None:
        """The key under which a newer message replaces this one; None if it must not be lost."""
        return (self.kind, self.stream, *self.bodies) if self.kind in _REPLACED else None

    def encoded(self, encoding: Encoding) -> bytes:
        """Return the message's bytes; they are encoded at the first call."""
        data = self._encoded.get(encoding)
        if data is None:
            data = self._encoded[encoding] = encode(self.message, encoding)
        return data

    def framed(self, encoding: Encoding) -> bytes:
        """Return the message as a complete websocket frame, which is built at the first call."""
        data = self._framed.get(encoding)
        if data is None:
            data = message_frame(self.encoded(encoding), text=encoding == "json")
            self._framed[encoding] = data
        return data


_REPLACED = ("frame", "prediction", "relevance")
_OF_A_STREAM = (FrameMessage, PredictionMessage, RelevanceMessage, ActionMessage)


def kind_of(message: Message) -> str:
    """Return the kind of a message: its `type` on the wire."""
    return _tag(type(message))


@cache
def _tag(kind: type[Message]) -> str:
    return str(kind.__struct_config__.tag)


def stream_of(message: Message) -> str:
    """Return the stream that a message is about; "" for hello and error."""
    if isinstance(message, _OF_A_STREAM):
        return message.stream
    return message.stream.name if isinstance(message, StatusMessage) else ""


def bodies_of(message: Message) -> Sequence[int]:
    """Return the ids of the bodies that a message is about; none for all other messages."""
    if isinstance(message, PredictionMessage | RelevanceMessage | ActionMessage):
        return message.body_ids
    return ()


def encode(message: Message, encoding: Encoding) -> bytes:
    """Encode a message as JSON text (UTF-8) or msgpack."""
    return _JSON.encode(message) if encoding == "json" else _MSGPACK.encode(message)


def decode(data: bytes | str, encoding: Encoding) -> Message:
    """Decode a message. Raises msgspec.DecodeError if `data` is not one."""
    if encoding == "json":
        return _FROM_JSON.decode(data)
    assert isinstance(data, bytes)
    return _FROM_MSGPACK.decode(data)
