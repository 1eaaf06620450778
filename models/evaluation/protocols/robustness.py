"""`robustness`: what is lost of the clean accuracy when the things that go wrong do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.evaluation.clip_runs import Clips, Motion, load_clips, whole_answers
from models.evaluation.perturbations import LOST, TROUBLES, Trouble, mirrored
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.features import IntArray
from models.inference.recognizer import Recognizer
from models.mirroring import Mirror
from models.progress import steps
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from

AT_END = "at_end_"
"""The same figures by the top label at the clip's last moment begin so."""


def changed(clips: Clips, trouble: Trouble) -> Iterator[Motion]:
    """The clips in trouble. What is drawn depends on the trouble's name and the clip's number."""
    for i, motion in enumerate(clips.motions):
        yield trouble.change(motion, np.random.default_rng((crc32(trouble.name.encode()), i)))


def expected(truth: IntArray, trouble: Trouble, mirror: Mirror) -> IntArray:
    """The classes that are right of clips in trouble; -1 where what they show has no name."""
    return mirror.labels[truth] if trouble.change is mirrored else truth


def judge(model_dir: Path, data: Path) -> Judged:
    """Accuracy on UTD-MHAD's test clips, clean and in every trouble, by each clip's one label.

    That is the label that `POST /clips` gives the clip. The same by the top label at the clip's
    end is among the figures: it asks that an action be over just when the clip is.
    """
    recognizer = Recognizer(model_dir)
    labels = recognizer.card.labels
    clips = load_clips(data / f"{UTD}.npz", labels, TEST_PEOPLE[UTD])
    count, mirror = len(clips.truth), Mirror.of(labels)

    def right(motions: Iterable[Motion], about: str, truth: IntArray) -> NDArray[np.bool_]:
        return np.equal(whole_answers(recognizer, motions, about, count), truth)

    good = right(clips.motions, "clean", clips.truth)
    figures = {"clips": float(count), "clean": good[0].mean(), AT_END + "clean": good[1].mean()}
    reached = []
    for trouble in steps(TROUBLES, "robustness", len(TROUBLES)):
        truth = expected(clips.truth, trouble, mirror)
        named = truth >= 0
        still = right(changed(clips, trouble), trouble.about, truth)[:, named].mean(axis=1)
        lost = good[:, named].mean(axis=1) - still
        figures[LOST + trouble.name], figures[AT_END + LOST + trouble.name] = lost
        reached.append(still[0])
    over = [t for t in TROUBLES if t.allowed is not None and figures[LOST + t.name] > t.allowed]
    figures["targets_missed"] = len(over)
    names = ", ".join(trouble.name for trouble in over) or "none"
    return Judged(
        float(np.mean(reached)),
        {name: float(value) for name, value in figures.items()},
        f"mean accuracy over {len(TROUBLES)} troubles, {figures['clean']:.2%} without; lost more "
        f"than allowed by: {names}",
        seen_in_training=learnt_from(recognizer.card, UTD, TEST_PEOPLE[UTD]),
        data_files=(data / f"{UTD}.npz",),
    )


def _help() -> dict[str, str]:
    told = {
        "clips": "clips judged in each trouble",
        "clean": "accuracy with nothing wrong, by the same path and the same answer",
        AT_END + "clean": "the same by the top label at the clip's end",
        "targets_missed": "troubles that cost more than is allowed",
    }
    for trouble in TROUBLES:
        allowed = "" if trouble.allowed is None else f"; at most {trouble.allowed:g} allowed"
        told[LOST + trouble.name] = f"accuracy lost: {trouble.about}{allowed}"
        told[AT_END + LOST + trouble.name] = f"the same at the clip's end: {trouble.about}"
    return told


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
