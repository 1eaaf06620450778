"""The shipped model in the whole service: source, pipeline, decision, websocket and upload."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from models.card import DEFAULT_MODEL, MODEL_FILE
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from sensor.cameras.replay import ReplaySource
from sensor.formats import read_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from sensor.skeleton import Body, Frame
from service.clips.timeline import classify
from service.wire.messages import ActionMessage, Message, PredictionMessage, RelevanceMessage
from tests.fakes.house import House, running
from tests.fakes.message_list import MessageList, offline_messages, phases, relevance_messages
from tests.fakes.named_engine import NamedEngine

SAMPLES = Path(__file__).parents[2] / "shared" / "data" / "samples"
SECONDS = 60

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / MODEL_FILE).is_file(), reason="the shipped model is not in this checkout"
)


@pytest.fixture(scope="module")
def model() -> Recognizer:
    return Recognizer(device="cpu", threads=1)


@pytest.fixture(scope="module")
def demo(model: Recognizer) -> Recording:
    exemplars = load_exemplars(DEFAULT_MODEL, model.card)
    assert exemplars is not None
    whole = demo_recording(exemplars)
    frames = tuple(frame for frame in whole.frames if frame.captured_ns < SECONDS * 10**9)
    return Recording(whole.name, whole.format, whole.layout, frames, whole.rate_hz)


@pytest.fixture(scope="module")
def house(model: Recognizer, demo: Recording) -> Iterator[House]:
    with running(ReplaySource(demo, pace=None), model=model) as house:
        yield house


def right_starts(messages: list[Message], recording: Recording) -> Counter[str]:
    """Count the clips whose own action started within them or up to 0.5 s after their end."""
    starts = [m for m in messages if isinstance(m, ActionMessage) and m.phase == "start"]
    found: Counter[str] = Counter()
    for span in recording.spans:
        right = any(
            s.label == span.label and span.start_ns <= s.at_ns <= span.end_ns + 500_000_000
            for s in starts
        )
        found["right" if right else "missed"] += 1
    return found


def test_the_demo_is_recognised(model: Recognizer, demo: Recording) -> None:
    found = right_starts(offline_messages(model, demo.frames), demo)
    assert found["right"] >= 0.8 * found.total()


@pytest.mark.slow
def test_live_and_offline_agree(model: Recognizer, demo: Recording) -> None:
    sink, pause = MessageList(), threading.Event()
    # The clock stands still, so every frame is early and the engine asks the feeder to pause.
    engine = NamedEngine(model, sink, clock_ns=lambda: 0, catch_up=None)
    engine.add("demo", "demo")
    engine.start()
    for frame in demo.frames:
        engine.push("demo", frame)
        while engine.is_behind("demo", frame.captured_ns):
            pause.wait(0.002)
    engine.remove("demo")
    assert sink.ended.wait(120)
    engine.stop()
    clip: list[Message] = offline_messages(model, demo.frames, "demo")
    assert phases(sink.messages) == phases(clip)
    live_rows, offline_rows = (
        np.array([m.probabilities for m in messages if isinstance(m, PredictionMessage)])
        for messages in (sink.messages, clip)
    )
    np.testing.assert_allclose(live_rows, offline_rows, atol=2e-5)


def test_relevance_adds_up(model: Recognizer, demo: Recording) -> None:
    for message in offline_messages(model, demo.frames[:600], explain=True):
        if isinstance(message, RelevanceMessage):
            why = message.relevance
            gained = why.logit - why.reference
            most = 1e-4 * max(1.0, abs(gained))
            assert abs(why.residual) <= most
            assert abs(np.sum(why.map) - gained) <= most + 1e-4
            np.testing.assert_allclose(np.sum(why.map, axis=0), why.joints, atol=1e-4)


def test_two_bodies_do_not_mix(model: Recognizer, demo: Recording) -> None:
    half = len(demo.frames) // 2
    first, second = demo.frames[:half], demo.frames[half : 2 * half]
    merged = [
        Frame(
            "two",
            one.sequence,
            one.captured_ns,
            (
                *(Body(100 + b.id, b.joints_m, b.confidence) for b in one.bodies),
                *(
                    Body(200 + b.id, b.joints_m + np.float32((1.5, 0, 0)), b.confidence)
                    for b in two.bodies
                ),
            ),
            one.layout,
        )
        for one, two in zip(first, second, strict=True)
    ]
    messages = offline_messages(model, merged)
    shift_ns = second[0].captured_ns - first[0].captured_ns
    for part, low in ((first, 100), (second, 200)):
        alone = [m for m in offline_messages(model, part) if isinstance(m, ActionMessage)]
        mine = [
            m for m in messages if isinstance(m, ActionMessage) and low <= m.body_ids[0] < low + 100
        ]
        moved = shift_ns if low == 200 else 0
        starts = [(m.label, m.at_ns - moved) for m in alone if m.phase == "start"]
        assert starts and starts == [(m.label, m.at_ns) for m in mine if m.phase == "start"]


def test_a_websocket_client_receives_a_correct_label(house: House, demo: Recording) -> None:
    truths = {span.label for span in demo.spans}
    with house.connect("/ws?messages=action,relevance,status") as socket:
        hello = json.loads(socket.recv())
        assert hello["streams"][0]["name"] == "demo"
        message = json.loads(socket.recv(30))
        while message.get("phase") != "start":
            message = json.loads(socket.recv(30))
        assert message["label"] in truths
        while not message.get("joints"):
            message = json.loads(socket.recv(30))
    assert 0 < message["joints"][0]["share"] <= 1


def test_live_and_offline_relevance_agree(model: Recognizer, demo: Recording) -> None:
    made = demo.frames[:200]
    clip = relevance_messages(offline_messages(model, made, "demo", explain=True))
    sink = MessageList()
    engine = NamedEngine(model, sink, clock_ns=lambda: 0, catch_up=None)
    engine.add("demo", "demo")
    for frame in made:
        engine.push("demo", frame)
        engine.tick()
        engine.explainer.step()
    engine.tick()
    live = {m.captured_ns: m.relevance for m in relevance_messages(sink.messages)}
    assert len(live) >= len(clip) - 2  # those held until a person is confirmed
    for message in clip:
        if message.captured_ns in live:
            why = live[message.captured_ns]
            assert why.label == message.relevance.label
            np.testing.assert_allclose(why.map, message.relevance.map, atol=1e-4)


def test_a_busy_explainer_delays_no_label(model: Recognizer, demo: Recording) -> None:
    """All relevance is wanted, and the explainer gets no time for any of it."""
    sink, made = MessageList(), demo.frames[:900]
    engine = NamedEngine(model, sink, clock_ns=lambda: 0, catch_up=None)
    engine.add("demo", "demo")
    for frame in made:
        engine.push("demo", frame)
        engine.tick()
    engine.remove("demo")
    engine.tick()
    assert phases(sink.messages) == phases(offline_messages(model, made, "demo"))
    assert engine.explainer.dropped > 100 and not relevance_messages(sink.messages)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"needs the sample recordings in {SAMPLES}")
class TestSamples:
    def test_a_recorded_wave_is_recognised(self, house: House) -> None:
        path = SAMPLES / "kinect_v2_csv" / "Ges01_wavehand.csv"
        with path.open("rb") as file:
            answer = httpx.post(f"{house.http.base_url}/clips", files={"file": file}, timeout=60)
        actions = answer.raise_for_status().json()["actions"]
        assert [action["label"] for action in actions] == ["wave"]
        leading = actions[0]["joints"][:2]
        assert {one["joint"] for one in leading} == {"WristRight", "HandRight"}
        assert sum(one["share"] for one in leading) > 0.8

    @pytest.mark.slow
    def test_every_sample_with_skeletons_is_classified(self, model: Recognizer) -> None:
        paths = [
            path
            for path in sorted(SAMPLES.rglob("*"))
            if path.suffix in (".csv", ".json") and path.name != "calibration.json"
        ]
        assert len(paths) >= 12
        for path in paths:
            answer = classify(model, read_recording(path, limits=LOCAL_LIMITS))
            assert answer.probabilities, path.name
            assert answer.residual_max < 1e-3
