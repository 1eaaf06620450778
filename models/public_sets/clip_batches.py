"""Batches of whole clips: the answer at a clip's end is what is learnt and what is judged.

Each clip ends at the newest frame; before it stands its first pose held still, as the network
takes it to. People, views and speeds vary; batch `i` of a seed is always the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from models.features import STRIDE_FRAMES, FloatArray, IntArray
from models.motion import at_times, resampled, smooth_noise
from models.public_sets.clip_coordinates import Frame, Rig, body_frame, channels
from models.public_sets.clip_data import ActionClip
from models.public_sets.pair_coordinates import pair_frame, swapped


class ClipVariation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How clips vary in training.

    `speed` is the largest factor, faster or slower; `cropped` the largest share left out at
    either end; `turn_deg` and `tilt_deg` standard deviations of the view, `proportions` of the
    body's sizes (share), `joint_offset_m` of where a sensor puts each joint; `jitter_m` and
    `drift_m` the largest noise from frame to frame and over half a second. `mirrored`,
    `swapped` and `blended` (with another clip of the class) are shares of the clips.
    """

    speed: float = 1.3
    cropped: float = 0.1
    turn_deg: float = 20.0
    tilt_deg: float = 5.0
    proportions: float = 0.08
    joint_offset_m: float = 0.02
    jitter_m: float = 0.01
    drift_m: float = 0.0
    mirrored: float = 0.0
    swapped: float = 0.0
    blended: float = 0.0


@dataclass(frozen=True, eq=False)
class Sample:
    """A clip to learn from: float32 (T, J, 3) in the coordinates of its rig, and its class."""

    places: FloatArray
    label: int


def placed(clip: ActionClip, rig: Rig, rule: Frame, rate_hz: float) -> FloatArray:
    """A clip's joints in the coordinates of its rig."""
    frame = body_frame if rig.actors == 1 else pair_frame
    return frame(clip.joints_m, rule, rate_hz)


def samples(
    clips: Sequence[ActionClip], labels: IntArray, rig: Rig, rule: Frame, rate_hz: float
) -> list[Sample]:
    """What can be learnt from: clips in which somebody was seen, the set's label i as labels[i]."""
    return [
        Sample(placed(clip, rig, rule, rate_hz), int(labels[clip.label]))
        for clip in clips
        if len(clip.joints_m)
    ]


def ending_now(clips: Sequence[FloatArray], frames: int) -> FloatArray:
    """Clips (T, J, 3) as one (N, frames, J, 3): each ends at the newest, its first pose held
    before it; of a longer one the newest frames."""
    out = np.empty((len(clips), frames, *clips[0].shape[1:]), np.float32)
    for row, clip in zip(out, clips, strict=True):
        kept = clip[-frames:]
        row[frames - len(kept) :] = kept
        row[: frames - len(kept)] = kept[0]
    return out


def cut_and_paced(
    rng: np.random.Generator, places: FloatArray, v: ClipVariation, frames: int
) -> FloatArray:
    """A clip begun later, ended earlier, and played faster or slower; at most `frames` of it."""
    last = len(places) - 1
    speed = float(np.exp(rng.uniform(-1, 1) * np.log(v.speed)))
    begin, end = rng.uniform(0, v.cropped, 2) * last
    if last - end - begin < STRIDE_FRAMES:
        begin = end = 0.0
    times = np.arange(begin, last - end + 1e-6, speed)
    if len(times) > frames:
        skip = rng.integers(len(times) - frames + 1)
        times = times[skip : skip + frames]
    return at_times(places, times)


def blended(places: FloatArray, other: FloatArray, share: float) -> FloatArray:
    """A clip (T, J, 3) `share` of the way to another of its class, brought to its length."""
    return places + np.float32(share) * (resampled(other, len(places)) - places)


def vary(rng: np.random.Generator, places: FloatArray, v: ClipVariation) -> FloatArray:
    """Other bodies, views and sensors, one variation a clip: (N, T, J, 3)."""
    count, frames, joints = places.shape[:3]

    def normal(*shape: int) -> FloatArray:
        return rng.standard_normal(shape, np.float32)

    def share(*shape: int) -> FloatArray:
        return rng.random(shape, np.float32)

    out = places * (1 + np.float32(v.proportions) * normal(count, 1, 1, 3))
    out += np.float32(v.joint_offset_m) * normal(count, 1, joints, 3)
    out = _rotated(out, np.deg2rad(v.turn_deg) * normal(count, 1, 1), 0, 2)
    out = _rotated(out, np.deg2rad(v.tilt_deg) * normal(count, 1, 1), 1, 2)
    out = _rotated(out, np.deg2rad(v.tilt_deg) * normal(count, 1, 1), 0, 1)
    out += np.float32(v.jitter_m) * share(count, 1, 1, 1) * normal(*out.shape)
    if v.drift_m:
        drift = smooth_noise(rng, (frames, count, joints, 3), 8).swapaxes(0, 1)
        out += np.float32(v.drift_m) * share(count, 1, 1, 1) * drift
    return np.asarray(out, np.float32)


def _rotated(places: FloatArray, angle: FloatArray, a: int, b: int) -> FloatArray:
    """Turned by `angle` (N, 1, 1) radians in the plane of axes a and b."""
    cos, sin = np.cos(angle, dtype=np.float32), np.sin(angle, dtype=np.float32)
    out = places.copy()
    out[..., a] = places[..., a] * cos - places[..., b] * sin
    out[..., b] = places[..., a] * sin + places[..., b] * cos
    return out


@dataclass(frozen=True, eq=False)
class Shelf:
    """What batches are drawn from: samples in groups, each with its share of every batch."""

    groups: Sequence[Sequence[Sample]]
    shares: Sequence[float]
    rig: Rig
    kinds: Sequence[str]
    rate_hz: float
    variation: ClipVariation

    def batch(
        self, seed: int, i: int, size: tuple[int, int]
    ) -> tuple[FloatArray, IntArray, FloatArray]:
        """Batch `i` of a seed, (clips, frames) in `size`: input (N, T, inputs), classes and
        weights (N, T / 4), all weight on the newest answer."""
        count, frames = size
        rng = np.random.default_rng((seed, i))
        chosen = [
            sample
            for group, many in zip(self.groups, self._counts(count), strict=True)
            for sample in _drawn(group, seed, i * many, many)
        ]
        places = ending_now([self._varied(rng, sample, frames) for sample in chosen], frames)
        x = channels(vary(rng, places, self.variation), self.rig, self.kinds, self.rate_hz)
        target = np.zeros((count, frames // STRIDE_FRAMES), np.int64)
        target[:, -1] = [sample.label for sample in chosen]
        weight = np.zeros(target.shape, np.float32)
        weight[:, -1] = 1.0
        return x.reshape(count, frames, -1), target, weight

    @cached_property
    def _alike(self) -> dict[Sample, list[Sample]]:
        """For each sample all of its group and class."""
        alike: dict[Sample, list[Sample]] = {}
        for group in self.groups:
            classes: dict[int, list[Sample]] = {}
            for sample in group:
                alike[sample] = classes.setdefault(sample.label, [])
                alike[sample].append(sample)
        return alike

    def _counts(self, count: int) -> list[int]:
        """How many clips of each group a batch has; the first group gets what is left."""
        total = sum(self.shares)
        others = [round(count * share / total) for share in self.shares[1:]]
        return [count - sum(others), *others]

    def _varied(self, rng: np.random.Generator, sample: Sample, frames: int) -> FloatArray:
        v = self.variation
        places = sample.places
        if v.blended and rng.random() < v.blended:  # no draw where nothing is blended
            alike = self._alike[sample]
            places = blended(places, alike[rng.integers(len(alike))].places, rng.uniform(0, 0.5))
        places = cut_and_paced(rng, places, v, frames)
        if rng.random() < v.mirrored:
            places = places[:, self.rig.mirror].copy()
            places[..., self.rig.mirror_axis] *= -1
        if self.rig.actors == 2 and rng.random() < v.swapped:
            places = swapped(places)
        return places


def _drawn(group: Sequence[Sample], seed: int, start: int, many: int) -> list[Sample]:
    """Samples `start` to `start + many` of an endless shuffled reading of a group."""
    drawn: list[Sample] = []
    while len(drawn) < many:
        at = start + len(drawn)
        reading, offset = divmod(at, len(group))
        order = np.random.default_rng((seed, 1, reading)).permutation(len(group))
        take = order[offset : offset + many - len(drawn)]
        drawn += [group[k] for k in take]
    return drawn
