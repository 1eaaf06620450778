"""Draws the plots of a report as PNG files. matplotlib is imported when the first is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.evaluation.attribution.plots import draw_areas, draw_limbs, draw_targets, has_areas
from models.evaluation.figure_plots import (
    BAD,
    GOOD,
    INK,
    QUIET,
    draw_exchange,
    draw_losses,
    draw_partial,
    label_axes,
    show_percent,
)
from models.evaluation.perturbations import LOST
from models.evaluation.protocol import Judgement
from models.evaluation.runs import pool_answers
from models.evaluation.stream_figures import FOUND_AT
from models.scoring.answers import Answers
from models.scoring.scores import (
    BoolArray,
    FloatArray,
    confidence_of,
    confusion,
    reliability,
    risk_coverage,
)
from models.wording import label_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISSING = "no plots, because matplotlib is not installed: pip install 'jointwise[evaluate]'"
MOST_NUMBERED = 45
"""A confusion matrix with more classes than this has no numbers in its cells."""


def write_plots(judgements: Sequence[Judgement], out: Path) -> list[str]:
    """Draw all plots that the runs of a protocol have data for, into the folder `out`.

    Answers and delays of all runs are pooled, figures are averaged. Returns the names of the files.
    Raises ImportError if matplotlib is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    names: list[str] = []

    def add(name: str, size: tuple[float, float], draw: Callable[[Axes], None]) -> None:
        _save(out / f"{name}.png", size, draw)
        names.append(f"{name}.png")

    parts = [one.answers for one in judgements if one.answers is not None]
    if parts:
        answers = pool_answers(parts)
        side = 3.2 + 0.24 * len(_classes(answers))
        add("confusion", (side + 0.6, side), lambda axes: draw_confusion(axes, answers))
        add("reliability", (5, 4.6), lambda axes: draw_reliability(axes, answers))
        pairs = [confidence_of(part) for part in parts]
        add("risk_coverage", (5.6, 4.2), lambda axes: draw_risk_coverage(axes, pairs))
    starts = [one.confidences for one in judgements if one.confidences is not None]
    if starts:
        pairs = [(one.confidence, one.right) for one in starts]
        add("risk_coverage", (5.6, 4.2), lambda axes: draw_risk_coverage(axes, pairs, "starts"))
    delays = [delay for one in judgements for delay in one.delays_s]
    if delays:
        add("detection_latency", (6, 4), lambda axes: draw_delays(axes, delays))
    figures = _mean_figures(judgements)
    if any(name.startswith(LOST) for name in figures):
        add("robustness", (7.5, 8), lambda axes: draw_losses(axes, figures))
    if "seen_50" in figures:
        add("partial", (5.6, 4), lambda axes: draw_partial(axes, figures))
    if any(name.startswith(FOUND_AT) for name in figures):
        add("found_and_false", (5.6, 4), lambda axes: draw_exchange(axes, figures))
    if has_areas(figures):
        add("deletion_and_insertion", (6.5, 7.5), lambda axes: draw_areas(axes, figures))
        add("explanations", (6.5, 4), lambda axes: draw_targets(axes, figures))
        add("expected_limb", (6, 6), lambda axes: draw_limbs(axes, figures))
    return names


def _mean_figures(judgements: Sequence[Judgement]) -> dict[str, float]:
    """The means of the figures that all runs have."""
    first = judgements[0].figures
    names = [name for name in first if all(name in one.figures for one in judgements)]
    return {name: float(np.mean([one.figures[name] for one in judgements])) for name in names}


def _save(path: Path, size: tuple[float, float], draw: Callable[[Axes], None]) -> None:
    figure = _figure(size)
    axes = figure.add_subplot()
    draw(axes)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _figure(size: tuple[float, float]) -> Figure:
    """An empty figure that needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _classes(answers: Answers) -> NDArray[np.int64]:
    """The indices of the classes that occur in the truth or in the answers."""
    predicted = answers.probabilities.argmax(axis=1)
    return np.union1d(answers.truth, predicted).astype(np.int64)


def draw_confusion(axes: Axes, answers: Answers) -> None:
    """Draw the confusion matrix. Rows are true classes, columns predicted ones."""
    predicted = answers.probabilities.argmax(axis=1)
    shown = _classes(answers)
    counts = confusion(answers.truth, predicted, len(answers.labels))[np.ix_(shown, shown)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [label_text(answers.labels[i]) for i in shown]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    if len(names) <= MOST_NUMBERED:
        for row, column in np.argwhere(counts > 0):
            share = shares[row, column]
            colour = "white" if share > 0.55 else (INK if row == column else BAD)
            text = f"{100 * share:.0f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=6, color=colour)
    right = float((predicted == answers.truth).mean())
    title = f"{len(answers.truth)} answers, {right:.1%} right; percent of each row"
    label_axes(axes, title, "predicted", "true")
    axes.tick_params(labelsize=7, length=0)
    axes.spines[:].set_visible(False)


def draw_reliability(axes: Axes, answers: Answers) -> None:
    """Draw accuracy against confidence, and the share of answers in each bin."""
    found = reliability(*confidence_of(answers))
    bins = len(found.count)
    share = found.count / max(int(found.count.sum()), 1)
    axes.bar(
        np.arange(bins) / bins, share, 1 / bins, align="edge", color="#dde3ea",
        label="share of answers",
    )  # fmt: skip
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle="--", label="perfect calibration")
    filled = np.flatnonzero(found.count)
    axes.scatter(
        found.confidence[filled], found.accuracy[filled], 14 + 160 * np.sqrt(share[filled]),
        color=GOOD, alpha=0.85, linewidths=0, label="accuracy, with the number of answers",
        clip_on=False, zorder=3,
    )  # fmt: skip
    for x, y, count in zip(
        found.confidence[filled], found.accuracy[filled], found.count[filled], strict=True
    ):
        up = 7 if y < 0.9 else -15
        axes.annotate(
            f"{count}", (x, y), (0, up), textcoords="offset points", ha="center", fontsize=7,
            color=INK,
        )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    label_axes(axes, f"Expected calibration error {found.error:.1%}", "confidence", "share")


def draw_risk_coverage(
    axes: Axes, parts: Sequence[tuple[FloatArray, BoolArray]], kind: str = "answers"
) -> None:
    """Draw the risk-coverage curve of each run, of its confidences and of which were right."""
    areas = []
    for confidence, right in parts:
        found = risk_coverage(confidence, right)
        areas.append(found.area)
        axes.step(found.coverage, found.risk, where="post", color=GOOD, alpha=0.8, linewidth=1.4)
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    show_percent(axes, "x")
    show_percent(axes, "y", None)
    title = f"Area under the curve {np.mean(areas):.4f}"
    label_axes(axes, title, f"{kind} kept, most confident first", "wrong among those kept")


def draw_delays(axes: Axes, delays_s: Sequence[float]) -> None:
    """Draw the cumulative share of found actions by the delay of their start event."""
    delays = np.sort(delays_s)
    axes.step(delays, np.arange(1, len(delays) + 1) / len(delays), where="post", color=GOOD)
    for share, name in ((0.5, "median"), (0.9, "p90")):
        at = float(np.percentile(delays, 100 * share))
        axes.plot([at, at], [0, share], color=QUIET, linewidth=1, linestyle="--")
        axes.annotate(
            f"{name} {at:.2f} s", (at, share), (6, -10), textcoords="offset points", fontsize=8,
            color=INK,
        )  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1.02)
    show_percent(axes, "y")
    title = f"Time from an action's beginning to its start event, {len(delays)} actions"
    label_axes(axes, title, "seconds", "share of found actions")
