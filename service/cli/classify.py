"""`jointwise classify`: lists the actions in recorded files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.files.explanation_page import (
    Against,
    LanguageName,
    PageFile,
    Reference,
    check_page,
    explaining_of,
    options_of,
    write_page,
)
from service.cli.options import (
    ColumnMapFile,
    DeviceName,
    FrameRate,
    ModelFolder,
    Rotation,
    check_rotation,
    device_of,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from models.inference.recognizer import Recognizer
    from sensor.skeleton import Frame
    from service.clips.timeline import ExplainAction
    from service.wire.answers import BodyTimeline, ClipAnswer


def classify(
    files: Annotated[
        list[Path], typer.Argument(help="Recordings in any supported format.", metavar="FILE…")
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per line, as POST /clips returns it."),
    ] = False,
    columns: ColumnMapFile = None,
    rate: FrameRate = None,
    rotate: Rotation = 0,
    model: ModelFolder = None,
    device: DeviceName = "auto",
    explain: PageFile = None,
    against: Against = None,
    reference: Reference = "mean",
    language: LanguageName = "en",
) -> None:
    """List the actions in recordings, one table per file.

    If a file cannot be read, the others are still classified and the exit code is 1.
    """
    from models.errors import ModelError
    from models.inference.recognizer import Recognizer
    from sensor.errors import SensorError
    from service.errors import ClientError

    check_rotation(rotate)
    options = options_of(against, reference, language)
    if explain is not None:
        check_page(explain, files)
    try:
        recognizer = Recognizer(model, device_of(device))
        explaining = explaining_of(recognizer, model, options) if explain is not None else None
    except (ModelError, ClientError) as error:
        stop(error)
    failed = False
    for file in files:
        try:
            answer = _answer(recognizer, file, columns, rate, rotate, explaining)
            for note in answer.notes:
                typer.secho(f"jointwise: {note}", fg="yellow", err=True)
            _show(answer, as_json, recognizer.card.background)
            if explain is not None:
                write_page(explain, answer, recognizer.card.background)
        except SensorError as error:
            typer.secho(f"jointwise: {error}", fg="red", err=True)
            failed = True
    if failed:
        raise typer.Exit(1)


def _answer(
    recognizer: Recognizer,
    file: Path,
    columns: Path | None,
    rate: float | None,
    rotate: int,
    explaining: ExplainAction | None,
) -> ClipAnswer:
    """Return the timeline of a file, with a progress bar on a terminal. Raises SensorError."""
    from rich.markup import escape

    from sensor.formats.recording import LOCAL_LIMITS
    from service.clips.uploads import classify_file

    def take(frames: Sequence[Frame]) -> Iterable[Frame]:
        progress.update(task, description=escape(file.name))
        return progress.track(frames, task_id=task)

    with _progress() as progress:
        task = progress.add_task(f"reading {escape(file.name)}", total=None)
        return classify_file(
            recognizer, file, LOCAL_LIMITS, take, columns, rate, rotate, explaining
        )


def _progress() -> Progress:
    """Return a progress display on standard error. It stays silent if that is not a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _show(answer: ClipAnswer, as_json: bool, background: str) -> None:
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(answer).decode())
        return
    from rich.console import Console

    console = Console()
    console.print(
        f"[bold]{answer.name}[/]  {answer.format}, {answer.layout}, {answer.duration_s:.1f} s",
        highlight=False,
    )
    for timeline in (answer, *answer.others):
        if timeline is answer or timeline.actions:
            title = f"body {timeline.body}" if answer.others else None
            if timeline.actions:
                _show_body(console, timeline, title)
            else:
                console.print(_no_action(timeline, answer.labels, background))


def _show_body(console: Console, timeline: BodyTimeline, title: str | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    from models.wording import label_text, percent_text, shares_text

    table = Table("from", "to", "action", "confidence", "joints", title=title, title_justify="left")
    for action in timeline.actions:
        table.add_row(
            f"{action.start_s:.1f} s",
            f"{action.end_s:.1f} s",
            escape(label_text(action.label)),
            percent_text(action.confidence),
            shares_text((one.joint, one.share) for one in action.joints),
        )
    console.print(table)


def _no_action(timeline: BodyTimeline, labels: list[str], background: str) -> str:
    """Say that no action was found, and name the most probable label unless it has 0 %."""
    from models.wording import NO_KNOWN_ACTION, label_text, percent_text

    if not timeline.probabilities:
        return "  no body was in view for long enough"
    best = max(
        (value, label)
        for row in timeline.probabilities
        for value, label in zip(row, labels, strict=True)
        if label != background
    )
    highest = percent_text(best[0])
    closest = f" (closest: {label_text(best[1])}, at most {highest})" if highest != "0 %" else ""
    return f"  {NO_KNOWN_ACTION}{closest}"
