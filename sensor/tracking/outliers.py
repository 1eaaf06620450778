"""Marks joints that cannot be right as missing, so that they never reach a model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensor.skeleton import Body, Frame, Layout
from sensor.tracking.joint_acceptance import accept_joints
from sensor.tracking.outlier_rows import (
    OUTLIER_LIMITS,
    Anatomy,
    BoolArray,
    OutlierLimits,
    OutlierRows,
)


class OutlierFilter:
    """Rejects outliers of a stream by confidence, occlusion, speed and bone length, per body id.

    The filter only looks back. Its answers depend on the frames alone, not on when they arrive.
    """

    def __init__(self, layout: Layout, limits: OutlierLimits = OUTLIER_LIMITS) -> None:
        self._limits = limits
        self._anatomy = Anatomy.of(layout, limits)
        self._states: dict[int, OutlierState] = {}

    def state_of(self, body_id: int) -> OutlierState | None:
        """Return the state of a body; None if there is none."""
        return self._states.get(body_id)

    def update(self, frame: Frame) -> Frame:
        """Return the frame with implausible joints missing. Call this with every frame, in order.

        Every body must have a lasting id of its own, as `IdentityTracker` gives it.
        """
        now_ns = frame.captured_ns
        gap_ns = round(self._limits.gap_s * 1e9)
        self._states = {
            id_: state
            for id_, state in self._states.items()
            if 0 <= now_ns - state.seen_ns <= gap_ns
        }
        open_to_view = ~self._anatomy.hidden(frame.bodies)
        bodies = tuple(
            self._filtered(body, in_view, now_ns)
            for body, in_view in zip(frame.bodies, open_to_view, strict=True)
        )
        changed = any(a is not b for a, b in zip(bodies, frame.bodies, strict=True))
        return replace(frame, bodies=bodies) if changed else frame

    def _filtered(self, body: Body, in_view: BoolArray, now_ns: int) -> Body:
        there = body.confidence > 0
        ok = there & in_view & (body.confidence >= self._limits.confidence)
        state = self._states.get(body.id)
        if state is None:
            state = self._states[body.id] = OutlierState(now_ns, OutlierRows.new(1, self._anatomy))
        state.seen_ns = now_ns
        ok = accept_joints(
            state.rows, self._anatomy, body.joints_m[None], ok[None], np.array([now_ns])
        )[0]
        if (ok == there).all():
            return body
        return Body(body.id, body.joints_m, np.where(ok, body.confidence, np.float32(0)))


@dataclass(eq=False)
class OutlierState:
    """State of one body: when it was seen last, and its row."""

    seen_ns: int
    rows: OutlierRows
