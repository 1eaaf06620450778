"""The answers of the REST routes, one small class each."""

from __future__ import annotations

from typing import Literal

import msgspec

from models.card import ModelCard
from service.wire.messages import ActionMessage, JointShare, StreamInfo


class ActionSpan(msgspec.Struct, frozen=True):
    """An action from start to end, in seconds from the clip's first frame.

    `confidence` is the highest it reached; `joints` are the top ones when it was surest.
    """

    label: str
    start_s: float
    end_s: float
    confidence: float
    joints: list[JointShare]
    body: int


class ClipFrames(msgspec.Struct, frozen=True):
    """A body at an even rate from `start_s`: F frames, J joints in the model's layout.

    Where the body was out of sight, all confidences of the frame are 0.
    """

    rate_hz: float
    start_s: float
    joints_m: list[list[tuple[float, float, float]]]
    confidence: list[list[float]]


class BodyTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """One body of a clip: P predictions, C labels, J joints.

    `label` is the one name of it all: that of the action that was surest at any moment, background
    where none was sure; `confidence` is how sure it was then.
    `relevance` (P, J) says of each prediction which joints' movement made `relevance_labels`;
    `residual_max` is the most that the relevance of one prediction misses its logit by.
    """

    body: int
    label: str
    confidence: float
    actions: list[ActionSpan]
    times_s: list[float]
    probabilities: list[list[float]]
    relevance: list[list[float]]
    relevance_labels: list[str]
    residual_max: float
    frames: ClipFrames | None = None


class ClipAnswer(BodyTimeline, frozen=True, kw_only=True):
    """A clip's timeline: that of its main body, and the `others` it holds."""

    name: str
    format: str
    layout: str
    duration_s: float
    labels: list[str]
    others: list[BodyTimeline]


class StreamsAnswer(msgspec.Struct, frozen=True):
    """All open streams."""

    streams: list[StreamInfo]


class ModelAnswer(msgspec.Struct, frozen=True):
    """The model card, what the model runs on, and whether class exemplars are there."""

    card: ModelCard
    provider: str
    exemplars: bool


class ExemplarsAnswer(msgspec.Struct, frozen=True):
    """The labels that have an exemplar, in the order of their index."""

    labels: list[str]


class Exemplar(msgspec.Struct, frozen=True):
    """An averaged clip of one class: F frames, joints (F, J, 3) metres, confidence (J,)."""

    label: str
    rate_hz: float
    joints_m: list[list[tuple[float, float, float]]]
    confidence: list[float]


class ActionsAnswer(msgspec.Struct, frozen=True):
    """The last starts and ends of actions, oldest first."""

    actions: list[ActionMessage]


class RecordingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A recording: under way, finished, or failed, with a `note` that says why it ended.

    `seconds` and `frames` are not known of one that was made before the service was started.
    """

    name: str
    stream: str
    state: Literal["recording", "finished", "failed"]
    bytes: int
    note: str = ""
    seconds: float | None = None
    frames: int | None = None


class RecordingsAnswer(msgspec.Struct, frozen=True):
    """All recordings, newest first; `enabled` says whether the service may record at all."""

    enabled: bool
    recordings: list[RecordingInfo]


class RecordingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which stream to record, and for how many seconds at most (none: until it is stopped)."""

    stream: str
    seconds: float | None = None


class HealthAnswer(msgspec.Struct, frozen=True):
    """Whether the service works: `ok`, else which streams are not well."""

    ok: bool
    version: str
    uptime_s: float
    subscribers: int
    unwell: list[str]


class ErrorAnswer(msgspec.Struct, frozen=True):
    """One sentence: what is wrong, and the mend."""

    error: str
