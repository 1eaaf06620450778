"""Gives the frames of a clip set the labels of the merged vocabulary, to score live streams."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.datasets.pieces import (
    BACKGROUND,
    HANDS_NOT_MEASURED,
    clip_classes,
    clip_joints,
    is_used,
    labels_of,
)
from models.features import BoolArray
from models.labels import CMU, UI_PRMD
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_set import ClipSet
from sensor.formats.clip_stream import select_clips

RELABELLED = {UI_PRMD, CMU}
"""Data sets whose clips do not show one action, named after their class, from end to end."""


def in_vocabulary(data: ClipSet) -> ClipSet:
    """The clips of a set with a label of the vocabulary on each frame; the set has 30 Hz.

    Frames without an action are background. Clips of classes that are not used are left out, and
    hands that were not measured are not seen. Sets outside `RELABELLED` are returned as they are.
    Raises RecordingError.
    """
    if data.name not in RELABELLED:
        return data
    names = tuple(dict.fromkeys([BACKGROUND, *labels_of(data)]))
    frames, classes, chosen = [], [], []
    for number, clip in enumerate(select_clips(data, Selection())):
        if is_used(data.name, clip):
            (start, end), labels = clip_classes(data, clip, clip_joints(data, clip)[0], names)
            frames.append(np.arange(start, end) + data.start[number])
            classes.append(labels[start:end])
            chosen.append(number)
    every = np.concatenate(frames)
    return replace(
        data,
        xyz_m=data.xyz_m[every],
        seen=_seen(data)[every],
        start=np.cumsum([0, *map(len, frames)]),
        label=np.full(len(chosen), -1),
        subject=data.subject[chosen],
        rep=data.rep[chosen],
        view=data.view[chosen],
        clip=tuple(data.clip[number] for number in chosen),
        names=names,
        frame_label=np.concatenate(classes),
    )


def _seen(data: ClipSet) -> BoolArray:
    """Which joints were measured, bool (T, J)."""
    seen = data.seen.copy()
    if data.name in HANDS_NOT_MEASURED:
        hands = [n for n, joint in enumerate(data.layout.joints) if joint.startswith("Hand")]
        seen[:, hands] = False
    return seen
