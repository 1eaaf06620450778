"""The options of `jointwise classify --explain`, and the page that it writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop

if TYPE_CHECKING:
    from models.inference.recognizer import Recognizer
    from service.clips.timeline import ExplainAction
    from service.why.options import WhyOptions
    from service.wire.answers import BodyTimeline, ClipAnswer
    from service.wire.why import WhyAnswer

PageFile = Annotated[
    Path | None,
    typer.Option(
        "--explain",
        help="Write a page here that explains each action of the file: skeleton, story, units and "
        "contrast. It opens in a browser without a network. An existing file is replaced.",
        metavar="PAGE.HTML",
        show_default="none",
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        help="With --explain: the label to compare with.",
        metavar="LABEL",
        show_default="the next likely action",
    ),
]
Reference = Annotated[
    str, typer.Option(help="With --explain: the pose to compare with: mean, neutral or zero.")
]
LanguageName = Annotated[str, typer.Option(help="With --explain: en or de.")]


def options_of(against: str | None, reference: str, language: str) -> WhyOptions:
    """The options by their names on the command line. Ends the command if one is unknown."""
    from typing import cast, get_args

    from service.why.options import Language, ReferenceName, WhyOptions

    for name, given, known in (
        ("--reference", reference, get_args(ReferenceName)),
        ("--language", language, get_args(Language)),
    ):
        if given not in known:
            stop(f"{name} must be {', '.join(known[:-1])} or {known[-1]} (got {given!r})")
    return WhyOptions(
        None, against, cast(ReferenceName, reference), cast(Language, language), frames=True
    )


def explaining_of(
    recognizer: Recognizer, model_dir: Path | None, options: WhyOptions
) -> ExplainAction:
    """The function that explains an action. Raises ModelError or ClientError."""
    from functools import partial

    from models.card import DEFAULT_MODEL
    from models.gallery.exemplars import load_exemplars
    from service.why.explaining import ActionExplainer

    exemplars = load_exemplars(model_dir or DEFAULT_MODEL, recognizer.card)
    explainer = ActionExplainer(recognizer.card, recognizer.reader, exemplars)
    explainer.prepare(options)
    return partial(explainer.explain_clip_action, options=options)


def check_page(page: Path, files: list[Path]) -> None:
    """End the command if the page cannot be about these files, or has no place."""
    if len(files) != 1:
        stop(f"--explain takes one file (got {len(files)}): call it once for each")
    if not page.parent.is_dir():
        stop(f"{page}: there is no folder {page.parent}")
    if page.is_dir() or page.resolve() == files[0].resolve():
        stop(f"{page}: give the page a name of its own")


def write_page(page: Path, answer: ClipAnswer, background: str) -> None:
    """Write the page about all actions of a clip. Ends the command if there are none."""
    from service.why.page import explanation_page

    answers = [one for timeline in (answer, *answer.others) for one in _explained(timeline)]
    if not answers:
        stop(f"{answer.name}: no action was found ({background}), so there is nothing to explain")
    try:
        page.write_text(explanation_page(answer.name, answers), encoding="utf-8")
    except OSError as error:
        stop(f"{page}: cannot be written: {error.strerror or error}")
    typer.echo(f"{page}: {answers[0].text}", err=True)


def _explained(timeline: BodyTimeline) -> Iterator[WhyAnswer]:
    return (one for one in timeline.why or () if one is not None)
