"""Runs a whole service with the fake model, on a free port."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from models.live.outcomes import Predictor
from sensor.source import Source
from service.api.app import create_app
from service.api.server import Server, limits_of, listen
from service.clips.uploads import LOADER
from service.runtime import Live
from service.settings import load_settings
from tests.fakes.recognizer import FakeRecognizer

FAKE_LOADER = "tests.fakes.recognizer:load_fake"


@dataclass
class House:
    """A running service: `http` sends requests, `connect` opens a websocket."""

    live: Live
    server: Server
    port: int
    http: httpx.Client

    def connect(self, path: str, **options: Any) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", **options)


def wire(
    sources: Sequence[Source] = (),
    model: Predictor | None = None,
    most_sockets: int = 8192,
    clip_loader: str | None = None,
    **chosen: Any,
) -> tuple[Live, Server, threading.Event]:
    """Build the service as `jointwise serve` does, in one process. `chosen` are settings.

    `clip_loader` loads the model for uploaded clips, in the processes that start with a clip; by
    default the fake model, or the shipped one if `model` is a real one.
    """
    given = {"inference": "thread", "clips_ready": 0, "push_fps": 1e6}
    settings = load_settings(given | chosen, {})
    model = model or FakeRecognizer()
    if clip_loader is None:
        clip_loader = FAKE_LOADER if isinstance(model, FakeRecognizer) else LOADER
    live = Live(settings, model, sources, clip_loader=clip_loader)
    ready = threading.Event()
    app = create_app(settings, live)
    limits = limits_of(settings, most_sockets)
    return live, Server(app, live.bus, settings.push_kib * 1024, ready.set, limits), ready


@contextmanager
def running(*sources: Source, model: Predictor | None = None, **chosen: Any) -> Iterator[House]:
    """Run a service until the block ends; `chosen` is as in `wire`."""
    live, server, ready = wire(sources, model, **chosen)
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert ready.wait(20)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
                yield House(live, server, port, http)
        finally:
            server.should_exit = True
            thread.join(20)
