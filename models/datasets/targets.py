"""Training targets: the label and the weight of each prediction of a stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.features import FloatArray, IntArray


@dataclass(frozen=True)
class TargetRule:
    """When a prediction should say what, as parts of the action or seconds after it."""

    silent: float = 0.15
    sure: float = 0.5
    held_s: float = 0.3
    forgotten_s: float = 0.9


def targets(
    labels: IntArray, at: IntArray, rule: TargetRule, rate_hz: float = 30.0
) -> tuple[IntArray, FloatArray]:
    """The class and the weight of the predictions made at frames `at`, from labels by frame.

    The first part of an action weighs nothing, then more and more; just after it the model may
    say it still; later only background is right.
    """
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(labels)]
    target, weight = np.zeros(len(at), np.int64), np.zeros(len(at), np.float32)
    action_end = -np.inf
    for start, end in zip(starts, ends, strict=True):
        inside = (at >= start) & (at < end)
        label = labels[start]
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
