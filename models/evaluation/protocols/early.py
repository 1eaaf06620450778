"""`partial`: accuracy when only the beginning of a clip has been seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.evaluation.clip_runs import load_clips, logits_at_end
from models.evaluation.perturbations import truncate
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer
from models.progress import steps
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from

PERCENTS = (25, 50, 75, 100)
"""The percentages of a clip that are shown to the model."""


def judge(model_dir: Path, data: Path) -> Judgement:
    """Measure accuracy on the beginnings of UTD-MHAD's test clips, by the answer at each cut."""
    recognizer = Recognizer(model_dir)
    labels = recognizer.card.labels
    clips = load_clips(data / f"{UTD}.npz", labels, TEST_PEOPLE[UTD])
    named = np.array([i for i, name in enumerate(labels) if name != recognizer.card.background])
    rng = np.random.default_rng(0)
    figures = {"clips": float(len(clips.truth))}
    for percent in steps(PERCENTS, "partial", len(PERCENTS)):
        cut = (truncate(percent / 100)(motion, rng) for motion in clips.motions)
        logits = logits_at_end(recognizer, cut, f"{percent} % seen", len(clips.truth))
        best_named = named[logits[:, named].argmax(axis=1)]
        figures[f"seen_{percent}"] = float((logits.argmax(axis=1) == clips.truth).mean())
        figures[f"seen_{percent}_named"] = float((best_named == clips.truth).mean())
    return Judgement(
        figures["seen_50"],
        figures,
        f"share of {len(clips.truth)} clips that are right when the first half has been seen",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


_HELP = {"clips": "test clips at each cut"}
for _percent in PERCENTS:
    _HELP[f"seen_{_percent}"] = f"accuracy when {_percent} % has been seen, among all labels"
    _HELP[f"seen_{_percent}_named"] = "the same without background among the labels"

PROTOCOLS = [
    Protocol(
        "partial",
        "UTD-MHAD's even people, only the beginnings of their clips",
        judge,
        train_served,
        _HELP,
        run=RUN,
        unseen=unseen_utd,
    )
]
