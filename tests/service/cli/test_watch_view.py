from __future__ import annotations

import io
import re

from msgspec.structs import replace
from rich.console import Console

from service.cli.watch_view import Board
from service.wire.messages import (
    ActionMessage,
    ErrorMessage,
    Hello,
    JointShare,
    Message,
    PredictionMessage,
    Timings,
)
from tests.service.wire.test_encoding import MESSAGES


def test_the_board_shows_people_and_actions() -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    board = Board()
    console.print(board.render())
    for message in [m for m in MESSAGES if not isinstance(m, ErrorMessage)]:
        board.take(message)
    console.print(board.render())
    text = console.export_text()
    for shown in ("connecting", "hall · 1", "wave", "90 %", "a (50 %)", "a note"):
        assert shown in text
    board.take(ErrorMessage("no such option"))
    console.print(board.render())
    assert "no such option" in console.export_text()


def board_with(*messages: Message) -> str:
    """Return the text of a board that has got these messages."""
    board = Board()
    for message in (next(m for m in MESSAGES if isinstance(m, Hello)), *messages):
        board.take(message)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(board.render())
    return console.export_text()


def test_an_action_has_one_line_with_its_duration_and_highest_confidence() -> None:
    start = ActionMessage("hall", [1], "right_punch", "start", 9, 1_000_000_000, 0.8, [])
    update = replace(start, phase="update", confidence=0.93)
    end = replace(start, phase="end", confidence=0.07, ended_ns=2_400_000_000)
    assert re.search(r"right punch .* 93 %", board_with(start, update))
    text = board_with(start, update, end)
    assert re.search(r"right punch .* 1\.4 s .* 93 %", text)
    assert text.count("right punch") == 1 and "7 %" not in text


def test_an_end_whose_start_was_missed_shows_no_closing_confidence() -> None:
    end = ActionMessage("hall", [1], "wave", "end", 9, 0, 0.07, [], ended_ns=500_000_000)
    text = board_with(end)
    assert "0.5 s" in text and "%" not in text


def test_the_background_is_called_no_known_action() -> None:
    still = PredictionMessage("hall", [1], 2, 9, "background", 0.9, [0.9, 0.1], Timings())
    text = board_with(still)
    assert "no known action" in text and "background" not in text


def test_the_board_adds_joints_to_a_start() -> None:
    board = Board()
    hello = next(m for m in MESSAGES if isinstance(m, Hello))
    start = ActionMessage("hall", [1], "wave", "start", 9, 8, 0.9, [])
    for message in (hello, start, replace(start, phase="update", joints=[JointShare("Hip", 0.5)])):
        board.take(message)
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(board.render())
    text = console.export_text()
    assert "hip (50 %)" in text and text.count("wave") == 1
