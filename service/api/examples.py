"""Examples of REST answers and requests, for the OpenAPI document. Their lists are shortened."""

from __future__ import annotations

from typing import Any

import msgspec

from models.card import DataCredit, ModelCard, Thresholds
from models.features import FeatureSettings
from service.api.atlas_examples import ATLAS, UNIT
from service.api.message_examples import END, JOINTS, LABELS, OFFSET_NS, SHARES, START, STREAM
from service.api.why_example import WHY
from service.wire import answers
from service.wire.message_building import past_action

_POSE = [(0.31, 0.22, 2.41), (0.28, 0.35, 2.2), (0.27, 0.38, 2.13)]

_CARD = ModelCard(
    id="res-tcn-shipped-0",
    labels=LABELS,
    background="background",
    layout="kinect-v2",
    joints_used=JOINTS,
    actors=1,
    rate_hz=30.0,
    window_frames=168,
    receptive_frames=166,
    stride_frames=4,
    features=FeatureSettings(),
    trained_on=[
        DataCredit(
            name="PRECOG 2016",
            people=[1, 2, 3, 4, 5, 6, 7, 8],
            citation="Continuous streams of punches and kicks, Kinect skeletons, 2016",
            terms="MIT",
        )
    ],
    scores={"validation_clips_found_live": 0.8764},
    temperature=0.53,
    thresholds=Thresholds(enter=0.7, patience=4, release=1, again=0.95, lag_s=0.2),
    relevance="DeepLIFT rescale rule; reference: the window's mean pose held still",
    sha256="ea6d9b2732e5533cbf53ffeef82c9f6d6228a8548333a92600fc2673cdfb1b9a",
)

_CLIP = answers.ClipAnswer(
    name="walk",
    format="kinect-v2-csv",
    layout="kinect-v2",
    duration_s=3.2,
    labels=LABELS,
    others=[],
    body=1,
    label="right_punch",
    confidence=0.91,
    actions=[answers.ActionSpan("right_punch", 0.9, 2.3, 0.93, SHARES, 1)],
    times_s=[1.2, 1.333333],
    probabilities=[[0.12, 0.85, 0.03], [0.05, 0.93, 0.02]],
    relevance=[[0.12, 1.95, 2.8], [0.16, 2.27, 3.1]],
    relevance_labels=["right_punch", "right_punch"],
    residual_max=2e-7,
    frames=answers.ClipFrames(30.0, 0.0, [_POSE], [[1.0, 1.0, 0.5]]),
)

_RECORDING = answers.RecordingInfo(
    name="hall-20261130-143012.mcap",
    stream="hall",
    state="recording",
    bytes=1_048_576,
    seconds=12.5,
    frames=375,
)

_EXAMPLES: tuple[msgspec.Struct, ...] = (
    _CLIP,
    answers.StreamsAnswer([STREAM]),
    answers.ModelAnswer(_CARD, "CPUExecutionProvider", True),
    answers.ExemplarsAnswer(LABELS[1:]),
    answers.Exemplar("right_punch", 30.0, [_POSE], [1.0, 1.0, 1.0]),
    ATLAS,
    UNIT,
    answers.ActionsAnswer([past_action(START, OFFSET_NS), past_action(END, OFFSET_NS)]),
    WHY,
    answers.RecordingsAnswer(True, [_RECORDING]),
    _RECORDING,
    answers.RecordingRequest("hall", 60.0),
    answers.HealthAnswer(True, "0.1.0", 3605.2, 2, []),
)

METRICS = """\
# HELP jointwise_subscribers Open subscriptions.
# TYPE jointwise_subscribers gauge
jointwise_subscribers 2.0
"""
CLIP_FORM = {"file": "0,0.1,-0.1,2.5,2,0.1,0.2,2.5,2,… (the content of walk.csv)"}
MCAP = "\x89MCAP0\r\n… (binary)"


def example_of(name: str) -> Any:
    """Return the example of the type with this name, as JSON values."""
    example = next(one for one in _EXAMPLES if type(one).__name__ == name)
    return msgspec.to_builtins(example)


def error_example(text: str) -> Any:
    """Return an `ErrorAnswer` with this text, as JSON values."""
    return msgspec.to_builtins(answers.ErrorAnswer(text))
