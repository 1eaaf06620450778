"""Invented answers about why invented actions got their labels."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from models.features import JOINT
from sensor.skeleton import KINECT_V2
from service.why.answer import BONES
from service.wire.messages import JointShare
from service.wire.why import WhyAnswer, WhyClause, WhyFrames, WhySplit, WhyUnit
from tests.fakes.viewer_service.people import ACTION_S, CARRIERS, RATE_HZ, action_at, pose

MOMENT_S = 4 / RATE_HZ
LEAD_S = 1.0
BEGUN_S = 0.01
"""An action has its label this much after its start."""
KEPT_S = 40.0
"""Older actions are not explained."""


def explain_live(
    id: str, now_ns: int, against: str | None, language: str
) -> tuple[dict[str, Any], int]:
    """Return the answer of `GET /actions/{id}/why`, and its HTTP status."""
    stream, body, started_ns = id.rsplit(":", 2)
    if stream == "late":
        mend = "`jointwise export --from /models/mine --out /models/mine` adds it"
        return {"error": f"/models/mine has no explain.onnx: {mend}"}, 409
    label, _ = action_at(int(started_ns) / 1e9 + BEGUN_S, int(body) - 7)
    age_s = (now_ns - int(started_ns)) / 1e9
    if label != "background" and age_s <= KEPT_S:
        length_s = ACTION_S[1] - ACTION_S[0]
        told = explanation(label, 0.0, length_s, against, language)
        return told | {"in_progress": age_s < length_s, "zero_ns": int(started_ns)}, 200
    old = "too old or unknown: only the frames of the last 64 actions are kept"
    return {"error": f"action {id} is {old} (JOINTWISE_WHY_ACTIONS)"}, 404


def explanation(
    label: str, start_s: float, end_s: float, against: str | None = None, language: str = "en"
) -> dict[str, Any]:
    """Return an answer about an action, carried by the `CARRIERS` of its label."""
    other = against or ("clap" if label == "wave" else "wave")
    carriers = [one for one in CARRIERS[label] if one in JOINT]
    shares = [JointShare(name, 0.5 / (i + 1)) for i, name in enumerate(carriers)]
    times = [start_s - LEAD_S + MOMENT_S * (e + 1) for e in range(_moments(start_s, end_s))]
    middle_s = (start_s + end_s) / 2
    words = "die Hand bewegt sich" if language == "de" else "the limb moves up and down"
    clauses = [
        WhyClause("movement", words, start_s, middle_s, 0.8, shares, "right_arm", "raise"),
        WhyClause("movement", "then back", middle_s, end_s, 0.6, shares[-1:], "trunk", "lower"),
        WhyClause("decided", "one joint counted most (50 %)", start_s, end_s, 0.5, shares),
        WhyClause("contrast", f"it spoke most against “{other}”", start_s, end_s, 0.4, shares[:1]),
    ]
    split = _split(carriers, times, middle_s, 4.0)
    answer = WhyAnswer(
        label=label, against=other, reference="mean", language=language,
        start_s=start_s, end_s=end_s, text=f"{words}.", clauses=clauses,
        joint_names=list(JOINT), times_s=times, split=split,
        contrast=_split(carriers[:1], times, middle_s, 2.5), depth=[1.5, 0.5, -0.25, 2.25],
        units=_units(carriers, times, middle_s), frames=_frames(label, start_s, end_s),
    )  # fmt: skip
    told: dict[str, Any] = msgspec.to_builtins(answer)
    return told


def _moments(start_s: float, end_s: float) -> int:
    return math.ceil((end_s - start_s + LEAD_S) / MOMENT_S)


def _bump(times: list[float], at_s: float) -> list[float]:
    return [math.exp(-(((t - at_s) / 0.3) ** 2)) for t in times]


def _split(carriers: list[str], times: list[float], at_s: float, gain: float) -> WhySplit:
    joints = np.zeros((len(times), len(JOINT)))
    for rank, name in enumerate(carriers):
        joints[:, JOINT[name]] = np.array(_bump(times, at_s)) / (rank + 1)
    joints[:, JOINT["Head"]] = -0.1 * np.array(_bump(times, at_s - 0.6))
    joints *= gain / joints.sum()
    shares = [JointShare(name, 0.5 / (i + 1)) for i, name in enumerate(carriers)]
    body = [0.0] * len(times)
    return WhySplit(gain - 1.0, -1.0, joints.tolist(), body, shares, 4e-7)


def _units(carriers: list[str], times: list[float], at_s: float) -> list[WhyUnit]:
    groups = [carriers[:2], ["KneeLeft", "AnkleLeft"], ["Head"], ["HandLeft", "FootRight"]]
    signs = (1.0, 0.6, -0.4, 0.3)
    return [
        WhyUnit(
            3 + 7 * i,
            [JointShare(name, 0.3) for name in group],
            0.4 * sign,
            [sign * value for value in _bump(times, at_s + 0.4 * (i - 1))],
        )
        for i, (group, sign) in enumerate(zip(groups, signs, strict=True))
    ]


def _frames(label: str, start_s: float, end_s: float) -> WhyFrames:
    order = [KINECT_V2.index[name] for name in JOINT]
    rows = []
    for f in range(round((end_s - start_s + LEAD_S) * RATE_HZ)):
        t_s = f / RATE_HZ - LEAD_S
        moved = pose(label, t_s, 1.0 if t_s >= 0 else 0.0)[order]
        rows.append([(x, y, z) for x, y, z in np.round(moved, 3).tolist()])
    seen = [[True] * len(JOINT)] * len(rows)
    return WhyFrames(RATE_HZ, start_s - LEAD_S, BONES, rows, seen)
