"""`jointwise watch`: shows the messages of a running service in the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosed
    from websockets.http11 import Response
    from websockets.sync.client import ClientConnection

_KINDS = "prediction,relevance,action,status"
_GOING_AWAY = 1001
_ANSWER_S = 5.0
_DEFAULT_URL = "http://127.0.0.1:8765"


def watch(
    url: Annotated[
        str, typer.Argument(help="Address of the service.", show_default=_DEFAULT_URL)
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(help="Port of a service on this machine, instead of an address."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each message as JSON, one per line.")
    ] = False,
    streams: Annotated[
        str, typer.Option(help="Streams to show, separated by commas.", show_default="all")
    ] = "",
    token: Annotated[
        str,
        typer.Option(help="Subscribe token of the service.", envvar="JOINTWISE_SUBSCRIBE_TOKEN"),
    ] = "",
) -> None:
    """Show the live labels of a running service, their confidence and the deciding joints."""
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
    from websockets.sync.client import connect

    url = _service_url(url, port)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with (
            contextlib.suppress(KeyboardInterrupt),
            connect(_address(url, streams), additional_headers=headers, max_size=None) as socket,
        ):
            hello = socket.recv()
            if streams:
                _name_missing(hello, streams, url, headers)
            (_print_lines if as_json else _show_live)(hello, socket)
    except InvalidURI:
        stop(f"{url!r} is not an address; give one such as http://127.0.0.1:8765")
    except InvalidStatus as error:
        stop(f"{url} refused: {_refusal(error.response, bool(token))}", code=1)
    except InvalidHandshake as error:
        stop(f"{url} refused: {error}", code=1)
    except ConnectionClosed as error:
        stop(_goodbye(error), code=1)
    except OSError as error:
        stop(f"cannot reach {url} ({error}): start a service with `jointwise serve`", code=1)


def _service_url(url: str, port: int | None) -> str:
    """Return the address of the service; end the command if it is not clear."""
    if port is None:
        return url or _DEFAULT_URL
    if url:
        stop(f"give an address or --port, not both (got {url!r} and {port})")
    if not 1 <= port <= 65535:
        stop(f"--port must be 1\N{EN DASH}65535 (got {port})")
    return f"http://127.0.0.1:{port}"


def _base(url: str) -> str:
    base = url if "://" in url else f"http://{url}"
    base = base.replace("http://", "ws://", 1).replace("https://", "wss://", 1).rstrip("/")
    return base.removesuffix("/ws")


def _address(url: str, streams: str) -> str:
    from urllib.parse import urlencode

    query = {"messages": _KINDS, "max_hz": "8"} | ({"streams": streams} if streams else {})
    return f"{_base(url)}/ws?{urlencode(query)}"


def _refusal(response: Response, token_given: bool) -> str:
    """Return why the service refused the connection, and the remedy."""
    import msgspec

    from service.wire.answers import ErrorAnswer

    if response.status_code == 401:
        problem = "the token is wrong" if token_given else "a token is needed"
        return f"{problem}; give --token, or set JOINTWISE_SUBSCRIBE_TOKEN"
    try:
        return msgspec.json.decode(response.body or b"", type=ErrorAnswer).error
    except msgspec.DecodeError:
        remedy = "give the address that `jointwise serve` prints, without a path"
        return f"HTTP {response.status_code}; {remedy}"


def _goodbye(error: ConnectionClosed) -> str:
    """Say why the service closed the connection."""
    close = error.rcvd
    if close is not None and close.code != _GOING_AWAY and close.reason:
        return close.reason
    return "the service has stopped"


def _name_missing(hello: str | bytes, streams: str, url: str, headers: dict[str, str]) -> None:
    """Print the names of requested streams that do not exist yet."""
    from service.wire.encoding import decode
    from service.wire.messages import Hello

    first = decode(hello, "json")
    asked = set(filter(None, streams.split(",")))
    found = {stream.name for stream in first.streams} if isinstance(first, Hello) else asked
    if asked <= found:
        return
    missing = " or ".join(sorted(asked - found))
    note = f"no stream named {missing} yet{_available(url, headers)}; waiting"
    typer.secho(f"jointwise: {note}", fg="yellow", err=True)


def _available(url: str, headers: dict[str, str]) -> str:
    """List the streams of a service; empty if it does not answer."""
    from urllib.request import Request, urlopen

    import msgspec

    from service.wire.answers import StreamsAnswer

    address = f"{_base(url).replace('ws', 'http', 1)}/streams"
    try:
        with urlopen(Request(address, headers=headers), timeout=_ANSWER_S) as answer:
            streams = msgspec.json.decode(answer.read(), type=StreamsAnswer).streams
    except (OSError, msgspec.DecodeError):
        return ""
    names = ", ".join(stream.name for stream in streams)
    return f"; available: {names or 'none'}"


def _print_lines(hello: str | bytes, socket: ClientConnection) -> None:
    """Print messages until the connection or standard output is closed."""
    try:
        typer.echo(hello)
        while True:
            typer.echo(socket.recv())
    except BrokenPipeError:
        # The reader, for example `head`, has closed the pipe. Python flushes its buffer at exit,
        # so give the buffer a place to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_live(hello: str | bytes, socket: ClientConnection) -> None:
    """Show messages in a live table until the connection is closed."""
    from rich.live import Live

    from service.cli.watch_view import Board
    from service.wire.encoding import decode

    board = Board()
    board.take(decode(hello, "json"))
    with Live(board.render(), refresh_per_second=8) as live:
        while True:
            board.take(decode(socket.recv(), "json"))
            live.update(board.render())
