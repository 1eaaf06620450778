"""Builds the answer from an explanation; numbers are rounded as in other messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from models.features import JOINT, TEMPLATE, FloatArray
from models.live.action_frames import ActionFrames
from models.story.action_reading import Split
from models.story.movements import shares
from models.story.telling import NAMES, Clause
from models.story.unit_tracks import UnitTrack
from models.story.why import Why
from sensor.skeleton import KINECT_V2
from service.why.options import WhyOptions
from service.wire.messages import JointShare
from service.wire.why import WhyAnswer, WhyClause, WhyFrames, WhySplit, WhyUnit

_SEEN = 3
_TRUNK = [
    ("HipLeft", "HipRight"),
    ("SpineShoulder", "HipLeft"),
    ("SpineShoulder", "HipRight"),
    ("SpineShoulder", "Head"),
]
_LIMBS = [(KINECT_V2.joints[a], KINECT_V2.joints[b]) for a, b in KINECT_V2.bones]
BONES = [(JOINT[a], JOINT[b]) for a, b in (*_TRUNK, *_LIMBS) if a in JOINT and b in JOINT]
"""The bones between the joints that models read. They have no joints of the spine."""


def why_answer(
    why: Why, frames: ActionFrames, options: WhyOptions, zero_ns: int | None, rate_hz: float
) -> WhyAnswer:
    """Build the answer about an action. `zero_ns` is the time of second 0 of a live one."""
    return WhyAnswer(
        label=why.label,
        against=why.against,
        reference=options.reference,
        language=options.language,
        start_s=_seconds(why.start_s),
        end_s=_seconds(why.end_s),
        in_progress=frames.action.phase != "end",
        zero_ns=zero_ns,
        text=why.story.text,
        clauses=[_clause(one) for one in why.story.clauses],
        joint_names=list(JOINT),
        times_s=_rounded(why.times_s, 4),
        split=_split(why.reading.split),
        contrast=_split(why.reading.contrast),
        units=[_unit(one) for one in why.tracks],
        depth=_rounded(why.reading.split.depth),
        frames=_frames(frames, why, rate_hz) if options.frames else None,
    )


def _clause(one: Clause) -> WhyClause:
    return WhyClause(
        about=one.about,
        text=one.text,
        start_s=_seconds(one.start_s),
        end_s=_seconds(one.end_s),
        share=round(one.share, 4),
        joints=_shares(one.joints),
        part=one.part,
        motion=one.motion,
        times=one.times,
        path_m=round(one.path_m, 3),
        units=list(one.units),
    )


def _unit(track: UnitTrack) -> WhyUnit:
    joints = _shares(zip(track.group.joints, track.group.shares, strict=True))
    return WhyUnit(track.unit, joints, round(track.share, 4), _rounded(track.values))


def _split(split: Split) -> WhySplit:
    share = shares(split)
    order = np.argsort(-share, kind="stable")
    return WhySplit(
        score=round(split.score, 6),
        reference=round(split.reference, 6),
        joints=np.round(split.relative.astype(np.float64), 5).tolist(),
        body=_rounded(split.body),
        shares=_shares((NAMES[i], float(share[i])) for i in order if share[i] > 0),
        residual=round(split.residual, 9),
    )


def _frames(frames: ActionFrames, why: Why, rate_hz: float) -> WhyFrames:
    features = frames.features
    places = np.round(features[..., :3].astype(np.float64) + TEMPLATE, 3)
    rows = [[(x, y, z) for x, y, z in pose] for pose in places.tolist()]
    seen: list[list[bool]] = (features[..., _SEEN] > 0).tolist()
    return WhyFrames(rate_hz, _seconds(float(why.frame_times_s[0])), BONES, rows, seen)


def _shares(joints: Iterable[tuple[str, float]]) -> list[JointShare]:
    return [JointShare(joint, round(share, 4)) for joint, share in joints]


def _rounded(values: FloatArray | Sequence[float], digits: int = 5) -> list[float]:
    rounded: list[float] = np.round(np.asarray(values, np.float64), digits).tolist()
    return rounded


def _seconds(value: float) -> float:
    return round(value, 4)
