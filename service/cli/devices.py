"""`jointwise devices`: lists cameras and how to get the missing ones to work."""

from __future__ import annotations

import shlex
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sensor.source import Finding


def devices(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the cameras found and say what each other kind of camera still needs."""
    from sensor.cameras.discovery import find_all

    findings = find_all()
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(findings).decode())
        return
    from rich.console import Console

    _show(Console(highlight=False), findings)


def _show(console: Console, findings: Sequence[Finding]) -> None:
    ready = [finding for finding in findings if finding.ready]
    missing = [finding for finding in findings if not finding.ready]
    console.print("Ready to use" if ready else "No camera is ready to use", style="bold")
    for finding in ready:
        _line(console, "[green]●[/] ", _described(finding))
        if finding.uri:
            command = f"jointwise serve --source {shlex.quote(finding.uri)}"
            _line(console, "    ", command, style="bold")
        _mend(console, finding)
    if missing:
        console.print("\nNot ready", style="bold")
    for finding in missing:
        _line(console, "[yellow]○[/] ", _described(finding))
        _mend(console, finding)
    console.print("\nWithout a camera", style="bold")
    _line(console, "    ", "jointwise serve --source demo:  or  --source replay:FILE")


def _described(finding: Finding) -> str:
    """Return kind, name and text in one line, without a name that the others contain."""
    known = finding.name.lower() in f"{finding.kind} {finding.text}".lower()
    return f"{finding.kind}: {finding.text if known else f'{finding.name}: {finding.text}'}"


def _mend(console: Console, finding: Finding) -> None:
    if finding.mend and finding.mend not in finding.text:
        _line(console, "    ", finding.mend)


def _line(console: Console, mark: str, text: str, style: str = "") -> None:
    """Print text after a mark, wrapped at spaces only, so addresses and commands stay whole."""
    from rich.markup import escape

    lines = textwrap.wrap(
        text, max(console.width - 6, 30), break_long_words=False, break_on_hyphens=False
    )
    first, *others = [escape(line) for line in lines]
    start = mark if mark.isspace() else f"  {mark}"
    console.print(f"{start}{first}", style=style, soft_wrap=True)
    for line in others:
        console.print(f"    {line}", style=style, soft_wrap=True)
