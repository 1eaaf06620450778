"""A service that speaks the wire with invented people, to build and test the page against.

`python -m tests.fakes.viewer_service --port 8000` serves the built page beside it. Nothing here
recognises anything: a script says who does what, and the messages follow from it.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import uvicorn
from fastapi import FastAPI, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2
from service.wire import messages as wire

LABELS = [
    "background", "wave", "clap", "squat", "kick", "swipe_left", "basketball_shoot", "jog",
]  # fmt: skip
RATE_HZ = 30
STEP_FRAMES = 4
WINDOW_FRAMES = 64
CYCLE_S = 4.0
ACTION_S = (1.0, 3.2)
DIST = Path(__file__).parents[2] / "service" / "viewer" / "dist"

STANDING = {
    "SpineBase": (0, 0.95), "SpineMid": (0, 1.2), "Neck": (0, 1.5), "Head": (0, 1.64),
    "ShoulderLeft": (-0.19, 1.4), "ElbowLeft": (-0.26, 1.13), "WristLeft": (-0.28, 0.89),
    "HandLeft": (-0.28, 0.81), "ShoulderRight": (0.19, 1.4), "ElbowRight": (0.26, 1.13),
    "WristRight": (0.28, 0.89), "HandRight": (0.28, 0.81), "HipLeft": (-0.09, 0.93),
    "KneeLeft": (-0.11, 0.51), "AnkleLeft": (-0.12, 0.1), "FootLeft": (-0.13, 0.04),
    "HipRight": (0.09, 0.93), "KneeRight": (0.11, 0.51), "AnkleRight": (0.12, 0.1),
    "FootRight": (0.13, 0.04), "SpineShoulder": (0, 1.43),
}  # fmt: skip
SEEN = np.array([name in STANDING for name in KINECT_V2.joints], np.float32)
CARRIERS = {
    "wave": ["WristRight", "HandRight", "ElbowRight"],
    "clap": ["HandRight", "HandLeft", "WristRight", "WristLeft"],
    "squat": ["SpineBase", "HipLeft", "HipRight", "KneeLeft"],
    "kick": ["FootLeft", "AnkleLeft", "KneeLeft"],
    "swipe_left": ["HandRight", "WristRight"],
    "basketball_shoot": ["HandRight", "HandLeft", "ElbowRight"],
    "jog": ["KneeLeft", "KneeRight", "AnkleLeft", "AnkleRight"],
}


def pose(label: str, t_s: float, strength: float, x_m: float = 0.0) -> NDArray[np.float32]:
    """One skeleton, float32 (25, 3), `strength` 0-1 into the motion of `label`."""
    joints = np.zeros((25, 3), np.float32)
    for name, (x, y) in STANDING.items():
        joints[KINECT_V2.index[name]] = (x, y - 0.9, 0.0)
    swing = math.sin(2 * math.pi * 1.4 * t_s)
    for name, move in _moves(label, swing).items():
        joints[KINECT_V2.index[name]] += strength * np.array(move, np.float32)
    joints[:, 0] += x_m + 0.01 * math.sin(t_s)
    joints[:, 2] += 2.6
    joints[SEEN == 0] = 0
    return joints


def _moves(label: str, swing: float) -> dict[str, tuple[float, float, float]]:
    if label == "wave":
        hand = (0.08 + 0.16 * swing, 0.95, -0.1)
        return {"ElbowRight": (0.12, 0.25, -0.05), "WristRight": (0.1 + 0.1 * swing, 0.75, -0.1),
                "HandRight": hand}  # fmt: skip
    if label == "clap":
        gap = 0.12 * (1 + swing)
        return {f"{joint}{side}": (sign * (out - gap * near), up, -0.25 * near)
                for side, sign in (("Left", 1), ("Right", -1))
                for joint, out, up, near in (("Elbow", 0.03, 0.05, 0.5), ("Wrist", 0.24, 0.32, 1),
                                             ("Hand", 0.26, 0.42, 1))}  # fmt: skip
    if label == "squat":
        down = -0.2 * (1 - swing)
        upper = [name for name in STANDING if not name.startswith(("Knee", "Ankle", "Foot"))]
        knees = {"KneeLeft": (-0.05, down / 2, -0.15), "KneeRight": (0.05, down / 2, -0.15)}
        return dict.fromkeys(upper, (0, down, 0.05)) | knees
    lift = 0.5 + 0.5 * swing
    return {"KneeLeft": (0, 0.15 * lift, -0.25 * lift), "AnkleLeft": (0, 0.3 * lift, -0.6 * lift),
            "FootLeft": (0, 0.36 * lift, -0.68 * lift)}  # fmt: skip


def action_at(t_s: float, person: int) -> tuple[str, float]:
    """The label that the script has for a moment, and how far into it the person is, 0-1."""
    cycle, within = divmod(t_s + 1.7 * person, CYCLE_S)
    label = ["wave", "clap", "squat", "kick"][(int(cycle) + person) % 4]
    start, end = ACTION_S
    if not start <= within <= end:
        return "background", 0.0
    return label, min(1.0, (within - start) / 0.3, (end - within) / 0.3)


def probabilities_at(label: str, strength: float, t_s: float) -> list[float]:
    logits = np.array([0.6 * math.sin(0.9 * t_s + 1.7 * c) for c in range(len(LABELS))])
    logits[0] += 3.2 * (1 - strength)
    logits[LABELS.index(label)] += 4.6 * strength
    odds = np.exp(logits)
    return [float(p) for p in odds / odds.sum()]


def relevance_of(label: str, t_s: float) -> wire.Relevance:
    rows = WINDOW_FRAMES // STEP_FRAMES
    times = np.arange(rows)[:, None] + 4 * t_s
    grid = 0.05 * np.sin(times * 0.7 + np.arange(25)[None, :] * 1.9)
    bump = np.exp(-(((np.arange(rows) - rows * 0.7) / 3.0) ** 2))
    for rank, joint in enumerate(CARRIERS.get(label, [])):
        grid[:, KINECT_V2.index[joint]] += 0.5 * 0.75**rank * bump
    grid *= SEEN
    sums = grid.sum(axis=0)
    total = float(grid.sum())
    return wire.Relevance(
        label, total - 1.1, -1.1, 2.4e-6, STEP_FRAMES, sums.tolist(), grid.tolist()
    )


Reason = tuple[wire.Relevance, int, int]


class Script:
    """The messages of one stream, in order, as time passes."""

    def __init__(self, name: str, kind: str, note: str, people: int) -> None:
        self.name, self.kind, self.note, self.people = name, kind, note, people
        self.sequence = 0
        self.going: dict[int, tuple[str, int]] = {}
        self.why: dict[int, Reason] = {}
        self.waiting: dict[int, Reason] = {}

    def info(self) -> wire.StreamInfo:
        return wire.StreamInfo(self.name, self.kind, "live", self.note, self.people, self.sequence)

    def tick(self, now_ns: int) -> list[wire.Message]:
        self.sequence += 1
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
        timings = wire.Timings(0.8, 0.4, 4.1, 0.0, 5.3)
        self.why[person] = relevance_of(LABELS[top], now_ns / 1e9), self.sequence, now_ns
        return wire.PredictionMessage(
            self.name, [7 + person], self.sequence, now_ns, LABELS[top], odds[top], odds, timings
        )

    def _reasons(self, now_ns: int, person: int) -> list[wire.Message]:
        """Relevance of the prediction before, every third time: later and seldomer."""
        before, self.waiting[person] = self.waiting.get(person), self.why[person]
        if before is None or self.sequence % 6:
            return []
        why, sequence, at_ns = before
        timings = wire.Timings(1.2, 0.0, 0.0, 11.0, 12.2)
        return [wire.RelevanceMessage(self.name, [7 + person], sequence, at_ns, why, timings)]

    def _actions(self, now_ns: int, person: int, label: str, strength: float) -> list[wire.Message]:
        """A start, and at once the update that brings its joints; later updates, and the end."""
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
    """The streams, anew for every subscriber, so that each hears every start and end."""
    return [Script("demo", "demo", NOTE, 1), Script("two_people", "replay", "", 2)]


def hello() -> wire.Hello:
    used = [name for name in KINECT_V2.joints if name in STANDING]
    model = wire.ModelInfo("fake", LABELS, LABELS[0], used, RATE_HZ, WINDOW_FRAMES, "nothing")
    layout = wire.LayoutInfo(KINECT_V2.name, list(KINECT_V2.joints), list(KINECT_V2.bones))
    streams = [script.info() for script in make_scripts()]
    return wire.Hello(2, model, layout, streams, time.time_ns() - time.monotonic_ns())


def clip_answer(name: str) -> dict[str, Any]:
    """What `POST /clips?frames=true` answers, with invented content: a wave, then a squat."""
    times = [0.4 + 0.1 * p for p in range(46)]
    spans = [("wave", 0.8, 2.3), ("squat", 2.9, 4.6)]
    labels = [next((w for w, a, b in spans if a <= t <= b), "background") for t in times]
    frames = [
        pose(label, t / 30, 1.0 if label != "background" else 0.0)
        for t in range(150)
        for label in [next((w for w, a, b in spans if a <= t / 30 <= b), "background")]
    ]
    return {
        "name": name, "format": "kinect-v2-csv", "layout": "kinect-v2", "duration_s": 5.0,
        "labels": LABELS, "body": 0, "residual_max": 0.0, "others": [],
        "label": "wave", "confidence": 0.9,
        "actions": [
            {"label": w, "start_s": a, "end_s": b, "confidence": 0.9,
             "joints": [{"joint": j, "share": 0.4 / (i + 1)} for i, j in enumerate(CARRIERS[w])]}
            for w, a, b in spans
        ],
        "times_s": times,
        "probabilities": [
            probabilities_at(w, 0.0 if w == "background" else 1.0, t)
            for w, t in zip(labels, times, strict=True)
        ],
        "relevance": [relevance_of(w, t).joints for w, t in zip(labels, times, strict=True)],
        "relevance_labels": labels,
        "frames": {"rate_hz": 30, "start_s": 0.0, "joints_m": [f.tolist() for f in frames],
                   "confidence": [SEEN.tolist()] * len(frames)},
    }  # fmt: skip


async def _listen(names: list[str]) -> AsyncIterator[bytes]:
    scripts = make_scripts()
    yield msgspec.json.encode(hello())
    while True:
        now_ns = time.monotonic_ns()
        for script in scripts:
            for message in script.tick(now_ns):
                if not names or script.name in names:
                    yield msgspec.json.encode(message)
        await asyncio.sleep(1 / RATE_HZ)


def make_app() -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(lifespan=lifespan)

    @app.websocket("/ws")
    async def subscribe(socket: WebSocket) -> None:
        await socket.accept()
        names = [name for name in socket.query_params.get("streams", "").split(",") if name]
        try:
            async for data in _listen(names):
                await socket.send_text(data.decode())
        except (WebSocketDisconnect, RuntimeError):
            return

    @app.get("/streams")
    def streams() -> dict[str, Any]:
        return {"streams": [msgspec.to_builtins(script.info()) for script in make_scripts()]}

    @app.get("/model")
    def model() -> dict[str, Any]:
        trained_on = [{"name": "Nobody", "citation": "Invented, 2024.", "terms": "none"}]
        card = {"id": "fake", "labels": LABELS, "background": LABELS[0], "trained_on": trained_on}
        return {"card": card, "provider": "nothing", "exemplars": True}

    @app.get("/exemplars")
    def exemplars() -> dict[str, Any]:
        return {"labels": LABELS}

    @app.get("/exemplars/{index}")
    def exemplar(index: int) -> dict[str, Any]:
        joints = [pose(LABELS[index], t / 30, min(1.0, t / 10)).tolist() for t in range(64)]
        return {"label": LABELS[index], "rate_hz": 30, "joints_m": joints,
                "confidence": SEEN.tolist()}  # fmt: skip

    @app.post("/clips")
    async def clips(file: UploadFile) -> JSONResponse:
        data = await file.read()
        if not data:
            return JSONResponse({"error": "The file is empty; choose a recording."}, 400)
        return JSONResponse(clip_answer(file.filename or "clip"))

    @app.get("/recordings")
    def recordings() -> dict[str, Any]:
        return {"enabled": False, "recordings": []}

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/", StaticFiles(directory=DIST, html=True))
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    uvicorn.run(make_app(), host="127.0.0.1", port=port, log_level="warning")
