"""Check that the benchmark runs and counts; no test asserts a speed."""

from __future__ import annotations

import json
import math
import sys

import pytest
from typer.testing import CliRunner

from models.card import CARD_FILE, DEFAULT_MODEL
from service.__main__ import app
from service.bench.client import Seen, Task
from service.bench.report import largest
from service.bench.trial import Row, _lost, try_sink

needs_model = pytest.mark.skipif(
    not (DEFAULT_MODEL / CARD_FILE).exists(), reason="the shipped model is not here"
)
needs_unix = pytest.mark.skipif(sys.platform == "win32", reason="the simulated cameras need a Unix")


class Trial:
    def __init__(self, count: int, limit: int) -> None:
        self.count = count
        self.problem = "too many" if count > limit else ""


@pytest.mark.parametrize("limit", [0, 1, 2, 63, 64, 65, 1000, 4096, 10**6])
def test_the_search_finds_the_largest_number_in_few_trials(limit: int) -> None:
    tries: list[int] = []

    def attempt(count: int) -> Trial:
        tries.append(count)
        return Trial(count, limit)

    found = largest(attempt, first=64, most=4096)
    if limit == 0:
        assert found is None
    else:
        assert found is not None
        wanted = min(limit, 4096)
        assert found.count <= wanted <= found.count + max(0.06 * found.count, 1)
    assert len(tries) == len(set(tries)) <= 14


def seen(*actions: list[tuple[str, str, str, int]]) -> Seen:
    return Seen([], [], 0, 0, 0, 0, list(actions), 0, 1, 0, 1)


def test_lost_actions_are_counted() -> None:
    told = [
        {"stream": "a", "phase": "start", "label": "wave", "at_ns": 1},
        {"stream": "a", "phase": "end", "label": "wave", "at_ns": 2},
    ]
    both = [("a", "start", "wave", 1), ("a", "update", "wave", 1), ("a", "end", "wave", 2)]
    assert _lost(seen(both, both), told) == 0
    assert _lost(seen(both, both[:1]), told) == 2  # the end, and a start without an end
    assert _lost(seen([]), told) == 2


@pytest.mark.slow
@needs_model
@needs_unix
def test_a_small_bench_of_the_service() -> None:
    options = ["--streams", "3", "--seconds", "1", "--warm-up", "3", "--frames", "2", "--json"]
    shown = CliRunner().invoke(app, ["bench", "service", *options])
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    (row,) = found["rows"]
    assert (row["streams"], row["subscribers"], row["frames_a_message"]) == (3, 3, 2)
    assert row["due"] > 0 and row["closed"] == 0 and row["lost_actions"] == 0
    assert found["largest"] is None
    assert found["bare"]["streams"] == 3 and found["bare"]["labels"] > 0


@pytest.mark.slow
@needs_model
@needs_unix
def test_bare_sockets_deliver_every_label() -> None:
    row = try_sink(Task("", 0, 2, 2, 1, 0.5, 1.0), 500)
    assert isinstance(row, Row)
    # A label at an end of the measured time may fall inside or outside, one per subscriber.
    assert abs(row.labels - row.due) <= row.subscribers and not math.isnan(row.p99_ms)


def test_help_and_wrong_options() -> None:
    shown = CliRunner().invoke(app, ["bench", "service", "--help"])
    assert shown.exit_code == 0 and "Simulated cameras" in shown.output
    wrong = CliRunner().invoke(app, ["bench", "service", "--streams", "many"])
    assert wrong.exit_code == 2 and "separated by commas" in wrong.output


@pytest.mark.slow
@needs_model
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory of a process")
def test_memory_growth_is_reported() -> None:
    done = CliRunner().invoke(app, ["bench", "memory", "--hours", "0.01"])
    assert done.exit_code == 0, done.output
    assert "grown by" in done.output
