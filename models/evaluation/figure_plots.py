"""Draws plots of figures: losses by disturbance, accuracy by part, found against false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from models.evaluation.perturbations import LOST, PERTURBATIONS
from models.evaluation.stream_figures import ENTERS, FALSE_AT, FOUND_AT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, GOOD, BAD = "#1b1f24", "#8a939d", "#1f6feb", "#d1480f"


def label_axes(axes: Axes, title: str, x: str, y: str) -> None:
    """Set the title and the axis labels, and remove the frame."""
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.tick_params(colors=INK, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)


def draw_losses(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw the loss of accuracy by each perturbation in percentage points, and the target."""
    shown = [one for one in PERTURBATIONS if LOST + one.name in figures]
    at = np.arange(len(shown))
    lost = np.array([100 * figures[LOST + one.name] for one in shown])
    over = [
        one.allowed is not None and value > 100 * one.allowed
        for one, value in zip(shown, lost, strict=True)
    ]
    axes.barh(at, lost, 0.7, color=[BAD if bad else GOOD for bad in over])
    for i, (one, value) in enumerate(zip(shown, lost, strict=True)):
        edge = max(value, 0.0)
        if one.allowed is not None:
            allowed = 100 * one.allowed
            axes.plot([allowed, allowed], [i - 0.42, i + 0.42], color=INK, linewidth=1.4)
            edge = max(edge, allowed)
        axes.text(edge + 0.4, i, f"{value:.1f}", va="center", fontsize=7, color=INK)
    axes.set_yticks(at, [one.about for one in shown])
    axes.set_ylim(len(shown) - 0.3, -0.7)
    axes.set_xlim(min(float(lost.min()), 0) - 0.5, 1.1 * max(float(lost.max()), 5))
    axes.axvline(0, color=QUIET, linewidth=0.8)
    title = f"Accuracy lost, from {figures['clean']:.1%} without perturbation"
    label_axes(axes, title, "percentage points lost (black line: greatest allowed loss)", "")


def draw_partial(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw accuracy against the percentage of the clip that was seen."""
    percents = [p for p in range(5, 101, 5) if f"seen_{p}" in figures]
    for suffix, colour, label in (
        ("", GOOD, "among all labels"),
        ("_named", BAD, "without background"),
    ):
        values = [figures[f"seen_{p}{suffix}"] for p in percents]
        axes.plot(percents, values, "o-", color=colour, markersize=4, label=label)
        if not suffix:
            for percent, value in zip(percents, values, strict=True):
                axes.annotate(
                    f"{value:.0%}", (percent, value), (5, -12), textcoords="offset points",
                    fontsize=8, color=INK,
                )  # fmt: skip
    axes.set_xlim(0, 105)
    axes.set_ylim(0, 1.02)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    show_percent(axes, "y")
    label_axes(axes, "Accuracy on the beginning of a clip", "percent of the clip seen", "accuracy")


def draw_exchange(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw actions found against false starts an hour, for each probability to start."""
    enters = [f"{enter:g}" for enter in ENTERS if f"{FOUND_AT}{enter:g}" in figures]
    false = [figures[FALSE_AT + enter] for enter in enters]
    found = [figures[FOUND_AT + enter] for enter in enters]
    axes.plot(false, found, "o-", color=GOOD, markersize=4)
    for enter, x, y in zip(enters, false, found, strict=True):
        axes.annotate(enter, (x, y), (5, -12), textcoords="offset points", fontsize=8, color=INK)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1.02)
    show_percent(axes, "y")
    title = "Found against false, by the probability to start an action"
    label_axes(axes, title, "false starts an hour", "actions found")


def show_percent(axes: Axes, name: str, decimals: int | None = 0) -> None:
    """Show shares as percentages on the axis `name`, `x` or `y`."""
    from matplotlib.ticker import PercentFormatter

    axis = axes.xaxis if name == "x" else axes.yaxis
    axis.set_major_formatter(PercentFormatter(1, decimals))
