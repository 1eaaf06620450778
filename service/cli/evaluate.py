"""`jointwise evaluate`: models against the people they have not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.train import DataFolder, data_of

if TYPE_CHECKING:
    from models.evaluation.protocol import Protocol


def evaluate(
    protocol: Annotated[
        str, typer.Argument(help="Which protocol; `jointwise evaluate list` tells them all.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for report.json, report.md and plots.", show_default="none: give one"
        ),
    ] = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of a model; give it again for more (other seeds, say).",
            show_default="the shipped model where it has not learnt from who is tested, else "
            "models trained here",
        ),
    ] = None,
    data: DataFolder = None,
    seeds: Annotated[int, typer.Option(help="How many models to train.", min=1)] = 3,
    runs: Annotated[
        Path, typer.Option(help="Folder of trainings; what is there is used or gone on with.")
    ] = Path("runs"),
    people: Annotated[
        str | None, typer.Option(help="Test these people instead, such as 9,10,11,12.")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Training steps of `folder`, as of `jointwise train folder`.",
            min=1,
            show_default="as there",
        ),
    ] = None,
) -> None:
    """Measure models on a protocol's test people and write a report.

    A model that has learnt from a test person is measured all the same, but the report says so.
    """
    from models.errors import ModelError
    from models.evaluation.protocols import PROTOCOLS
    from sensor.errors import SensorError

    if protocol == "list":
        for one in PROTOCOLS.values():
            typer.echo(f"{one.name:16} {one.about}")
        return
    if protocol not in PROTOCOLS:
        stop(f"no protocol is called {protocol!r}; there are {', '.join(PROTOCOLS)}")
    if out is None:
        stop("the report needs a folder: give --out FOLDER")
    sets = data_of(protocol, data)
    try:
        chosen = _of_steps(_of_people(PROTOCOLS[protocol], people), steps)
        typer.echo(_evaluate(chosen, out, model or [], sets, seeds, runs))
    except (ModelError, SensorError, ValueError, OSError) as error:
        stop(error)


def _of_people(protocol: Protocol, people: str | None) -> Protocol:
    """The protocol with the people asked for. Raises ValueError."""
    if people is None:
        return protocol
    if protocol.of_people is None:
        raise ValueError(f"{protocol.name} tests the people of its publication: leave --people out")
    numbers = [part.strip() for part in people.split(",")]
    if not all(number.isdigit() for number in numbers):
        raise ValueError(f"--people {people} should be numbers such as 9,10,11,12")
    return protocol.of_people(tuple(int(number) for number in numbers))


def _of_steps(protocol: Protocol, steps: int | None) -> Protocol:
    """The protocol with trainings of that length. Raises ValueError."""
    if steps is None:
        return protocol
    if protocol.of_steps is None:
        raise ValueError(f"{protocol.name} trains by its own recipe: leave --steps out")
    return protocol.of_steps(steps)


def _evaluate(
    protocol: Protocol, out: Path, given: list[Path], data: Path, seeds: int, runs_dir: Path
) -> str:
    """Judge, write the report, and return it as Markdown."""
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
