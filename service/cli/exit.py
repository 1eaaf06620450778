"""How a command fails: one line on stderr and an exit code."""

from __future__ import annotations

from typing import NoReturn

import typer

WRONG_USE = 2


def stop(text: object, code: int = WRONG_USE) -> NoReturn:
    """Print one line that names the problem and the mend, and exit."""
    typer.secho(f"jointwise: {text}", fg="red", err=True)
    raise typer.Exit(code)
