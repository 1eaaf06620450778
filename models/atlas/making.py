"""Makes the atlas of a model folder. Needs numpy and ONNX Runtime, no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.atlas.body_plan import BodyPlan, plan_of
from models.atlas.class_shares import LabelParts, class_shares, label_parts
from models.atlas.entries import (
    CAUTION,
    Atlas,
    AtlasAnswer,
    AtlasEntry,
    AtlasJoint,
    AtlasMoment,
    AtlasUnit,
    Point,
)
from models.atlas.excitation import exciting_moments
from models.atlas.filters import displaced, displacement_scale, velocities
from models.atlas.motions import Motion, motions_of
from models.card import EXPLAIN_FILE, ModelCard, load_card
from models.features import FloatArray
from models.gallery.exemplars import Exemplars, load_exemplars
from models.gallery.neutral_pose import neutral_pose
from models.inference.first_layer import FirstLayer, load_first_layer
from models.inference.readings import WindowReader
from models.unit_groups import actor_shares, compares_people, group_of, joint_shares

_DIGITS = 4
"""Decimals of weights and metres."""


Take = Callable[[Sequence[Motion]], Iterable[Motion]]
"""Iterates over motions. It may show progress, or raise to stop the work."""


def make_atlas(model_dir: Path, take: Take = iter) -> Atlas:
    """Describe every unit of the first layer of a model folder.

    Without exemplars or `explain.onnx` there are no classes, and a note says so. `take` iterates
    over the motions, which take almost all of the time: 3 s of one core for 66 motions. Raises
    ModelError.
    """
    card = load_card(model_dir)
    layer, plan = load_first_layer(model_dir), plan_of(model_dir, card)
    exemplars = load_exemplars(model_dir, card) if plan.clip_layout is None else None
    motions = [] if exemplars is None else motions_of(exemplars, card)
    parts = _parts(model_dir, card, motions, take)
    entries = _entries(layer, plan)
    moments = exciting_moments(layer, motions, plan.rate_hz)
    pose_m = _pose(plan, exemplars, card)
    weights = plan.by_position(layer.kernel)
    units = [
        _unit(entry, layer, plan, pose_m, weights[entry.unit], parts, moments[entry.unit])
        for entry in entries
    ]
    overview = AtlasAnswer(
        model=card.id,
        caution=CAUTION,
        rate_hz=plan.rate_hz,
        joints=list(plan.joints),
        channels=list(plan.channels),
        layout=plan.layout,
        pose_m=_points(pose_m),
        units=entries,
        labels=[one.summary() for one in parts],
        notes=_notes(model_dir, card, plan, motions),
    )
    return Atlas(overview, units)


def _parts(
    model_dir: Path, card: ModelCard, motions: Sequence[Motion], take: Take
) -> list[LabelParts]:
    if not motions or not card.explain_sha256:
        return []
    return list(label_parts(WindowReader(model_dir), take(motions)))


def _notes(
    model_dir: Path, card: ModelCard, plan: BodyPlan, motions: Sequence[Motion]
) -> list[str]:
    if plan.clip_layout is not None:
        return ["A model of a small set has no averaged motions: moments and classes are missing."]
    if not motions:
        return ["This model has no averaged motions: moments and classes are missing."]
    if not card.explain_sha256:
        return [
            f"This model has no {EXPLAIN_FILE}, so classes are missing: "
            f"`jointwise export --from {model_dir} --out {model_dir}` adds it."
        ]
    return []


def _pose(plan: BodyPlan, exemplars: Exemplars | None, card: ModelCard) -> FloatArray:
    """The mean pose of the averaged motions, or a standing figure: (J, 3)."""
    if exemplars is None:
        return plan.pose_m
    mean: FloatArray = neutral_pose(exemplars, card)[:, :3] + plan.pose_m
    return mean


def _entries(layer: FirstLayer, plan: BodyPlan) -> list[AtlasEntry]:
    shares = joint_shares(layer.kernel)
    people = actor_shares(shares, plan.actors)
    entries = []
    for unit, row in enumerate(shares):
        group = group_of(row, plan.joints)
        joints = [
            AtlasJoint(joint, round(share, _DIGITS))
            for joint, share in zip(group.joints, group.shares, strict=True)
        ]
        entries.append(
            AtlasEntry(
                unit=unit,
                name=group.name,
                joints=joints,
                people=[round(float(share), _DIGITS) for share in people[unit]],
                between_people=compares_people(people[unit]),
            )
        )
    return entries


def _unit(
    entry: AtlasEntry,
    layer: FirstLayer,
    plan: BodyPlan,
    pose_m: FloatArray,
    weights: FloatArray,
    parts: Sequence[LabelParts],
    moments: list[AtlasMoment],
) -> AtlasUnit:
    """Describe a unit. `weights` (J, 3, taps) are those of its filter for positions."""
    scale = displacement_scale(weights)
    by_channel = np.moveaxis(layer.kernel[entry.unit], 1, 0)  # (K, J, taps)
    return AtlasUnit(
        unit=entry.unit,
        name=entry.name,
        joints=entry.joints,
        people=entry.people,
        between_people=entry.between_people,
        weights=_rounded(by_channel).tolist(),
        displaced_m=[_points(pose) for pose in displaced(pose_m, weights, scale)],
        scale=round(scale, 6),
        velocities=_points(velocities(weights, plan.rate_hz)),
        classes=class_shares(parts, entry.unit),
        moments=moments,
    )


def _rounded(values: FloatArray) -> NDArray[np.float64]:
    return np.asarray(np.round(values.astype(np.float64), _DIGITS) + 0.0)  # no minus zero


def _points(values: FloatArray) -> list[Point]:
    return [(float(x), float(y), float(z)) for x, y, z in _rounded(values)]
