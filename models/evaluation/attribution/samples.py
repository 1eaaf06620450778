"""The clips that are explained: the windows at their ends, with the labels that the model gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.datasets.pieces import Piece
from models.evaluation.attribution.removal import Logits
from models.evaluation.limb_changes import LabelledMotion
from models.features import BoolArray, FloatArray, IntArray
from models.inference.recognizer import Recognizer
from models.labels import BACKGROUND
from models.scoring.clip_answers import last_windows

_LEAD_FRAMES = 600
"""Frames before the end of an action that its features are computed from."""


@dataclass(frozen=True, eq=False)
class Samples:
    """N clips with the windows at their ends, float32 (N, T, 18, 4), and a class each, (N,)."""

    pieces: tuple[Piece, ...]
    windows: FloatArray
    labels: IntArray

    def where(self, chosen: BoolArray | IntArray) -> Samples:
        """The samples of a mask (N,) or of indices."""
        indices = np.arange(len(self.labels))[chosen]
        pieces = tuple(self.pieces[i] for i in indices)
        return Samples(pieces, self.windows[indices], self.labels[indices])

    def right(self) -> Samples:
        """The samples whose label is that of the clip."""
        return self.where(self.labels == true_labels(self.pieces))


def answered(recognizer: Recognizer, logits: Logits, pieces: Sequence[Piece]) -> Samples:
    """Give each clip the top label at its end."""
    windows = last_windows(pieces, recognizer.card)
    return Samples(tuple(pieces), windows, logits(windows).argmax(axis=1))


def true_labels(pieces: Sequence[Piece]) -> IntArray:
    """The class of the last frame of each piece, int64 (N,)."""
    return np.array([piece.labels[-1] for piece in pieces], np.int64)


def actions_of(pieces: Sequence[Piece], labels: Sequence[str]) -> list[LabelledMotion]:
    """The last action of each piece, without what was before it."""
    found = []
    for piece in pieces:
        before = np.flatnonzero(piece.labels != piece.labels[-1])
        start = before[-1] + 1 if len(before) else 0
        found.append(LabelledMotion(piece.joints_m[start:], labels[piece.labels[-1]]))
    return found


def ending_with_actions(piece: Piece, labels: Sequence[str]) -> list[Piece]:
    """Cut a recording at the end of each of its actions; what is before stays."""
    changes = np.flatnonzero(np.diff(piece.labels)) + 1
    cuts = []
    for start, end in zip([0, *changes], [*changes, len(piece.labels)], strict=True):
        if labels[piece.labels[start]] != BACKGROUND:
            part = slice(max(end - _LEAD_FRAMES, 0), end)
            cuts.append(
                Piece(
                    piece.joints_m[part],
                    piece.labels[part],
                    piece.subject,
                    piece.data_set,
                    piece.measured,
                )
            )
    return cuts
