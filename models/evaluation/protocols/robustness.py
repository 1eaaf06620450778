"""`robustness`: what is lost of the clean accuracy when the things that go wrong do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.augmentation.bodies import Mirror
from models.evaluation.clip_runs import Clips, Motion, load_clips, whole_answers
from models.evaluation.perturbations import (
    Change,
    at_rate,
    at_speed,
    mirrored,
    placed,
    scaled,
    turned,
    with_frames_dropped,
    with_joints_lost,
    with_noise,
)
from models.evaluation.protocol import Judged, Protocol
from models.features import IntArray
from models.inference.recognizer import Recognizer
from models.progress import steps
from models.training.recipe_training import RUN, TEST_PEOPLE, learnt_from, train_served, unseen_utd
from models.training.recipes import UTD

LOST = "lost_"
"""Figures of accuracy lost begin so."""
AT_END = "at_end_"
"""The same figures by the top label at the clip's last moment begin so."""


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong: its name, what it does, and the share that may be lost by it."""

    name: str
    about: str
    change: Change
    allowed: float | None = None


TROUBLES = (
    Trouble("turned_-30", "turned by -30 degrees", turned(-30), 0.02),
    Trouble("turned_+30", "turned by +30 degrees", turned(30), 0.02),
    Trouble("turned_-60", "turned by -60 degrees", turned(-60), 0.05),
    Trouble("turned_+60", "turned by +60 degrees", turned(60), 0.05),
    Trouble("turned_-90", "turned by -90 degrees", turned(-90)),
    Trouble("turned_+90", "turned by +90 degrees", turned(90)),
    *(
        Trouble(f"away_{away}_m", f"{away} m from the camera", placed(away), 0.02)
        for away in (1, 2, 3, 4, 5)
    ),
    Trouble("side_-1.5_m", "3 m away, 1.5 m to the camera's right", placed(3, -1.5), 0.02),
    Trouble("side_+1.5_m", "3 m away, 1.5 m to the camera's left", placed(3, 1.5), 0.02),
    *(
        Trouble(f"scaled_{size}", f"a body of {size} times the size", scaled(size), 0.02)
        for size in (0.6, 0.8, 1.2)
    ),
    Trouble("speed_0.5", "half as fast", at_speed(0.5), 0.05),
    Trouble("speed_0.75", "0.75 times as fast", at_speed(0.75), 0.02),
    Trouble("speed_1.5", "1.5 times as fast", at_speed(1.5), 0.02),
    Trouble("speed_2", "twice as fast", at_speed(2), 0.05),
    Trouble("rate_15_hz", "a camera of 15 frames a second", at_rate(15)),
    Trouble("rate_60_hz", "a camera of 60 frames a second", at_rate(60)),
    Trouble("dropped_10", "10 % of frames dropped", with_frames_dropped(0.1), 0.02),
    Trouble("dropped_30", "30 % of frames dropped", with_frames_dropped(0.3), 0.02),
    Trouble("dropped_50", "50 % of frames dropped", with_frames_dropped(0.5)),
    Trouble("joints_1", "1 joint never seen", with_joints_lost(1), 0.05),
    Trouble("joints_3", "3 joints never seen", with_joints_lost(3), 0.05),
    Trouble("joints_6", "6 joints never seen", with_joints_lost(6)),
    Trouble("noise_1_cm", "sensor noise of 1 cm on each axis", with_noise(0.01), 0.02),
    Trouble("noise_3_cm", "sensor noise of 3 cm on each axis", with_noise(0.03), 0.02),
    Trouble("noise_5_cm", "sensor noise of 5 cm on each axis", with_noise(0.05)),
    Trouble("mirrored", "left and right exchanged, sided labels too", mirrored),
)


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
