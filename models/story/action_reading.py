"""Reads the explanation of a whole action: relevance, units, depth and the contrast to a label."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from models.card import ModelCard
from models.errors import ModelError
from models.features import BoolArray, FloatArray, IntArray
from models.inference.readings import Readings, Reference, WindowReader, along_action
from models.live.action_frames import ActionFrames

MOST_WINDOWS = 16
"""At most this many windows of an action are read, evenly spread."""


@dataclass(frozen=True, eq=False)
class Split:
    """A score split along an action, the mean of its windows.

    E moments of some frames each, J joints, U units. `score - reference` is the sum of `relative`
    (E, J) and `body` (E,), that of `units` (E, U), and that of `depth` (1 + L,), up to `residual`,
    the largest rounding error of the three.
    """

    score: float
    reference: float
    relative: FloatArray
    body: FloatArray
    units: FloatArray
    depth: FloatArray
    residual: float

    @property
    def by_joint(self) -> FloatArray:
        """The relevance of each joint relative to the hips, and of the whole body: (J + 1,)."""
        return np.append(self.relative.sum(axis=0), self.body.sum())


@dataclass(frozen=True, eq=False)
class ActionReading:
    """Why an action has a label: the split of its score, and of the contrast to another label.

    `first_frame` (E,) are the frames at which the moments begin, and `step_frames` their length.
    `windows` is the number of windows read, and `ends` (N,) the frames after which they end.
    """

    label: int
    against: int
    split: Split
    contrast: Split
    first_frame: IntArray
    step_frames: int
    ends: IntArray


def read_action(
    reader: WindowReader,
    frames: ActionFrames,
    label: int | None = None,
    against: int | None = None,
    reference: Reference = "mean",
) -> ActionReading:
    """Read the windows of an action that speak for its label.

    `label` is the class to explain (None: that of the action), `against` the class to compare with
    (None: the most likely other one, without the background). Raises ValueError if they are the
    same, and ModelError if the action has no window.
    """
    card = reader.card
    chosen = card.labels.index(frames.action.label) if label is None else label
    if chosen == against:
        raise ValueError(f"{card.labels[chosen]} cannot be compared with itself")
    ends = window_ends(frames, card)
    windows = np.stack([window_at(frames.features, end, card) for end in ends])
    everywhere = reader.read(windows, np.full(len(ends), chosen, np.int64), reference=reference)
    picked = _speaking(everywhere.logits, card.labels.index(frames.action.label))
    alone, windows, ends = _rows(everywhere, picked), windows[picked], ends[picked]
    other = _second(alone.logits, card, chosen) if against is None else against
    classes, others = (np.full(len(ends), one, np.int64) for one in (chosen, other))
    contrast = reader.read(windows, classes, others, reference)
    step = card.window_frames // alone.units.shape[1]
    first = np.arange(ends[0] - card.window_frames, ends[-1], step)
    return ActionReading(
        chosen,
        other,
        _split(alone, ends, first, step),
        _split(contrast, ends, first, step),
        first[first > -step],
        step,
        ends,
    )


def window_ends(frames: ActionFrames, card: ModelCard) -> IntArray:
    """The frames after which windows of an action end, in increasing order, at most `MOST_WINDOWS`.

    They are those of the predictions from the action's start on. Raises ModelError if there are
    none.
    """
    count, stride = len(frames.features), card.stride_frames
    first = 1 if frames.whole else card.window_frames
    since_s = (frames.newest_ns - frames.action.started_ns) / 1e9
    earliest = max(first, count - round(since_s * card.rate_hz))
    ends = np.arange(count, max(earliest, 1) - 1, -stride)[::-1]
    if not len(ends):
        ends = np.array([count]) if count >= first else ends
    if not len(ends):
        raise ModelError("the action has no window")
    picked = np.unique(np.linspace(0, len(ends) - 1, MOST_WINDOWS).round().astype(int))
    return np.asarray(ends[picked], np.int64)


def window_at(features: FloatArray, end: int, card: ModelCard) -> FloatArray:
    """The window after `end` frames of features (F, J, 4); before the first one, it repeats."""
    at = np.maximum(np.arange(end - card.window_frames, end), 0)
    return features[at]


def _rows(found: Readings, picked: BoolArray) -> Readings:
    """The readings of some of the windows."""
    return Readings(*(getattr(found, one.name)[picked] for one in fields(Readings)))


def _speaking(logits: FloatArray, label: int) -> BoolArray:
    """The windows of logits (N, C) in which a label is on top, or else the one where it is most."""
    on_top: BoolArray = logits.argmax(axis=1) == label
    if not on_top.any():
        on_top[logits[:, label].argmax()] = True
    return on_top


def _second(logits: FloatArray, card: ModelCard, chosen: int) -> int:
    """The class with the highest mean logit besides `chosen` and the background."""
    mean = logits.mean(axis=0)
    mean[[chosen, card.labels.index(card.background)]] = -np.inf
    return int(mean.argmax())


def _split(found: Readings, ends: IntArray, first: IntArray, step: int) -> Split:
    moments = (ends - ends[0]) // step + found.units.shape[1] - 1
    at = [along_action(v, moments) for v in (found.relative, found.body()[:, :, 0], found.units)]
    relative, body, units = (_since_first(values, first, step) for values in at)
    depth = found.depth.mean(axis=0)
    score, reference = float(found.score.mean()), float(found.reference.mean())
    gain = score - reference
    sums = (float(relative.sum() + body.sum()), float(units.sum()), float(depth.sum()))
    residual = max(abs(gain - one) for one in sums)
    return Split(score, reference, relative, body, units, np.asarray(depth), residual)


def _since_first(values: FloatArray, first: IntArray, step: int) -> FloatArray:
    """Add what lies before the first frame to the first moment: these frames only repeat it."""
    before = int((first <= -step).sum())
    if not before:
        return values
    kept = values[before:].copy()
    kept[0] += values[:before].sum(axis=0)
    return kept
