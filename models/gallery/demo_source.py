"""`demo:`, the built-in source: averaged motions strung together, with nobody's recording in it.

Every run of the same seed is the same: each person has a size, a place, a facing and a pace of
their own, does a few actions with rests between, and leaves; then the next one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.card import DEFAULT_MODEL, load_card
from models.errors import ModelError
from models.features import FloatArray
from models.gallery.exemplars import Exemplars, load_exemplars
from models.motion import resampled
from sensor.cameras.replay import ReplaySource, pace_of
from sensor.formats.clip_composing import Clip, compose_stream
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Body, Frame
from sensor.source import SourceFactory, SourceUri

NOTE = "The demo plays averaged motions, not a recording of anybody."
OPTIONS = ("seed", "people", "pace", "loop", "rest")
# What a newcomer should see first: large, unmistakable, each with other joints.
OPENING = ("wave", "squat", "clap", "boxing", "draw_circle_cw", "lunge")
ACTIONS_EACH = 6
AWAY_S = 1.5
NOISE_M = 0.004


def demo_recording(
    exemplars: Exemplars, seed: int = 0, people: int = 1, rest_s: float = 1.6, name: str = "demo"
) -> Recording:
    """All exemplars once, performed by varied people, `people` of them in view at a time."""
    lanes = [_lane(exemplars, seed, lane, people, rest_s) for lane in range(people)]
    layout, rate = KINECT_V2, exemplars.rate_hz
    frames = []
    for n in range(min(len(lane) for lane in lanes)):
        there = [lane[n] for lane in lanes if lane[n] is not None]
        moments = [moment for moment in there if moment is not None]
        bodies = tuple(body for body, _ in moments)
        # A frame carries one truth, which of several people would be of only one.
        truth = moments[0][1] if people == 1 and moments else None
        frames.append(Frame(name, n, round(n * 1e9 / rate), bodies, layout, truth))
    return Recording(name, "demo", layout, tuple(frames), rate)


def _lane(
    exemplars: Exemplars, seed: int, lane: int, people: int, rest_s: float
) -> list[tuple[Body, str | None] | None]:
    """One place before the camera: who stands there at each frame, doing what."""
    moments: list[tuple[Body, str | None] | None] = []
    away = [None] * round(AWAY_S * exemplars.rate_hz)
    for number, labels in enumerate(_programme(exemplars, seed, lane)):
        rng = np.random.default_rng((seed, lane, number))
        place = np.array([1.1 * (lane - (people - 1) / 2), 0.0, 2.6], np.float32)
        clips = _person(exemplars, labels, rng, place)
        stream = compose_stream(clips, rest_s, exemplars.rate_hz, int(rng.integers(1 << 31)))
        noise = rng.normal(0, NOISE_M, stream.joints_m.shape).astype(np.float32)
        body_id = 1 + lane + number * people
        for joints, sure, truth in zip(
            stream.joints_m + noise, stream.confidence, stream.truth, strict=True
        ):
            moments.append((Body(body_id, joints, sure), truth))
        moments += away
    return moments


def _programme(exemplars: Exemplars, seed: int, lane: int) -> Iterator[list[str]]:
    """What each person will do: the opening first, then everything else, mixed by the seed."""
    first = [label for label in OPENING if label in exemplars.labels]
    rest = [label for label in exemplars.labels if label not in first]
    rng = np.random.default_rng((seed, lane))
    order = [*first, *(rest[i] for i in rng.permutation(len(rest)))]
    if lane:  # two people side by side do different things
        order = [order[i] for i in rng.permutation(len(order))]
    for start in range(0, len(order), ACTIONS_EACH):
        yield order[start : start + ACTIONS_EACH]


def _person(
    exemplars: Exemplars, labels: list[str], rng: np.random.Generator, place: FloatArray
) -> list[Clip]:
    """The clips of one person: one size, facing and place, a pace for each action."""
    size = np.float32(rng.uniform(0.85, 1.1))
    angle = np.deg2rad(rng.uniform(-25, 25))
    here = place + rng.uniform([-0.1, -0.05, -0.3], [0.1, 0.05, 0.3]).astype(np.float32)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)
    clips = []
    for label in labels:
        motion = exemplars.clips[exemplars.labels.index(label)]
        motion = resampled(motion, max(round(len(motion) / rng.uniform(0.85, 1.15)), 2))
        joints = (motion @ turn * size + here).astype(np.float32)
        confidence = np.tile(exemplars.confidence, (len(joints), 1))
        clips.append(Clip(joints, confidence, (label,) * len(joints), label))
    return clips


def demo_factory(model_dir: Path | None = None) -> SourceFactory:
    """What opens `demo:?seed=0&people=1&pace=1&loop=true&rest=1.6` with a model's exemplars.

    The factory raises SourceUriError for a wrong option and ModelError where there are no
    exemplars.
    """
    folder = model_dir or DEFAULT_MODEL

    def open_demo(uri: SourceUri) -> ReplaySource:
        uri.only(OPTIONS)
        exemplars = load_exemplars(folder, load_card(folder))
        if exemplars is None:
            raise ModelError(
                f"{folder} has no exemplars to play: use the shipped model, or another source"
            )
        recording = demo_recording(
            exemplars,
            int(uri.number("seed", 0, 0, 2**31)),
            int(uri.number("people", 1, 1, 4)),
            uri.number("rest", 1.6, 0, 60),
            uri.name,
        )
        loop = uri.flag("loop", True)
        return ReplaySource(recording, pace_of(uri), loop, NOTE, "demo")

    return open_demo
