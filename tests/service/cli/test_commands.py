from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner, Result
from websockets.sync.client import ClientConnection

from models.card import DEFAULT_MODEL, DataCredit, Thresholds, Tuned, load_card, save_card
from models.errors import ModelError
from models.labels import PRECOG, UTD
from sensor.formats import kinect_v2_csv
from sensor.skeleton import Frame
from service.__main__ import app
from service.api.server import listen
from service.cli.classify import _nothing
from service.cli.watch import _address
from service.cli.watch_view import Board
from service.clips import timeline
from service.publish.subscription import Subscription
from service.settings import Settings
from service.wire.answers import BodyTimeline
from service.wire.messages import ActionMessage, ErrorMessage, Hello, JointShare
from tests.fakes.house import running
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import FakeRecognizer
from tests.service.wire.test_encoding import MESSAGES

ROOT = Path(__file__).parents[3]
PIPES: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT, "text": True}


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner()


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.inference.recognizer.Recognizer", lambda *_: FakeRecognizer())
    monkeypatch.setattr("models.gallery.exemplars.load_exemplars", lambda *_: None)


def test_tune_takes_thresholds_and_leaves_the_rest(cli: CliRunner, tmp_path: Path) -> None:
    shipped = load_card(DEFAULT_MODEL)
    chosen = replace(
        shipped, temperature=0.7, thresholds=Thresholds(again=0.9), scores={"validation_found": 0.9}
    )
    for name, card in (
        ("own", replace(shipped, scores={"validation_found": 0.1, "utd-cs": 0.98})),
        ("other", chosen),
    ):
        (tmp_path / name).mkdir()
        save_card(card, tmp_path / name)
    done = cli.invoke(app, ["tune", str(tmp_path / "own"), "--tuned-by", str(tmp_path / "other")])
    assert done.exit_code == 0 and "again=0.9" in done.output
    tuned = load_card(tmp_path / "own")
    assert tuned == replace(chosen, scores={"utd-cs": 0.98, "validation_found": 0.9})
    missing = cli.invoke(app, ["tune", str(tmp_path / "none"), "--tuned-by", str(tmp_path)])
    assert missing.exit_code == 2


def test_several_models_are_tuned_together_on_whom_each_had_not_learnt_from(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = {"UTD-MHAD": [1, 3, 5, 7], "PRECOG 2016": [1, 2, 3, 4, 5, 6]}
    held = {"a": {"UTD-MHAD": [7], "PRECOG 2016": [5]}, "b": {"UTD-MHAD": [1], "PRECOG 2016": [2]}}
    for name, out in held.items():
        (tmp_path / name).mkdir()
        learnt = [
            DataCredit(one, [who for who in people if who not in out[one]], "c", "t")
            for one, people in everybody.items()
        ]
        save_card(replace(load_card(DEFAULT_MODEL), trained_on=learnt), tmp_path / name)
    monkeypatch.setattr("models.training.recipe_training.validated", lambda *asked: asked)
    asked: list[object] = []

    def tuned_on(models: list[object]) -> Tuned:
        asked.extend(models)
        return Tuned(0.4, Thresholds(enter=0.9))

    monkeypatch.setattr("models.training.recipe_training.tuned_on", tuned_on)
    folders = [str(tmp_path / name) for name in held]
    tuned_by = [word for folder in folders for word in ("--tuned-by", folder)]
    assert cli.invoke(app, ["tune", folders[0], *tuned_by, "--data", "sets"]).exit_code == 0
    assert asked == [
        (tmp_path / "a", {UTD: [7], PRECOG: [5]}, Path("sets")),
        (tmp_path / "b", {UTD: [1], PRECOG: [2]}, Path("sets")),
    ]
    assert load_card(tmp_path / "a").thresholds.enter == 0.9
    everybody_learnt = [DataCredit(one, people, "c", "t") for one, people in everybody.items()]
    save_card(replace(load_card(DEFAULT_MODEL), trained_on=everybody_learnt), tmp_path / "b")
    refused = cli.invoke(app, ["tune", folders[0], *tuned_by, "--data", "sets"])
    assert refused.exit_code == 2
    one_line(refused.stderr, "nobody left")


def one_line(text: str, named: str) -> None:
    assert named in text and text.count("\n") == 1


@pytest.mark.parametrize("command", ["", "serve", "watch", "classify", "record"])
def test_help_is_there(cli: CliRunner, command: str) -> None:
    shown = cli.invoke(app, [*command.split(), "--help"])
    assert shown.exit_code == 0 and "Usage" in shown.output


@pytest.mark.usefixtures("fake_model")
def test_classify_prints_a_table_and_names_bad_files(cli: CliRunner, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(kinect_v2_csv.write(recording()))
    bad.write_text("")
    shown = cli.invoke(app, ["classify", str(bad), str(good)])
    assert shown.exit_code == 1
    one_line(shown.stderr, "empty")
    assert re.search(r"raise_right.*raise_left", shown.stdout, re.DOTALL)


@pytest.mark.usefixtures("fake_model")
def test_classify_prints_json_lines(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(kinect_v2_csv.write(recording()))
    shown = cli.invoke(app, ["classify", "--json", str(path), str(path)])
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [line["name"] for line in lines] == ["good", "good"]
    assert len(lines[0]["actions"]) == 2


@pytest.mark.usefixtures("fake_model")
def test_classify_says_when_nothing_is_known(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "rest.csv"
    path.write_text(kinect_v2_csv.write(recording(motion((("rest", 2.0),)))))
    shown = cli.invoke(app, ["classify", str(path)])
    assert "no known action (the nearest: raise_" in shown.stdout


@pytest.mark.usefixtures("fake_model")
def test_classify_shows_how_far_it_is_to_who_watches(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "good.csv"
    path.write_text(kinect_v2_csv.write(recording()))
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    silent = cli.invoke(app, ["classify", "--json", str(path)])
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    shown = cli.invoke(app, ["classify", "--json", str(path)])
    assert "good.csv" in shown.stderr and silent.stderr == ""
    assert shown.stdout == silent.stdout != ""


def test_frames_are_as_far_as_they_are_taken() -> None:
    made, taken = recording(), list[Frame]()

    def take(frames: Sequence[Frame]) -> Iterator[Frame]:
        for frame in progress.track(frames, task_id=task):
            taken.append(frame)
            yield frame

    with Progress(console=Console(file=io.StringIO())) as progress:
        task = progress.add_task("", total=None)
        answer = timeline.classify(FakeRecognizer(), made, take=take)
    assert answer == timeline.classify(FakeRecognizer(), made)
    assert taken == list(made.frames)
    count = len(made.frames)
    assert (progress.tasks[0].completed, progress.tasks[0].total) == (count, count)


def test_what_is_shown_as_0_percent_is_not_near() -> None:
    unsure = BodyTimeline(
        body=1,
        label="rest",
        confidence=0.9951,
        actions=[],
        times_s=[0.0],
        probabilities=[[0.9951, 0.0049, 0.0]],
        relevance=[],
        relevance_labels=[],
        residual_max=0.0,
    )
    assert _nothing(unsure, ["rest", "wave", "clap"], "rest") == "  no known action"


def test_serve_lists_every_setting_with_its_meaning(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("JOINTWISE_NONSENSE", "1")
    shown = cli.invoke(app, ["serve", "--settings"])
    _, *rows = (re.split(r"  +", line.strip()) for line in shown.stdout.splitlines())
    fields = Settings.model_fields
    assert [row[0] for row in rows] == [f"JOINTWISE_{name.upper()}" for name in fields]
    assert [row[2] for row in rows] == [field.description for field in fields.values()]
    defaults = {row[0].removeprefix("JOINTWISE_").lower(): row[1] for row in rows}
    assert defaults | {"port": "8765", "sources": "demo:", "model": "unset"} == defaults
    assert "-settings" in cli.invoke(app, ["serve", "--help"]).stdout


def test_a_missing_model_is_one_line(cli: CliRunner, tmp_path: Path) -> None:
    for command in (["classify", "x.csv"], ["serve", "--port", "0"]):
        shown = cli.invoke(app, [*command, "--model", str(tmp_path)])
        assert shown.exit_code == 2
        one_line(shown.stderr, "no model in")


def test_a_taken_port_is_one_line_before_anything_is_loaded(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise ModelError("loaded")

    monkeypatch.setattr("models.inference.recognizer.Recognizer", never)
    with listen("127.0.0.1", 0) as taken:
        shown = cli.invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert shown.exit_code == 2
    one_line(shown.stderr, "--port")


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--source", "kinect-nine:0"], "kinect-nine"),
        (["--source", "replay:nowhere.npz"], "nowhere.npz"),
        (["--host", "0.0.0.0"], "SUBSCRIBE_TOKEN"),
        (["--device", "tpu"], "device"),
    ],
)
def test_wrong_options_are_one_line(cli: CliRunner, options: list[str], named: str) -> None:
    shown = cli.invoke(app, ["serve", "--port", "0", *options])
    assert shown.exit_code == 2
    one_line(shown.stderr, named)


@pytest.mark.skipif(sys.platform == "win32", reason="presses Ctrl-C as only POSIX can")
@pytest.mark.parametrize("inference", ["thread", "process"])
def test_serve_ends_quietly_by_two_ctrl_c(inference: str) -> None:
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    environ = os.environ | {"JOINTWISE_INFERENCE": inference}
    with subprocess.Popen(
        [*command, "--source", "demo:", "--source", "demo:"], **PIPES, env=environ
    ) as serving:
        assert serving.stdout is not None
        greeting = list(iter(serving.stdout.readline, "  Press Ctrl-C to stop.\n"))
        for _ in range(2):
            serving.send_signal(signal.SIGINT)
            time.sleep(0.02)  # so that they are two
        _, said = serving.communicate(timeout=30)
    assert said == ""
    sources = [line.split()[1] for line in greeting if line.startswith("  source")]
    assert sources == ["demo:", "demo-2:"]


def watch_until_it_stops(cli: CliRunner, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    with running() as house:
        subscribe = house.live.bus.subscribe

        def subscribe_then_stop(subscription: Subscription) -> None:
            subscribe(subscription)
            house.server.should_exit = True

        monkeypatch.setattr(house.live.bus, "subscribe", subscribe_then_stop)
        return cli.invoke(app, ["watch", f"127.0.0.1:{house.port}", *options])


def test_watch_shows_the_board_until_the_service_goes(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = watch_until_it_stops(cli, monkeypatch)
    assert shown.exit_code == 1 and "recent actions" in shown.stdout
    one_line(shown.stderr, "the service has stopped")


def test_watch_reads_json_lines_until_the_service_goes(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = watch_until_it_stops(cli, monkeypatch, "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.stdout.splitlines()[0])["type"] == "hello"
    one_line(shown.stderr, "the service has stopped")


@pytest.mark.skipif(sys.platform == "win32", reason="ends the service as only POSIX can")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_watch_says_that_the_service_has_stopped(how: int) -> None:
    serve, watch = ([sys.executable, "-m", "service", name] for name in ("serve", "watch"))
    with subprocess.Popen([*serve, "--port", "0"], **PIPES) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().split()[-1]
        with subprocess.Popen([*watch, address, "--json"], **PIPES) as watching:
            assert watching.stdout is not None
            watching.stdout.readline()
            serving.send_signal(how)
            _, said = watching.communicate(timeout=30)
    assert watching.returncode == 1
    one_line(said, "the service has stopped")


@pytest.mark.parametrize(
    ("options", "path", "named"),
    [
        ([], "", "a token is needed; give --token, or set JOINTWISE_SUBSCRIBE_TOKEN"),
        (["--token", "old"], "", "the token is wrong; give --token"),
        (["--token", "new"], "/live", "with no path behind it"),
    ],
)
def test_watch_names_the_mend_where_it_is_refused(
    cli: CliRunner, options: list[str], path: str, named: str
) -> None:
    with running(subscribe_token="new") as house:
        shown = cli.invoke(app, ["watch", f"127.0.0.1:{house.port}{path}", *options])
    assert shown.exit_code == 1
    one_line(shown.stderr, named)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("dmeo", "jointwise: no stream is called dmeo now; there are: demo; waiting\n"),
        ("demo,b,a", "jointwise: no stream is called a or b now; there are: demo; waiting\n"),
        ("demo", ""),
    ],
)
def test_watch_names_streams_that_are_not_there(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    monkeypatch.setattr(ClientConnection, "recv", first_message_alone(ClientConnection.recv))
    with running(subscribe_token="t") as house:
        house.live.engine.add("demo", "test")
        address = f"127.0.0.1:{house.port}"
        shown = cli.invoke(app, ["watch", address, "--streams", asked, "--token", "t"])
    assert (shown.exit_code, shown.stderr) == (0, said)


def first_message_alone(recv: Callable[..., Any]) -> Callable[..., Any]:
    """`recv`, and then Ctrl-C."""
    calls = iter([recv])

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    return lambda socket: next(calls, stop)(socket)


def test_watch_ends_quietly_when_nobody_reads_it() -> None:
    with running() as house:
        command = [sys.executable, "-m", "service", "watch", f"127.0.0.1:{house.port}", "--json"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        ) as watching:
            assert watching.stdout is not None and watching.stderr is not None
            assert json.loads(watching.stdout.readline())["type"] == "hello"
            watching.stdout.close()
            house.live.engine.add("hall", "push")
            house.live.engine.change("hall", "live")
            said = watching.stderr.read()
    assert (watching.returncode, said) == (0, b"")


def test_the_board_shows_people_and_actions() -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    board = Board()
    console.print(board.render())
    for message in [m for m in MESSAGES if not isinstance(m, ErrorMessage)]:
        board.take(message)
    console.print(board.render())
    text = console.export_text()
    for shown in ("connecting", "hall · 1", "wave", "90%", "starts", "a note"):
        assert shown in text
    board.take(ErrorMessage("no such option"))
    console.print(board.render())
    assert "no such option" in console.export_text()


def test_the_board_gives_a_start_its_joints_when_they_come() -> None:
    board = Board()
    hello = next(m for m in MESSAGES if isinstance(m, Hello))
    start = ActionMessage("hall", [1], "wave", "start", 9, 8, 0.9, [])
    for message in (hello, start, replace(start, phase="update", joints=[JointShare("Hip", 0.5)])):
        board.take(message)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(board.render())
    text = console.export_text()
    assert "Hip 50%" in text and text.count("wave") == 1


def test_watch_says_when_nothing_is_there(cli: CliRunner) -> None:
    with listen("127.0.0.1", 0) as socket:
        port = socket.getsockname()[1]
    shown = cli.invoke(app, ["watch", f"127.0.0.1:{port}"])
    assert shown.exit_code == 1
    one_line(shown.stderr, "jointwise serve")


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("http://h:1", "ws://h:1/ws?"),
        ("https://h/", "wss://h/ws?"),
        ("h:1", "ws://h:1/ws?"),
        ("ws://h:1/ws", "ws://h:1/ws?"),
    ],
)
def test_addresses(url: str, start: str) -> None:
    assert _address(url, "a,b").startswith(start)


def imported(code: str) -> set[str]:
    listed = f"{code}\nimport sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_serving_never_imports_torch() -> None:
    found = imported(
        "import service.api.app, service.api.server, models.live.offline\n"
        "import service.cli.watch_view, service.clips.uploads\n"
        "import service.cli.serve, service.cli.watch, service.cli.classify\n"
        "import models.inference.recognizer, models.inference.stepper\n"
        "import models.gallery.exemplars, models.gallery.demo_source"
    )
    assert "onnxruntime" not in found
    assert not {"torch", "onnx", "onnxscript", "matplotlib"} & found


def test_help_imports_neither_model_nor_server() -> None:
    found = imported("import service.__main__")
    assert not {"torch", "onnxruntime", "fastapi", "uvicorn", "numpy"} & found
