"""Orders to the inference process, and its reports. Packets carry them as msgpack."""

from __future__ import annotations

from typing import Literal

import msgspec

from models.live.events import Action
from service.engine.stream import State
from service.settings import Settings
from service.wire.messages import StreamInfo


class Setup(msgspec.Struct, frozen=True, tag=True):
    """The first order: the settings of the process; see `service.engine.engine.Engine`."""

    model: str | None
    device: Literal["auto", "cpu", "cuda"]
    threads: int | None
    catch_up: int | None
    max_bodies: int
    min_confidence: float
    relevance_hz: float
    queue_frames: int
    why_actions: int = 0


class Add(msgspec.Struct, frozen=True, tag=True):
    """Open a stream; blocks and frames refer to it by `number`."""

    number: int
    name: str
    kind: str
    note: str


class Remove(msgspec.Struct, frozen=True, tag=True):
    """Close a stream, after everything that was sent before."""

    number: int


class Changed(msgspec.Struct, frozen=True, tag=True):
    """Set a new state of a stream."""

    number: int
    state: State
    note: str


class Dropped(msgspec.Struct, frozen=True, tag=True):
    """Count frames of a stream that were lost on the way to the process."""

    number: int
    frames: int


class Want(msgspec.Struct, frozen=True, tag=True):
    """Set whether anybody wants messages of this kind and stream."""

    kind: str
    stream: str
    wanted: bool


class Room(msgspec.Struct, frozen=True, tag=True):
    """Ask for a report when the stream's queue has room. The report is the same struct."""

    number: int


class Ask(msgspec.Struct, frozen=True, tag=True):
    """Ask for the frames of the action with this id; `Found` with the same number answers."""

    number: int
    id: str


Order = Setup | Add | Remove | Changed | Dropped | Want | Room | Ask


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The model is loaded, and streams can be opened."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The model could not be loaded."""

    text: str


class Beat(msgspec.Struct, frozen=True, tag=True):
    """The engine has made progress."""


class Counts(msgspec.Struct, frozen=True, tag=True):
    """The streams that changed, and the numbers of explanations made and dropped so far."""

    streams: list[StreamInfo]
    explained: int
    dropped: int


class Predicted(msgspec.Struct, frozen=True, tag=True):
    """One batch of predictions: its clock readings, in nanoseconds, and their number."""

    taken_ns: int
    featured_ns: int
    predicted_ns: int
    predictions: int


class Explained(msgspec.Struct, frozen=True, tag=True):
    """One batch of explanations: the number of windows, and the time that it took."""

    windows: int
    duration_ns: int


class Found(msgspec.Struct, frozen=True, tag=True):
    """The frames of an action: see `ActionFrames`. `action` is None if they are not kept.

    `features` are float32 (F, 18, 4).
    """

    number: int
    action: Action | None
    newest_ns: int
    whole: bool
    features: bytes


Report = Ready | Failed | Beat | Counts | Predicted | Explained | Room | Found


def setup_of(settings: Settings, queue_frames: int) -> Setup:
    """Return the part of the service's settings that the process needs."""
    return Setup(
        model=None if settings.model is None else str(settings.model.absolute()),
        device=settings.device,
        threads=settings.threads or None,
        catch_up=settings.catch_up,
        max_bodies=settings.max_bodies,
        min_confidence=settings.min_confidence,
        relevance_hz=settings.relevance_hz,
        queue_frames=queue_frames,
        why_actions=settings.why_actions,
    )
