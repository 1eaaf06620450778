"""Tells a story: clauses with their evidence, and the sentences that they make.

The rules, in order:

1. Each movement of `models.story.movements` is a clause: which part, which kind of motion, when.
   A movement at the same time as the one before it is told as such, any other one as the next.
2. The joint with the largest share of the positive relevance is named if it has more than
   `DECIDES`; otherwise the story says that no single joint decided. The motion of the whole body
   counts as a joint.
3. The same for the contrast: the joint that spoke most for the label and not for the other one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.features import JOINTS_USED, FloatArray
from models.story.action_reading import Split
from models.story.movements import Movement, shares
from models.story.phrases import PHRASES
from models.story.thresholds import AT_ONCE_S, DECIDES, STARTS_TOGETHER_S, TOGETHER
from models.wording import label_text, percent_text

ClauseKind = Literal["movement", "decided", "contrast"]
WHOLE_BODY = "body"
NAMES = (*JOINTS_USED, WHOLE_BODY)
"""The names of the columns of `models.story.movements.shares`."""


@dataclass(frozen=True)
class Clause:
    """A clause of a story with its evidence.

    `about` is the kind of clause. A `movement` names its `part`, its `motion` and how often it went
    back and forth (`times`), from `start_s` to `end_s`. `joints` are the joints that it rests on,
    with their shares of the positive relevance; none for the whole body. `share` is that of the
    part, or of the joint that decided. `units` are first-layer units of the tracks that read these
    joints.
    """

    about: ClauseKind
    text: str
    joints: tuple[tuple[str, float], ...]
    start_s: float
    end_s: float
    share: float
    part: str | None = None
    motion: str | None = None
    times: int = 1
    path_m: float = 0.0
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Story:
    """One or two sentences, and the clauses that they consist of."""

    text: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, eq=False)
class Told:
    """The content of a story: movements, splits and their times.

    `times_s` (F,) are the times of the frames, and `span_s` the action's start and end.
    """

    movements: Sequence[Movement]
    split: Split
    contrast: Split
    label: str
    against: str
    times_s: FloatArray
    span_s: tuple[float, float]


def tell(told: Told, language: str = "en") -> Story:
    """Tell a story in a language of `PHRASES`."""
    words = PHRASES[language]
    moved, first = _movements_told(told, words)
    decided, contrast = (_decision(told, about, words) for about in ("decided", "contrast"))
    second = f"{decided.text}{words['join']}{contrast.text}"
    text = f"{_sentence(first or words['no_movement'])} {_sentence(second)}"
    return Story(text, (*moved, decided, contrast))


def _movements_told(told: Told, words: Mapping[str, str]) -> tuple[list[Clause], str]:
    """The clauses of the movements, and all of them in one line."""
    clauses: list[Clause] = []
    text = last = ""
    before: Movement | None = None
    for one in told.movements:
        form = _form(told, before, one)
        form = "also" if form == last == "meanwhile" else form
        clause = _movement_clause(told, one, words, form)
        separator = (
            "" if before is None else words["and_separator" if form == "also" else "separator"]
        )
        text += separator + clause.text
        clauses.append(clause)
        before, last = one, form
    return clauses, text


def _form(told: Told, before: Movement | None, one: Movement) -> str:
    """The form of a clause behind the one before it."""
    if before is None:
        return "first"
    if before.part == one.part:
        return "again"
    shared = min(before.end, one.end) - max(before.start, one.start)
    lengths = sorted((before.end - before.start, one.end - one.start))
    late_s = float(told.times_s[one.start] - told.times_s[before.start])
    starts = late_s <= STARTS_TOGETHER_S and shared >= TOGETHER * lengths[0]
    return "meanwhile" if starts or shared >= TOGETHER * lengths[1] else "then"


def _movement_clause(told: Told, one: Movement, words: Mapping[str, str], form: str) -> Clause:
    start_s, end_s = float(told.times_s[one.start]), float(told.times_s[one.end])
    number = "many" if one.part.startswith("both") else "one"
    verb, reflexive, rest = words[f"kind.{_manner(one)}.{number}"].split("|")
    text = words[form].format(
        subject=words[f"part.{one.part}"],
        verb=verb,
        reflexive=reflexive,
        rest=rest,
        time=_time(start_s, end_s, words),
    )
    return Clause(
        "movement", text, one.joints, start_s, end_s, one.share, one.part, one.kind, one.times,
        one.path_m,
    )  # fmt: skip


def _manner(one: Movement) -> str:
    """The phrase for a kind of motion: one sweep, or several back and forth, or up and down."""
    repeated = {"swing": "sway", "raise": "bounce"}
    return repeated.get(one.kind, one.kind) if one.times > 1 else one.kind


def _decision(
    told: Told, about: Literal["decided", "contrast"], words: Mapping[str, str]
) -> Clause:
    """The clause of the joint with the largest share of the score, or of the contrast."""
    best, share = _best(told.split if about == "decided" else told.contrast)
    form = about if share[best] > DECIDES else f"{about}_none"
    if form == "contrast" and (best, True) == _decided(told.split):
        form = "contrast_same"
    text = words[form].format(
        joint=words[f"joint.{NAMES[best]}"],
        share=percent_text(float(share[best])),
        label=label_text(told.label),
        against=label_text(told.against),
    )
    order = np.argsort(-share, kind="stable")[:5]
    joints = tuple((NAMES[i], float(share[i])) for i in order if share[i] > 0)
    return Clause(about, text, joints, *told.span_s, float(share[best]))


def _best(split: Split) -> tuple[int, FloatArray]:
    """The joint with the largest share, and all shares (J + 1,)."""
    share = shares(split)
    return int(share.argmax()), share


def _decided(split: Split) -> tuple[int, bool]:
    """The joint with the largest share, and whether it decided."""
    best, share = _best(split)
    return best, bool(share[best] > DECIDES)


def _time(start_s: float, end_s: float, words: Mapping[str, str]) -> str:
    if end_s - start_s < AT_ONCE_S:
        return words["at"].format(at=_number((start_s + end_s) / 2, words))
    return words["span"].format(start=_number(start_s, words), end=_number(end_s, words))


def _number(value_s: float, words: Mapping[str, str]) -> str:
    return (
        f"{value_s + 0.0:.1f}".replace("-0.0", "0.0")
        .replace("-", "\u2212")
        .replace(".", words["decimal_point"])
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
