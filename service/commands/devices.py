"""`jointwise devices`: which cameras are there, and what is missing for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sensor.finding import Finding


def devices(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """List the cameras that are found and, for every other kind, what is missing for it."""
    from sensor.search import find_all

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
    if ready:
        _show_ready(console, ready)
    else:
        console.print("No camera is ready to use.", style="bold")
    if missing:
        _show_missing(console, missing)
    console.print("\nNeeds no camera: jointwise serve --source demo:   or   --source replay:FILE")


def _show_ready(console: Console, findings: Sequence[Finding]) -> None:
    from rich.markup import escape

    console.print("Ready to use", style="bold")
    for finding in findings:
        console.print(f"  [green]●[/] {escape(finding.name)}: {escape(finding.text)}")
        if finding.uri:
            uri = escape(_quoted(finding.uri))
            console.print(f"    [bold]jointwise serve --source {uri}[/]", soft_wrap=True)
        if finding.mend:
            console.print(f"    {escape(finding.mend)}")


def _show_missing(console: Console, findings: Sequence[Finding]) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table("kind", "what is missing", "how to get it", box=box.SIMPLE, pad_edge=False)
    table.columns[0].no_wrap = True
    for finding in findings:
        table.add_row(escape(finding.kind), escape(finding.text), escape(finding.mend))
    console.print("\nNot ready", style="bold")
    console.print(table)


def _quoted(uri: str) -> str:
    """The URI as a shell takes it as one word."""
    import shlex

    return shlex.quote(uri)
