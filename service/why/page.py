"""Writes explanations as one HTML file that needs no network: style, script and data are in it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from string import Template

import msgspec

from models.story.phrases import PHRASES
from models.wording import label_text
from service.wire.why import WhyAnswer

TEMPLATE = Path(__file__).parent / "page.html"


def explanation_page(title: str, answers: Sequence[WhyAnswer]) -> str:
    """Return a page about the actions of a clip, at least one, each with its frames.

    The language is that of the answers.
    """
    language = answers[0].language
    data = {
        "title": title,
        "words": PHRASES[language],
        "actions": [
            msgspec.to_builtins(one)
            | {"label_text": label_text(one.label), "against_text": label_text(one.against)}
            for one in answers
        ],
    }
    # A "<" could end the script element that holds the data.
    text = msgspec.json.encode(data).decode().replace("<", "\\u003c")
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(language=language, title=html.escape(title), data=text)
