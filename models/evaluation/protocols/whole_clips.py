"""`utd-cs` and `relevance`: whole clips of UTD-MHAD's test people."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer, softmax
from models.scoring.answers import Answers
from models.scoring.clip_answers import BATCH, clip_logits, last_windows, whole_clips
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from, load_sets

GREATEST_RESIDUAL = 1e-4
"""The greatest residual of an explanation that counts as correct, relative to the logit's gain."""


def judge_clips(model_dir: Path, data: Path) -> Judgement:
    """Measure accuracy among all labels, by the answer at each clip's end."""
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
    return Judgement(
        float(right.mean()),
        figures,
        f"{int(right.sum())} of {len(right)} clips right, among all {len(card.labels)} labels",
        answers=Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        seen_in_training=learnt_from(card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


def judge_relevance(model_dir: Path, data: Path) -> Judgement:
    """Measure the greatest residual of the explanations of the top label at each clip's end.

    The residual is the part of `logit - reference` that the sum of the relevance does not cover. It
    is divided by the absolute value of `logit - reference`, or by 1 if that is smaller.
    """
    recognizer = Recognizer(model_dir)
    (utd,) = load_sets(data, recognizer.card.labels, [UTD])
    windows = last_windows(whole_clips(utd.of(TEST_PEOPLE[UTD])), recognizer.card)
    worst = 0.0
    for i in range(0, len(windows), BATCH):
        batch = windows[i : i + BATCH]
        explained = recognizer.explain(batch, recognizer.logits(batch).argmax(axis=1))
        gain = np.abs(explained.logit - explained.reference)
        worst = max(worst, float((np.abs(explained.residual) / np.maximum(gain, 1)).max()))
    return Judgement(
        float(worst <= GREATEST_RESIDUAL),
        {"clips": float(len(windows)), "worst_relative_residual": worst},
        "100 % if every residual, divided by max(1, abs(logit - reference)), is at most 1e-4",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


PROTOCOLS = [
    Protocol(
        "utd-cs",
        "UTD-MHAD, train on odd people, test on even people: whole clips",
        judge_clips,
        train_served,
        {
            "clips": "test clips",
            "accuracy_among_27": "accuracy if only the 27 labels of the set are allowed",
        },
        run=RUN,
        unseen=unseen_utd,
    ),
    Protocol(
        "relevance",
        "whether the relevance sums to the logit, on UTD-MHAD's even people",
        judge_relevance,
        None,
        {"worst_relative_residual": "greatest residual, divided by max(1, abs(logit - reference))"},
    ),
]
