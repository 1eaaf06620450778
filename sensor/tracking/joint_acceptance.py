"""Decides which joints of a frame are plausible, for many bodies at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray
from sensor.tracking.outlier_rows import (
    CONFIRMED,
    LEARNT_FRAMES,
    SHORTEST_STEP_NS,
    TENTATIVE,
    UNKNOWN,
    Anatomy,
    BoolArray,
    OutlierRows,
)
from sensor.tracking.rows import length2


def accept_joints(
    rows: OutlierRows,
    anatomy: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    now_ns: NDArray[np.int64],
) -> BoolArray:
    """Return, bool (N, J), which joints are plausible. Changes `rows`.

    `joints_m` is (N, J, 3), `now_ns` (N,). `ok` (N, J) holds the joints that were not rejected
    before. The first position of a joint is tentative: if the next one is too far away, either may
    be wrong, and the one after them decides.
    """
    rejected = _too_fast(rows, anatomy, joints_m, ok, now_ns)
    unsure = ok & (rows.trust < CONFIRMED)
    if not unsure.any():
        accepted = _without_outliers(rows, anatomy, joints_m, ok, rejected, None)
        _keep(rows, joints_m, now_ns, accepted)
        return accepted
    near = (rows.accepted_ns >= 0) & ~rejected
    sure = ok & (near | ~unsure)
    rejected = _reject_first(rows, anatomy, joints_m, ok, rejected, near)
    accepted = _without_outliers(rows, anatomy, joints_m, ok, rejected, sure)
    trust = np.where(accepted, np.where(sure, CONFIRMED, TENTATIVE), UNKNOWN)
    np.copyto(rows.trust, trust.astype(np.int8), where=unsure)
    _keep(rows, joints_m, now_ns, accepted | unsure)
    return accepted


def _keep(
    rows: OutlierRows, joints_m: FloatArray, now_ns: NDArray[np.int64], which: BoolArray
) -> None:
    """Store the positions of these joints, bool (N, J), as the last ones."""
    np.copyto(rows.positions_m, joints_m, where=which[..., None])
    np.copyto(rows.accepted_ns, now_ns[:, None], where=which)


def _without_outliers(
    rows: OutlierRows,
    anatomy: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    rejected: BoolArray,
    sure: BoolArray | None,
) -> BoolArray:
    """Return `ok` without rejected joints and those at the far ends of bones that are too long.

    Bone lengths are learnt from the `sure` joints, bool (N, J), or from all if None.
    """
    accepted = ok & ~rejected
    # If most joints have moved, the whole body is elsewhere; that is no error of single joints.
    moved = accepted.sum(axis=1) * 2 < ok.sum(axis=1)
    accepted = np.where(moved[:, None], ok, accepted)
    return _reject_long_bones(rows, anatomy, joints_m, accepted, sure)


def _reject_first(
    rows: OutlierRows,
    anatomy: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    too_fast: BoolArray,
    near: BoolArray,
) -> BoolArray:
    """Return the joints to reject if some of them have no trusted position.

    Those are not judged by speed, but by their bones. One `near` its last position is accepted,
    since two positions agree.
    """
    unknown = rows.trust == UNKNOWN
    rejected: BoolArray = too_fast & ~unknown
    first = ok & unknown & ~near
    if first.any():
        rejected |= first & anatomy.bones.misplaced(joints_m, ok)
    return rejected


def _too_fast(
    rows: OutlierRows,
    anatomy: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    now_ns: NDArray[np.int64],
) -> BoolArray:
    """Return the joints that have moved further since they were accepted than they can have."""
    since_ns = np.maximum(now_ns[:, None] - rows.accepted_ns, SHORTEST_STEP_NS)
    reach_m = anatomy.speed_m_s * (since_ns * np.float32(1e-9))
    moved_m = joints_m - rows.positions_m
    known = rows.accepted_ns >= 0
    too_fast: BoolArray = ok & known & (length2(moved_m) > reach_m * reach_m)
    return too_fast


def _reject_long_bones(
    rows: OutlierRows,
    anatomy: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    sure: BoolArray | None,
) -> BoolArray:
    """Return `ok` without the far ends of bones that are too long, and learn the bone lengths.

    The usual length follows the measured ones in small steps, four times as fast upwards as
    downwards. It settles at the 80th percentile, so a few wild measurements hardly change it.
    """
    bones_m = joints_m[:, anatomy.children] - joints_m[:, anatomy.parents]
    length_m = np.sqrt(length2(bones_m))
    measured = ok[:, anatomy.parents] & ok[:, anatomy.children]
    most_m = anatomy.limits.stretch * rows.length_m + np.float32(anatomy.limits.slack_m)
    long = measured & (rows.measured >= LEARNT_FRAMES) & (length_m > most_m)
    if sure is not None:
        measured &= sure[:, anatomy.parents] & sure[:, anatomy.children]
    _learn(rows, length_m, measured)
    accepted = ok.copy()
    accepted[:, anatomy.children] &= ~long
    return accepted


def _learn(rows: OutlierRows, length_m: FloatArray, measured: BoolArray) -> None:
    first = measured & (rows.measured == 0)
    np.copyto(rows.length_m, length_m, where=first)
    rows.measured += measured
    step = np.maximum(np.float32(0.005), np.float32(0.3) / np.maximum(rows.measured, 1))
    log_step = np.where(length_m > rows.length_m, step, -step / 4) * measured
    rows.length_m *= np.exp(log_step).astype(np.float32)
