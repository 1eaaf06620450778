"""`jointwise bench`: measures the model and the service on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop

if TYPE_CHECKING:
    from service.bench.client import Task
    from service.bench.trial import Row

bench = typer.Typer(
    name="bench",
    help="Measure how fast this machine runs the model or the whole service.",
    no_args_is_help=True,
)
_WIDTH = 120
_MATPLOTLIB = "plots need matplotlib: pip install 'jointwise[evaluate]'"


@bench.command()
def model() -> None:
    """Time predictions, alone and in batches, as ratios within one run."""
    from service.bench.model import main

    main()


@bench.command()
def memory(
    hours: Annotated[float, typer.Option(min=0.001, help="Stream time to run, in hours.")] = 24.0,
) -> None:
    """Check for memory growth as streams open and close.

    Runs faster than real time: 24 hours of stream time take about five minutes. Needs Linux.
    """
    from service.bench.soak import grown_mib

    grown = grown_mib(hours, lambda so_far, mib: typer.echo(f"{so_far:7.2f} h  {mib:.1f} MiB"))
    typer.echo(
        f"grown by {grown:.2f} MiB over {hours:g} hours of stream time, from the first tenth on"
    )


@bench.command()
def service(
    streams: Annotated[
        str,
        typer.Option(
            help="Numbers of cameras to try, for example 1,100,1000. Without it, the largest "
            "number that this machine carries is searched for."
        ),
    ] = "",
    frames: Annotated[
        int, typer.Option(min=1, max=64, help="Frames in each message of a camera.")
    ] = 4,
    subscribers: Annotated[
        int, typer.Option(min=1, max=64, help="Subscribers of each stream.")
    ] = 1,
    seconds: Annotated[
        float, typer.Option(min=0.5, help="Measured time of each trial, in seconds.")
    ] = 10.0,
    warm_up: Annotated[
        float, typer.Option(min=0, help="Seconds to run before the measured time.")
    ] = 4.0,
    first: Annotated[
        int, typer.Option(min=1, help="Number of cameras the search starts with.")
    ] = 64,
    most: Annotated[
        int, typer.Option(min=1, help="Largest number of cameras the search tries.")
    ] = 8192,
    threads: Annotated[
        int, typer.Option(min=0, help="CPU threads of the model; 0 uses all cores.")
    ] = 1,
    inference: Annotated[
        str, typer.Option(help="Where the service runs the model: auto, process or thread.")
    ] = "auto",
    model_dir: Annotated[
        Path | None,
        typer.Option("--model", help="Model folder.", show_default="the shipped model"),
    ] = None,
    ceiling: Annotated[
        bool,
        typer.Option(
            help="Also run the same messages over bare websockets, to show how much of the cost "
            "is the sockets."
        ),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Plot of the trials to write.", metavar="FILE.png")
    ] = None,
) -> None:
    """Measure the delay from a frame to its label, and the CPU time, for many cameras.

    Simulated cameras in a second process send frames to a real service over loopback websockets:
    30 frames per second of one moving person each, in the binary format. A number of streams
    counts as carried if 99 % of the labels arrive within 150 ms of the newest frame of their
    message, at most 1 % of them are missing, and every start and end of an action reaches its
    subscribers.
    """
    from models.errors import ModelError
    from service.bench.client import Task
    from service.bench.process import BenchError

    counts = _counts(streams)
    if plot is not None:
        _require_matplotlib()
    task = Task("", 0, 1, subscribers, frames, warm_up, seconds, str(model_dir or "") or None)
    settings = {"threads": str(threads), "inference": inference} | (
        {"model": str(model_dir)} if model_dir else {}
    )
    try:
        rows, best = _measure(task, settings, counts, first, most)
        bare = _bare(task, best or rows[-1]) if ceiling else None
    except (BenchError, ModelError) as error:
        stop(error, code=1)
    _print(rows, best, bare, as_json)
    if plot is not None:
        from service.bench.report import plot as draw

        draw(sorted(rows, key=lambda row: row.streams), plot)


def _counts(text: str) -> list[int]:
    """Parse `--streams`. Anything but positive numbers ends the command."""
    try:
        counts = [int(part) for part in text.split(",") if part]
    except ValueError:
        counts = [0]
    if any(count < 1 for count in counts):
        stop(f"--streams must be numbers above 0, separated by commas (got {text!r})")
    return counts


def _require_matplotlib() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        stop(_MATPLOTLIB)


def _measure(
    task: Task, settings: dict[str, str], counts: list[int], first: int, most: int
) -> tuple[list[Row], Row | None]:
    """Try each number of streams, or search for the largest; return all rows and the largest."""
    import msgspec

    from service.bench.report import largest, line
    from service.bench.trial import try_service

    rows: list[Row] = []

    def attempt(count: int) -> Row:
        typer.echo(f"trying {count:,} streams ...", err=True)
        rows.append(try_service(msgspec.structs.replace(task, streams=count), settings))
        typer.echo(f"  {line(rows[-1])}", err=True)
        return rows[-1]

    if counts:
        for count in counts:
            attempt(count)
        return rows, None
    return rows, largest(attempt, first, most)


def _bare(task: Task, beside: Row) -> Row:
    """Try bare websockets with the number of streams and the message sizes of another trial."""
    import msgspec

    from service.bench.trial import try_sink

    typer.echo(f"trying {beside.streams:,} bare websockets ...", err=True)
    return try_sink(msgspec.structs.replace(task, streams=beside.streams), beside.label_bytes)


def _print(rows: list[Row], best: Row | None, bare: Row | None, as_json: bool) -> None:
    import msgspec
    from rich.console import Console

    from service.bench.report import table

    if as_json:
        found = {"rows": rows, "largest": best, "bare": bare}
        typer.echo(msgspec.json.encode(found).decode())
        return
    console = Console()
    console.width = max(console.width, _WIDTH)
    ordered = sorted(rows, key=lambda row: row.streams)
    console.print(table(ordered, "Delay from frame sent to label received"))
    if best is not None:
        console.print(f"Carried: {best.streams:,} streams with p99 {best.p99_ms:.1f} ms.")
    if bare is not None:
        console.print(table([bare], "Bare websockets with the same number and sizes of messages"))
