"""`demo:`, the built-in source: plays averaged motions, so it contains nobody's recording.

Each person has their own size, place, facing and pace. A person does a few actions with rests
between them and leaves; then the next person comes. The same seed always gives the same frames.
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
"""Note of the stream, shown on the page."""
OPTIONS = ("seed", "people", "pace", "loop", "rest")
"""Options that a `demo:` address accepts."""
OPENING = ("wave", "squat", "clap", "boxing", "draw_circle_cw", "lunge")
"""Actions of the first person: large and clear, and they use different joints."""
ACTIONS_EACH = 6
"""Number of actions of each person."""
REST_S = 0.55
"""Seconds between one action and the next, unless the address says otherwise."""
ARRIVAL_S = 0.5
"""Seconds for which a new person stands still, between two rests, before the first action."""
AWAY_S = 0.5
"""Seconds between one person and the next."""
NOISE_M = 0.004
"""Standard deviation of the sensor noise of each coordinate, in metres."""
_APART_M, _DISTANCE_M = 1.1, 2.6
"""Distance in metres between people side by side, and from them to the camera."""


def demo_recording(
    exemplars: Exemplars, seed: int = 0, people: int = 1, rest_s: float = REST_S, name: str = "demo"
) -> Recording:
    """A recording of all exemplars, performed by varied people, `people` of them at a time.

    `rest_s` is the rest between actions in seconds.
    """
    spots = [_performed_at(exemplars, seed, spot, people, rest_s) for spot in range(people)]
    layout, rate = KINECT_V2, exemplars.rate_hz
    frames = []
    for n in range(min(len(spot) for spot in spots)):
        there = [spot[n] for spot in spots if spot[n] is not None]
        moments = [moment for moment in there if moment is not None]
        bodies = tuple(body for body, _ in moments)
        # A frame has one true label. With several people it would belong to only one of them.
        truth = moments[0][1] if people == 1 and moments else None
        frames.append(Frame(name, n, round(n * 1e9 / rate), bodies, layout, truth))
    return Recording(name, "demo", layout, tuple(frames), rate)


def _performed_at(
    exemplars: Exemplars, seed: int, spot: int, people: int, rest_s: float
) -> list[tuple[Body, str | None] | None]:
    """For each frame, the body at one spot and its action; None if nobody is there.

    `spot` is the index of the spot, from the smallest x to the largest.
    """
    moments: list[tuple[Body, str | None] | None] = []
    away = [None] * round(AWAY_S * exemplars.rate_hz)
    for number, labels in enumerate(_programme(exemplars, seed, spot)):
        rng = np.random.default_rng((seed, spot, number))
        place = np.array([_APART_M * (spot - (people - 1) / 2), 0.0, _DISTANCE_M], np.float32)
        clips = _person(exemplars, labels, rng, place)
        clips = [_standing(clips[0], round(ARRIVAL_S * exemplars.rate_hz)), *clips]
        stream = compose_stream(clips, rest_s, exemplars.rate_hz, int(rng.integers(1 << 31)))
        noise = rng.normal(0, NOISE_M, stream.joints_m.shape).astype(np.float32)
        body_id = 1 + spot + number * people
        for joints, sure, truth in zip(
            stream.joints_m + noise, stream.confidence, stream.truth, strict=True
        ):
            moments.append((Body(body_id, joints, sure), truth))
        moments += away
    return moments


def _programme(exemplars: Exemplars, seed: int, spot: int) -> Iterator[list[str]]:
    """Yield the labels for each person at a spot: first the opening, then the rest shuffled."""
    first = [label for label in OPENING if label in exemplars.labels]
    rest = [label for label in exemplars.labels if label not in first]
    rng = np.random.default_rng((seed, spot))
    order = [*first, *(rest[i] for i in rng.permutation(len(rest)))]
    if spot:  # people side by side do different actions
        order = [order[i] for i in rng.permutation(len(order))]
    for start in range(0, len(order), ACTIONS_EACH):
        yield order[start : start + ACTIONS_EACH]


def _person(
    exemplars: Exemplars, labels: list[str], rng: np.random.Generator, place: FloatArray
) -> list[Clip]:
    """The clips of one person: size, facing and place are the same in all, the pace differs."""
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


def _standing(first: Clip, frames: int) -> Clip:
    """A clip of `frames` frames of somebody who stands still in the first pose of `first`."""
    joints = np.repeat(first.joints_m[:1], frames, axis=0)
    confidence = np.repeat(first.confidence[:1], frames, axis=0)
    return Clip(joints, confidence, (None,) * frames)


def demo_factory(model_dir: Path | None = None) -> SourceFactory:
    """A factory that opens `demo:` addresses with the exemplars of a model folder.

    All options with their defaults: `demo:?seed=0&people=1&pace=1&loop=true&rest=0.55`. The
    factory raises SourceUriError for a wrong option and ModelError if there are no exemplars.
    """
    folder = model_dir or DEFAULT_MODEL

    def open_demo(uri: SourceUri) -> ReplaySource:
        uri.check_options(OPTIONS)
        exemplars = load_exemplars(folder, load_card(folder))
        if exemplars is None:
            raise ModelError(
                f"{folder} has no exemplars to play: use the shipped model, or another source"
            )
        recording = demo_recording(
            exemplars,
            int(uri.number("seed", 0, 0, 2**31)),
            int(uri.number("people", 1, 1, 4)),
            uri.number("rest", REST_S, 0, 60),
            uri.name,
        )
        loop = uri.flag("loop", True)
        return ReplaySource(recording, pace_of(uri), loop, NOTE, "demo")

    return open_demo
