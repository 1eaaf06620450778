"""Labels the frames of one clip of a data set in the merged vocabulary."""

from __future__ import annotations

from models.datasets.active_span import active_span, moving_span
from models.datasets.room_motion import (
    Span,
    jump_spans,
    kick_span,
    seat_spans,
    walking_spans,
)
from models.features import FloatArray
from models.labels import CMU, KINDER, UI_PRMD, merged_label, plain_label, possible_labels

LEAD_FRAMES = 10
"""Frames of rest that are kept before the action in a clip of Kinder-Gator. Chosen by hand."""

Labelled = list[tuple[Span, str]]
"""Spans with their labels, in order. Frames outside them are background."""


def label_clip(data_set: str, name: str, joints_m: FloatArray) -> tuple[Span, Labelled]:
    """The frames of a clip of the class `name` to keep, and the labels within them.

    `joints_m` float32 (T, 18, 3) metres. Kinder-Gator's people spread their arms for the sensor
    before the action, and rest after it; the spread arms are cut off. UI-PRMD's clips begin and
    end in a pose that is held. CMU's clips show people who move freely; of a clip of a kick, only
    the kick is kept. The clips of other sets show their action from end to end.
    """
    whole = (0, len(joints_m))
    if data_set == KINDER:
        start, end = active_span(joints_m)
        return (max(start - LEAD_FRAMES, 0), whole[1]), [_one(data_set, name, joints_m, start, end)]
    if data_set == UI_PRMD:
        return whole, _exercise(name, joints_m)
    if data_set == CMU:
        return _free_motion(name, joints_m)
    return whole, [_one(data_set, name, joints_m, *whole)]


def _one(data_set: str, name: str, joints_m: FloatArray, start: int, end: int) -> tuple[Span, str]:
    """A span with the one label of its class."""
    return (start, end), merged_label(data_set, name, joints_m[start:end])


def _exercise(name: str, joints_m: FloatArray) -> Labelled:
    """The labels of a clip of UI-PRMD: its motion without the poses held at both ends."""
    labels = possible_labels(UI_PRMD, name)
    if len(labels) > 1:
        return list(zip(seat_spans(joints_m), labels, strict=True))
    return [_one(UI_PRMD, name, joints_m, *moving_span(joints_m))]


def _free_motion(name: str, joints_m: FloatArray) -> tuple[Span, Labelled]:
    """The frames of a clip of CMU to keep, and their labels."""
    labels, whole = possible_labels(CMU, name), (0, len(joints_m))
    if plain_label(name) == "soccer_kick":
        start, end = kick_span(joints_m)
        return (start, end), [_one(CMU, name, joints_m, start, end)]
    if len(labels) == 1:
        return whole, [(whole, labels[0])]
    if "jump" in labels:
        return whole, [(span, "jump") for span in jump_spans(joints_m)]
    walks = walking_spans(joints_m, climbs="climb" in name)
    return whole, [(span, "walk") for span in walks]
