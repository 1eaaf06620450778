"""The `jointwise` command line: registers the commands, which are in `service/cli`."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from service.cli.bench import bench
from service.cli.classify import classify
from service.cli.devices import devices
from service.cli.evaluate import evaluate
from service.cli.export import export
from service.cli.files.atlas import atlas
from service.cli.files.convert import convert
from service.cli.files.inspect import inspect
from service.cli.record import record
from service.cli.serve import serve
from service.cli.simulate import simulate
from service.cli.train import train
from service.cli.tune import tune
from service.cli.watch import watch
from service.version import version

app = typer.Typer(
    name="jointwise",
    help="Recognise human actions live from depth-camera skeletons, and see which joints decided "
    "each label.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(watch)
app.command()(classify)
app.command()(devices)
app.command()(record)
app.command()(inspect)
app.command()(convert)
app.command()(train)
app.command()(evaluate)
app.command()(atlas)
app.command()(export)
app.command()(tune)
app.add_typer(simulate)
app.add_typer(bench)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"jointwise {version()}")
        raise typer.Exit


@app.callback()
def prepare(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Set the format of log lines."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
