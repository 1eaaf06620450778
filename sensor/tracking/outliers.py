"""Joints that cannot be right are marked as missing, so that no nonsense goes on to a model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensor.skeleton import Body, Frame, Layout
from sensor.tracking.outlier_rows import (
    OUTLIER_LIMITS,
    Anatomy,
    BoolArray,
    OutlierLimits,
    OutlierRows,
    judge,
)


class OutlierFilter:
    """The gates of a stream: confidence, occlusion, speed and bone length, for each body by id.

    They look only back, and what they say depends on the frames alone.
    """

    def __init__(self, layout: Layout, limits: OutlierLimits = OUTLIER_LIMITS) -> None:
        self._limits = limits
        self._body = Anatomy.of(layout, limits)
        self._states: dict[int, OutlierState] = {}

    @property
    def body(self) -> Anatomy:
        """What the gates know of the layout."""
        return self._body

    def state_of(self, body_id: int) -> OutlierState | None:
        """What is remembered of a body; None for nothing."""
        return self._states.get(body_id)

    def update(self, frame: Frame) -> Frame:
        """The frame with doubtful joints missing. Call it with each frame, in order.

        Every body needs a lasting id of its own, as `IdentityTracker` gives them.
        """
        now_ns = frame.captured_ns
        gap_ns = round(self._limits.gap_s * 1e9)
        self._states = {
            id_: state
            for id_, state in self._states.items()
            if 0 <= now_ns - state.seen_ns <= gap_ns
        }
        open_to_view = ~self._body.hidden(frame.bodies)
        bodies = tuple(
            self._gated(body, in_view, now_ns)
            for body, in_view in zip(frame.bodies, open_to_view, strict=True)
        )
        changed = any(a is not b for a, b in zip(bodies, frame.bodies, strict=True))
        return replace(frame, bodies=bodies) if changed else frame

    def _gated(self, body: Body, in_view: BoolArray, now_ns: int) -> Body:
        there = body.confidence > 0
        ok = there & in_view & (body.confidence >= self._limits.confidence)
        state = self._states.get(body.id)
        if state is None:
            state = self._states[body.id] = OutlierState(now_ns, OutlierRows.new(1, self._body))
        state.seen_ns = now_ns
        ok = judge(state.rows, self._body, body.joints_m[None], ok[None], np.array([now_ns]))[0]
        if (ok == there).all():
            return body
        return Body(body.id, body.joints_m, np.where(ok, body.confidence, np.float32(0)))


@dataclass(eq=False)
class OutlierState:
    """One body of a stream: when it was seen last, and its one row."""

    seen_ns: int
    rows: OutlierRows
