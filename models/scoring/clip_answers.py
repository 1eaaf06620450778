"""A model's answers to whole clips, taken at the end of each clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.card import ModelCard
from models.datasets.pieces import Piece
from models.features import STRIDE_FRAMES, FeatureSettings, FloatArray, IntArray, clip_features
from models.inference.recognizer import Recognizer

BATCH = 32
"""Windows of one batch."""


def whole_clips(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with one label from start to end. Streams of several actions are left out."""
    return [piece for piece in pieces if (piece.labels == piece.labels[0]).all()]


def held_to_stride(joints_m: FloatArray) -> FloatArray:
    """Repeat a clip's first pose in front of it until T is a multiple of the stride.

    `joints_m` and the result are float32 (T, J, 3), metres. The padding changes no answer: the
    network assumes that the first pose was held before the clip.
    """
    return np.concatenate([joints_m[:1]] * (-len(joints_m) % STRIDE_FRAMES) + [joints_m])


def clip_input(piece: Piece, settings: FeatureSettings) -> FloatArray:
    """Compute the features of a whole clip, float32 (T, 18, 4), from its measured joints."""
    joints = held_to_stride(piece.joints_m)[None]
    seen = np.broadcast_to(piece.measured, joints.shape[:3])
    features: FloatArray = clip_features(joints, seen, settings)[0]
    return features


def last_windows(pieces: Sequence[Piece], card: ModelCard, earlier: int = 0) -> FloatArray:
    """Return the window at the end of each of N clips, float32 (N, T, 18, 4).

    It is the window of the last prediction, or of the one `earlier` predictions before it, at least
    the first. A clip shorter than the window is padded in front with its first row of features.
    """
    windows = []
    for piece in pieces:
        every = clip_input(piece, card.features)
        end = max(len(every) - earlier * STRIDE_FRAMES, STRIDE_FRAMES)
        features = every[max(end - card.window_frames, 0) : end]
        held = np.repeat(features[:1], card.window_frames - len(features), axis=0)
        windows.append(np.concatenate([held, features]))
    return np.stack(windows)


def late_logits(recognizer: Recognizer, pieces: Sequence[Piece], count: int) -> FloatArray:
    """The logits of the last `count` predictions of each of N clips, newest first.

    Returns float32 (N, count, C).
    """
    clips = whole_clips(pieces)
    made = [
        _logits_of(recognizer, last_windows(clips, recognizer.card, earlier=n))
        for n in range(count)
    ]
    return np.stack(made, axis=1)


def _logits_of(recognizer: Recognizer, windows: FloatArray) -> FloatArray:
    parts = [recognizer.logits(windows[i : i + BATCH]) for i in range(0, len(windows), BATCH)]
    return np.concatenate(parts)


def clip_logits(recognizer: Recognizer, pieces: Sequence[Piece]) -> tuple[FloatArray, IntArray]:
    """Run a model at the end of each of N whole clips.

    Returns the logits, float32 (N, C), and the true classes, int64 (N,).
    """
    clips = whole_clips(pieces)
    logits = _logits_of(recognizer, last_windows(clips, recognizer.card))
    return logits, np.array([piece.labels[0] for piece in clips])
