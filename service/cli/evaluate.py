"""`jointwise evaluate`: measures models on people they did not learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import DataFolder

if TYPE_CHECKING:
    from models.evaluation.protocol import Protocol


def evaluate(
    protocol: Annotated[
        str, typer.Argument(help="Name of the protocol; `jointwise evaluate list` lists them.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for report.json, report.md and plots (required).", show_default=False
        ),
    ] = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model folder. May be repeated, for example for other seeds.",
            show_default="the shipped model if it did not learn from the test people, otherwise "
            "models trained now",
        ),
    ] = None,
    data: DataFolder = None,
    seeds: Annotated[int, typer.Option(help="Number of models to train, one per seed.", min=1)] = 3,
    runs: Annotated[
        Path,
        typer.Option(help="Folder of training runs. Finished runs are used, others continue."),
    ] = Path("runs"),
    people: Annotated[
        str | None, typer.Option(help="Test these people instead, for example 9,10,11,12.")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Number of training steps, for the protocol `folder` only.",
            min=1,
            show_default="the number of `jointwise train folder`",
        ),
    ] = None,
) -> None:
    """Measure models on a protocol's test people and write a report.

    If a model has learnt from a test person, the report says so.
    """
    from models.errors import ModelError
    from models.evaluation.protocols import PROTOCOLS
    from sensor.errors import SensorError

    if protocol == "list":
        for one in PROTOCOLS.values():
            typer.echo(f"{one.name:16} {one.about}")
        return
    if protocol not in PROTOCOLS:
        stop(f"unknown protocol {protocol!r}; available: {', '.join(PROTOCOLS)}")
    if out is None:
        stop("the report needs a folder: give --out FOLDER")
    try:
        chosen = _with_steps(_with_people(PROTOCOLS[protocol], people), steps)
        if data is None:
            from service.cli.needed_files import files_of_protocol

            stop(f"{protocol} needs {files_of_protocol(protocol, not model)}: give --data FOLDER")
        typer.echo(_evaluate(chosen, out, model or [], data, seeds, runs))
    except (ModelError, SensorError, ValueError, OSError) as error:
        stop(error)


def _with_people(protocol: Protocol, people: str | None) -> Protocol:
    """Return the protocol with these people tested. Raises ValueError."""
    if people is None:
        return protocol
    if protocol.of_people is None:
        raise ValueError(f"{protocol.name} tests the people of its publication: leave --people out")
    numbers = [part.strip() for part in people.split(",")]
    if not all(number.isdigit() for number in numbers):
        raise ValueError(f"--people should be numbers such as 9,10,11,12 (got {people!r})")
    return protocol.of_people(tuple(int(number) for number in numbers))


def _with_steps(protocol: Protocol, steps: int | None) -> Protocol:
    """Return the protocol with that number of training steps. Raises ValueError."""
    if steps is None:
        return protocol
    if protocol.of_steps is None:
        raise ValueError(f"{protocol.name} trains by its own recipe: leave --steps out")
    return protocol.of_steps(steps)


def _evaluate(
    protocol: Protocol, out: Path, given: list[Path], data: Path, seeds: int, runs_dir: Path
) -> str:
    """Measure the models, write the report and return it as Markdown."""
    from models.evaluation.plots import MISSING, write_plots
    from models.evaluation.report import make_report
    from models.evaluation.report_files import write_report
    from models.evaluation.runs import judge_run, runs_of
    from models.progress import shown, steps

    runs = runs_of(protocol, given, seeds, runs_dir, data, typer.echo)
    with shown():
        judged = [judge_run(protocol, run, data) for run in steps(runs, "runs", len(runs))]
    plots: list[str] = []
    try:
        plots = write_plots(judged, out)
    except ImportError:
        typer.secho(MISSING, fg="yellow", err=True)
    return write_report(make_report(protocol, runs, judged, plots), out)
