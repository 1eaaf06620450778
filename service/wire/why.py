"""The answer of `GET /actions/{id}/why`, and the part of `POST /clips` that says the same.

The docstrings of the classes and fields are published as descriptions in `/openapi.json`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from service.wire.messages import JointShare


class WhyClause(msgspec.Struct, frozen=True):
    """A clause of a story, with its evidence."""

    about: Literal["movement", "decided", "contrast"]
    """A movement; or the joint that counted most for the label; or for the label and not for the
    other one."""
    text: str
    start_s: float
    end_s: float
    share: float
    """The share of the part, or of the first of `joints`, in the positive relevance, 0 to 1."""
    joints: list[JointShare]
    """The joints that the clause rests on, largest share first. `body` is the motion of the whole
    body."""
    part: str | None = None
    """The part that moves: `left_arm`, `right_arm`, `both_arms`, `left_leg`, `right_leg`,
    `both_legs`, `trunk` or `body`; null for other clauses."""
    motion: str | None = None
    """The kind of motion: `translate`, `swing`, `raise`, `lower`, `extend`, `bend`, `circle` or
    `still`; null for other clauses."""
    times: int = 1
    """The number of sweeps of a swing back and forth."""
    path_m: float = 0.0
    """The length of the movement's path, in metres of a body with a torso of 0.48 m."""
    units: list[int] = []
    """The units of `WhyAnswer.units` that read these joints and peak in this time."""


class WhyUnit(msgspec.Struct, frozen=True):
    """A unit of the network's first layer, over the E moments of an action."""

    unit: int
    joints: list[JointShare]
    """The fewest joints that carry half of the unit's weights, with their shares."""
    share: float
    """The unit's share of `score - reference`; negative if the unit spoke against the label."""
    values: list[float]
    """The unit's part of the score at each moment."""


class WhySplit(msgspec.Struct, frozen=True):
    """A score, split exactly over J joints, the whole body and E moments."""

    score: float
    """The logit of the label, or the difference of two logits: the mean of the windows read."""
    reference: float
    """The same for the reference."""
    joints: list[list[float]]
    """E rows of J values: the relevance of each joint's motion relative to the hips."""
    body: list[float]
    """E values: the relevance of the motion of the whole body."""
    shares: list[JointShare]
    """The joints with positive relevance, largest share first. `body` is the whole body."""
    residual: float
    """The largest difference between `score - reference` and a sum of its parts."""


class WhyFrames(msgspec.Struct, frozen=True):
    """The skeleton of an action, as the model sees it: facing the camera, of one size."""

    rate_hz: float
    start_s: float
    """The time of the first frame."""
    bones: list[tuple[int, int]]
    """Pairs of indices of `WhyAnswer.joint_names`."""
    joints_m: list[list[tuple[float, float, float]]]
    """x to the body's right, y up and z to its back, in metres of a body with a torso of 0.48 m,
    for each frame and joint."""
    seen: list[list[bool]]
    """Whether each joint was seen, for each frame."""


class WhyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why an action has its label: a story, and the numbers that it rests on.

    Seconds count from the beginning of the clip, or of a live action.
    """

    label: str
    """The label that is explained."""
    against: str
    """The label that it is compared with."""
    reference: Literal["mean", "neutral", "zero"]
    """The pose held still that the action is compared with."""
    language: str
    start_s: float
    end_s: float
    in_progress: bool = False
    """Whether the action had not ended. Then only what was seen until its start was decided is
    explained."""
    zero_ns: int | None = None
    """The time of second 0 on the service's monotonic clock; null for a clip."""
    text: str
    """The story: one or two sentences."""
    clauses: list[WhyClause]
    joint_names: list[str]
    """The J joints that the model reads."""
    times_s: list[float]
    """The times at which the E moments end."""
    split: WhySplit
    """The score of the label."""
    contrast: WhySplit
    """The score of the label minus that of the other one."""
    units: list[WhyUnit]
    """The strongest units of the first layer."""
    depth: list[float]
    """What the first layer and each residual unit added to `split.score`."""
    frames: WhyFrames | None = None
    """The skeleton; only with `frames=true`."""
