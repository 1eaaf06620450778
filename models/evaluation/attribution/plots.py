"""Plots of explanations: deletion and insertion by method, and figures beside their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from models.evaluation.attribution.findings import CLASS, FIGURES, TESTS
from models.evaluation.attribution.methods import METHODS, RELEVANCE
from models.evaluation.figure_plots import BAD, GOOD, INK, QUIET, label_axes
from models.evaluation.report_files import HIGH, LOW

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = (
    "distracted", "distracted_motion_energy", "shapley_rank_correlation", "noise_2_cm",
    "noise_5_cm", "mirrored", "random_weights", "expected_limb", "expected_limb_classes",
)  # fmt: skip


def has_areas(figures: Mapping[str, float]) -> bool:
    """Whether a protocol measured deletion and insertion."""
    return all(f"{test}: {RELEVANCE}" in figures for test in TESTS)


def draw_areas(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw the areas of each method with their intervals, a block for each test."""
    row, ticks, names = 0.0, [], []
    for test, kind in TESTS.items():
        good = "low" if kind == "deletion" else "high"
        axes.text(0.0, row, f"{test.replace('_', ' ')} ({good} is good)", color=INK, fontsize=8,
                  va="center")  # fmt: skip
        for method in (one for one in METHODS if f"{test}: {one}" in figures):
            row += 1
            _point(axes, figures, f"{test}: {method}", row, GOOD if method == RELEVANCE else QUIET)
            ticks.append(row)
            names.append(method)
        row += 1.5
    axes.set_yticks(ticks, names)
    axes.set_ylim(row - 0.5, -0.8)
    axes.set_xlim(0, 1.06)
    label_axes(axes, "Deletion and insertion", "area under P(label), 95 % interval", "")


def draw_targets(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw shares and correlations with their intervals and targets."""
    shown = [name for name in _SHOWN if name in figures]
    for row, name in enumerate(shown):
        figure = FIGURES[name]
        _point(axes, figures, name, row, GOOD if figure.met(figures[name]) else BAD)
        for target in (figure.least, figure.most):
            if target is not None:
                axes.plot([target] * 2, [row - 0.35, row + 0.35], color=INK, linewidth=1.4)
    axes.set_yticks(range(len(shown)), [name.replace("_", " ") for name in shown])
    axes.set_ylim(len(shown) - 0.3, -0.7)
    axes.set_xlim(min(0.0, *(figures[name] for name in shown)) - 0.05, 1.02)
    label_axes(axes, "Explanations", "share or correlation (black line: target)", "")


def draw_limbs(axes: Axes, figures: Mapping[str, float]) -> None:
    """Draw how often the top joint is of the expected limb, by class."""
    names = [name for name in figures if name.startswith(CLASS)]
    names.sort(key=lambda name: figures[name])
    values = np.array([figures[name] for name in names])
    axes.barh(range(len(names)), values, 0.7, color=[GOOD if v > 0.5 else BAD for v in values])
    axes.set_yticks(range(len(names)), [name.removeprefix(CLASS) for name in names])
    axes.set_xlim(0, 1)
    label_axes(axes, "The top joint is of the expected limb", "share of clips", "")


def _point(axes: Axes, figures: Mapping[str, float], name: str, row: float, colour: str) -> None:
    value = figures[name]
    low, high = figures.get(name + LOW, value), figures.get(name + HIGH, value)
    axes.plot([low, high], [row, row], color=colour, linewidth=2)
    axes.plot([value], [row], "o", color=colour, markersize=4)
    axes.annotate(f"{value:.3f}", (high, row), (5, 0), textcoords="offset points", fontsize=7,
                  va="center", color=INK)  # fmt: skip
