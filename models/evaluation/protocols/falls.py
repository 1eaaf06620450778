"""`falls`: simulated falls of body shapes and kinds held out, and false falls on real recordings.

The simulated set has continuous clips with a label on every frame. Its `subject` is the body shape,
its `view` the kind of trip or push. No accuracy on real falls follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.live_runs import LiveRun, run_apart
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.protocols.cross_dataset import streams_by_person
from models.inference.recognizer import Recognizer
from models.labels import FALLS, plain_label
from models.progress import steps
from models.scoring.scores import per_hour, rate_interval_per_hour
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_stream import to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording, Span

FALL = "fall"
SOON_NS = 1_500_000_000
"""A fall is found if it starts at most this long after the body begins to fall."""
_TITLE = "Simulated falls"
"""How a model card begins the title of the set."""
_DAY_H = 24


def held_out(data: clip_set.ClipSet) -> tuple[list[int], int]:
    """The body shapes and the kind of trip that test models: the last fifth, and the last kind."""
    shapes = sorted(set(data.subject.tolist()))
    return shapes[-max(len(shapes) // 5, 1) :], int(data.view.max())


def judge(model_dir: Path, data: Path) -> Judgement:
    """Measure held-out simulated falls, and false falls on all other sets in the data folder.

    Raises RecordingError if the set of falls is missing.
    """
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    falls = clip_set.load(data / f"{FALLS}.npz")
    shapes, kind = held_out(falls)
    chosen = [
        n for n, shape in enumerate(falls.subject) if shape in shapes or falls.view[n] == kind
    ]
    clips = (_clip(falls, n) for n in steps(chosen, FALLS, len(chosen)))
    runs = run_apart(recognizer, clips) if FALL in card.labels else [LiveRun(c) for c in clips]
    by_shape = [falls.subject[n] in shapes for n in chosen]
    by_kind = [bool(falls.view[n] == kind) for n in chosen]
    figures = fall_figures(runs, by_shape, by_kind)
    files, more = real_figures(recognizer, data)
    figures |= more
    known = "" if FALL in card.labels else f"; {card.id} has no class {FALL}"
    return Judgement(
        figures["found"],
        figures,
        f"{figures['found']:.1%} of {figures['falls']:.0f} held-out simulated falls start within "
        f"{SOON_NS / 1e9:g} s; {figures['false_falls']:.0f} false falls in "
        f"{figures['real_hours']:.1f} hours of real recordings{known}",
        delays_s=tuple(delay for run in runs for delay in delays_of(run) if delay is not None),
        seen_in_training=_seen(card, shapes),
        data_files=(data / f"{FALLS}.npz", *files),
    )


def _clip(falls: clip_set.ClipSet, number: int) -> Recording:
    """One clip as a recording. The names of clips may repeat, so the place in the file counts."""
    first, end = int(falls.start[number]), int(falls.start[number + 1])
    part = slice(first, end)
    one = replace(
        falls,
        xyz_m=falls.xyz_m[part],
        seen=falls.seen[part],
        start=np.array([0, end - first]),
        label=falls.label[[number]],
        subject=falls.subject[[number]],
        rep=falls.rep[[number]],
        view=falls.view[[number]],
        clip=(falls.clip[number],),
        frame_label=None if falls.frame_label is None else falls.frame_label[part],
        t_s=None if falls.t_s is None else falls.t_s[part],
    )
    return to_recording(FALLS, one, Selection(), LOCAL_LIMITS)


def _spans(run: LiveRun, label: str) -> list[Span]:
    return [span for span in run.recording.spans if plain_label(span.label) == label]


def delays_of(run: LiveRun) -> list[float | None]:
    """For each fall, the seconds from its beginning to the start of `fall`; None if not found."""
    starts = [start.at_ns for start, _ in run.starts if start.label == FALL]
    found: list[float | None] = []
    for span in _spans(run, FALL):
        soon = [at for at in starts if 0 <= at - span.start_ns <= SOON_NS]
        found.append((min(soon) - span.start_ns) / 1e9 if soon else None)
    return found


def false_falls(run: LiveRun) -> int:
    """The starts of `fall` outside the time from a fall's beginning to 1.5 s after its end."""
    spans = _spans(run, FALL)
    return sum(
        start.label == FALL
        and not any(s.start_ns <= start.at_ns <= s.end_ns + SOON_NS for s in spans)
        for start, _ in run.starts
    )


def fall_figures(
    runs: Sequence[LiveRun], by_shape: Sequence[bool], by_kind: Sequence[bool]
) -> dict[str, float]:
    """The shares of held-out falls found: all, of held-out shapes, and of the held-out kind."""
    found = [[delay is not None for delay in delays_of(run)] for run in runs]
    figures = {}
    for name, chosen in (
        ("", [True] * len(runs)),
        (" by shape", by_shape),
        (" by kind", by_kind),
    ):
        flags = [flag for row, wanted in zip(found, chosen, strict=True) if wanted for flag in row]
        figures[f"falls{name}"] = float(len(flags))
        figures[f"found{name}"] = float(np.mean(flags)) if flags else 0.0
    figures["false_falls_in_simulation"] = float(sum(map(false_falls, runs)))
    for label in ("lie", "get_up"):
        spans = [(run, span) for run in runs for span in _spans(run, label)]
        figures[f"found: {label}"] = float(
            np.mean([_started(run, span, label) for run, span in spans]) if spans else 0.0
        )
    return figures


def _started(run: LiveRun, span: Span, label: str) -> bool:
    return any(
        start.label == label and span.start_ns <= start.at_ns <= span.end_ns + SOON_NS
        for start, _ in run.starts
    )


def real_figures(recognizer: Recognizer, data: Path) -> tuple[list[Path], dict[str, float]]:
    """The false falls in all other sets, and their rate a day with its Poisson 95 % interval."""
    files: list[Path] = []
    figures: dict[str, float] = {}
    total, hours = 0, 0.0
    for path, recordings in _real_sets(data):
        files.append(path)
        hours += sum(recording.duration_s for recording in recordings) / 3600
        if FALL in recognizer.card.labels:
            shown = steps(recordings, path.stem, len(recordings))
            false = sum(map(false_falls, run_apart(recognizer, shown)))
            figures[f"false falls: {path.stem}"] = float(false)
            total += false
    low, high = rate_interval_per_hour(total, max(hours * 3600, 1.0))
    return files, {
        "real_hours": hours,
        "false_falls": float(total),
        "false_falls_per_day": _DAY_H * per_hour(total, hours * 3600),
        "false_falls_per_day_at_least": _DAY_H * low,
        "false_falls_per_day_at_most": _DAY_H * high,
    } | figures


def _real_sets(data: Path) -> Iterator[tuple[Path, list[Recording]]]:
    """The sets of one person at a time, each as one stream for each person."""
    for path in sorted(data.glob("*.npz")):
        if path.stem == FALLS:
            continue
        try:
            yield path, streams_by_person(data, path.stem)
        except RecordingError:  # A set of pairs, or another kind of file.
            continue


def _seen(card: ModelCard, shapes: Sequence[int]) -> tuple[int, ...]:
    """The held-out body shapes that a model has learnt from."""
    learnt = {
        who for credit in card.trained_on if credit.name.startswith(_TITLE) for who in credit.people
    }
    return tuple(sorted(learnt.intersection(shapes)))


PROTOCOLS = [
    Protocol(
        "falls",
        "simulated falls of held-out bodies and kinds, and false falls on real recordings",
        judge,
        None,
        {
            "falls": "simulated falls held out",
            "found": "share of them in which `fall` starts within 1.5 s",
            "falls by shape": "falls of body shapes held out (the last fifth)",
            "found by shape": "share of them found",
            "falls by kind": "falls of the kind of trip held out (the last one)",
            "found by kind": "share of them found",
            "false_falls_in_simulation": "starts of `fall` elsewhere in these clips",
            "found: lie": "share of times on the floor in which `lie` starts",
            "found: get_up": "share of times of rising in which `get_up` starts",
            "real_hours": "hours of real recordings, clips joined to streams by person",
            "false_falls": "falls that started in them; nobody falls there",
            "false_falls_per_day": "the same for a day, extrapolated",
            "false_falls_per_day_at_least": "lower end of its Poisson 95 % interval",
            "false_falls_per_day_at_most": "upper end of that interval",
        },
    )
]
