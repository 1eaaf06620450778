"""The protocols of `jointwise evaluate`: who is tested, on what, and what is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from models.card import ModelCard, sha256_of
from models.clips import clip_logits, last_windows, whole_clips
from models.data import plain_label
from models.recipes import CREDITS, PRECOG, RECIPES, UTD, load_sets
from models.recognizer import Recognizer
from sensor.formats.recording import Recording
from service.live_check import predictions, score, starts, streams_of
from service.messages import PredictionMessage

REPORT_FILE = "report.json"
TEST_PEOPLE = RECIPES["protocol"].test


class Report(msgspec.Struct, frozen=True):
    """What `report.json` holds.

    Shares are 0 to 1. `accuracy` is the protocol's headline: clips right (utd-cs), clips whose
    action started right (utd-live, precog-online), 1 where relevance adds up (relevance).
    `seeds` are those of the streams that were composed for the test, not of the training.
    `seen_in_training` lists the tested people that the model learnt from.
    """

    protocol: str
    accuracy: float
    seeds: list[int]
    model: str
    model_sha256: str
    data_sha256: str
    seen_in_training: list[int]
    figures: dict[str, float]
    note: str


def _report(
    name: str,
    recognizer: Recognizer,
    path: Path,
    accuracy: float,
    figures: dict[str, float],
    note: str,
) -> Report:
    card = recognizer.card
    return Report(
        protocol=name,
        accuracy=accuracy,
        seeds=[0],
        model=card.id,
        model_sha256=card.sha256,
        data_sha256=sha256_of(path),
        seen_in_training=_seen(card, path.stem),
        figures=figures,
        note=note,
    )


def _seen(card: ModelCard, data_set: str) -> list[int]:
    """The test people that the model learnt from."""
    learnt = [c.people for c in card.trained_on if c.name == CREDITS[data_set][0]]
    return sorted(set(TEST_PEOPLE[data_set]).intersection(*learnt)) if learnt else []


def utd_cs(recognizer: Recognizer, data: Path) -> Report:
    """Whole clips of the even people, the answer at each clip's end, among all labels."""
    (utd,) = load_sets(data, recognizer.card.labels, [UTD])
    logits, truth = clip_logits(recognizer, utd.of(TEST_PEOPLE[UTD]))
    own = [recognizer.card.labels.index(label) for label in utd.labels]
    among_own = np.array(own)[logits[:, own].argmax(axis=1)]
    right = logits.argmax(axis=1) == truth
    figures = {
        "clips": float(len(truth)),
        "accuracy_among_27": float((among_own == truth).mean()),
    }
    note = f"{int(right.sum())} of {len(right)} clips right, among all {logits.shape[1]} labels"
    path = data / f"{UTD}.npz"
    return _report("utd-cs", recognizer, path, float(right.mean()), figures, note)


def relevance(recognizer: Recognizer, data: Path) -> Report:
    """How exactly relevance adds up, for the top label at the end of every test clip."""
    (utd,) = load_sets(data, recognizer.card.labels, [UTD])
    clips = whole_clips(utd.of(TEST_PEOPLE[UTD]))
    windows = last_windows(clips, recognizer.card)
    worst = 0.0
    for i in range(0, len(windows), 32):
        part = windows[i : i + 32]
        found = recognizer.explain(part, recognizer.logits(part).argmax(axis=1))
        gained = np.abs(found.logit - found.reference)
        worst = max(worst, float((np.abs(found.residual) / np.maximum(gained, 1)).max()))
    figures = {"clips": float(len(clips)), "worst_relative_residual": worst}
    note = "residual divided by max(1, |logit - reference|); it must stay under 1e-4"
    path = data / f"{UTD}.npz"
    return _report("relevance", recognizer, path, float(worst <= 1e-4), figures, note)


def _live(name: str, data_set: str, recognizer: Recognizer, data: Path) -> Report:
    recording = streams_of(data, data_set, TEST_PEOPLE[data_set])
    said = predictions(recognizer, recording)
    found = score(
        recording,
        starts(said, recognizer.card, recognizer.card.thresholds),
        recognizer.card.background,
    )
    delays = found.delays_s or (float("nan"),)
    figures = {
        "clips": float(found.clips),
        "found": float(found.found),
        "rests": float(found.rests),
        "rests_disturbed": float(found.disturbed),
        "rests_disturbed_share": found.disturbed_share,
        "clips_with_a_wrong_start": float(found.wrong),
        "start_delay_median_s": float(np.median(delays)),
        "start_delay_p90_s": float(np.percentile(delays, 90)),
        "prediction_accuracy": _prediction_accuracy(recognizer.card, recording, said),
    }
    note = (
        f"{found.found} of {found.clips} clips started right by their end + 0.5 s; "
        f"{found.disturbed} of {found.rests} rests disturbed"
    )
    return _report(name, recognizer, data / f"{data_set}.npz", found.found_share, figures, note)


def _prediction_accuracy(
    card: ModelCard, recording: Recording, said: list[PredictionMessage]
) -> float:
    """The share of predictions whose top label is the truth of their frame."""
    truth = {frame.captured_ns: frame.truth for frame in recording.frames}
    right = [
        message.label == plain_label(truth[message.captured_ns] or card.background)
        for message in said
        if message.captured_ns in truth
    ]
    return float(np.mean(right))


def utd_live(recognizer: Recognizer, data: Path) -> Report:
    """The even people's clips in a stream with rests of 2 s, through the live path."""
    return _live("utd-live", UTD, recognizer, data)


def precog_online(recognizer: Recognizer, data: Path) -> Report:
    """The continuous streams of people 7 and 8, through the live path."""
    return _live("precog-online", PRECOG, recognizer, data)


PROTOCOLS: dict[str, Callable[[Recognizer, Path], Report]] = {
    "utd-cs": utd_cs,
    "utd-live": utd_live,
    "precog-online": precog_online,
    "relevance": relevance,
}


def write_report(report: Report, out: Path) -> str:
    """Write `report.json` and `report.md` into a folder; returns the Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (out / REPORT_FILE).write_bytes(text + b"\n")
    rows = [f"| {key} | {value:.4g} |" for key, value in report.figures.items()]
    seen = ""
    if report.seen_in_training:
        people = ", ".join(map(str, report.seen_in_training))
        seen = f"\n**The model learnt from test people {people}: this is no test.**\n"
    markdown = (
        f"# {report.protocol}: {report.accuracy:.2%}\n\n{report.note}\n{seen}\n"
        f"Model {report.model} ({report.model_sha256[:12]}), data {report.data_sha256[:12]}.\n\n"
        "| figure | value |\n|---|---|\n" + "\n".join(rows) + "\n"
    )
    (out / "report.md").write_text(markdown)
    return markdown
