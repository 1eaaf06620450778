"""Examples of the websocket messages, for the published documents. Their lists are shortened."""

from __future__ import annotations

from service.wire.messages import (
    PROTOCOL_VERSION,
    ActionMessage,
    BodyData,
    ErrorMessage,
    FrameMessage,
    Hello,
    JointShare,
    LayoutInfo,
    Message,
    ModelInfo,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)

OFFSET_NS = 1_796_056_800_000_000_000
"""The Unix time at which the monotonic clock of the examples was 0."""
LABELS = ["background", "right_punch", "front_right_kick"]
JOINTS = ["ElbowRight", "WristRight", "HandRight"]
SHARES = [JointShare("HandRight", 0.56), JointShare("WristRight", 0.41)]
STREAM = StreamInfo("hall", "azure-kinect", "live", "", 1, 5130, 1276, 0)
TIMES = Timings(0.9, 0.2, 1.4, 0.0, 2.7)

START = ActionMessage(
    stream="hall",
    body_ids=[1],
    label="right_punch",
    phase="start",
    at_ns=171_300_000_000,
    started_ns=170_900_000_000,
    confidence=0.93,
    joints=[],
    timings=TIMES,
)
END = ActionMessage(
    stream="hall",
    body_ids=[1],
    label="right_punch",
    phase="end",
    at_ns=172_500_000_000,
    started_ns=170_900_000_000,
    confidence=0.07,
    joints=SHARES,
    timings=TIMES,
    ended_ns=172_300_000_000,
)

MESSAGES: tuple[Message, ...] = (
    Hello(
        version=PROTOCOL_VERSION,
        model=ModelInfo(
            id="res-tcn-shipped-0",
            labels=LABELS,
            background="background",
            joints_used=JOINTS,
            rate_hz=30.0,
            window_frames=168,
            provider="CPUExecutionProvider",
        ),
        layout=LayoutInfo("kinect-v2", JOINTS, [(0, 1), (1, 2)]),
        streams=[STREAM],
        wall_offset_ns=OFFSET_NS,
    ),
    FrameMessage(
        bodies=[
            BodyData(
                id=1,
                joints_m=[(0.31, 0.22, 2.41), (0.28, 0.35, 2.2), (0.27, 0.38, 2.13)],
                confidence=[1.0, 1.0, 0.5],
            )
        ],
        captured_ns=171_298_000_000,
        sequence=5130,
        stream="hall",
    ),
    PredictionMessage(
        stream="hall",
        body_ids=[1],
        sequence=5130,
        captured_ns=171_298_000_000,
        label="right_punch",
        confidence=0.93,
        probabilities=[0.05, 0.93, 0.02],
        timings=TIMES,
    ),
    RelevanceMessage(
        stream="hall",
        body_ids=[1],
        sequence=5130,
        captured_ns=171_298_000_000,
        relevance=Relevance(
            label="right_punch",
            logit=3.05,
            reference=-2.48,
            residual=-2e-7,
            step_frames=84,
            joints=[0.16, 2.27, 3.1],
            map=[[0.05, 0.4, 0.6], [0.11, 1.87, 2.5]],
        ),
        timings=Timings(3.1, 0.0, 0.0, 8.4, 11.5),
    ),
    START,
    StatusMessage(STREAM, 130_000_000_000),
    ErrorMessage("max_hz is a number from 0.01 to 1000, not '5000'", "max_hz"),
)
"""One message of each kind."""
