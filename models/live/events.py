"""What the live path yields: predictions, actions and explanations."""

from __future__ import annotations

import msgspec


class Relevance(msgspec.Struct, frozen=True):
    """Which joints' movement made `label`, and when.

    `map` has one row for each `step_frames` frames of the window, oldest first, newest last, and
    J columns. Everything in it adds up to `logit - reference`, where `reference` is the logit of
    a person who holds the window's mean pose; `residual` is what the sum misses by. `joints` is
    the sum over time, (J,).
    """

    label: str
    logit: float
    reference: float
    residual: float
    step_frames: int
    joints: list[float]
    map: list[list[float]]


class JointShare(msgspec.Struct, frozen=True):
    """A joint and its share of the positive relevance, 0-1."""

    joint: str
    share: float
