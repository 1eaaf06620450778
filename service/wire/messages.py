"""The websocket messages: one class each, in one union that is tagged with `type`.

Times are nanoseconds on the service's monotonic clock. Add `Hello.wall_offset_ns` to get Unix time.
Joints are in metres, in camera space (y up, z away from the sensor, x to its left), in the layout
that `Hello` names. Messages are JSON, or msgpack on request, with the same fields.

The docstrings of the classes and fields are published as descriptions in `/asyncapi.json` and
`/openapi.json`.

To add a kind, add its class here, and add it to `Message` and `MESSAGE_KINDS`. Build it in
`message_building`; record it in `service/recording/mcap_topics.py`; name its fields for the page in
`service/viewer/src/wire/messages.ts`; give an example in `service/api/message_examples.py`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

PROTOCOL_VERSION = 2


class Relevance(msgspec.Struct, frozen=True):
    """How much each joint contributed to a label, at each moment of the window.

    All values of `map` and `residual` add up to `logit - reference`.
    """

    label: str
    """The label that is explained."""
    logit: float
    """The model's output for the label."""
    reference: float
    """The model's output for a person who holds the mean pose of the window."""
    residual: float
    """The part of `logit - reference` that `map` does not cover; a rounding error."""
    step_frames: int
    """Frames of the window that one row of `map` covers."""
    joints: list[float]
    """The sum of `map` over time, one value for each joint."""
    map: list[list[float]]
    """One row for each `step_frames` frames, oldest first; one column for each joint."""


class JointShare(msgspec.Struct, frozen=True):
    """A joint and its share of the positive relevance, 0 to 1."""

    joint: str
    share: float


class LayoutInfo(msgspec.Struct, frozen=True):
    """The names and the order of the joints, and the bones between them."""

    name: str
    joints: list[str]
    bones: list[tuple[int, int]]
    """Pairs of indices into `joints`."""


class ModelInfo(msgspec.Struct, frozen=True):
    """The main facts about the model. `GET /model` returns the whole model card."""

    id: str
    labels: list[str]
    """The classes, in the order of `probabilities`."""
    background: str
    """The label for "no known action"."""
    joints_used: list[str]
    """The joints that the model reads."""
    rate_hz: float
    """Frames per second that the model reads."""
    window_frames: int
    """Length of the window, in frames."""
    provider: str
    """The ONNX Runtime execution provider that runs the model."""


class StreamInfo(msgspec.Struct, frozen=True):
    """A stream: its name, its source, its state and its counts."""

    name: str
    kind: str
    """The scheme of the source, such as "demo", "replay" or "push"."""
    state: Literal["waiting", "live", "ended", "lost", "failed"]
    """`waiting`: no frame has come yet; `lost`: the source is gone and may come back; `failed`: it
    cannot go on."""
    note: str = ""
    """A remark for people, such as the reason for the state."""
    bodies: int = 0
    """People in view."""
    frames: int = 0
    """Frames received."""
    predictions: int = 0
    """Predictions made."""
    dropped: int = 0
    """Frames dropped because they came faster than they could be processed."""


class Timings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The time from the capture of the frame to this message, by stage, in milliseconds.

    Stages that took no time are left out.
    """

    queue_ms: float = 0.0
    features_ms: float = 0.0
    model_ms: float = 0.0
    relevance_ms: float = 0.0
    total_ms: float = 0.0


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message to every subscriber."""

    version: int
    """The version of this protocol."""
    model: ModelInfo
    layout: LayoutInfo
    streams: list[StreamInfo]
    """The open streams among those that the subscriber asked for."""
    wall_offset_ns: int
    """Unix time minus the service's monotonic clock."""


class BodyData(msgspec.Struct, frozen=True):
    """One person in a frame."""

    id: int
    joints_m: list[tuple[float, float, float]]
    """x, y and z of each joint, in metres, in the order of the layout."""
    confidence: list[float] | None = None
    """The confidence of each joint: from 0 (not seen) to 1. null: all joints are seen."""


class FrameMessage(msgspec.Struct, frozen=True, tag="frame"):
    """One camera frame. Pushers send the same message."""

    bodies: list[BodyData]
    captured_ns: int
    """Capture time. A pusher may use any clock that increases from frame to frame."""
    sequence: int = 0
    """The number of the frame."""
    stream: str = ""
    """The name of the stream. Pushers leave it out, since it is in their URL."""
    layout: str = "kinect-v2"
    """The layout of the joints: `kinect-v2`, `kinect-v1` or `azure-kinect`."""
    truth: str | None = None
    """The true label, if the recording has one. It is only shown and scored."""
    timings: Timings = Timings()


class PredictionMessage(msgspec.Struct, frozen=True, tag="prediction"):
    """The model's output at one moment. Actions are decided from these outputs."""

    stream: str
    body_ids: list[int]
    sequence: int
    """The number of the frame that completed the window."""
    captured_ns: int
    """The moment of the prediction, on the even time grid of the model."""
    label: str
    """The label with the highest probability."""
    confidence: float
    """The probability of `label`, 0 to 1."""
    probabilities: list[float]
    """The probability of each label of the model, 0 to 1."""
    timings: Timings


class RelevanceMessage(msgspec.Struct, frozen=True, tag="relevance"):
    """The explanation of a prediction. It follows some milliseconds later.

    `stream`, `body_ids`, `sequence` and `captured_ns` are those of the prediction. Under load, some
    predictions are not explained.
    """

    stream: str
    body_ids: list[int]
    sequence: int
    captured_ns: int
    relevance: Relevance
    timings: Timings


class ActionMessage(msgspec.Struct, frozen=True, tag="action"):
    """The start, an update or the end of an action. Each start is followed by exactly one end."""

    stream: str
    body_ids: list[int]
    label: str
    phase: Literal["start", "update", "end"]
    at_ns: int
    """The time of this decision."""
    started_ns: int
    """The estimated start of the action; before `at_ns`."""
    confidence: float
    """The smoothed probability of the label at `at_ns`, 0 to 1. At the end of an action it is low;
    the highest value since the start is the confidence of the whole action."""
    joints: list[JointShare]
    """The joints with the largest shares. Empty at the start; an update brings them as soon as they
    are computed. Always empty if no client asks for `relevance` of the stream."""
    timings: Timings = Timings()
    ended_ns: int | None = None
    """The estimated end of the action, at or before `at_ns`; only at the end."""


class StatusMessage(msgspec.Struct, frozen=True, tag="status"):
    """A stream has changed its state."""

    stream: StreamInfo
    at_ns: int
    """The time of the change."""


class ErrorMessage(msgspec.Struct, frozen=True, tag="error"):
    """A request that the service could not use."""

    text: str
    """The problem and the remedy, in one line."""
    field: str = ""
    """The field or option at fault, if there is one."""


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
"""The kinds that a subscriber can choose with `?messages=`. Hello and error are always sent."""
