"""What the numbers of a first layer belong to: joints, bones, channels, and movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.atlas.entries import AtlasLayout
from models.atlas.standing_poses import standing_pose
from models.card import ModelCard
from models.features import CHANNELS, JOINTS_USED, TEMPLATE, FloatArray
from models.public_sets.clip_coordinates import ClipLayout, channels, channels_per_joint
from models.public_sets.clip_model import CLIP_FILE, layout_of, load_input_settings
from sensor.skeleton import LAYOUTS

_LINEAR = ("place", "bone", "speed")
"""Channels of small sets that are linear in the positions of joints."""
_EARLIER_FRAMES = 8
"""More frames than those over which a speed is measured."""
_AXES = ("x", "y", "z")


@dataclass(frozen=True, eq=False)
class BodyPlan:
    """The body that a model reads, and how its filters see positions.

    `channels` are the K names of what it reads of each joint, and `pose_m` float32 (J, 3) is a pose
    to draw. `reading` are channels of small sets, `clip_layout` their joints; both are empty for
    the features of served models.
    """

    joints: tuple[str, ...]
    actors: int
    rate_hz: float
    channels: tuple[str, ...]
    layout: AtlasLayout
    pose_m: FloatArray
    reading: tuple[str, ...] = ()
    clip_layout: ClipLayout | None = None

    def by_position(self, kernel: FloatArray) -> FloatArray:
        """The filters (U, J, K, taps) as weights for positions, (U, J, 3, taps').

        A speed depends on earlier frames, so taps' can be more than taps. Directions and distances
        are no linear functions of positions, and are left out.
        """
        if self.clip_layout is None:
            return kernel[:, :, : len(_AXES)]
        return _through(kernel, self.reading, self.clip_layout, self.rate_hz)


def plan_of(model_dir: Path, card: ModelCard) -> BodyPlan:
    """The body plan of a model folder. Raises ModelError for unknown settings of a small set."""
    if not (model_dir / CLIP_FILE).exists():
        names = (*_AXES, "seen")
        known = list(card.joints_used) == JOINTS_USED
        pose = TEMPLATE if known else standing_pose(card.joints_used)
        assert len(names) == CHANNELS
        return BodyPlan(tuple(card.joints_used), 1, card.rate_hz, names, _drawn(card, None), pose)
    settings = load_input_settings(model_dir)
    layout = layout_of(settings.layout)
    return BodyPlan(
        tuple(card.joints_used),
        layout.actors,
        settings.rate_hz,
        _names(settings.channels, layout),
        _drawn(card, layout),
        standing_pose(layout.joints, layout.actors),
        settings.channels,
        layout,
    )


def _drawn(card: ModelCard, layout: ClipLayout | None) -> AtlasLayout:
    """The joints and bones to draw: those of the card's layout, or of the small set."""
    if layout is None or card.layout in LAYOUTS:
        known = LAYOUTS[card.layout]
        return AtlasLayout(known.name, list(known.joints), [(a, b) for a, b in known.bones])
    bones = [(int(parent), joint) for joint, parent in enumerate(layout.parents) if parent != joint]
    return AtlasLayout(card.layout, list(layout.joints), bones)


def _names(kinds: Sequence[str], layout: ClipLayout) -> tuple[str, ...]:
    """The names of the channels of a small set."""
    anchors = [layout.joints[int(anchor)].rpartition("_")[2] for anchor in layout.anchors]
    ends = {"distance": tuple(f"to {anchor}" for anchor in anchors)}
    return tuple(f"{kind} {end}" for kind in kinds for end in ends.get(kind, _AXES))


def _through(
    kernel: FloatArray, kinds: Sequence[str], layout: ClipLayout, rate_hz: float
) -> FloatArray:
    """Carry filters through the linear channels, by their answers to each position on its own."""
    units, joints, _, taps = kernel.shape
    frames = taps + _EARLIER_FRAMES
    ones = np.eye(frames * joints * 3, dtype=np.float32).reshape(-1, frames, joints, 3)
    out = np.zeros((units, len(ones)), np.float32)
    start = 0
    for kind in kinds:
        width = channels_per_joint(layout, [kind])
        if kind in _LINEAR:
            read = channels(ones, layout, [kind], rate_hz)[:, -taps:]
            part = kernel[:, :, start : start + width]
            out += np.tensordot(part, read, axes=([1, 2, 3], [2, 3, 1]))
        start += width
    weights = out.reshape(units, frames, joints, 3).transpose(0, 2, 3, 1)
    used = np.flatnonzero(weights.any(axis=(0, 1, 2)))
    return weights[..., int(used[0]) if len(used) else 0 :]
