"""Training targets: the class and the weight of each prediction of a stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.features import FloatArray, IntArray


@dataclass(frozen=True)
class TargetRule:
    """The target class and the weight of a prediction, during and after an action.

    All values were chosen by hand.
    """

    silent: float = 0.15
    """Share of an action, 0 to 1, in which predictions have no weight: the action cannot be
    recognised yet."""
    sure: float = 0.5
    """Share of an action, above `silent` to 1, at which predictions reach full weight."""
    held_s: float = 0.3
    """Seconds after an action in which its class is still the target, 0 or more."""
    forgotten_s: float = 0.9
    """Seconds after an action until background has full weight, at least `held_s`. Between `held_s`
    and `forgotten_s`, predictions have no weight."""


def targets(
    labels: IntArray, at: IntArray, rule: TargetRule, rate_hz: float = 30.0
) -> tuple[IntArray, FloatArray]:
    """Return the target class and the weight of predictions made at the frames `at` (N,).

    `labels` int64 (T,) is the class of each frame, 0 for background, negative for frames whose
    predictions have no weight. Returns int64 (N,) and float32
    (N,). The weight grows from 0 to 1 within an action. `rule` sets how fast, and the targets after
    an action.
    """
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(labels)]
    target, weight = np.zeros(len(at), np.int64), np.zeros(len(at), np.float32)
    action_end = -np.inf
    for start, end in zip(starts, ends, strict=True):
        inside = (at >= start) & (at < end)
        label = labels[start]
        if label < 0:
            continue
        if label == 0:
            late_s = (at - action_end) / rate_hz
            weight[inside & (late_s >= rule.forgotten_s)] = 1.0
            continue
        action_end = end
        part = (at - start + 1) / (end - start)
        ramp = np.clip((part - rule.silent) / (rule.sure - rule.silent), 0, 1)
        held = (at >= end) & (at < end + rule.held_s * rate_hz)
        target[inside | held] = label
        weight[inside] = ramp[inside]
        weight[held] = 1.0
    return target, weight
