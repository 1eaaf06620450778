"""A message sink that keeps messages in a list, and functions to compare them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import msgspec

from models.live.offline import run_frames
from models.live.outcomes import Predictor
from sensor.skeleton import Frame
from service.wire.encoding import Envelope
from service.wire.message_building import message_of
from service.wire.messages import (
    ActionMessage,
    Message,
    PredictionMessage,
    RelevanceMessage,
    StatusMessage,
    Timings,
)


class MessageList:
    """Keeps all messages. `ended` is set once a stream has ended.

    With `wanted`, it wants messages of every kind and stream, or else none.
    """

    def __init__(self, wanted: bool = True) -> None:
        self.messages: list[Message] = []
        self.wants_all = wanted
        self.ended = threading.Event()

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        for message in (envelope.message for envelope in envelopes):
            self.messages.append(message)
            if isinstance(message, StatusMessage) and message.stream.state == "ended":
                self.ended.set()

    def wanted(self, kind: str, stream: str) -> bool:
        return self.wants_all


def offline_messages(
    model: Predictor, frames: Iterable[Frame], stream: str = "recording", explain: bool = False
) -> list[Message]:
    """Return the messages of a recording that runs through the live path at full speed."""
    return [message_of(event) for event in run_frames(model, frames, stream, explain)]


def comparable(
    messages: Iterable[Message], stream: str | None = None
) -> list[PredictionMessage | ActionMessage]:
    """Return predictions and actions without timings and joints, which depend on the machine.

    Updates that only bring joints are left out: they have the time of the message before.
    """
    kept: list[PredictionMessage | ActionMessage] = []
    newest: dict[tuple[str, int], ActionMessage] = {}
    for message in messages:
        if not isinstance(message, PredictionMessage | ActionMessage):
            continue
        if stream not in (None, message.stream):
            continue
        bare = msgspec.structs.replace(message, timings=Timings())
        if isinstance(bare, ActionMessage):
            bare = msgspec.structs.replace(bare, joints=[])
            body = (bare.stream, bare.body_ids[0])
            before, newest[body] = newest.get(body), bare
            if bare.phase == "update" and before and before.at_ns == bare.at_ns:
                continue
        kept.append(bare)
    return kept


def relevance_messages(messages: Iterable[Message]) -> list[RelevanceMessage]:
    """Return the relevance messages, in order."""
    return [m for m in messages if isinstance(m, RelevanceMessage)]


def states(messages: Iterable[Message]) -> list[str]:
    """Return the states of streams, in order."""
    return [m.stream.state for m in messages if isinstance(m, StatusMessage)]


def phases(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """Return starts and ends of actions, in order: (phase, label)."""
    return [
        (m.phase, m.label) for m in messages if isinstance(m, ActionMessage) and m.phase != "update"
    ]


def states_and_phases(messages: Iterable[Message], stream: str) -> list[str]:
    """Return the states of a stream, and the starts and ends of its actions, in order."""
    kept = []
    for m in messages:
        if isinstance(m, StatusMessage) and m.stream.name == stream:
            kept.append(m.stream.state)
        elif isinstance(m, ActionMessage) and m.stream == stream and m.phase != "update":
            kept.append(m.phase)
    return kept
