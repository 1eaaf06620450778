"""Which clips of a clip set to take, as options of a URI or of a command say it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.clip_set import RATES_HZ, ClipSet

OPTIONS = ("subject", "label", "view", "rep", "clip", "rest", "order", "rate")
"""The options of a clip set: which clips, the rest between them, their order and rate."""


@dataclass(frozen=True)
class Selection:
    """Which clips of a set to take, in which order, with which rests.

    The tuples hold the requested values as text; an empty one selects all. `rest_s` None means 2 s,
    but 0 for a single clip. `shuffle_seed` None keeps the order of the file. `rate_hz` is the rate
    of a set without times; None means the rate that the file states, or else 30 Hz.
    """

    subject: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    rep: tuple[str, ...] = ()
    clip: tuple[str, ...] = ()
    rest_s: float | None = None
    shuffle_seed: int | None = None
    rate_hz: float | None = None


def parse_selection(options: Mapping[str, str]) -> Selection:
    """Parse a selection from text, as the query of a URI holds it. Raises RecordingError."""
    strange = sorted(set(options) - set(OPTIONS))
    if strange:
        raise RecordingError(
            f"a clip set takes no option {strange[0]!r}; it takes {', '.join(OPTIONS)}"
        )
    lists = {
        key: tuple(part.strip() for part in options.get(key, "").split(",") if part.strip())
        for key in ("subject", "label", "view", "rep", "clip")
    }
    rest = _number("rest", options["rest"], 0, 60) if "rest" in options else None
    rate = _number("rate", options["rate"], *RATES_HZ) if "rate" in options else None
    return Selection(
        **lists, rest_s=rest, shuffle_seed=_order(options.get("order", "file")), rate_hz=rate
    )


def _number(key: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise RecordingError(f"{key}={text} should be a number from {low:g} to {high:g}")
    return value


def _order(text: str) -> int | None:
    found = re.fullmatch(r"file|shuffle:(\d{1,9})", text)
    if not found:
        raise RecordingError(f"order={text} should be file or shuffle:SEED, such as shuffle:1")
    return int(found[1]) if found[1] else None


def selected_numbers(clips: ClipSet, selection: Selection) -> list[int]:
    """Return the indices of the selected clips, in order.

    A shuffle keeps the clips of one person together. Raises RecordingError if no clip is left; the
    text says which values there are.
    """
    keep = np.ones(len(clips.label), bool)
    for key, values in (
        ("subject", clips.subject), ("view", clips.view), ("rep", clips.rep)
    ):  # fmt: skip
        asked = getattr(selection, key)
        if asked:
            texts = [str(value) for value in values]
            keep &= np.isin(texts, _known(clips, key, asked, sorted(set(texts), key=int)))
    if selection.label:
        keep &= np.isin(clips.label, _labels(clips, selection.label))
    if selection.clip:
        keep &= np.isin(clips.clip, _known(clips, "clip", selection.clip, clips.clip))
    picks = np.flatnonzero(keep)
    if not len(picks):
        raise RecordingError(f"{clips.name}: no clip matches the whole selection")
    if selection.shuffle_seed is not None:
        picks = np.random.default_rng(selection.shuffle_seed).permutation(picks)
        picks = picks[np.argsort(clips.subject[picks], kind="stable")]
    return [int(i) for i in picks]


def _known(clips: ClipSet, key: str, asked: Sequence[str], there: Sequence[str]) -> Sequence[str]:
    for value in asked:
        if value not in there:
            known = ", ".join(there[:40]) + (", ..." if len(there) > 40 else "")
            raise RecordingError(f"{clips.name}: no {key} {value!r}; there are {known}")
    return asked


def _labels(clips: ClipSet, asked: Sequence[str]) -> list[int]:
    numbers = {name.lower(): i for i, name in enumerate(clips.names)}
    numbers |= {str(i): i for i in range(len(clips.names))}
    lowered = [value.lower() for value in asked]
    for value in lowered:
        if value not in numbers:
            raise RecordingError(
                f"{clips.name}: no label {value!r}; there are {', '.join(clips.names)}"
            )
    return [numbers[value] for value in lowered]
