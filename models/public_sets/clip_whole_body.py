"""The whole-body part of the input of a model of a small set, for one person or for a pair."""

from __future__ import annotations

from models.network.whole_body import WholeBody, hip_means
from models.public_sets.clip_coordinates import body_channels
from models.public_sets.clip_model import InputSettings, layout_of


def whole_body_of(settings: InputSettings) -> WholeBody:
    """Each actor moves with the middle of their own hips. Raises ModelError."""
    layout = layout_of(settings.layout)
    means = hip_means(layout.joints, layout.actors)
    return WholeBody(means, body_channels(layout, settings.channels), None)
