"""Figures with 95 % bootstrap intervals, and the targets that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluation.attribution.areas import DELETION, INSERTION, JOINTS, MOMENTS
from models.evaluation.attribution.limbs import CERTAIN
from models.evaluation.attribution.methods import INTEGRATED, METHODS, RELEVANCE, SMOOTHED
from models.evaluation.report_files import HIGH, LOW
from models.features import IntArray

Values = NDArray[np.float64] | NDArray[np.bool_]

_RESAMPLES = 2000
_SEED = 19
GREATEST_RESIDUAL = 1e-4
"""The greatest residual of an explanation that counts as complete, see `FIGURES`."""
CLASS = "expected_limb: "
"""The prefix of the shares of single classes."""


@dataclass(frozen=True)
class Figure:
    """What a figure means, and the least or greatest value that its target allows."""

    about: str
    least: float | None = None
    most: float | None = None

    @property
    def help(self) -> str:
        """The meaning with the target."""
        if self.least is not None:
            return f"{self.about}; target: at least {self.least:g}"
        return self.about if self.most is None else f"{self.about}; target: at most {self.most:g}"

    def met(self, value: float) -> bool:
        """Whether a value meets the target; True without one."""
        low = -np.inf if self.least is None else self.least
        return bool(low <= value <= (np.inf if self.most is None else self.most))


FIGURES = {
    "clips": Figure("test clips; completeness is measured on all of them"),
    "clips_right": Figure("clips with the right label at their end, on which all else is measured"),
    "worst_residual": Figure(
        "greatest residual of relevance, divided by max(1, abs(logit - reference))",
        most=GREATEST_RESIDUAL,
    ),
    "complete": Figure("clips whose residual, divided in the same way, is at most 1e-4", least=1),
    "distracted_clips": Figure(
        "clips that keep their label with a fast motion of another limb grafted on"
    ),
    "distracted_kept": Figure("share of clips that keep their label with this motion"),
    "distracted": Figure("of these, the top joint is of an acting limb", least=0.95),
    "distracted_motion_energy": Figure("the same by motion energy"),
    "distracted_gain": Figure("relevance minus motion energy in this test", least=0.15),
    "distracted_by_chance": Figure("the same by chance: mean share of joints of acting limbs"),
    "shapley_clips": Figure("clips for which Shapley values are sampled"),
    "shapley_rank_correlation": Figure(
        "rank correlation of joints with their Shapley values", least=0.9
    ),
    "shapley_same_top": Figure("share of clips whose top joint is also that by Shapley values"),
    "shapley_rank_correlation_integrated": Figure("the same by integrated gradients"),
    "shapley_same_top_integrated": Figure("the same by integrated gradients"),
    "noise_2_cm": Figure("rank correlation of joints with those under 2 cm of noise"),
    "noise_5_cm": Figure("rank correlation of joints with those under 5 cm of noise"),
    "random_weights": Figure(
        "correlation with the relevance of networks with random weights", most=0.2
    ),
    "mirrored": Figure("correlation with the mirrored relevance of the mirrored clip", least=0.9),
    "mirrored_joints": Figure("the same with the relevance of each joint summed over time"),
    "expected_limb": Figure("clips of classes with a certain acting limb: the top joint is of it"),
    "expected_limb_classes": Figure("share of these classes with this in most clips", least=0.95),
    "integrated_gradients_cost": Figure(
        "time of integrated gradients, in times that of relevance with its logits", least=20
    ),
    "targets_missed": Figure("targets that are missed; the note of each run names them"),
    **{CLASS + name: Figure("the same for one class") for name in sorted(CERTAIN)},
}
"""All figures but the areas of deletion and insertion."""

_REMOVED = {JOINTS: "joints one by one", MOMENTS: "joint-moments (a joint in four frames)"}
TESTS = {f"{test}_{players}": test for test in (DELETION, INSERTION) for players in _REMOVED}
"""Deletion or insertion, by the name of the test."""


def figures_help() -> dict[str, str]:
    """What each figure means, for the report."""
    texts = {name: figure.help for name, figure in FIGURES.items()}
    for test, kind in TESTS.items():
        players = _REMOVED[test.removeprefix(kind + "_")]
        doing, good = ("removing", "low") if kind == DELETION else ("putting back", "high")
        for method in METHODS:
            texts[f"{test}: {method}"] = f"area under P(label), {doing} {players}; {good} is good"
            goal = "not clearly below 0" if method == INTEGRATED else "clearly above 0"
            if method in (RELEVANCE, SMOOTHED):
                continue
            texts[_gain(test, method)] = f"how much better relevance is here; target: {goal}"
    return texts


def _gain(test: str, method: str) -> str:
    return f"{test}_gain: {method}"


class Findings:
    """Collects figures and which targets they miss."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}
        self.missed: list[str] = []
        self.targets = 0

    def value(self, name: str, value: float) -> None:
        """Add one figure of `FIGURES`."""
        self.figures[name] = float(value)
        figure = FIGURES[name]
        if figure.least is not None or figure.most is not None:
            self._target(name, figure.met(float(value)))

    def mean(self, name: str, values: Values, clips: IntArray | None = None) -> None:
        """Add the mean of values (N,) with its interval; nothing without values.

        `clips` (N,) is the clip of each value, if a clip has several.
        """
        if len(values):
            self.value(name, float(values.mean()))
            self._interval(name, values, clips)

    def areas(self, test: str, by_method: dict[str, NDArray[np.float64]]) -> None:
        """Add the areas (N,) of each method, and how much better relevance is, clip by clip."""
        own = by_method[RELEVANCE]
        for method, values in by_method.items():
            self.figures[f"{test}: {method}"] = float(values.mean())
            self._interval(f"{test}: {method}", values)
        for method, values in by_method.items():
            if method in (RELEVANCE, SMOOTHED):
                continue
            gain = values - own if TESTS[test] == DELETION else own - values
            name = _gain(test, method)
            self.figures[name] = float(gain.mean())
            low, high = self._interval(name, gain)
            self._target(name, high >= 0 if method == INTEGRATED else low > 0)

    def _interval(
        self, name: str, values: Values, clips: IntArray | None = None
    ) -> tuple[float, float]:
        low, high = bootstrap_interval(values, clips)
        self.figures[name + LOW], self.figures[name + HIGH] = low, high
        return low, high

    def _target(self, name: str, met: bool) -> None:
        self.targets += 1
        if not met:
            self.missed.append(name)


def bootstrap_interval(values: Values, clips: IntArray | None = None) -> tuple[float, float]:
    """The 95 % percentile interval of the mean of values (N,), resampled over clips.

    `clips` (N,) is the clip of each value; None: each is of a clip of its own.
    """
    own = np.arange(len(values)) if clips is None else np.unique(clips, return_inverse=True)[1]
    total, count = np.bincount(own, np.asarray(values, np.float64)), np.bincount(own)
    picks = np.random.default_rng(_SEED).integers(0, len(total), (_RESAMPLES, len(total)))
    means = total[picks].sum(axis=1) / count[picks].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
