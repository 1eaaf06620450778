"""Figures of continuous streams: actions found, false starts by class, and their exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from models.card import ModelCard
from models.live.events import Prediction
from models.scoring.answers import Rate
from models.scoring.live_scoring import decide_starts
from models.scoring.scores import per_hour, rate_figures, rate_interval_per_hour
from models.scoring.span_scores import Meanings, SpanScore, score_spans
from sensor.formats.recording import Recording

FALSE_ACTIONS = Rate("false_actions", "background_minutes")
ENTERS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Probabilities to start an action, for which found and false are compared."""
FOUND_AT, FALSE_AT = "found_at_", "false_actions_per_hour_at_"
"""Prefixes of the figures at each of `ENTERS`."""

FIGURES_HELP = {
    "actions": "actions and walks in the streams that the model has a label for",
    "false_actions": "actions that started where nothing known happens",
    "background_minutes": "time in which nothing known happens",
    "false_actions_per_hour": "false starts per hour of that time",
    "false_actions_per_hour_at_most": "upper 95 % confidence bound of that rate",
    "wrong_actions": "starts of other labels during an action",
    "fitting_actions": "starts that fit what happens, but are not asked for; not counted",
    "false_actions_per_hour_at_most: each class without one": (
        "upper end of the 95 % confidence interval of the rate of such a class"
    ),
}
for _enter in ENTERS:
    FIGURES_HELP[f"{FOUND_AT}{_enter:g}"] = f"actions found if a start needs {_enter:g}"
    FIGURES_HELP[f"{FALSE_AT}{_enter:g}"] = f"false starts an hour if a start needs {_enter:g}"


def span_figures(score: SpanScore) -> dict[str, float]:
    """The share of each motion that was found, and the counts of starts by grade."""
    figures = {"actions": float(score.actions.total())}
    figures |= rate_figures(FALSE_ACTIONS, len(score.graded("false")), score.background_s)
    figures["wrong_actions"] = float(len(score.graded("wrong")))
    figures["fitting_actions"] = float(len(score.graded("fitting")))
    for name, count in sorted(score.actions.items()):
        figures[f"found: {name}"] = score.found[name] / count
    return figures


def starts_by_motion(score: SpanScore) -> dict[str, float]:
    """The counts of false and wrong starts by the motion in which they happen, most first."""
    figures: dict[str, float] = {}
    for grade in ("false", "wrong"):
        counts = Counter(start.during for start in score.graded(grade))
        figures |= {f"{grade} in: {name}": float(n) for name, n in counts.most_common()}
    return figures


def false_by_class(score: SpanScore, card: ModelCard) -> dict[str, float]:
    """The false starts an hour of each class, most first, with a Poisson 95 % interval.

    Classes without one share the upper end of their interval.
    """
    counts = Counter(start.label for start in score.graded("false"))
    silent = [x for x in card.labels if x != card.background and not counts[x]]
    figures = {}
    for label, count in counts.most_common():
        low, high = rate_interval_per_hour(count, score.background_s)
        figures[f"false_actions_per_hour: {label}"] = per_hour(count, score.background_s)
        figures[f"false_actions_per_hour_at_least: {label}"] = low
        figures[f"false_actions_per_hour_at_most: {label}"] = high
    figures |= {f"false_actions_per_hour: {label}": 0.0 for label in silent}
    _, most = rate_interval_per_hour(0, score.background_s)
    return figures | {"false_actions_per_hour_at_most: each class without one": most}


def exchange_figures(
    card: ModelCard, runs: Sequence[tuple[Recording, Sequence[Prediction], Meanings]]
) -> dict[str, float]:
    """Actions found and false starts an hour if the probability to start an action were another.

    The other thresholds keep their values; `leave` stays half of `enter`.
    """
    figures = {}
    for enter in ENTERS:
        tried = msgspec.structs.replace(card.thresholds, enter=enter, leave=enter / 2)
        total = SpanScore()
        for recording, predictions, meanings in runs:
            starts = [(start, enter) for start in decide_starts(predictions, card, tried)]
            total += score_spans(recording, starts, meanings)
        figures[f"{FOUND_AT}{enter:g}"] = total.found_share
        false = len(total.graded("false"))
        figures[f"{FALSE_AT}{enter:g}"] = per_hour(false, total.background_s)
    return figures
