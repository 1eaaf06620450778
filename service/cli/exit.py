"""Ends a command with an error: one line on standard error and an exit code."""

from __future__ import annotations

from typing import NoReturn

import typer

WRONG_USE = 2
"""Exit code for wrong options, settings or files."""


def stop(text: object, code: int = WRONG_USE) -> NoReturn:
    """Print `text` as one line and exit. The text names the problem and the remedy."""
    typer.secho(f"jointwise: {text}", fg="red", err=True)
    raise typer.Exit(code)
