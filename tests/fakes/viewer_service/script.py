"""The messages of the invented streams."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import numpy as np

from sensor.skeleton import KINECT_V2
from service.wire import messages as wire
from tests.fakes.viewer_service.people import (
    ACTION_S,
    CARRIERS,
    CYCLE_S,
    LABELS,
    RATE_HZ,
    SEEN,
    STANDING,
    WINDOW_FRAMES,
    action_at,
    pose,
    probabilities_at,
    relevance_of,
)

Reason = tuple[wire.Relevance, int, int]


class Script:
    """Makes the messages of one stream, frame by frame. Everything is `late_ns` old when sent."""

    def __init__(self, name: str, kind: str, note: str, people: int, late_ns: int = 0) -> None:
        self.name, self.kind, self.note, self.people = name, kind, note, people
        self.late_ns = late_ns
        self.sequence = 0
        self.going: dict[int, tuple[str, int]] = {}
        self.why: dict[int, Reason] = {}
        self.waiting: dict[int, Reason] = {}

    def info(self) -> wire.StreamInfo:
        return wire.StreamInfo(
            self.name, self.kind, "live", self.note, self.people, self.sequence,
            dropped=2779 if self.late_ns else 0,
        )  # fmt: skip

    def tick(self, now_ns: int) -> list[wire.Message]:
        self.sequence += 1
        now_ns -= self.late_ns
        t_s = now_ns / 1e9
        people = [(i, *action_at(t_s, i)) for i in range(self.people)]
        out: list[wire.Message] = [self._frame(now_ns, people)]
        for person, label, strength in people:
            if self.sequence % 2 == 0:
                out.append(self._prediction(now_ns, person, label, strength))
                out += self._reasons(now_ns, person)
            out += self._actions(now_ns, person, label, strength)
        return out

    def _frame(self, now_ns: int, people: list[tuple[int, str, float]]) -> wire.FrameMessage:
        spread = [(i - (self.people - 1) / 2) * 1.1 for i in range(self.people)]
        bodies = [
            wire.BodyData(
                7 + i, pose(label, now_ns / 1e9, strength, spread[i]).tolist(), SEEN.tolist()
            )
            for i, label, strength in people
        ]
        truth = people[0][1] if self.kind == "demo" else None
        return wire.FrameMessage(bodies, now_ns, self.sequence, self.name, truth=truth)

    def _prediction(
        self, now_ns: int, person: int, label: str, strength: float
    ) -> wire.PredictionMessage:
        odds = probabilities_at(label, strength, now_ns / 1e9)
        top = int(np.argmax(odds))
        timings = wire.Timings(0.8, 0.4, 4.1, 0.0, 5.3 + self.late_ns / 1e6)
        self.why[person] = relevance_of(LABELS[top], now_ns / 1e9), self.sequence, now_ns
        return wire.PredictionMessage(
            self.name, [7 + person], self.sequence, now_ns, LABELS[top], odds[top], odds, timings
        )

    def _reasons(self, now_ns: int, person: int) -> list[wire.Message]:
        """Return the relevance of the previous prediction, for every third prediction only."""
        before, self.waiting[person] = self.waiting.get(person), self.why[person]
        if before is None or self.sequence % 6:
            return []
        why, sequence, at_ns = before
        timings = wire.Timings(1.2, 0.0, 0.0, 11.0, 12.2)
        return [wire.RelevanceMessage(self.name, [7 + person], sequence, at_ns, why, timings)]

    def _actions(self, now_ns: int, person: int, label: str, strength: float) -> list[wire.Message]:
        """Return a start with the update that brings its joints, later updates, or the end."""
        going = self.going.get(person)
        if going is None and label != "background" and strength > 0.5:
            self.going[person] = (label, now_ns)
            start = self._action(now_ns, person, label, now_ns, "start")
            bare = msgspec.structs.replace(start, joints=[])
            return [bare, msgspec.structs.replace(start, phase="update")]
        if going is not None and label != going[0]:
            del self.going[person]
            return [self._action(now_ns, person, *going, "end")]
        if going is not None and self.sequence % 10 == 0:
            return [self._action(now_ns, person, *going, "update")]
        return []

    def history(self, now_ns: int) -> list[wire.ActionMessage]:
        """Return the starts and ends of the actions of the last minute that are over."""
        out: list[wire.ActionMessage] = []
        now_ns -= self.late_ns
        for person in range(self.people):
            for cycle in range(int(now_ns / 1e9 / CYCLE_S) - 16, int(now_ns / 1e9 / CYCLE_S) + 1):
                begin_s = cycle * CYCLE_S - 1.7 * person
                start_ns, end_ns = (round((begin_s + at) * 1e9) for at in ACTION_S)
                if end_ns > now_ns:
                    continue
                label, _ = action_at((start_ns + end_ns) / 2e9, person)
                out += [self._action(start_ns, person, label, start_ns, "start"),
                        self._action(end_ns, person, label, start_ns, "end")]  # fmt: skip
        return sorted(out, key=lambda action: action.at_ns)

    def _action(
        self, now_ns: int, person: int, label: str, started_ns: int, phase: Any
    ) -> wire.ActionMessage:
        joints = CARRIERS[label]
        shares = [wire.JointShare(joint, 0.42 / (i + 1)) for i, joint in enumerate(joints)]
        return wire.ActionMessage(
            self.name, [7 + person], label, phase, now_ns, started_ns, 0.93, shares
        )


NOTE = "plays averaged motions, not a recording"


def make_scripts() -> list[Script]:
    """Make the streams. Each subscriber gets its own, so that it receives every start and end."""
    return [
        Script("demo", "demo", NOTE, 1),
        Script("two_people", "replay", "", 2),
        Script("six_people", "kinect-v2", "", 6),
        Script("late", "kinect-v2", "", 1, late_ns=7_400_000_000),
    ]


def hello() -> wire.Hello:
    used = [name for name in KINECT_V2.joints if name in STANDING]
    model = wire.ModelInfo("fake", LABELS, LABELS[0], used, RATE_HZ, WINDOW_FRAMES, "nothing")
    layout = wire.LayoutInfo(KINECT_V2.name, list(KINECT_V2.joints), list(KINECT_V2.bones))
    streams = [script.info() for script in make_scripts()]
    return wire.Hello(2, model, layout, streams, time.time_ns() - time.monotonic_ns())
