"""The movements that a story tells: parts with relevance whose motion was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.features import JOINT, FeatureSettings, FloatArray, IntArray
from models.story import thresholds as limits
from models.story.action_reading import Split
from models.story.body_parts import BODY, PAIRS, PARTS
from models.story.motion import PartMotion, part_motions
from models.story.strokes import Kind, Stroke, length_m, moving_spans, strokes


@dataclass(frozen=True)
class Movement:
    """A part's movement of one kind, from frame `start` to frame `end`.

    `share` is the part's share of the positive relevance of the action, and `weight` that of this
    movement alone. `joints` are the part's joints with relevance for the label, with their shares.
    `path_m` is the length of its path, in metres of a body with a torso of 0.48 m.
    """

    part: str
    kind: Kind
    start: int
    end: int
    share: float
    weight: float
    joints: tuple[tuple[str, float], ...]
    path_m: float = 0.0
    times: int = 1


@dataclass(frozen=True, eq=False)
class Scene:
    """The frames of an action and the split of its score, in which `movements` looks.

    `first_frame` int (E,) are the frames at which the moments begin. The action is between the
    frames `start` and `end`. `mean_reference` is true if the reference is the mean pose.
    """

    features: FloatArray
    settings: FeatureSettings
    split: Split
    first_frame: IntArray
    start: int
    end: int
    mean_reference: bool = True


def shares(split: Split) -> FloatArray:
    """The share of each joint, and of the whole body, in the positive relevance: (J + 1,)."""
    positive = np.maximum(split.by_joint, 0).astype(np.float64)
    return np.asarray(positive / max(float(positive.sum()), 1e-12))


def movements(scene: Scene) -> list[Movement]:
    """The movements to tell, in order of their start; at most `MOST_CLAUSES`."""
    motions = part_motions(scene.features, scene.settings)
    of_part = {part: float(shares(scene.split)[_columns(part)].sum()) for part in motions}
    spoken = [part for part in motions if _is_spoken(part, of_part)]
    weak = [part for part in motions if part not in spoken and _has_partner(part, of_part, spoken)]
    found = [
        _movement(scene, part, of_part[part], stroke)
        for part in [*spoken, *weak]
        if _acts(part, motions, scene)
        for a, b in _spans(motions[part], scene)
        for stroke in strokes(part, motions[part], scene.settings.rate_hz, a, b)
    ]
    if not scene.mean_reference:
        found += _still(scene, of_part, {one.part for one in found})
    found = _without_halves(_as_pairs(found, motions))
    found = _joined([one for one in found if one.part not in weak])
    if not found:
        return []
    best = sorted(found, key=lambda one: -one.weight)[: limits.MOST_CLAUSES]
    told = [one for one in best if one.weight >= limits.SPOKEN_OF_BEST * best[0].weight]
    return sorted(told, key=lambda one: (one.start, -one.weight))


def _is_spoken(part: str, of_part: dict[str, float]) -> bool:
    best = max(of_part.values())
    return of_part[part] >= max(limits.SPOKEN_SHARE, limits.SPOKEN_OF_BEST * best)


def _has_partner(part: str, of_part: dict[str, float], spoken: Sequence[str]) -> bool:
    """Whether a part may be told together with the other arm or leg, which is spoken of."""
    partners = [one for pair in PAIRS.values() if part in pair for one in pair if one != part]
    return any(
        one in spoken and of_part[part] >= limits.WITH_PARTNER * of_part[one] for one in partners
    )


def _spans(motion: PartMotion, scene: Scene) -> list[tuple[int, int]]:
    return moving_spans(motion, scene.settings.rate_hz, scene.start, scene.end)


def _acts(part: str, motions: dict[str, PartMotion], scene: Scene) -> bool:
    """Whether an arm or leg moves nearly as far as the other one."""
    for pair in PAIRS.values():
        if part in pair and all(one in motions for one in pair):
            paths = {one: _path_m(motions[one], scene) for one in pair}
            return paths[part] >= limits.SPOKEN_PATH * max(paths.values())
    return True


def _path_m(motion: PartMotion, scene: Scene) -> float:
    return sum(length_m(motion.path_m[a : b + 1]) for a, b in _spans(motion, scene))


def _columns(part: str) -> list[int]:
    """The columns of a part in shares (J + 1,)."""
    return [len(JOINT)] if part == BODY else [JOINT[joint] for joint in PARTS[part].joints]


def _movement(scene: Scene, part: str, share: float, stroke: Stroke) -> Movement:
    weight = _weight(scene, part, stroke.start, stroke.end)
    span = (stroke.start, stroke.end)
    joints = _joints(scene.split, part)
    return Movement(part, stroke.kind, *span, share, weight, joints, stroke.path_m, stroke.times)


def _weight(scene: Scene, part: str, start: int, end: int) -> float:
    """The share of the action's positive relevance that a part has between two frames."""
    both = np.concatenate([scene.split.relative, scene.split.body[:, None]], axis=1)
    positive = np.maximum(both, 0)
    within = (scene.first_frame >= start - 3) & (scene.first_frame <= end)
    total = float(positive.sum())
    return float(positive[within][:, _columns(part)].sum()) / max(total, 1e-12)


def _joints(split: Split, part: str) -> tuple[tuple[str, float], ...]:
    """The joints of a part that have relevance for the label, largest share first."""
    if part == BODY:
        return ()
    share = shares(split)
    named = [(joint, float(share[JOINT[joint]])) for joint in PARTS[part].joints]
    return tuple(sorted((one for one in named if one[1] > 0), key=lambda one: -one[1]))


def _still(scene: Scene, of_part: dict[str, float], moving: set[str]) -> list[Movement]:
    """Parts that do not move, although they count much."""
    return [
        Movement(part, "still", scene.start, scene.end, share, share, _joints(scene.split, part))
        for part, share in of_part.items()
        if part not in moving and share >= limits.STILL_SHARE
    ]


def _as_pairs(found: Sequence[Movement], motions: dict[str, PartMotion]) -> list[Movement]:
    """Join movements that both arms, or both legs, make at the same time and alike."""
    rest = list(found)
    joined: list[Movement] = []
    for pair, (left, right) in PAIRS.items():
        for one in [one for one in rest if one.part == left]:
            for other in [other for other in rest if other.part == right]:
                if _together(one, other) and _alike(one, other, motions):
                    rest.remove(one)
                    rest.remove(other)
                    joined.append(_pair(pair, one, other))
                    break
    return rest + joined


def _without_halves(found: Sequence[Movement]) -> list[Movement]:
    """Drop movements of one arm or leg in the time of a movement of both."""
    whole = [one for one in found if one.part in PAIRS]
    return [
        one
        for one in found
        if not any(one.part in PAIRS[both.part] and _within(one, both) for both in whole)
    ]


def _within(one: Movement, other: Movement) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= limits.TOGETHER * (one.end - one.start)


def _together(one: Movement, other: Movement) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= limits.TOGETHER * min(one.end - one.start, other.end - other.start)


def _alike(one: Movement, other: Movement, motions: dict[str, PartMotion]) -> bool:
    """Whether two movements are of one kind, or mirror each other."""
    if one.kind == other.kind:
        return True
    moved = [motions[m.part].path_m[m.end] - motions[m.part].path_m[m.start] for m in (one, other)]
    mirrored = moved[0] * np.array([-1, 1, 1])
    norms = float(np.linalg.norm(mirrored) * np.linalg.norm(moved[1]))
    return float(mirrored @ moved[1]) >= limits.MIRRORED * max(norms, 1e-9)


def _joined(found: Sequence[Movement]) -> list[Movement]:
    """Join overlapping movements of one part and kind."""
    joined: list[Movement] = []
    for one in sorted(found, key=lambda one: one.start):
        same = [o for o in joined if (o.part, o.kind) == (one.part, one.kind) and one.start < o.end]
        if same:
            joined.remove(same[0])
            one = replace(
                same[0],
                end=max(same[0].end, one.end),
                weight=same[0].weight + one.weight,
                times=same[0].times + one.times,
                path_m=same[0].path_m + one.path_m,
            )
        joined.append(one)
    return joined


def _pair(pair: str, one: Movement, other: Movement) -> Movement:
    larger = max(one, other, key=lambda m: m.weight)
    return replace(
        larger,
        part=pair,
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        share=one.share + other.share,
        weight=one.weight + other.weight,
        joints=tuple(sorted(one.joints + other.joints, key=lambda joint: -joint[1])),
        path_m=max(one.path_m, other.path_m),
        times=max(one.times, other.times),
    )
