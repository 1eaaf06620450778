"""The answers of the REST routes, one class each.

The docstrings of the classes and fields are published as descriptions in `/openapi.json`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from models.card import ModelCard
from service.wire.messages import ActionMessage, JointShare, StreamInfo
from service.wire.why import WhyAnswer


class ActionSpan(msgspec.Struct, frozen=True):
    """An action in a clip. Times are seconds from the clip's first frame."""

    label: str
    start_s: float
    end_s: float
    confidence: float
    """The highest probability during the action, 0 to 1."""
    joints: list[JointShare]
    """The joints with the largest shares at the moment of the highest probability."""
    body: int
    """The id of the person."""


class ClipFrames(msgspec.Struct, frozen=True):
    """The skeletons of one person at an even rate, in the model's layout of J joints.

    If the person is out of view, all confidences of the frame are 0.
    """

    rate_hz: float
    start_s: float
    """Time of the first frame, in seconds from the clip's first frame."""
    joints_m: list[list[tuple[float, float, float]]]
    """x, y and z of each joint in metres, for each frame."""
    confidence: list[list[float]]
    """The confidence of each joint for each frame: from 0 (not seen) to 1."""


class BodyTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a clip: P predictions of C labels, explained by J joints."""

    body: int
    """The id of the person."""
    label: str
    """One label for the whole clip: the action with the highest smoothed probability at any moment,
    or background if no action has started."""
    confidence: float
    """That highest smoothed probability, 0 to 1."""
    actions: list[ActionSpan]
    times_s: list[float]
    """The times of the P predictions, in seconds from the clip's first frame."""
    probabilities: list[list[float]]
    """P rows of C probabilities, 0 to 1."""
    relevance: list[list[float]]
    """P rows of J values: how much each joint contributed to the row's label in
    `relevance_labels`."""
    relevance_labels: list[str]
    """The label that each row of `relevance` explains."""
    residual_max: float
    """The largest difference between a sum of relevance and the logit that it explains."""
    frames: ClipFrames | None = None
    """The skeletons; only with `?frames=true`."""
    why: list[WhyAnswer | None] | None = None
    """Why each of `actions` has its label; only with `?why=true`. Null for an action that has no
    whole window."""


class ClipAnswer(BodyTimeline, frozen=True, kw_only=True):
    """The timeline of a clip: that of its main person, and those of the `others`.

    The main person is the one with the most predictions among those who act, or among all if nobody
    acts.
    """

    name: str
    """The name of the uploaded file, without its ending."""
    format: str
    """The file format, recognised by its content."""
    layout: str
    """The layout of the joints in the file."""
    duration_s: float
    labels: list[str]
    """The C labels, in the order of `probabilities`."""
    others: list[BodyTimeline]
    notes: list[str] = []
    """Lines about what is doubtful, such as a frame rate that had to be assumed."""


class StreamsAnswer(msgspec.Struct, frozen=True):
    """All open streams."""

    streams: list[StreamInfo]


class ModelAnswer(msgspec.Struct, frozen=True):
    """The model card and how the model runs."""

    card: ModelCard
    provider: str
    """The ONNX Runtime execution provider that runs the model."""
    exemplars: bool
    """Whether the model has averaged motions of its classes (`GET /exemplars`)."""


class ExemplarsAnswer(msgspec.Struct, frozen=True):
    """The labels that have an averaged motion."""

    labels: list[str]
    """The position of a label in this list is its index in `GET /exemplars/{index}`."""


class Exemplar(msgspec.Struct, frozen=True):
    """The averaged motion of one class. It shows no real person."""

    label: str
    rate_hz: float
    joints_m: list[list[tuple[float, float, float]]]
    """x, y and z of each joint in metres, for each frame."""
    confidence: list[float]
    """1 for each joint that the model uses, 0 for the others."""


class PastAction(ActionMessage, frozen=True, kw_only=True, tag="action"):
    """The start or end of an action, with its times on two clocks.

    The fields `..._unix_ns` are Unix times. The others are on the service's monotonic clock, as in
    the messages of the websocket.
    """

    id: str
    """The id of the action for `GET /actions/{id}/why`: `stream:body_ids[0]:started_ns`, the same
    for its start and its end."""
    at_unix_ns: int
    """`at_ns` as Unix time, in nanoseconds."""
    started_unix_ns: int
    """`started_ns` as Unix time, in nanoseconds."""
    ended_unix_ns: int | None = None
    """`ended_ns` as Unix time, in nanoseconds; only at the end."""


class ActionsAnswer(msgspec.Struct, frozen=True):
    """The last starts and ends of actions, oldest first."""

    actions: list[PastAction]


class RecordingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A recording of a stream."""

    name: str
    """The name of the file, to fetch or stop the recording."""
    stream: str
    state: Literal["recording", "finished", "failed"]
    bytes: int
    """Size of the file."""
    note: str = ""
    """The reason why the recording ended."""
    seconds: float | None = None
    """Length; null for a file that was there when the service started."""
    frames: int | None = None
    """Number of frames; null for a file that was there when the service started."""


class RecordingsAnswer(msgspec.Struct, frozen=True):
    """All recordings, newest first."""

    enabled: bool
    """Whether the service may record."""
    recordings: list[RecordingInfo]


class RecordingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stream to record."""

    stream: str
    seconds: float | None = None
    """Stop after this many seconds; null: record until it is stopped."""


class HealthAnswer(msgspec.Struct, frozen=True):
    """The state of the service."""

    ok: bool
    """Whether the inference thread runs."""
    version: str
    """The version of Jointwise."""
    uptime_s: float
    """Seconds since the service started."""
    subscribers: int
    """Websocket clients that receive messages."""
    unwell: list[str]
    """Names of streams that are lost or have failed."""


class ErrorAnswer(msgspec.Struct, frozen=True):
    """A request that was refused or failed."""

    error: str
    """The problem and the remedy, in one line."""
