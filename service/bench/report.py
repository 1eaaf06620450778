"""Reports trials as a table, a line or a plot, and searches for the largest carried one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from rich.table import Table

from service.bench.trial import MOST_P99_MS, Row

CLOSE_ENOUGH = 0.05
"""Relative accuracy of the search."""


def table(rows: Sequence[Row], title: str) -> Table:
    """Return a table with one row per trial."""
    made = Table(title=title, title_justify="left")
    heads = ("streams", "p50 ms", "p95 ms", "p99 ms", "labels", "dropped", "actions", "lost")
    for head in (*heads, "server CPU", "client CPU", "server MiB"):
        made.add_column(head, justify="right")
    for row in rows:
        made.add_row(
            f"{row.streams:,}",
            *(f"{value:.1f}" for value in (row.p50_ms, row.p95_ms, row.p99_ms)),
            f"{row.labels:,} of {row.due:,}",
            f"{row.dropped:,}",
            f"{row.actions:,}",
            f"{row.lost_actions:,}",
            _share(row.server_cpu),
            _share(row.client_cpu),
            "-" if row.memory_mib is None else f"{row.memory_mib:.0f}",
        )
    return made


def line(row: Row) -> str:
    """Describe a trial in one line, to show progress."""
    cpu = f", server {_share(row.server_cpu)} of a core" if row.server_cpu is not None else ""
    figures = f"{row.streams:,} streams: p99 {row.p99_ms:.1f} ms{cpu}"
    return f"{figures}; {row.problem or 'carried'}"


def _share(cpu: float | None) -> str:
    return "-" if cpu is None else f"{100 * cpu:.0f} %"


def plot(rows: Sequence[Row], path: Path) -> None:
    """Plot delay and CPU time over the number of streams. Needs matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    streams = [row.streams for row in rows]
    for name, values in (
        ("p50", [row.p50_ms for row in rows]),
        ("p95", [row.p95_ms for row in rows]),
        ("p99", [row.p99_ms for row in rows]),
    ):
        left.plot(streams, values, marker="o", label=name)
    left.axhline(MOST_P99_MS, color="grey", linestyle=":")
    left.set(xscale="log", yscale="log", xlabel="streams", ylabel="frame sent to label, ms")
    left.legend()
    server = [float("nan") if row.server_cpu is None else row.server_cpu for row in rows]
    right.plot(streams, server, marker="o", label="service")
    right.plot(streams, [row.client_cpu for row in rows], marker="o", label="cameras, readers")
    right.set(xlabel="streams", ylabel="cores busy")
    right.legend()
    figure.savefig(path, dpi=120)


class Trial(Protocol):
    """The result of a trial, as the search sees it."""

    @property
    def problem(self) -> str:
        """The reason why the trial does not count as carried; empty if it does."""
        ...


T = TypeVar("T", bound=Trial)


def largest(attempt: Callable[[int], T], first: int, most: int) -> T | None:
    """Search for the largest number of streams carried; return its trial, or None.

    The number is accurate to 5 %. `attempt` runs a trial with a number of streams, each number
    once. The search doubles from `first` up to `most`, then bisects.
    """
    carried: T | None = None
    low, high, count = 0, most + 1, min(first, most)
    while count > low and high - low > max(CLOSE_ENOUGH * low, 1):
        trial = attempt(count)
        if trial.problem:
            high = count
        else:
            carried, low = trial, count
        count = min(2 * low, most) if high > most else (low + high) // 2
    return carried
