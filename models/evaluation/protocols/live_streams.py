"""`utd-live`, and the figures of continuous streams that other protocols share.

A recording runs through the live path. Its starts are compared with the labelled actions, and its
labels with the true labels, frame by frame. The label of a frame is the newest one that the service
had published by that time; figures with the prefixes `later_` and `told_` use later knowledge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer
from models.live.events import Action, Prediction
from models.live.offline import run_frames
from models.progress import steps
from models.scoring.answers import Rate
from models.scoring.frame_labels import (
    OVERLAPS,
    FrameRange,
    announced_by_frame,
    estimated_by_frame,
    idle_s,
    in_rest,
    label_figures,
    occupied_ranges,
    predictions_by_frame,
    truth_by_frame,
)
from models.scoring.live_scoring import LiveScore, Start, false_starts, load_stream, score_starts
from models.scoring.scores import rate_figures
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from
from sensor.formats.recording import Recording

LATER_S = 0.5
"""The figures `later_*` label each frame with the prediction made this much later, seconds."""
FALSE_ACTIONS = Rate("false_actions", "idle_minutes")


@dataclass(frozen=True)
class StreamResult:
    """The predictions and actions of one recording, its starts, and their score."""

    recording: Recording
    predictions: list[Prediction]
    actions: list[Action]
    starts: list[Start]
    score: LiveScore


def run_stream(recognizer: Recognizer, recording: Recording) -> StreamResult:
    """Run a recording through the live path and score its starts."""
    frames = steps(recording.frames, recording.name, len(recording.frames))
    events = list(run_frames(recognizer, frames, joints=False))
    actions = [event for event in events if isinstance(event, Action)]
    starts = [Start(action.at_ns, action.label) for action in actions if action.phase == "start"]
    return StreamResult(
        recording,
        [event for event in events if isinstance(event, Prediction)],
        actions,
        starts,
        score_starts(recording, starts, recognizer.card.background),
    )


def start_figures(score: LiveScore) -> dict[str, float]:
    """Return the figures of found clips, disturbed rests and delays."""
    figures = {
        "clips": float(score.clips),
        "found": float(score.found),
        "clips_with_a_wrong_start": float(score.wrong_clips),
        "rests": float(score.rests),
        "rests_disturbed": float(score.disturbed),
        "rests_disturbed_share": score.disturbed_share,
    }
    if score.delays_s:
        figures["start_delay_median_s"] = float(np.median(score.delays_s))
        figures["start_delay_p90_s"] = float(np.percentile(score.delays_s, 90))
    return figures


def idle_figures(
    result: StreamResult, background: str, rested: StreamResult | None = None
) -> dict[str, float]:
    """Return the figures of false starts in idle time.

    They count the idle time of `result` and, if given, the rests of `rested`, a stream of the same
    clips with longer rests. The clips of `rested` are left out, because `result` has them already.
    """
    background_s, rest_s = idle_s(result.recording, background)
    idle = rest_s + background_s
    false = len(false_starts(result.recording, result.starts, background))
    if rested is not None:
        idle += idle_s(rested.recording, background)[1]
        false += sum(
            in_rest(rested.recording, start)
            for start in false_starts(rested.recording, rested.starts, background)
        )
    return {"background_minutes": background_s / 60} | rate_figures(FALSE_ACTIONS, false, idle)


def frame_figures(
    result: StreamResult, ranges: Sequence[FrameRange], background: str
) -> dict[str, float]:
    """Return frame accuracy and segment F1 of four kinds of labels, within ranges of frames.

    - no prefix: the top label of the newest prediction
    - `later_`: the top label half a second later
    - `announced_`: the action from its start event to its end event
    - `told_`: the action from its estimated start to its estimated end, as the end event states
      them
    """
    recording = result.recording
    truth = truth_by_frame(recording, background)
    top = predictions_by_frame(recording, result.predictions, background)
    ahead = round(LATER_S * recording.rate_hz)
    kinds = {
        "": top,
        "later_": top[ahead:] + [background] * min(ahead, len(top)),
        "announced_": announced_by_frame(recording, result.actions, background),
        "told_": estimated_by_frame(recording, result.actions, background),
    }
    figures: dict[str, float] = {}
    for prefix, labels in kinds.items():
        values = label_figures(labels, truth, ranges, background)
        figures |= {prefix + name: value for name, value in values.items()}
    return figures


def stream_judgement(
    result: StreamResult, figures: dict[str, float], seen: tuple[int, ...], path: Path
) -> Judgement:
    """Make the judgement of a stream. `figures` are its figures of idle time and of frames."""
    score = result.score
    return Judgement(
        score.found_share,
        start_figures(score) | figures,
        f"{score.found} of {score.clips} actions started correctly by their end + 0.5 s; "
        f"{figures['false_actions']:.0f} false starts in {figures['idle_minutes']:.1f} idle "
        "minutes",
        delays_s=score.delays_s,
        seen_in_training=seen,
        data_files=(path,),
    )


def judge_utd_live(model_dir: Path, data: Path) -> Judgement:
    """Measure the even people's clips in one stream, with rests of 2 s between them."""
    recognizer = Recognizer(model_dir)
    people, background = TEST_PEOPLE[UTD], recognizer.card.background
    result = run_stream(recognizer, load_stream(data, UTD, people))
    figures = frame_figures(result, occupied_ranges(result.recording), background)
    figures |= idle_figures(result, background)
    seen = learnt_from(recognizer.card, UTD, people)
    return stream_judgement(result, figures, seen, data / f"{UTD}.npz")


FIGURES_HELP = {
    "clips": "labelled actions",
    "found": "actions whose own label started between their beginning and their end + 0.5 s",
    "clips_with_a_wrong_start": "actions during which another label started",
    "rests": "stretches between actions",
    "rests_disturbed": "rests in which an action started, except late starts of the clip before",
    "rests_disturbed_share": "share of all rests",
    "background_minutes": "recorded time labelled as background",
    "idle_minutes": "background, plus the composed rests between recordings (a swaying pose)",
    "false_actions": "actions that started in idle time",
    "false_actions_per_hour": "false starts per hour of idle time",
    "false_actions_per_hour_at_most": "upper 95 % confidence bound of that rate",
    "start_delay_median_s": "from an action's true beginning to its start event",
    "start_delay_p90_s": "90th percentile of that delay",
    "baseline_window_s": "length of the fixed windows with the best F1: 1, 1.5, 2 or 3 s",
}
for _prefix, _labels in (
    ("", "the newest prediction's top label"),
    ("later_", "the top label half a second later"),
    ("announced_", "the action from its start event to its end event"),
    ("told_", "the action from its estimated start to its estimated end"),
    ("baseline_", "baseline: fixed windows, each with its most likely action"),
):
    FIGURES_HELP[f"{_prefix}frame_accuracy"] = f"frame accuracy: {_labels}"
    for _overlap in OVERLAPS:
        FIGURES_HELP[f"{_prefix}f1_{_overlap:g}"] = f"segment F1 at {_overlap:g} overlap: {_labels}"


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
