"""What the engine publishes, kept in a list."""

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


class Outlet:
    """Wants everything, unless told otherwise; `ended` is set once a stream has ended."""

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


def offline(
    model: Predictor, frames: Iterable[Frame], stream: str = "recording", explain: bool = False
) -> list[Message]:
    """The messages of a recording that runs through the live path at full speed."""
    return [message_of(event) for event in run_frames(model, frames, stream, explain)]


def said(
    messages: Iterable[Message], stream: str | None = None
) -> list[PredictionMessage | ActionMessage]:
    """Predictions and actions without what depends on the machine: timings, and joints.

    An update that comes only to bring joints is left out: it repeats a moment.
    """
    told: list[PredictionMessage | ActionMessage] = []
    newest: dict[tuple[str, int], ActionMessage] = {}
    for message in messages:
        if not isinstance(message, PredictionMessage | ActionMessage):
            continue
        if stream not in (None, message.stream):
            continue
        bare = msgspec.structs.replace(message, timings=Timings())
        if isinstance(bare, ActionMessage):
            bare = msgspec.structs.replace(bare, joints=[])
            who = (bare.stream, bare.body_ids[0])
            before, newest[who] = newest.get(who), bare
            if bare.phase == "update" and before and before.at_ns == bare.at_ns:
                continue
        told.append(bare)
    return told


def reasons(messages: Iterable[Message]) -> list[RelevanceMessage]:
    """Relevance, in order."""
    return [m for m in messages if isinstance(m, RelevanceMessage)]


def phases(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """Starts and ends in order: (phase, label)."""
    return [
        (m.phase, m.label) for m in messages if isinstance(m, ActionMessage) and m.phase != "update"
    ]
