from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result
from websockets.sync.client import ClientConnection

from service.__main__ import app
from service.api.server import listen
from service.cli.watch import _address
from service.publish.subscription import Subscription
from tests.fakes.house import running
from tests.service.cli.commands import PIPES, ROOT, one_line


def watch_until_it_stops(cli: CliRunner, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    with running() as house:
        subscribe = house.live.bus.subscribe

        def subscribe_then_stop(subscription: Subscription) -> None:
            subscribe(subscription)
            house.server.should_exit = True

        monkeypatch.setattr(house.live.bus, "subscribe", subscribe_then_stop)
        return cli.invoke(app, ["watch", f"127.0.0.1:{house.port}", *options])


def test_watch_shows_the_board_until_the_service_stops(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = watch_until_it_stops(cli, monkeypatch)
    assert shown.exit_code == 1 and "recent actions" in shown.stdout
    one_line(shown.stderr, "the service has stopped")


def test_watch_prints_json_lines_until_the_service_stops(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = watch_until_it_stops(cli, monkeypatch, "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.stdout.splitlines()[0])["type"] == "hello"
    one_line(shown.stderr, "the service has stopped")


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
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
        (["--token", "new"], "/live", "without a path"),
    ],
)
def test_watch_says_how_to_mend_a_refusal(
    cli: CliRunner, options: list[str], path: str, named: str
) -> None:
    with running(subscribe_token="new") as house:
        shown = cli.invoke(app, ["watch", f"127.0.0.1:{house.port}{path}", *options])
    assert shown.exit_code == 1
    one_line(shown.stderr, named)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("dmeo", "jointwise: no stream named dmeo yet; available: demo; waiting\n"),
        ("demo,b,a", "jointwise: no stream named a or b yet; available: demo; waiting\n"),
        ("demo", ""),
    ],
)
def test_watch_names_streams_that_do_not_exist(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    monkeypatch.setattr(ClientConnection, "recv", first_message_alone(ClientConnection.recv))
    with running(subscribe_token="t") as house:
        house.live.engine.add("demo", "test")
        address = f"127.0.0.1:{house.port}"
        shown = cli.invoke(app, ["watch", address, "--streams", asked, "--token", "t"])
    assert (shown.exit_code, shown.stderr) == (0, said)


def first_message_alone(recv: Callable[..., Any]) -> Callable[..., Any]:
    """Call `recv` once, then press Ctrl-C."""
    calls = iter([recv])

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    return lambda socket: next(calls, stop)(socket)


def test_watch_ends_quietly_when_its_output_is_closed() -> None:
    with running() as house:
        command = [sys.executable, "-m", "service", "watch", f"127.0.0.1:{house.port}", "--json"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        ) as watching:
            assert watching.stdout is not None and watching.stderr is not None
            assert json.loads(watching.stdout.readline())["type"] == "hello"
            watching.stdout.close()
            house.live.engine.add("hall", "push").change("live")
            said = watching.stderr.read()
    assert (watching.returncode, said) == (0, b"")


def test_watch_says_when_no_service_answers(cli: CliRunner) -> None:
    with listen("127.0.0.1", 0) as socket:
        port = socket.getsockname()[1]
    shown = cli.invoke(app, ["watch", f"127.0.0.1:{port}"])
    assert shown.exit_code == 1
    one_line(shown.stderr, "jointwise serve")


def test_watch_reaches_a_service_by_its_port(cli: CliRunner) -> None:
    with running(subscribe_token="t") as house:
        shown = cli.invoke(app, ["watch", "--port", str(house.port)])
    assert shown.exit_code == 1
    one_line(shown.stderr, f"http://127.0.0.1:{house.port} refused: a token is needed")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["127.0.0.1:1", "--port", "1"], "not both"),
        (["--port", "0"], "--port must be 1\N{EN DASH}65535 (got 0)"),
        (["--port", "99999"], "--port must be 1\N{EN DASH}65535 (got 99999)"),
    ],
)
def test_watch_refuses_a_port_that_cannot_be(
    cli: CliRunner, options: list[str], named: str
) -> None:
    shown = cli.invoke(app, ["watch", *options])
    assert shown.exit_code == 2
    one_line(shown.stderr, named)


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
