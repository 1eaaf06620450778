"""Messages carry the rounded numbers of the live path's events."""

from __future__ import annotations

import numpy as np

from models.live import events
from sensor.skeleton import KINECT_V2, Body, Frame
from service.wire.message_building import frame_message, message_of, round_probabilities
from service.wire.messages import (
    ActionMessage,
    JointShare,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    Timings,
)

TIMES = Timings(total_ms=1.5)
PREDICTION = events.Prediction(
    "hall", (1,), 3, 40, "wave", np.array([0.12345649, 0.87654351], np.float32)
)


def test_a_prediction_has_six_decimals() -> None:
    assert message_of(PREDICTION, TIMES) == PredictionMessage(
        "hall", [1], 3, 40, "wave", 0.876544, [0.123456, 0.876544], TIMES
    )
    assert round_probabilities([]) == []


def test_an_explanation_has_six_decimals_and_its_residual_nine() -> None:
    relevance = np.array([[0.12345678, 0.2], [0.3, 0.4]])
    explanation = events.Explanation("wave", 1.5234567891, 0.4999999991, relevance, 4)
    message = message_of(events.Explained(PREDICTION, explanation), TIMES)
    assert message == RelevanceMessage(
        "hall",
        [1],
        3,
        40,
        Relevance(
            label="wave",
            logit=1.523457,
            reference=0.5,
            residual=round(1.5234567891 - 0.4999999991 - 1.02345678, 9),
            step_frames=4,
            joints=[0.423457, 0.6],
            map=[[0.123457, 0.2], [0.3, 0.4]],
        ),
        TIMES,
    )


def test_an_action_has_six_decimals_and_its_shares_four() -> None:
    joints = (events.JointShare("HandRight", 2 / 3), events.JointShare("WristRight", 1 / 3))
    action = events.Action("hall", (1,), "wave", "end", 9, 4, 0.12345678, joints, 8)
    assert message_of(action, TIMES) == ActionMessage(
        stream="hall",
        body_ids=[1],
        label="wave",
        phase="end",
        at_ns=9,
        started_ns=4,
        confidence=0.123457,
        joints=[JointShare("HandRight", 0.6667), JointShare("WristRight", 0.3333)],
        timings=TIMES,
        ended_ns=8,
    )


def test_a_frame_has_tenths_of_millimetres_and_hundredths_of_confidence() -> None:
    joints_m = np.full((25, 3), 1.23456, np.float32)
    body = Body(7, joints_m, np.full(25, 0.567, np.float32))
    message = frame_message("hall", Frame("source", 2, 9, (body,), KINECT_V2, "wave"))
    (shown,) = message.bodies
    assert shown.id == 7
    assert shown.joints_m == [(1.2346, 1.2346, 1.2346)] * 25
    assert shown.confidence == [0.57] * 25
    assert (message.stream, message.sequence, message.captured_ns) == ("hall", 2, 9)
    assert (message.layout, message.truth) == ("kinect-v2", "wave")
