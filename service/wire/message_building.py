"""Turns the core's types into messages. Numbers are rounded here, and only here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from models.features import FloatArray
from models.live import events
from sensor.skeleton import Frame
from service.wire.messages import (
    ActionMessage,
    BodyData,
    FrameMessage,
    JointShare,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    Timings,
)

UNTIMED = Timings()
"""The timings of a message without any."""


def body_data(id: int, joints_m: FloatArray, confidence: FloatArray) -> BodyData:
    """A body, to a tenth of a millimetre and a hundredth of confidence."""
    rows = [(x, y, z) for x, y, z in np.round(joints_m.astype(np.float64), 4).tolist()]
    return BodyData(id, rows, np.round(confidence.astype(np.float64), 2).tolist())


def frame_message(stream: str, frame: Frame) -> FrameMessage:
    """The `frame` message of a tracked frame."""
    bodies = [body_data(body.id, body.joints_m, body.confidence) for body in frame.bodies]
    return FrameMessage(
        bodies=bodies,
        captured_ns=frame.captured_ns,
        sequence=frame.sequence,
        stream=stream,
        layout=frame.layout.name,
        truth=frame.truth,
    )


def rounded(rows: Sequence[FloatArray]) -> list[list[float]]:
    """Probabilities (C,) of many predictions, to six decimals."""
    return np.round(np.array(rows, np.float64), 6).tolist() if rows else []


def prediction_message(
    prediction: events.Prediction, probabilities: list[float], timings: Timings = UNTIMED
) -> PredictionMessage:
    """The `prediction` message of a prediction and its `rounded` probabilities."""
    return PredictionMessage(
        stream=prediction.stream,
        body_ids=list(prediction.body_ids),
        sequence=prediction.sequence,
        captured_ns=prediction.captured_ns,
        label=prediction.label,
        confidence=max(probabilities),
        probabilities=probabilities,
        timings=timings,
    )


def relevance(explanation: events.Explanation) -> Relevance:
    """An explanation, to six decimals; the residual to nine."""
    return Relevance(
        label=explanation.label,
        logit=round(explanation.logit, 6),
        reference=round(explanation.reference, 6),
        residual=round(explanation.residual, 9),
        step_frames=explanation.step_frames,
        joints=np.round(explanation.joints, 6).tolist(),
        map=np.round(explanation.relevance, 6).tolist(),
    )


def joint_shares(joints: Iterable[events.JointShare]) -> list[JointShare]:
    """Joints and their shares, to four decimals."""
    return [JointShare(one.joint, round(one.share, 4)) for one in joints]


def action_message(action: events.Action, timings: Timings = UNTIMED) -> ActionMessage:
    """The `action` message of an action."""
    return ActionMessage(
        stream=action.stream,
        body_ids=list(action.body_ids),
        label=action.label,
        phase=action.phase,
        at_ns=action.at_ns,
        started_ns=action.started_ns,
        confidence=round(action.confidence, 6),
        joints=joint_shares(action.joints),
        timings=timings,
        ended_ns=action.ended_ns,
    )


def message_of(
    event: events.Event, timings: Timings = UNTIMED
) -> PredictionMessage | RelevanceMessage | ActionMessage:
    """The message of any event of the live path."""
    if isinstance(event, events.Action):
        return action_message(event, timings)
    if isinstance(event, events.Prediction):
        return prediction_message(event, rounded([event.probabilities])[0], timings)
    made = event.prediction
    return RelevanceMessage(
        made.stream,
        list(made.body_ids),
        made.sequence,
        made.captured_ns,
        relevance(event.explanation),
        timings,
    )
