"""Starts recordings of a running service, waits for their states, and reads their files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx

from models.live.outcomes import Predictor
from sensor.source import Source
from service.recording.record_source import record_source
from service.recording.recorder import Recorder
from service.wire.answers import RecordingInfo
from tests.fakes.house import House
from tests.fakes.recognizer import FakeRecognizer


def start_recording(house: House, stream: str = "people", **more: Any) -> httpx.Response:
    return house.http.post("/recordings", json={"stream": stream, **more})


def wait_for_state(house: House, name: str, state: str) -> dict[str, Any]:
    """Return the recording as listed, once it is in that state."""
    pause = threading.Event()
    for _ in range(400):
        listed = house.http.get("/recordings").json()["recordings"]
        (found,) = [r for r in listed if r["name"] == name]
        if found["state"] == state:
            return found
        pause.wait(0.02)
    raise AssertionError(found)


def record(
    path: Path, source: Source, model: Predictor | None = None, **options: Any
) -> RecordingInfo:
    """Record a source until it ends; return the ended recording."""
    recorder = Recorder(path, source.name, 64 * 2**20, **options)
    return record_source(source, model or FakeRecognizer(), recorder, threading.Event())


def messages_by_topic(path: Path) -> dict[str, list[Any]]:
    """Return the messages of each topic, as the mcap package reads them."""
    from mcap.reader import make_reader

    messages: dict[str, list[Any]] = {}
    with path.open("rb") as file:
        for _, channel, message in make_reader(file, validate_crcs=True).iter_messages():
            messages.setdefault(channel.topic, []).append(message.data)
    return messages
