"""Readings of an explanation: the exact split of a score over inputs, units and depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from models.card import EXPLAIN_FILE, ModelCard, load_card
from models.errors import ModelError
from models.features import FloatArray, IntArray
from models.inference.first_layer import first_layer_kernel
from models.inference.onnx_session import Device, check_file, open_session

ONE_PART, TWO_PARTS = (1.0,), (0.3, 1.0)
"""The ends of the parts in which the way from the reference to the window is split.

Two parts cost almost twice as much and agree better with Shapley values. The cut was chosen by
agreement on 40 clips of UTD-MHAD.
"""
NONE = -1
"""The class index of `against` for "no other class"."""

Reference = Literal["mean", "zero"] | FloatArray
"""The pose held still as reference: the window's mean pose, zero, or poses (J, K) or (N, J, K)."""


@dataclass(frozen=True, eq=False)
class Readings:
    """The readings of N windows; each adds up to `score - reference`.

    `score` float32 (N,) is the logit of a class, or the difference of two logits; `reference` (N,)
    is the same for the pose held still. R is the number of moments of four frames each, J the
    joints and K the channels that the model reads.

    `inputs` (N, R, J, K) splits over joints and channels, and `whole_body` (N, R, J, 3) is the part
    of it, by joint and axis, that comes from the motion of the hips. `units` (N, R, U) splits over
    the units of the first layer, at the moment of their newest frame. `depth` (N, 1 + L) splits
    over the first layer and what each residual unit adds. `logits` (N, C) are those of all classes.
    """

    score: FloatArray
    reference: FloatArray
    inputs: FloatArray
    whole_body: FloatArray
    units: FloatArray
    depth: FloatArray
    logits: FloatArray

    @property
    def relevance(self) -> FloatArray:
        """The relevance of each joint at each moment, (N, R, J)."""
        return np.asarray(self.inputs.sum(axis=3))

    @property
    def relative(self) -> FloatArray:
        """The relevance of each joint's motion relative to the hips, (N, R, J).

        With `body`, it adds up to `score - reference`.
        """
        return np.asarray(self.relevance - self.whole_body.sum(axis=3))

    def body(self, actors: int = 1) -> FloatArray:
        """The relevance of the motion of each actor's whole body, (N, R, actors)."""
        moments = self.whole_body.shape[:2]
        return np.asarray(self.whole_body.reshape(*moments, actors, -1).sum(axis=3))

    def residuals(self) -> dict[str, FloatArray]:
        """The rounding error of each reading, float32 (N,)."""
        gain = self.score.astype(np.float64) - self.reference
        split = {"inputs": self.inputs, "units": self.units, "depth": self.depth}
        return {
            name: np.asarray(gain - values.sum(axis=tuple(range(1, values.ndim)), dtype=float))
            for name, values in split.items()
        }


class WindowReader:
    """Reads explanations of windows from the `explain.onnx` of a model folder."""

    def __init__(self, model_dir: Path, device: Device = "cpu", threads: int = 1) -> None:
        """Open the file and check it against the card. Raises ModelError."""
        self._folder = model_dir
        self.card: ModelCard = load_card(model_dir)
        path = model_dir / EXPLAIN_FILE
        if not self.card.explain_sha256:
            raise ModelError(
                f"{model_dir} has no {EXPLAIN_FILE}: "
                f"`jointwise export --from {model_dir} --out {model_dir}` adds it"
            )
        check_file(path, self.card.explain_sha256)
        self._session: Any = open_session(path, device, threads)
        self._shape = tuple(self._session.get_inputs()[0].shape[1:])  # (T, J, K)

    def read(
        self,
        windows: FloatArray,
        labels: IntArray,
        against: IntArray | None = None,
        reference: Reference = "mean",
        cuts: Sequence[float] = ONE_PART,
    ) -> Readings:
        """Explain one class of each window, float32 (N, T, J, K) and int64 (N,).

        `against` int64 (N,) are classes to compare with: the score is then the difference of the
        logits, except where it is `NONE`. `cuts` are `ONE_PART`, `TWO_PARTS`, or other increasing
        numbers above 0 that end with 1. Raises ValueError for a wrong shape, class or cut.
        """
        count = len(windows)
        other = np.full(count, NONE, np.int64) if against is None else against
        self._check(windows, labels, other, np.asarray(cuts, float))
        feed = {
            "window": windows,
            "label": np.asarray(labels, np.int64),
            "against": np.asarray(other, np.int64),
            "pose": self._poses(windows, reference),
            "cuts": np.asarray(cuts, np.float32),
        }
        logits, held, inputs, whole_body, units, depth = self._session.run(None, feed)
        return Readings(
            _scores(logits, labels, other),
            _scores(held, labels, other),
            np.moveaxis(inputs, 3, 1),
            np.moveaxis(whole_body, 3, 1),
            np.moveaxis(units, 2, 1),
            depth,
            logits,
        )

    def kernel(self) -> FloatArray:
        """The kernel of the first layer: see `first_layer_kernel`. Raises ModelError."""
        return first_layer_kernel(self._folder, self.card)

    def _poses(self, windows: FloatArray, reference: Reference) -> FloatArray:
        """The pose of each window that is held still, (N, J, K)."""
        shape = (len(windows), *self._shape[1:])
        if isinstance(reference, str):
            if reference not in ("mean", "zero"):
                raise ValueError(f'reference must be "mean", "zero" or a pose, not {reference!r}')
            return windows.mean(axis=1) if reference == "mean" else np.zeros(shape, np.float32)
        if reference.shape not in (shape, shape[1:]):
            raise ValueError(f"the reference must be {shape[1:]} or {shape}, not {reference.shape}")
        return np.ascontiguousarray(np.broadcast_to(reference, shape), np.float32)

    def _check(
        self, windows: FloatArray, labels: IntArray, against: IntArray, cuts: FloatArray
    ) -> None:
        """Raise ValueError if the arguments of `read` do not fit the model."""
        count, classes = len(windows), len(self.card.labels)
        if windows.shape != (count, *self._shape):
            raise ValueError(f"windows must be {(count, *self._shape)}, not {windows.shape}")
        for name, given, least in (("labels", labels, 0), ("against", against, NONE)):
            if given.shape != (count,) or (given < least).any() or (given >= classes).any():
                raise ValueError(f"{name} must be {count} classes from {least} to {classes - 1}")
        if (
            cuts.ndim != 1
            or not len(cuts)
            or cuts[-1] != 1
            or (np.diff(cuts, prepend=0) <= 0).any()
        ):
            raise ValueError("cuts must be increasing numbers above 0, and the last one 1")


def _scores(logits: FloatArray, labels: IntArray, against: IntArray) -> FloatArray:
    """The logit of each label, minus that of `against` where there is one: (N, C) to (N,)."""
    rows = np.arange(len(labels))
    other = np.where(against == NONE, np.float32(0), logits[rows, against])
    return np.asarray(logits[rows, labels] - other, np.float32)


def along_action(values: FloatArray, ends: IntArray) -> FloatArray:
    """Average the readings of the N windows of an action on one time axis.

    `values` (N, R, ...) is a reading with moments, and `ends` int64 (N,) the moment at which each
    window ends, in increasing order. Returns (E, ...) for the moments from `ends[0] - R + 1` to
    `ends[-1]`. Its sum is the mean of `score - reference` of the windows.
    """
    count, moments = values.shape[:2]
    starts = ends - ends[0]
    total = np.zeros((int(starts[-1]) + moments, *values.shape[2:]), np.float32)
    for start, reading in zip(starts, values, strict=True):
        total[start : start + moments] += reading / np.float32(count)
    return total
