"""Turns events of the live path, bodies and frames into messages, whose numbers are rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec.structs import asdict

from models.features import FloatArray
from models.gallery.exemplars import Exemplars
from models.live import events
from sensor.skeleton import Frame
from service.wire.answers import Exemplar, PastAction
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
    """Return a body's part of a message: joints in metres to four decimals, confidence to two."""
    rows = [(x, y, z) for x, y, z in np.round(joints_m.astype(np.float64), 4).tolist()]
    return BodyData(id, rows, np.round(confidence.astype(np.float64), 2).tolist())


def exemplar_answer(known: Exemplars, index: int) -> Exemplar:
    """Return the answer with the averaged motion of a class, by its index among the exemplars."""
    frames = [body_data(0, pose, known.confidence).joints_m for pose in known.clips[index]]
    confidence = [round(float(value), 2) for value in known.confidence]
    return Exemplar(known.labels[index], known.rate_hz, frames, confidence)


def frame_message(stream: str, frame: Frame) -> FrameMessage:
    """Return the `frame` message of a tracked frame."""
    bodies = [body_data(body.id, body.joints_m, body.confidence) for body in frame.bodies]
    return FrameMessage(
        bodies=bodies,
        captured_ns=frame.captured_ns,
        sequence=frame.sequence,
        stream=stream,
        layout=frame.layout.name,
        truth=frame.truth,
    )


def round_probabilities(rows: Sequence[FloatArray]) -> list[list[float]]:
    """Round the probabilities (C,) of many predictions to six decimals."""
    return np.round(np.array(rows, np.float64), 6).tolist() if rows else []


def prediction_message(
    prediction: events.Prediction, probabilities: list[float], timings: Timings = UNTIMED
) -> PredictionMessage:
    """Return the `prediction` message of a prediction and its rounded `probabilities`."""
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


def relevance_data(explanation: events.Explanation) -> Relevance:
    """Return an explanation's part of a message, to six decimals; the residual to nine."""
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
    """Return joints and their shares, to four decimals."""
    return [JointShare(one.joint, round(one.share, 4)) for one in joints]


def action_message(action: events.Action, timings: Timings = UNTIMED) -> ActionMessage:
    """Return the `action` message of an action."""
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


def action_id(stream: str, body: int, started_ns: int) -> str:
    """Return the id of an action: its stream, the id of its person, and its start."""
    return f"{stream}:{body}:{started_ns}"


def past_action(action: ActionMessage, wall_offset_ns: int) -> PastAction:
    """Return an action with Unix times: its times plus `wall_offset_ns`."""
    ended_ns = action.ended_ns
    return PastAction(
        **asdict(action),
        id=action_id(action.stream, action.body_ids[0], action.started_ns),
        at_unix_ns=action.at_ns + wall_offset_ns,
        started_unix_ns=action.started_ns + wall_offset_ns,
        ended_unix_ns=None if ended_ns is None else ended_ns + wall_offset_ns,
    )


def message_of(
    event: events.Event, timings: Timings = UNTIMED
) -> PredictionMessage | RelevanceMessage | ActionMessage:
    """Return the message of any event of the live path."""
    if isinstance(event, events.Action):
        return action_message(event, timings)
    if isinstance(event, events.Prediction):
        return prediction_message(event, round_probabilities([event.probabilities])[0], timings)
    prediction = event.prediction
    return RelevanceMessage(
        prediction.stream,
        list(prediction.body_ids),
        prediction.sequence,
        prediction.captured_ns,
        relevance_data(event.explanation),
        timings,
    )
