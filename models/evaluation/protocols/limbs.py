"""`limbs`: whether the label follows the limbs that act.

Each test clip is changed: limbs that take no part are held, hang, move as in another action or
march; then the label must stay. With the acting limbs frozen, it must not be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.augmentation.continuous_streams import to_recording
from models.card import ModelCard
from models.evaluation.limb_changes import (
    FROZEN,
    HANGING,
    HELD,
    MARCHING,
    OTHER,
    LabelledMotion,
    LimbChanges,
)
from models.evaluation.live_runs import LiveRun, run_apart
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.features import FloatArray
from models.inference.recognizer import Recognizer
from models.live.clip_label import label_clip
from models.progress import steps
from models.scoring.clip_answers import whole_clips
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from, load_sets
from sensor.formats.recording import Recording

SEED = 18
UNCHANGED = "unchanged"
FOLLOWED = (HELD, HANGING, OTHER, MARCHING)
"""The changes after which the label must stay."""
LEAST_FOLLOWED, MOST_GIVEN = 0.9, 0.1
"""Targets for each class: the share that keeps its label, and that still has it when frozen."""
_HELD_FRAMES = 30
"""Frames for which the first and the last pose are held around each clip."""


@dataclass(frozen=True)
class Answer:
    """The answer to a changed clip: whether its class is the clip's label, and started live."""

    label: str
    change: str
    named: bool
    started: bool


def answers_of(recognizer: Recognizer, cases: Sequence[tuple[LabelledMotion, str]]) -> list[Answer]:
    """Run changed clips through the live path, one after another."""
    clips = (_clip(motion.joints_m) for motion, _ in steps(cases, "limbs", len(cases)))
    runs = run_apart(recognizer, clips)
    return [
        Answer(
            motion.label,
            change,
            _name(run, recognizer.card) == motion.label,
            any(start.label == motion.label for start, _ in run.starts),
        )
        for (motion, change), run in zip(cases, runs, strict=True)
    ]


def _name(run: LiveRun, card: ModelCard) -> str:
    """The label of a clip, as `POST /clips` gives it."""
    rows = [one.probabilities for one in run.predictions]
    best, _ = label_clip(np.array(rows, np.float32).reshape(-1, len(card.labels)), card)
    return card.labels[best]


def _clip(joints_m: FloatArray) -> Recording:
    """A clip whose first and last pose are held for a second."""
    first, last = (np.repeat(joints_m[[n]], _HELD_FRAMES, axis=0) for n in (0, -1))
    clip = np.concatenate([first, joints_m, last])
    return to_recording("limbs", clip, [None] * len(clip))


def cases_of(motions: Sequence[LabelledMotion]) -> list[tuple[LabelledMotion, str]]:
    """Every clip unchanged and with every change that applies to it."""
    changes = LimbChanges(np.random.default_rng(SEED), motions)
    cases = [(motion, UNCHANGED) for motion in motions]
    for motion in steps(motions, "changing limbs", len(motions)):
        for change, changed in changes.of(motion).items():
            cases += [(LabelledMotion(joints_m, motion.label), change) for joints_m in changed]
    return cases


def judge(model_dir: Path, data: Path) -> Judgement:
    """Measure UTD-MHAD's test clips with changed limbs, by clip label and by live starts."""
    recognizer = Recognizer(model_dir)
    labels = recognizer.card.labels
    (utd,) = load_sets(data, labels, [UTD])
    pieces = whole_clips(utd.of(TEST_PEOPLE[UTD]))
    motions = [LabelledMotion(piece.joints_m, labels[piece.labels[0]]) for piece in pieces]
    figures = limb_figures(answers_of(recognizer, cases_of(motions)))
    followed, given = figures["classes_not_followed"], figures["classes_given_when_frozen"]
    classes = len({motion.label for motion in motions})
    return Judgement(
        figures["followed"],
        figures | {"clips": float(len(motions))},
        f"mean share that keeps its label with other free limbs; of {classes} classes, "
        f"{followed:.0f} keep it in less than {LEAST_FOLLOWED:.0%} and {given:.0f} are given in "
        f"more than {MOST_GIVEN:.0%} with the acting limbs frozen (by clip label or live)",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


def limb_figures(answers: Sequence[Answer]) -> dict[str, float]:
    """Shares by change, and by class: kept with changed free limbs, given with frozen ones."""
    names = sorted({answer.label for answer in answers})
    figures: dict[str, float] = {}
    for name in names:
        own = [answer for answer in answers if answer.label == name]
        kept = [answer for answer in own if answer.change in FOLLOWED]
        frozen = [answer for answer in own if answer.change == FROZEN]
        figures |= _shares(f"followed: {name}", kept) | _shares(f"frozen: {name}", frozen)
    missed = [name for name in names if _least(figures, f"followed: {name}") < LEAST_FOLLOWED]
    given = [name for name in names if _most(figures, f"frozen: {name}") > MOST_GIVEN]
    totals = _shares("followed", [one for one in answers if one.change in FOLLOWED])
    for change in (UNCHANGED, *FOLLOWED, FROZEN):
        totals |= _shares(change, [one for one in answers if one.change == change])
    totals |= {
        "classes_not_followed": float(len(missed)),
        "classes_given_when_frozen": float(len(given)),
    }
    return totals | figures


def _shares(name: str, answers: Sequence[Answer]) -> dict[str, float]:
    """The share with the class as the clip's label, and with a live start of it."""
    if not answers:
        return {}
    named = float(np.mean([answer.named for answer in answers]))
    return {name: named, _live(name): float(np.mean([answer.started for answer in answers]))}


def _live(name: str) -> str:
    """The name of the figure by live starts beside that by clip labels."""
    first, *rest = name.split(": ")
    return ": ".join([f"{first}_live", *rest])


def _least(figures: dict[str, float], name: str) -> float:
    return min(figures.get(name, 1.0), figures.get(_live(name), 1.0))


def _most(figures: dict[str, float], name: str) -> float:
    return max(figures.get(name, 0.0), figures.get(_live(name), 0.0))


_ABOUT = {
    "followed": "clips that keep their label with other free limbs, over all four changes",
    UNCHANGED: "clips with their label, without a change",
    HELD: "clips that keep their label while the free limbs keep their first pose",
    HANGING: "clips that keep their label while both arms hang, if no arm acts",
    OTHER: "clips that keep their label while the free limbs move as in another action",
    MARCHING: "clips that keep their label while the legs walk on the spot, if they do not act",
    FROZEN: "clips that still get their label with their acting limbs frozen",
}
FIGURES_HELP = {
    **{name: f"{about}, by the clip's label" for name, about in _ABOUT.items()},
    **{_live(name): f"{about}, by live starts" for name, about in _ABOUT.items()},
    "clips": "test clips",
    "classes_not_followed": f"classes that keep their label in less than {LEAST_FOLLOWED:.0%}",
    "classes_given_when_frozen": f"classes given in more than {MOST_GIVEN:.0%} when frozen",
}

PROTOCOLS = [
    Protocol(
        "limbs",
        "UTD-MHAD's even people, other limbs changed or the acting limbs frozen",
        judge,
        train_served,
        FIGURES_HELP,
        run=RUN,
        unseen=unseen_utd,
    )
]
