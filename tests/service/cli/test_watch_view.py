from __future__ import annotations

import io

from msgspec.structs import replace
from rich.console import Console

from service.cli.watch_view import Board
from service.wire.messages import ActionMessage, ErrorMessage, Hello, JointShare
from tests.service.wire.test_encoding import MESSAGES


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


def test_the_board_adds_joints_to_a_start() -> None:
    board = Board()
    hello = next(m for m in MESSAGES if isinstance(m, Hello))
    start = ActionMessage("hall", [1], "wave", "start", 9, 8, 0.9, [])
    for message in (hello, start, replace(start, phase="update", joints=[JointShare("Hip", 0.5)])):
        board.take(message)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(board.render())
    text = console.export_text()
    assert "Hip 50%" in text and text.count("wave") == 1
