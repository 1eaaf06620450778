"""Recording with the shipped model, and recordings cut off by killing the recorder."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.card import DEFAULT_MODEL, MODEL_FILE
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from sensor.cameras.replay import ReplaySource
from sensor.formats import read_recording
from sensor.formats.recording import Recording
from service.__main__ import app
from service.recording.record_source import record_source
from service.recording.recorder import Recorder
from service.wire.encoding import decode
from service.wire.messages import ActionMessage, PredictionMessage
from tests.fakes.message_list import comparable, offline_messages

stream_reader = pytest.importorskip("mcap.stream_reader", reason="needs the record extra (mcap)")

from mcap.exceptions import EndOfFile  # noqa: E402
from mcap.records import Channel, Message  # noqa: E402

ROOT = Path(__file__).parents[1]
SECONDS = 25

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / MODEL_FILE).is_file(), reason="the shipped model is not in this checkout"
)


def whole_messages(path: Path) -> dict[str, list[bytes]]:
    """Return the messages of each topic in file order, up to where the file was cut off."""
    found: dict[str, list[bytes]] = {}
    topics: dict[int, str] = {}
    with path.open("rb") as file:
        try:
            for record in stream_reader.StreamReader(file).records:
                if isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Message):
                    found.setdefault(topics[record.channel_id], []).append(record.data)
        except EndOfFile:
            pass
    return found


@pytest.mark.slow
def test_a_session_replays_to_identical_labels(tmp_path: Path) -> None:
    model = Recognizer(device="cpu", threads=1)
    exemplars = load_exemplars(DEFAULT_MODEL, model.card)
    assert exemplars is not None
    whole = demo_recording(exemplars, people=2)
    frames = tuple(frame for frame in whole.frames if frame.captured_ns < SECONDS * 10**9)
    demo = Recording("demo", "demo", whole.layout, frames, whole.rate_hz)
    recorder = Recorder(tmp_path / "a.mcap", "demo", 2**30)
    source = ReplaySource(demo, pace=None)
    info = record_source(source, model, recorder, threading.Event())
    assert (info.state, info.frames) == ("finished", len(frames))
    found = read_recording(tmp_path / "a.mcap")
    clip = offline_messages(model, found.frames, "demo")
    topics = whole_messages(tmp_path / "a.mcap")
    began_ns = json.loads(topics["/frame"][0])["captured_ns"]
    live = [decode(data, "json") for topic in ("/prediction", "/action") for data in topics[topic]]
    for kind in (PredictionMessage, ActionMessage):
        compare(
            [m for m in comparable(live) if isinstance(m, kind)],
            [m for m in comparable(clip) if isinstance(m, kind)],
            began_ns,
        )
    explained = [decode(data, "json") for data in topics["/relevance"]]
    assert len(explained) > len(topics["/prediction"]) / 4
    assert all(abs(m.relevance.residual) < 1e-3 for m in explained)


def compare(live: list, again: list, began_ns: int) -> None:
    assert len(live) == len(again) > 10
    for before, after in zip(live, again, strict=True):
        assert before.label == after.label and before.body_ids == after.body_ids
        if isinstance(before, PredictionMessage):
            assert before.captured_ns - began_ns == after.captured_ns
            # Probabilities differ in the last bits with the size of the batch.
            np.testing.assert_allclose(before.probabilities, after.probabilities, atol=2e-5)
        else:
            assert (before.phase, before.at_ns - began_ns) == (after.phase, after.at_ns)
            assert before.started_ns - began_ns == after.started_ns


@pytest.mark.slow
def test_a_recording_cut_off_by_kill_opens_up_to_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    command = [sys.executable, "-m", "service", "record", "--source", "demo:", "--out", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        pause = threading.Event()
        for _ in range(1200):
            if path.exists() and path.stat().st_size > 250_000:
                break
            assert process.poll() is None
            pause.wait(0.05)
        pause.wait(0.33)  # any moment between two flushes
    finally:
        killed_ns = time.monotonic_ns()
        process.kill()
        process.wait()
    last = json.loads(whole_messages(path)["/frame"][-1])
    assert killed_ns - last["captured_ns"] < 1_500_000_000
    found = read_recording(path)
    assert found.frames[-1].sequence == last["sequence"]
    assert found.duration_s > 1.0
    assert found.frames[-1].sequence - found.frames[0].sequence == len(found.frames) - 1


def test_record_then_classify(tmp_path: Path) -> None:
    cli, path = CliRunner(), tmp_path / "a.mcap"
    arguments = ["record", "--source", "demo:?pace=max", "--out", str(path), "--seconds", "8"]
    shown = cli.invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "a.mcap: 8.0 s, 241 frames" in shown.output
    again = cli.invoke(app, arguments)
    assert again.exit_code == 2
    assert "choose another name" in again.stderr and again.stderr.count("\n") == 1
    line = json.loads(cli.invoke(app, ["classify", "--json", str(path)]).stdout)
    assert line["format"] == "mcap" and line["actions"][0]["label"] == "wave"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--source", "demo:", "--out", "a.mp4"], "ends in .mcap"),
        (["--source", "demo:", "--out", "a.mcap", "--seconds", "0"], "--seconds"),
        (["--source", "demo:", "--out", "a.mcap", "--device", "tpu"], "--device"),
        (["--source", "nonsense:", "--out", "a.mcap"], 'Unknown source "nonsense:"'),
        (["--source", "demo:", "--out", "no/such/a.mcap"], "No such file"),
    ],
)
def test_wrong_options_of_record_are_one_line(
    arguments: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["record", *arguments])
    assert shown.exit_code == 2
    assert named in shown.stderr and shown.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
