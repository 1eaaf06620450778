"""A service with invented people, to build and test the page against.

`python -m tests.fakes.viewer_service --port 8000` also serves the built page. Nothing is
recognised: a script says which person does which action when, and the messages follow from it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from tests.fakes.viewer_service.explained import explain_live, explanation
from tests.fakes.viewer_service.people import (
    CARRIERS,
    LABELS,
    RATE_HZ,
    SEEN,
    pose,
    probabilities_at,
    relevance_of,
)
from tests.fakes.viewer_service.script import hello, make_scripts

DIST = Path(__file__).parents[3] / "service" / "viewer" / "dist"


def clip_answer(name: str) -> dict[str, Any]:
    """Return the answer of `POST /clips?frames=true` for an invented clip: a wave, then a squat."""
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

    @app.get("/actions")
    def actions() -> dict[str, Any]:
        now_ns = time.monotonic_ns()
        told = [action for script in make_scripts() for action in script.history(now_ns)]
        return {"actions": msgspec.to_builtins(told)}

    @app.get("/actions/{id:path}/why")
    def why(id: str, against: str | None = None, language: str = "en") -> JSONResponse:
        return JSONResponse(*explain_live(id, time.monotonic_ns(), against, language))

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
    async def clips(
        file: UploadFile, why: bool = False, against: str | None = None, language: str = "en"
    ) -> JSONResponse:
        data = await file.read()
        if not data:
            return JSONResponse({"error": "The file is empty; choose a recording."}, 400)
        answer = clip_answer(file.filename or "clip")
        if why:
            answer["why"] = [
                explanation(one["label"], one["start_s"], one["end_s"], against, language)
                for one in answer["actions"]
            ]
        return JSONResponse(answer)

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
