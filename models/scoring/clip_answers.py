"""Whole clips through a model: the answer at the end of each, as the protocols ask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.card import ModelCard
from models.datasets.pieces import Piece
from models.features import STRIDE_FRAMES, FeatureSettings, FloatArray, IntArray, clip_features
from models.inference.recognizer import Recognizer


def whole_clips(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that are one action from end to end; streams of several are left out."""
    return [piece for piece in pieces if (piece.labels == piece.labels[0]).all()]


def held_to_stride(joints_m: FloatArray) -> FloatArray:
    """The clip (T, J, 3), its first pose held before it until T is a multiple of the stride.

    That changes no answer, for the network takes the first pose as held before the clip.
    """
    return np.concatenate([joints_m[:1]] * (-len(joints_m) % STRIDE_FRAMES) + [joints_m])


def clip_input(piece: Piece, settings: FeatureSettings) -> FloatArray:
    """The features of a whole clip, float32 (T, 18, 4)."""
    joints = held_to_stride(piece.joints_m)[None]
    features: FloatArray = clip_features(joints, np.ones(joints.shape[:3], bool), settings)[0]
    return features


def last_windows(pieces: Sequence[Piece], card: ModelCard) -> FloatArray:
    """The window at the end of each clip, float32 (N, T, 18, 4), the first pose held before it."""
    windows = []
    for piece in pieces:
        features = clip_input(piece, card.features)[-card.window_frames :]
        held = np.repeat(features[:1], card.window_frames - len(features), axis=0)
        windows.append(np.concatenate([held, features]))
    return np.stack(windows)


def clip_logits(recognizer: Recognizer, pieces: Sequence[Piece]) -> tuple[FloatArray, IntArray]:
    """The served model's logits (N, C) at the end of each whole clip, and the true classes (N,)."""
    clips = whole_clips(pieces)
    windows = last_windows(clips, recognizer.card)
    parts = [recognizer.logits(windows[i : i + 32]) for i in range(0, len(windows), 32)]
    return np.concatenate(parts), np.array([piece.labels[0] for piece in clips])
