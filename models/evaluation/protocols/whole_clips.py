"""Whole clips of UTD-MHAD's test people: are they told apart, and does relevance add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.evaluation.protocol import Judged, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer, softmax
from models.scoring.answers import Answers
from models.scoring.clip_answers import clip_logits, last_windows, whole_clips
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from, load_sets


def judge_clips(model_dir: Path, data: Path) -> Judged:
    """Whole clips of the even people, the answer at each clip's end, among all labels."""
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    (utd,) = load_sets(data, card.labels, [UTD])
    logits, truth = clip_logits(recognizer, utd.of(TEST_PEOPLE[UTD]))
    own = np.array([card.labels.index(label) for label in utd.labels])
    right = logits.argmax(axis=1) == truth
    figures = {
        "clips": float(len(truth)),
        "accuracy_among_27": float((own[logits[:, own].argmax(axis=1)] == truth).mean()),
    }
    return Judged(
        float(right.mean()),
        figures,
        f"{int(right.sum())} of {len(right)} clips right, among all {len(card.labels)} labels",
        answers=Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        seen_in_training=learnt_from(card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


def judge_relevance(model_dir: Path, data: Path) -> Judged:
    """How exactly relevance adds up, for the top label at the end of every test clip."""
    recognizer = Recognizer(model_dir)
    (utd,) = load_sets(data, recognizer.card.labels, [UTD])
    windows = last_windows(whole_clips(utd.of(TEST_PEOPLE[UTD])), recognizer.card)
    worst = 0.0
    for i in range(0, len(windows), 32):
        part = windows[i : i + 32]
        found = recognizer.explain(part, recognizer.logits(part).argmax(axis=1))
        gained = np.abs(found.logit - found.reference)
        worst = max(worst, float((np.abs(found.residual) / np.maximum(gained, 1)).max()))
    return Judged(
        float(worst <= 1e-4),
        {"clips": float(len(windows)), "worst_relative_residual": worst},
        "1 where every residual divided by max(1, abs(logit - reference)) stays under 1e-4",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


PROTOCOLS = [
    Protocol(
        "utd-cs",
        "UTD-MHAD, train on odd people, test on even: whole clips",
        judge_clips,
        train_served,
        {
            "clips": "clips judged",
            "accuracy_among_27": "clips right where only the set's own 27 labels may be said",
        },
        run=RUN,
        unseen=unseen_utd,
    ),
    Protocol(
        "relevance",
        "that relevance adds up, on UTD-MHAD's even people",
        judge_relevance,
        None,
        {"worst_relative_residual": "what the worst sum misses by, of max(1, logit - reference)"},
    ),
]
