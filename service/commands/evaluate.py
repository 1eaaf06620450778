"""`jointwise evaluate`: a model against the people it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.failure import stop


def evaluate(
    protocol: Annotated[
        str,
        typer.Argument(
            help="utd-cs: whole clips of UTD-MHAD's even people. utd-live: the same clips in a "
            "stream with rests, by the live path. precog-online: the continuous recordings of "
            "PRECOG's people 7 and 8, by the live path. relevance: that it adds up, on utd-cs."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for report.json and report.md.")],
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a model.", show_default="the one that came with it"),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Folder of the .npz clip sets.", metavar="FOLDER")
    ] = Path("../shared/data"),
) -> None:
    """Measure a model on a protocol's test people and write a report.

    A model that has learnt from a test person is measured all the same, but the report says so.
    """
    from models.errors import ModelError
    from models.recognizer import Recognizer
    from sensor.errors import SensorError
    from service.protocols import PROTOCOLS, write_report

    if protocol not in PROTOCOLS:
        stop(f"no protocol is called {protocol!r}; there are {', '.join(PROTOCOLS)}")
    try:
        report = PROTOCOLS[protocol](Recognizer(model), data)
        typer.echo(write_report(report, out))
    except (ModelError, SensorError, OSError) as error:
        stop(error)
