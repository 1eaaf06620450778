"""The socket of a subscriber, and small messages to send to it."""

from __future__ import annotations

from service.publish.send_queue import SendQueue
from service.publish.subscription import Subscription
from service.wire.encoding import Envelope, decode
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)


class SubscriberSocket:
    """Keeps the frames that it is sent; it is full after `room` frames."""

    def __init__(self, room: int = 10**9) -> None:
        self.frames: list[bytes] = []
        self.room = room

    @property
    def full(self) -> bool:
        return len(self.frames) >= self.room

    def send_frame(self, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def messages(self) -> list[Message]:
        return [decode(frame[frame.index(b"{") :], "json") for frame in self.frames]


def frame(n: int, stream: str = "a") -> FrameMessage:
    return FrameMessage(bodies=[], captured_ns=n, sequence=n, stream=stream)


def prediction(n: int, body: int = 1, stream: str = "a") -> PredictionMessage:
    return PredictionMessage(stream, [body], n, n, "wave", 0.9, [0.1, 0.9], Timings())


def relevance(n: int, body: int = 1) -> RelevanceMessage:
    values = Relevance("wave", 1.0, 0.5, 0.0, 4, [0.5], [[0.5]])
    return RelevanceMessage("a", [body], n, n, values, Timings())


def action(n: int, stream: str = "a") -> ActionMessage:
    return ActionMessage(stream, [1], "wave", "start", n, n, 0.9, [])


def status(stream: str = "a") -> StatusMessage:
    return StatusMessage(StreamInfo(stream, "test", "live"), 1)


def offer(receiver: SendQueue | Subscription, *messages: Message) -> None:
    for message in messages:
        receiver.offer(Envelope(message))
