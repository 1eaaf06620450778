"""Continuous streams through the live path: what starts, when, how often wrongly, frame by frame.

What counts at a frame is what the service had said by then, not what it knew later: an action
lasts from the moment its start was announced to the moment its end was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.protocol import Judged, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer
from models.live.events import Action, Prediction
from models.live.offline import run_frames
from models.progress import steps
from models.scoring.answers import Rate
from models.scoring.frame_labels import (
    OVERLAPS,
    Part,
    actions_by_frame,
    idle_s,
    in_rest,
    label_figures,
    predictions_by_frame,
    told_by_frame,
    truth_by_frame,
    watched_parts,
)
from models.scoring.live_scoring import LiveScore, Start, false_starts, score, streams_of
from models.scoring.scores import rate_figures
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from
from sensor.formats.recording import Recording

LATER_S = 0.5
"""Who can wait so long knows better where an action began."""
FALSE_ACTIONS = Rate("false_actions", "idle_minutes")


@dataclass(frozen=True)
class Live:
    """Everything that was said of one recording, and how much of it was right."""

    recording: Recording
    predictions: list[Prediction]
    actions: list[Action]
    starts: list[Start]
    score: LiveScore


def watch(recognizer: Recognizer, recording: Recording) -> Live:
    """Run a recording through the live path."""
    frames = steps(recording.frames, recording.name, len(recording.frames))
    events = list(run_frames(recognizer, frames, joints=False))
    actions = [event for event in events if isinstance(event, Action)]
    starts = [Start(one.at_ns, one.label) for one in actions if one.phase == "start"]
    return Live(
        recording,
        [event for event in events if isinstance(event, Prediction)],
        actions,
        starts,
        score(recording, starts, recognizer.card.background),
    )


def found_figures(found: LiveScore) -> dict[str, float]:
    """What was found, how late, and what was disturbed."""
    figures = {
        "clips": float(found.clips),
        "found": float(found.found),
        "clips_with_a_wrong_start": float(found.wrong),
        "rests": float(found.rests),
        "rests_disturbed": float(found.disturbed),
        "rests_disturbed_share": found.disturbed_share,
    }
    if found.delays_s:
        figures["start_delay_median_s"] = float(np.median(found.delays_s))
        figures["start_delay_p90_s"] = float(np.percentile(found.delays_s, 90))
    return figures


def idle_figures(live: Live, background: str, rested: Live | None = None) -> dict[str, float]:
    """How often something was said of nothing: all of `live`, and the rests alone of `rested`."""
    known_s, idle = idle_s(live.recording, background)
    idle += known_s
    false = len(false_starts(live.recording, live.starts, background))
    if rested is not None:
        idle += idle_s(rested.recording, background)[1]
        false += sum(
            in_rest(rested.recording, start)
            for start in false_starts(rested.recording, rested.starts, background)
        )
    return {"background_minutes": known_s / 60} | rate_figures(FALSE_ACTIONS, false, idle)


def judge_utd_live(model_dir: Path, data: Path) -> Judged:
    """The even people's clips in a stream with rests of 2 s."""
    recognizer = Recognizer(model_dir)
    people, background = TEST_PEOPLE[UTD], recognizer.card.background
    live = watch(recognizer, streams_of(data, UTD, people))
    figures = frame_figures(live, watched_parts(live.recording), background)
    figures |= idle_figures(live, background)
    return _judged(live, figures, learnt_from(recognizer.card, UTD, people), data / f"{UTD}.npz")


def frame_figures(live: Live, parts: Sequence[Part], background: str) -> dict[str, float]:
    """Frame accuracy and segments: top labels, those of 0.5 s later, actions announced and told."""
    truth = truth_by_frame(live.recording, background)
    tops = predictions_by_frame(live.recording, live.predictions, background)
    ahead = round(LATER_S * live.recording.rate_hz)
    later = tops[ahead:] + [background] * min(ahead, len(tops))
    actions = actions_by_frame(live.recording, live.actions, background)
    figures = label_figures(tops, truth, parts, background)
    told = told_by_frame(live.recording, live.actions, background)
    for name, said in (("later_", later), ("announced_", actions), ("told_", told)):
        found = label_figures(said, truth, parts, background)
        figures |= {name + key: value for key, value in found.items()}
    return figures


def _judged(live: Live, figures: dict[str, float], seen: tuple[int, ...], path: Path) -> Judged:
    found = live.score
    return Judged(
        found.found_share,
        found_figures(found) | figures,
        f"{found.found} of {found.clips} actions started right by their end + 0.5 s; "
        f"{figures['false_actions']:.0f} false ones in {figures['idle_minutes']:.1f} idle minutes",
        delays_s=found.delays_s,
        seen_in_training=seen,
        data_files=(path,),
    )


FIGURES_HELP = {
    "clips": "actions done",
    "found": "whose own action started between their beginning and their end + 0.5 s",
    "clips_with_a_wrong_start": "during which another action started",
    "rests": "stretches between actions",
    "rests_disturbed": "in which an action started that was not the one just done",
    "rests_disturbed_share": "of all rests",
    "background_minutes": "recorded time in which nothing was done that has a name",
    "idle_minutes": "that, and the rests put between recordings: held poses with a sway",
    "false_actions": "starts in idle time",
    "false_actions_per_hour": "as a rate",
    "false_actions_per_hour_at_most": "the rate that so short a time does not rule out (95 %)",
    "start_delay_median_s": "from an action's true beginning to its start event",
    "start_delay_p90_s": "nine of ten come sooner",
    "baseline_window_s": "length of the fixed windows: that of the best F1 of 1, 1.5, 2 and 3 s",
}
for _key, _what in (
    ("", "the newest prediction's top label"),
    ("later_", "the top label of half a second later"),
    ("announced_", "the action announced and not yet ended"),
    ("told_", "the action, from when to when it was, as its end event tells"),
    ("baseline_", "baseline: fixed windows, each given its best name"),
):
    FIGURES_HELP[f"{_key}frame_accuracy"] = f"frames labelled right by {_what}"
    for _overlap in OVERLAPS:
        FIGURES_HELP[f"{_key}f1_{_overlap:g}"] = f"segment F1 at {_overlap:g} overlap: {_what}"


PROTOCOLS = [
    Protocol(
        "utd-live",
        "UTD-MHAD's even people live, their clips in a stream with rests",
        judge_utd_live,
        train_served,
        FIGURES_HELP,
        run=RUN,
        unseen=unseen_utd,
        rates=(FALSE_ACTIONS,),
    ),
]
