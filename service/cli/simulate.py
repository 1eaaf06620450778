"""`jointwise simulate`: simulates training data that cannot be recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.exit import stop

simulate = typer.Typer(
    name="simulate",
    help="Simulate training data that cannot be recorded.",
    no_args_is_help=True,
)
_MUJOCO = "simulating needs MuJoCo: pip install 'jointwise[simulate]'"


@simulate.callback()
def _commands() -> None:
    """Simulate training data that cannot be recorded."""


@simulate.command()
def falls(
    data: Annotated[
        Path,
        typer.Option(
            help="Folder with the .npz clip sets that falls begin with.", metavar="FOLDER"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Clip set to write.",
            metavar="FILE",
            show_default="simulated_falls.npz in the folder of --data",
        ),
    ] = None,
    clips: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of clips; half of them are falls.")
    ] = 3000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE if it exists.")] = False,
) -> None:
    """Simulate people who fall, lie and get up, and everyday motions that resemble falls.

    A body of random shape follows real motion, is pushed, trips, slips or faints, and falls as
    physics decides. The clip set has a label on every frame: background, fall, lie or get_up.
    3000 clips take about ten minutes on one core. Needs the extra `simulate`.

    Example: jointwise simulate falls --data DATA
    """
    from models.progress import shown
    from models.synthesis.falls.data_set import write_simulated
    from sensor.errors import SensorError

    path = out or data / "simulated_falls.npz"
    try:
        with shown():
            summary = write_simulated(data, path, clips, seed, force)
    except ImportError:
        stop(_MUJOCO)
    except SensorError as error:
        stop(error)
    typer.echo(f"{path}: {summary}")
