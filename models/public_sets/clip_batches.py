"""Batches of whole clips. The prediction at the end of a clip is learnt and tested.

A clip ends at the newest frame. Before its beginning its first pose is held, as the network
expects. Bodies, views and speeds vary. Batch `i` of a seed is always the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from models.features import STRIDE_FRAMES, FloatArray, IntArray
from models.motion import at_times, resampled, smooth_noise
from models.public_sets.clip_coordinates import (
    ClipLayout,
    CoordinateSettings,
    body_coordinates,
    channels,
)
from models.public_sets.clip_data import ActionClip
from models.public_sets.pair_coordinates import pair_coordinates, swapped


class ClipVariation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The augmentations of clips. Shares are from 0 to 1."""

    speed: float = 1.3
    """The largest factor by which a clip gets faster or slower."""
    cropped: float = 0.1
    """The largest share that is cut off at each end."""
    turn_deg: float = 20.0
    """Standard deviation of the rotation about y."""
    tilt_deg: float = 5.0
    """Standard deviation of the rotations about x and z."""
    proportions: float = 0.08
    """Standard deviation of the scale of each axis, as a share."""
    joint_offset_m: float = 0.02
    """Standard deviation of a constant offset of each joint, like that between two sensors."""
    jitter_m: float = 0.01
    """The largest standard deviation of noise in each frame; each clip draws its own."""
    drift_m: float = 0.0
    """The same, of noise that changes over about half a second."""
    mirrored: float = 0.0
    """The share of clips that are mirrored."""
    swapped: float = 0.0
    """The share of clips whose two actors are exchanged."""
    blended: float = 0.0
    """The share of clips that are blended with another clip of the class."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A clip to learn from: float32 (T, J, 3) in the coordinates of its layout, and its class."""

    positions: FloatArray
    label: int


def positions_of(
    clip: ActionClip, layout: ClipLayout, settings: CoordinateSettings, rate_hz: float
) -> FloatArray:
    """The joints of a clip, (T, J, 3), in the coordinates of a layout."""
    coordinates = body_coordinates if layout.actors == 1 else pair_coordinates
    return coordinates(clip.joints_m, settings, rate_hz)


def samples(
    clips: Sequence[ActionClip],
    labels: IntArray,
    layout: ClipLayout,
    settings: CoordinateSettings,
    rate_hz: float,
) -> list[Sample]:
    """The clips that show somebody, as samples. Label i of the set becomes class `labels[i]`."""
    return [
        Sample(positions_of(clip, layout, settings, rate_hz), int(labels[clip.label]))
        for clip in clips
        if len(clip.joints_m)
    ]


def end_aligned(clips: Sequence[FloatArray], frames: int) -> FloatArray:
    """Align clips (T, J, 3) at their ends: (N, frames, J, 3).

    The first pose fills the time before a shorter clip; of a longer one the newest frames stay.
    """
    out = np.empty((len(clips), frames, *clips[0].shape[1:]), np.float32)
    for row, clip in zip(out, clips, strict=True):
        kept = clip[-frames:]
        row[frames - len(kept) :] = kept
        row[: frames - len(kept)] = kept[0]
    return out


def cropped_and_retimed(
    rng: np.random.Generator, positions: FloatArray, v: ClipVariation, frames: int
) -> FloatArray:
    """Cut both ends of a clip and change its speed; keep at most `frames` frames of it."""
    last = len(positions) - 1
    speed = float(np.exp(rng.uniform(-1, 1) * np.log(v.speed)))
    begin, end = rng.uniform(0, v.cropped, 2) * last
    if last - end - begin < STRIDE_FRAMES:
        begin = end = 0.0
    times = np.arange(begin, last - end + 1e-6, speed)
    if len(times) > frames:
        skip = rng.integers(len(times) - frames + 1)
        times = times[skip : skip + frames]
    return at_times(positions, times)


def blended(positions: FloatArray, other: FloatArray, share: float) -> FloatArray:
    """Move a clip (T, J, 3) by `share` towards another of its class, resampled to its length."""
    return positions + np.float32(share) * (resampled(other, len(positions)) - positions)


def vary(rng: np.random.Generator, positions: FloatArray, v: ClipVariation) -> FloatArray:
    """Give each clip of (N, T, J, 3) another body, view and sensor noise."""
    count, frames, joints = positions.shape[:3]

    def normal(*shape: int) -> FloatArray:
        return rng.standard_normal(shape, np.float32)

    def share(*shape: int) -> FloatArray:
        return rng.random(shape, np.float32)

    out = positions * (1 + np.float32(v.proportions) * normal(count, 1, 1, 3))
    out += np.float32(v.joint_offset_m) * normal(count, 1, joints, 3)
    out = _rotated(out, np.deg2rad(v.turn_deg) * normal(count, 1, 1), 0, 2)
    out = _rotated(out, np.deg2rad(v.tilt_deg) * normal(count, 1, 1), 1, 2)
    out = _rotated(out, np.deg2rad(v.tilt_deg) * normal(count, 1, 1), 0, 1)
    out += np.float32(v.jitter_m) * share(count, 1, 1, 1) * normal(*out.shape)
    if v.drift_m:
        drift = smooth_noise(rng, (frames, count, joints, 3), 8).swapaxes(0, 1)
        out += np.float32(v.drift_m) * share(count, 1, 1, 1) * drift
    return np.asarray(out, np.float32)


def _rotated(positions: FloatArray, angle: FloatArray, a: int, b: int) -> FloatArray:
    """Rotate by `angle` (N, 1, 1), radians, in the plane of axes a and b."""
    cos, sin = np.cos(angle, dtype=np.float32), np.sin(angle, dtype=np.float32)
    out = positions.copy()
    out[..., a] = positions[..., a] * cos - positions[..., b] * sin
    out[..., b] = positions[..., a] * sin + positions[..., b] * cos
    return out


@dataclass(frozen=True, eq=False)
class BatchMaker:
    """Draws batches from groups of samples; each group has its share of every batch."""

    groups: Sequence[Sequence[Sample]]
    shares: Sequence[float]
    layout: ClipLayout
    kinds: Sequence[str]
    rate_hz: float
    variation: ClipVariation

    def batch(
        self, seed: int, i: int, size: tuple[int, int]
    ) -> tuple[FloatArray, IntArray, FloatArray]:
        """Make batch `i` of a seed; `size` is (clips, frames).

        Returns the input (N, T, inputs), and classes and weights (N, T / 4). Only the newest
        prediction has weight.
        """
        count, frames = size
        rng = np.random.default_rng((seed, i))
        chosen = [
            sample
            for group, many in zip(self.groups, self._counts(count), strict=True)
            for sample in _drawn(group, seed, i * many, many)
        ]
        positions = end_aligned([self._varied(rng, sample, frames) for sample in chosen], frames)
        varied = vary(rng, positions, self.variation)  # (N, T, J, 3)
        x = channels(varied, self.layout, self.kinds, self.rate_hz)  # (N, T, J, K)
        target = np.zeros((count, frames // STRIDE_FRAMES), np.int64)
        target[:, -1] = [sample.label for sample in chosen]
        weight = np.zeros(target.shape, np.float32)
        weight[:, -1] = 1.0
        return x.reshape(count, frames, -1), target, weight

    @cached_property
    def _alike(self) -> dict[Sample, list[Sample]]:
        """All samples of the same group and class, for each sample."""
        alike: dict[Sample, list[Sample]] = {}
        for group in self.groups:
            classes: dict[int, list[Sample]] = {}
            for sample in group:
                alike[sample] = classes.setdefault(sample.label, [])
                alike[sample].append(sample)
        return alike

    def _counts(self, count: int) -> list[int]:
        """The number of clips of each group in a batch. The first group fills the batch up."""
        total = sum(self.shares)
        others = [round(count * share / total) for share in self.shares[1:]]
        return [count - sum(others), *others]

    def _varied(self, rng: np.random.Generator, sample: Sample, frames: int) -> FloatArray:
        """Blend, crop, retime, mirror and swap one clip."""
        v = self.variation
        positions = sample.positions
        if v.blended and rng.random() < v.blended:  # without blending, no number is drawn
            alike = self._alike[sample]
            other = alike[rng.integers(len(alike))]
            positions = blended(positions, other.positions, rng.uniform(0, 0.5))
        positions = cropped_and_retimed(rng, positions, v, frames)
        if rng.random() < v.mirrored:
            positions = positions[:, self.layout.mirror].copy()
            positions[..., self.layout.mirror_axis] *= -1
        if self.layout.actors == 2 and rng.random() < v.swapped:
            positions = swapped(positions)
        return positions


def _drawn(group: Sequence[Sample], seed: int, start: int, many: int) -> list[Sample]:
    """Samples `start` to `start + many - 1` of an endless sequence of shuffled passes."""
    drawn: list[Sample] = []
    while len(drawn) < many:
        at = start + len(drawn)
        reading, offset = divmod(at, len(group))
        order = np.random.default_rng((seed, 1, reading)).permutation(len(group))
        take = order[offset : offset + many - len(drawn)]
        drawn += [group[k] for k in take]
    return drawn
