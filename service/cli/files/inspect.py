"""`jointwise inspect`: says what a file holds, or seems to be."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import ColumnMapFile, FrameRate, Rotation, check_rotation

if TYPE_CHECKING:
    from sensor.formats.recording import Recording

MAP_SUFFIX = ".map.toml"
_HEADING = 9
_WIDTH = 100


def inspect(
    file: Annotated[Path, typer.Argument(help="Recording, or any other file.", metavar="FILE")],
    columns: ColumnMapFile = None,
    rate: FrameRate = None,
    rotate: Rotation = 0,
    write_map: Annotated[
        bool,
        typer.Option(
            "--map",
            help=f"Write a first map of the columns or keys of a CSV or JSON file to FILE"
            f"{MAP_SUFFIX}; correct it by hand.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a map that exists already.")
    ] = False,
) -> None:
    """Say what a file holds: format, joints, axes, unit, rate, bodies, and a picture.

    The picture shows the middle frame as the camera sees it. For a file that Jointwise does not
    read, say what it seems to be; the exit code is then 1. Axes and unit are guesses from the body,
    each with its reason.

    Example: jointwise inspect walk.csv
    """
    from sensor.errors import SensorError
    from sensor.formats import read_recording
    from sensor.formats.recording import LOCAL_LIMITS

    check_rotation(rotate)
    if not file.exists():
        stop(f"{file}: no such file")
    if write_map:
        _write_map(file, force)
        return
    try:
        select = None if rate is None else {"rate": f"{rate:g}"}
        _show(file, read_recording(file, None, select, LOCAL_LIMITS, columns, rotate))
    except SensorError as error:
        if not file.is_file():
            stop(error)
        typer.secho(f"jointwise: {error}", fg="red", err=True)
        _describe(file)
        raise typer.Exit(1) from None


def _show(file: Path, recording: Recording) -> None:
    from sensor.errors import SensorError
    from sensor.inspection.picture import picture
    from sensor.inspection.recording_facts import facts
    from service.clips.body_check import check_bodies, notes_on

    _line("file", str(file))
    for heading, text in facts(recording):
        _line(heading, text)
    try:
        check_bodies(recording, "--rotate {}")
    except SensorError as error:
        _line("problem", str(error))
    for note in notes_on(recording):
        _line("note", note)
    with_bodies = [frame for frame in recording.frames if frame.bodies]
    middle = with_bodies[len(with_bodies) // 2]
    _line("picture", f"at {middle.captured_ns / 1e9:.1f} s, as the camera sees it")
    typer.echo()
    for line in picture(middle, braille=_can_print("\u28ff")):
        typer.echo(f"  {line}")


def _describe(file: Path) -> None:
    """Say what a file seems to be that was not read."""
    from sensor.formats.recording import LOCAL_LIMITS
    from sensor.formats.unknown.description import describe

    _line("file", str(file))
    data = _bytes(file)
    text = describe(file.name, data, LOCAL_LIMITS)
    _line("seems", text)
    if text.startswith(("CSV", "JSON, ")):
        _line("", f"`jointwise inspect {file} --map` writes a first map of its columns, with which "
                  "`jointwise classify --columns` reads it")  # fmt: skip


def _write_map(file: Path, force: bool) -> None:
    from sensor.errors import SensorError
    from sensor.formats.recording import LOCAL_LIMITS
    from sensor.formats.tables.table import read_table
    from sensor.inspection.first_map import first_map
    from sensor.writing.new_file import new_file

    out = file.with_name(file.name + MAP_SUFFIX)
    try:
        table = read_table(file.name, _bytes(file), LOCAL_LIMITS)
        made = first_map(table, file.name)
        with new_file(out, force) as path:
            path.write_text(made.text, encoding="utf-8")
    except SensorError as error:
        stop(error)
    typer.echo(f"{out}: a first map with {len(made.joints)} of 25 joints, told by column names")
    if made.guess is not None:
        typer.echo(f"  axes: {made.guess.axes_reason}")
        typer.echo(f"  unit: {made.guess.unit_reason}")
    typer.echo("  Correct it, then: " + f"jointwise inspect {file} --columns {out}")


def _bytes(file: Path) -> bytes:
    from sensor.formats.recording import LOCAL_LIMITS

    try:
        if file.stat().st_size > LOCAL_LIMITS.max_bytes:
            stop(f"{file}: too large to look into")
        return file.read_bytes()
    except OSError as error:
        stop(f"{file}: cannot be read: {error.strerror or error}")


def _line(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped; control characters become question marks."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    indent = " " * (_HEADING + 1)
    lines = textwrap.wrap(plain, _WIDTH - len(indent), break_long_words=False) or [""]
    typer.echo(f"{heading:<{_HEADING}} {lines[0]}")
    for line in lines[1:]:
        typer.echo(indent + line)


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
