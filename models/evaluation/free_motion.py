"""Streams of people who move freely, of sets that models never learn from.

The walks and other motions between actions are those of CMU's test people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from models.augmentation.continuous_streams import (
    Between,
    ContinuousStream,
    Stretch,
    continuous_recording,
)
from models.augmentation.limbs import bones_of
from models.datasets.whole_motions import WholeMotion, load_motions
from models.evaluation.test_people import CMU_TEST_PEOPLE
from models.features import FloatArray
from models.labels import CMU, UI_PRMD
from models.public_sets.clip_data import EXCHANGED_LABELS, MSR, NATIVE_HZ, NW_UCLA
from models.public_sets.clip_recipes import NW_SETTINGS
from sensor.formats.recording import Recording

SEED = 18
CLIPS = {MSR: 1, NW_UCLA: 2, UI_PRMD: 1}
"""Clips of each class and person in a stream."""
WALK_S = 600.0
"""Length of the stream of walking, seconds."""
_UNUSABLE_WALKS = 40
"""Walks with fewer frames are too short to be joined."""


def between_of(data: Path) -> Between:
    """Walks and other motions of CMU's test people. Raises RecordingError."""
    motions = [
        motion for motion in load_motions(data / f"{CMU}.npz") if motion.person in CMU_TEST_PEOPLE
    ]
    walks = [m for m in motions if m.name == "walk" and len(m.joints_m) >= _UNUSABLE_WALKS]
    return Between(
        tuple(Stretch(motion.joints_m, motion.name) for motion in walks),
        tuple(Stretch(m.joints_m, m.name) for m in motions if m.name not in ("walk", "run")),
    )


def actions_by_person(data: Path, data_set: str) -> dict[int, list[WholeMotion]]:
    """The motions of a set by person, with a level camera and mended labels."""
    people: dict[int, list[WholeMotion]] = {}
    for motion in load_motions(data / f"{data_set}.npz", NATIVE_HZ.get(data_set, 30.0)):
        people.setdefault(motion.person, []).append(_mended(motion, data_set))
    return people


def _mended(motion: WholeMotion, data_set: str) -> WholeMotion:
    if data_set != NW_UCLA:
        return motion
    one, other = EXCHANGED_LABELS[NW_UCLA].get((motion.person, motion.view), ("", ""))
    name = {one: other, other: one}.get(motion.name, motion.name)
    joints_m = np.asarray(NW_SETTINGS.coordinates.upright(motion.joints_m), np.float32)
    return WholeMotion(joints_m, name, motion.person, motion.view)


def streams_of(
    data: Path, data_set: str, between: Between, without: Collection[int] = ()
) -> Iterator[Recording]:
    """One stream for each other person of a set, with some clips of each class in random order."""
    people = actions_by_person(data, data_set)
    for person, motions in sorted(people.items()):
        if person in without:
            continue
        rng = np.random.default_rng((SEED, person))
        chosen: list[list[Stretch]] = []
        for name in sorted({motion.name for motion in motions}):
            own = [motion for motion in motions if motion.name == name]
            picks = rng.permutation(len(own))[: CLIPS[data_set]]
            chosen += [[Stretch(own[n].joints_m, name)] for n in picks]
        order = [chosen[n] for n in rng.permutation(len(chosen))]
        yield continuous_recording(rng, f"{data_set} {person}", order, between)


def walking_streams(data: Path, seconds: float = WALK_S) -> list[Recording]:
    """Walks through a room, together `seconds` long, with the bones of each of CMU's test people.

    Raises RecordingError.
    """
    between = between_of(data)
    bodies: dict[int, list[FloatArray]] = {}
    for motion in load_motions(data / f"{CMU}.npz"):
        if motion.person in CMU_TEST_PEOPLE and motion.name == "walk":
            bodies.setdefault(motion.person, []).append(motion.joints_m)
    streams = []
    for person, own in sorted(bodies.items()):
        rng = np.random.default_rng((SEED, person))
        stream = ContinuousStream(rng, bones_of(own), between)
        stream.begin(own[0][0])
        stream.walk(seconds / len(bodies))
        streams.append(stream.recording(f"walk {person}"))
    return streams
