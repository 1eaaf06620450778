"""The messages of the websockets: one small class each, in one tagged union on `type`.

Times are nanoseconds on the service's monotonic clock. The sum of a time and `Hello.wall_offset_ns`
is Unix time. Joints are in metres, in camera space and in the canonical layout that `Hello` names.
Messages are JSON, or msgpack on request, with the same fields.

To add a kind, add its class here, and add it to `Message` and `MESSAGE_KINDS`. Build it in
`message_building`; record it in `service/recording/mcap_topics.py`; name its fields for the page in
`service/viewer/src/wire/messages.ts`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

PROTOCOL_VERSION = 2


class Relevance(msgspec.Struct, frozen=True):
    """Which joints' movement made `label`, and when.

    `map` has one row for each `step_frames` frames of the window, oldest first, newest last, and
    J columns. Everything in it adds up to `logit - reference`, where `reference` is the logit of
    a person who holds the window's mean pose; `residual` is what the sum misses by. `joints` is
    the sum over time, (J,).
    """

    label: str
    logit: float
    reference: float
    residual: float
    step_frames: int
    joints: list[float]
    map: list[list[float]]


class JointShare(msgspec.Struct, frozen=True):
    """A joint and its share of the positive relevance, 0-1."""

    joint: str
    share: float


class LayoutInfo(msgspec.Struct, frozen=True):
    """The joints that `frame` and `relevance` speak of: J names and the bones between them."""

    name: str
    joints: list[str]
    bones: list[tuple[int, int]]


class ModelInfo(msgspec.Struct, frozen=True):
    """What a client needs of the model card; the whole card is at `GET /model`."""

    id: str
    labels: list[str]
    background: str
    joints_used: list[str]
    rate_hz: float
    window_frames: int
    provider: str


class StreamInfo(msgspec.Struct, frozen=True):
    """One stream: its name, what feeds it, its state, and a note that people should read.

    `kind` is the scheme of its source ("demo", "replay", "push", ...).
    """

    name: str
    kind: str
    state: Literal["waiting", "live", "ended", "lost", "failed"]
    note: str = ""
    bodies: int = 0
    frames: int = 0
    predictions: int = 0
    dropped: int = 0


class Timings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the time went from the frame's capture to this message, in milliseconds."""

    queue_ms: float = 0.0
    features_ms: float = 0.0
    model_ms: float = 0.0
    relevance_ms: float = 0.0
    total_ms: float = 0.0


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message to every subscriber; `streams` are those it asked for that are open."""

    version: int
    model: ModelInfo
    layout: LayoutInfo
    streams: list[StreamInfo]
    wall_offset_ns: int


class BodyData(msgspec.Struct, frozen=True):
    """One person: J triples of metres and J confidences 0-1, in the order of the layout."""

    id: int
    joints_m: list[tuple[float, float, float]]
    confidence: list[float] | None = None


class FrameMessage(msgspec.Struct, frozen=True, tag="frame"):
    """One camera frame. A pusher sends the same; there, `stream` is taken from the URL.

    `truth` is the label a recording carries for this moment, for display and scoring only.
    """

    bodies: list[BodyData]
    captured_ns: int
    sequence: int = 0
    stream: str = ""
    layout: str = "kinect-v2"
    truth: str | None = None
    timings: Timings = Timings()


class PredictionMessage(msgspec.Struct, frozen=True, tag="prediction"):
    """What the model thinks at one moment, before the decision what has begun or ended."""

    stream: str
    body_ids: list[int]
    sequence: int
    captured_ns: int
    label: str
    confidence: float
    probabilities: list[float]
    timings: Timings


class RelevanceMessage(msgspec.Struct, frozen=True, tag="relevance"):
    """Why the model thinks so: the relevance of one prediction, some milliseconds after it.

    `stream`, `body_ids`, `sequence` and `captured_ns` are those of its prediction. Under load not
    every prediction has one.
    """

    stream: str
    body_ids: list[int]
    sequence: int
    captured_ns: int
    relevance: Relevance
    timings: Timings


class ActionMessage(msgspec.Struct, frozen=True, tag="action"):
    """An action that starts, goes on, or ends. Every start is followed by exactly one end.

    Live, `joints` is empty at the start. An update brings them as soon as the start is explained,
    and later updates and the end carry the newest. They stay empty where nobody wants `relevance`
    of the stream.

    `at_ns` is when this was decided, `started_ns` when the action began, as it then seemed. An end
    says in `ended_ns` when the action was over, which is sooner than was known.
    """

    stream: str
    body_ids: list[int]
    label: str
    phase: Literal["start", "update", "end"]
    at_ns: int
    started_ns: int
    confidence: float
    joints: list[JointShare]
    timings: Timings = Timings()
    ended_ns: int | None = None


class StatusMessage(msgspec.Struct, frozen=True, tag="status"):
    """A stream changed its state."""

    stream: StreamInfo
    at_ns: int


class ErrorMessage(msgspec.Struct, frozen=True, tag="error"):
    """A request that was not understood: what is wrong, where, and the mend, in one line."""

    text: str
    field: str = ""


Message = (
    Hello
    | FrameMessage
    | PredictionMessage
    | RelevanceMessage
    | ActionMessage
    | StatusMessage
    | ErrorMessage
)

MESSAGE_KINDS = ("frame", "prediction", "relevance", "action", "status")
"""The kinds that a subscriber may choose with `?messages=`; hello and error are always sent."""
