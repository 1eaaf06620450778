"""Simulates a data set of falls and everyday motions, and writes it as a clip set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from models.features import FloatArray
from models.progress import steps
from models.synthesis.falls.body.shape import draw_shape
from models.synthesis.falls.body.simulator import RATE_HZ
from models.synthesis.falls.camera import seen
from models.synthesis.falls.everyday import EVERYDAY, simulate_everyday
from models.synthesis.falls.falling import SimulatedClip, simulate_fall
from models.synthesis.falls.frame_labels import NAMES
from models.synthesis.falls.motion.real_motion import RealMotions, load_motions
from models.synthesis.falls.triggers import FALLS
from sensor.errors import RecordingError
from sensor.skeleton import KINECT_V2
from sensor.writing.new_file import new_file

KINDS = (*EVERYDAY, *FALLS)
"""All kinds of clips. `view` of the clip set is an index of this table; falls come last."""
SHAPES = 60
"""Number of bodies. `subject` of the clip set is the number of the body."""
FIRST_TEST_SHAPE = 48
"""This body and those after it move like the test people of the recipes, the others never do."""
RISES = 0.35
"""Share of the falls after which the person gets up."""


@dataclass(frozen=True, eq=False)
class SeenClip:
    """A simulated clip and its joints float32 (T, 25, 3) as a camera sees them."""

    clip: SimulatedClip
    joints_m: FloatArray
    rep: int


def write_simulated(data: Path, out: Path, clips: int, seed: int, overwrite: bool = False) -> str:
    """Simulate `clips` clips, half of them falls, write them to `out`, and return a summary.

    Raises RecordingError if the real motions are missing or `out` cannot be written, and
    ImportError without MuJoCo.
    """
    with new_file(out, overwrite) as made:
        motions = load_motions(data)
        numbers = steps(range(clips), "clips", clips)
        drawn = [simulated_clip(number, seed, motions) for number in numbers]
        found = [one for one in drawn if one is not None]
        if not found:
            raise RecordingError(f"{out}: no body fell; simulate more clips")
        with made.open("wb") as file:
            _write(found, file)
    return _summary(found)


def simulated_clip(number: int, seed: int, motions: RealMotions) -> SeenClip | None:
    """The clip with this number; even numbers are falls. None if the body stays up.

    It depends on nothing but its number, the seed and the real motions.
    """
    rng = np.random.default_rng([seed, number])
    shape = draw_shape(int(rng.integers(SHAPES)), seed)
    motions = motions.of(tested=shape.number >= FIRST_TEST_SHAPE)
    turn = number // 2
    clip: SimulatedClip | None
    if number % 2 == 0:
        kind = tuple(FALLS)[turn % len(FALLS)]
        clip = simulate_fall(rng, shape, kind, motions, bool(rng.random() < RISES))
    else:
        shares = [share for share, _ in EVERYDAY.values()]
        kind = tuple(EVERYDAY)[rng.choice(len(shares), p=np.array(shares) / sum(shares))]
        clip = simulate_everyday(rng, shape, kind, motions)
    if clip is None or not np.isfinite(clip.joints).all():
        return None
    return SeenClip(clip, seen(rng, clip.joints), turn)


def _summary(found: Sequence[SeenClip]) -> str:
    """A line that says what was simulated."""
    frames = sum(len(one.clip.labels) for one in found)
    falls = sum(one.clip.kind in FALLS for one in found)
    bodies = len({one.clip.shape for one in found})
    return (
        f"{falls} falls and {len(found) - falls} everyday motions of {bodies} bodies, "
        f"{frames / RATE_HZ / 60:.0f} minutes"
    )


def _write(found: Sequence[SeenClip], file: BinaryIO) -> None:
    """Write the clips as a clip set whose frames have labels."""
    clips = [one.clip for one in found]
    np.savez_compressed(
        file,
        xyz=np.concatenate([one.joints_m for one in found]),
        start=np.cumsum([0, *(len(clip.labels) for clip in clips)]),
        label=np.full(len(clips), -1),
        subject=np.array([clip.shape for clip in clips]),
        rep=np.array([one.rep for one in found]),
        view=np.array([KINDS.index(clip.kind) for clip in clips]),
        names=np.array(NAMES),
        joints=np.array(KINECT_V2.joints),
        clip=np.array([_title(one) for one in found]),
        frame_label=np.concatenate([clip.labels for clip in clips]).astype(np.int64),
    )


def _title(one: SeenClip) -> str:
    """The clip's name: kind, body, number, and the recording that it begins with."""
    title = f"{one.clip.kind}-body{one.clip.shape:02d}-{one.rep:04d}"
    return f"{title} {one.clip.source}".strip()
