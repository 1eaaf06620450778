"""`jointwise bench`: what this machine carries."""

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
    help="Measure what this machine carries: the model alone, or the whole service.",
    no_args_is_help=True,
)
_WIDTH = 120
_MATPLOTLIB = "plots need matplotlib: pip install 'jointwise[evaluate]'"


@bench.command()
def model() -> None:
    """What a prediction costs, alone and in batches, as ratios within one run."""
    from service.bench.model import main

    main()


@bench.command()
def memory(
    hours: Annotated[float, typer.Option(min=0.001, help="Hours of stream time.")] = 24.0,
) -> None:
    """Streams that come and go, faster than real time: by how much memory grows.

    Needs Linux, which tells a process' memory. 24 hours take some five minutes.
    """
    from service.bench.soak import grown_mib

    grown = grown_mib(hours, lambda so_far, mib: typer.echo(f"{so_far:7.2f} h  {mib:.1f} MiB"))
    typer.echo(
        f"grown by {grown:.2f} MiB over {hours:g} hours of stream time, after the first tenth"
    )


@bench.command()
def service(
    streams: Annotated[
        str,
        typer.Option(
            help="How many cameras to try, one after another: 1,100,1000. Without it the largest "
            "number is searched for that is carried."
        ),
    ] = "",
    frames: Annotated[
        int, typer.Option(min=1, max=64, help="Frames a camera puts into one message.")
    ] = 4,
    subscribers: Annotated[
        int, typer.Option(min=1, max=64, help="Readers of each stream's labels.")
    ] = 1,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each try is measured.")] = 10.0,
    warm_up: Annotated[float, typer.Option(min=0, help="Seconds before that, not measured.")] = 4.0,
    first: Annotated[int, typer.Option(min=1, help="Where the search begins.")] = 64,
    most: Annotated[int, typer.Option(min=1, help="Where the search ends.")] = 8192,
    threads: Annotated[int, typer.Option(min=0, help="Threads of the model; 0: all cores.")] = 1,
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
            help="Try the same number of bare websockets too, with nothing behind them, which "
            "tells what share of the cost is sockets."
        ),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Picture of the tries to write.", metavar="FILE.png")
    ] = None,
) -> None:
    """Simulated cameras at a real service: how long from a frame to its label, at what cost.

    The service and the cameras run as two processes on this machine, over websockets on loopback.
    Each camera sends 30 frames a second of a person who moves, in the binary form. A number of
    streams is carried when 99 % of the labels come within 150 ms of the newest frame of the
    message that brought them, no more than 1 % of them are missing, and every start and end of an
    action that the service tells of reaches its reader.
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
    try:
        counts = [int(part) for part in text.split(",") if part]
    except ValueError:
        counts = [0]
    if any(count < 1 for count in counts):
        stop(f"--streams holds numbers from 1, separated by commas, not {text!r}")
    return counts


def _require_matplotlib() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        stop(_MATPLOTLIB)


def _measure(
    task: Task, settings: dict[str, str], counts: list[int], first: int, most: int
) -> tuple[list[Row], Row | None]:
    import msgspec

    from service.bench.report import largest, line
    from service.bench.trial import of_service

    rows: list[Row] = []

    def attempt(count: int) -> Row:
        typer.echo(f"trying {count:,} streams ...", err=True)
        rows.append(of_service(msgspec.structs.replace(task, streams=count), settings))
        typer.echo(f"  {line(rows[-1])}", err=True)
        return rows[-1]

    if counts:
        for count in counts:
            attempt(count)
        return rows, None
    return rows, largest(attempt, first, most)


def _bare(task: Task, beside: Row) -> Row:
    import msgspec

    from service.bench.trial import of_sink

    typer.echo(f"trying {beside.streams:,} bare websockets ...", err=True)
    return of_sink(msgspec.structs.replace(task, streams=beside.streams), beside.label_bytes)


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
    console.print(table(ordered, "From a frame sent to its label received"))
    if best is not None:
        console.print(f"Carried: {best.streams:,} streams with p99 {best.p99_ms:.1f} ms.")
    if bare is not None:
        console.print(table([bare], "Bare websockets: as many messages of the same sizes"))
