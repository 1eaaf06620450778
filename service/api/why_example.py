"""The example of an answer about an action, for the OpenAPI document. Its lists are shortened."""

from __future__ import annotations

from service.api.message_examples import JOINTS, SHARES
from service.wire.messages import JointShare
from service.wire.why import WhyAnswer, WhyClause, WhyFrames, WhySplit, WhyUnit

_EXTENDS = WhyClause(
    about="movement",
    text="the right arm extends from 0.1 to 0.5 s",
    start_s=0.1,
    end_s=0.5,
    share=0.97,
    joints=SHARES,
    part="right_arm",
    motion="extend",
    path_m=0.61,
    units=[13],
)
_DECIDED = WhyClause("decided", "the right hand counted most (56 %)", 0.0, 1.4, 0.56, SHARES)
_CONTRAST = WhyClause(
    "contrast", "it also spoke most against “front right kick” (61 %)", 0.0, 1.4, 0.61,
    [JointShare("HandRight", 0.61)],
)  # fmt: skip
_SPLIT = WhySplit(6.8, 1.3, [[0.3, 1.9, 2.7], [0.0, 0.1, 0.4]], [0.08, 0.02], SHARES, 4e-7)
_OTHER = WhySplit(
    7.9, 1.5, [[0.2, 2.0, 3.6], [0.0, 0.1, 0.3]], [0.15, 0.05], [JointShare("HandRight", 0.61)],
    6e-7,
)  # fmt: skip

WHY = WhyAnswer(
    label="right_punch",
    against="front_right_kick",
    reference="mean",
    language="en",
    start_s=0.0,
    end_s=1.4,
    zero_ns=170_900_000_000,
    text="The right arm extends from 0.1 to 0.5 s. The right hand counted most (56 %); it also "
    "spoke most against “front right kick” (61 %).",
    clauses=[_EXTENDS, _DECIDED, _CONTRAST],
    joint_names=JOINTS,
    times_s=[0.2, 0.3333],
    split=_SPLIT,
    contrast=_OTHER,
    units=[WhyUnit(13, [JointShare("HandRight", 0.54)], 0.31, [1.5, 0.2])],
    depth=[2.1, 1.4, 2.0],
    frames=WhyFrames(
        30.0,
        -0.4,
        [(0, 1), (1, 2)],
        [[(0.22, 0.13, 0.02), (0.22, -0.08, -0.04), (0.21, -0.15, -0.05)]],
        [[True, True, True]],
    ),
)
