"""`robustness`: the loss of accuracy by each of the `PERTURBATIONS`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.evaluation.clip_runs import Clips, Motion, load_clips, whole_answers
from models.evaluation.perturbations import LOST, PERTURBATIONS, Perturbation, mirror
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.features import IntArray
from models.inference.recognizer import Recognizer
from models.mirroring import Mirror
from models.progress import steps
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from

AT_END = "at_end_"
"""The prefix of figures that use the top label at the clip's end."""


def perturbed(clips: Clips, perturbation: Perturbation) -> Iterator[Motion]:
    """Yield the changed clips. Random draws depend on the perturbation's name and the clip's index.

    So they stay the same if perturbations are added.
    """
    for i, motion in enumerate(clips.motions):
        seed = (crc32(perturbation.name.encode()), i)
        yield perturbation.change(motion, np.random.default_rng(seed))


def expected(truth: IntArray, perturbation: Perturbation, mirrored: Mirror) -> IntArray:
    """Return the right classes of perturbed clips, int64 (N,); -1 if the motion has no label."""
    return mirrored.labels[truth] if perturbation.change is mirror else truth


def judge(model_dir: Path, data: Path) -> Judgement:
    """Measure accuracy on UTD-MHAD's test clips, without perturbation and with each.

    Accuracy counts the network's label of the whole clip. The figures `at_end_*` count the top
    label at the clip's end instead; they require that the action ends with the clip.
    """
    recognizer = Recognizer(model_dir)
    labels = recognizer.card.labels
    clips = load_clips(data / f"{UTD}.npz", labels, TEST_PEOPLE[UTD])
    count, mirrored = len(clips.truth), Mirror.of(labels)

    def right(motions: Iterable[Motion], title: str, truth: IntArray) -> NDArray[np.bool_]:
        """Whether the clip's label and its last label are right, bool (2, N)."""
        return np.equal(whole_answers(recognizer, motions, title, count), truth)

    clean = right(clips.motions, "clean", clips.truth)
    figures = {"clips": float(count), "clean": clean[0].mean(), AT_END + "clean": clean[1].mean()}
    accuracies = []
    for one in steps(PERTURBATIONS, "robustness", len(PERTURBATIONS)):
        truth = expected(clips.truth, one, mirrored)
        named = truth >= 0
        accuracy = right(perturbed(clips, one), one.about, truth)[:, named].mean(axis=1)
        lost = clean[:, named].mean(axis=1) - accuracy
        figures[LOST + one.name], figures[AT_END + LOST + one.name] = lost
        accuracies.append(accuracy[0])
    missed = _missed(figures)
    figures["targets_missed"] = len(missed)
    return Judgement(
        float(np.mean(accuracies)),
        {name: float(value) for name, value in figures.items()},
        f"mean accuracy over {len(PERTURBATIONS)} perturbations, {figures['clean']:.2%} without; "
        f"loss greater than allowed: {', '.join(missed) or 'none'}",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


def _missed(figures: Mapping[str, float]) -> list[str]:
    """The names of the perturbations whose loss is greater than allowed."""
    return [
        one.name
        for one in PERTURBATIONS
        if one.allowed is not None and figures[LOST + one.name] > one.allowed
    ]


def _help() -> dict[str, str]:
    texts = {
        "clips": "test clips for each perturbation",
        "clean": "accuracy without perturbation, by the label of the whole clip",
        AT_END + "clean": "the same by the top label at the clip's end",
        "targets_missed": "perturbations that cost more accuracy than allowed",
    }
    for one in PERTURBATIONS:
        allowed = "" if one.allowed is None else f"; at most {one.allowed:g} allowed"
        texts[LOST + one.name] = f"accuracy lost: {one.about}{allowed}"
        texts[AT_END + LOST + one.name] = f"the same at the clip's end: {one.about}"
    return texts


PROTOCOLS = [
    Protocol(
        "robustness",
        "UTD-MHAD's even people, turned, moved, resized, faster, slower, and badly seen",
        judge,
        train_served,
        _help(),
        run=RUN,
        unseen=unseen_utd,
    )
]
