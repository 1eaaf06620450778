"""`jointwise watch`: a subscriber in the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.failure import stop

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_KINDS = "prediction,relevance,action,status"


def watch(
    url: Annotated[str, typer.Argument(help="Where a service runs.")] = "http://127.0.0.1:8765",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each message, one a line.")
    ] = False,
    streams: Annotated[
        str, typer.Option(help="Names of streams, separated by commas.", show_default="all")
    ] = "",
    token: Annotated[
        str, typer.Option(help="The service's token.", envvar="JOINTWISE_SUBSCRIBE_TOKEN")
    ] = "",
) -> None:
    """Show live what a running service sees: the label, how sure, and the joints behind it."""
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
    from websockets.sync.client import connect

    address = _address(url, streams)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with (
            contextlib.suppress(KeyboardInterrupt),
            connect(address, additional_headers=headers, max_size=None) as socket,
        ):
            (_print_lines if as_json else _show_live)(socket)
    except InvalidURI:
        stop(f"{url!r} is no address; a service is at one such as http://127.0.0.1:8765")
    except InvalidHandshake as error:
        stop(f"{url} refused: {error}", code=1)
    except (OSError, ConnectionClosed) as error:
        stop(f"{url} cannot be reached ({error}): start one with `jointwise serve`", code=1)


def _address(url: str, streams: str) -> str:
    from urllib.parse import urlencode

    base = url if "://" in url else f"http://{url}"
    base = base.replace("http://", "ws://", 1).replace("https://", "wss://", 1).rstrip("/")
    query = {"messages": _KINDS, "max_hz": "8"} | ({"streams": streams} if streams else {})
    return f"{base.removesuffix('/ws')}/ws?{urlencode(query)}"


def _print_lines(socket: ClientConnection) -> None:
    try:
        for text in socket:
            typer.echo(text)
    except BrokenPipeError:
        # Who reads this has read enough, as `head` has; nor is there a place for what is buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_live(socket: ClientConnection) -> None:
    from rich.live import Live

    from service.board import Board
    from service.wire import decode

    board = Board()
    with Live(board.render(), refresh_per_second=8) as live:
        for text in socket:
            board.take(decode(text, "json"))
            live.update(board.render())
