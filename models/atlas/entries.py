"""The atlas of a model and its units, as they are served and stored.

The docstrings of the classes and fields are published as descriptions in the OpenAPI document.
"""

from __future__ import annotations

import msgspec

CAUTION = "What excites a unit is not its meaning."

Point = tuple[float, float, float]


class AtlasJoint(msgspec.Struct, frozen=True):
    """A joint and its share of a filter."""

    joint: str
    share: float
    """Its share of the squared norm of the filter, 0 to 1."""


class AtlasEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of the first layer in the list."""

    unit: int
    """The number of the unit, from 0."""
    name: str
    """The joints of the unit in plain words, strongest first."""
    joints: list[AtlasJoint]
    """The fewest joints that carry at least half of the squared norm of the filter."""
    people: list[float]
    """The share of each person in the squared norm, one value for each person that the model
    reads."""
    between_people: bool
    """Whether the filter compares people: each person carries at least a fifth."""


class ClassShare(msgspec.Struct, frozen=True):
    """How much a unit adds to the score of a class, in the averaged motion of that class."""

    label: str
    share: float
    """`logits` divided by the sum of the absolute `logits` of all units: positive for the class,
    negative against it."""
    logits: float
    """The part of the unit in logits. The parts of all units add up to `gain` of the label."""


class AtlasMoment(msgspec.Struct, frozen=True):
    """A moment of an averaged motion that excites a unit."""

    label: str
    """The class of the averaged motion (`GET /exemplars`)."""
    at_s: float
    """The newest frame that the unit reads, in seconds from the beginning of the motion."""
    answer: float
    """The answer of the unit at that moment."""
    deviations: float
    """How far the answer is above the mean over all averaged motions, in standard deviations."""


class AtlasUnit(AtlasEntry, frozen=True, kw_only=True):
    """A unit of the first layer: its filter, its classes and the moments that excite it."""

    weights: list[list[list[float]]]
    """The filter: for each channel, J rows of weights, oldest frame first. A weight is what the
    answer gains for each unit of the channel."""
    displaced_m: list[list[Point]]
    """`pose_m` of the atlas displaced by the filter, frame by frame, oldest first. Of all movements
    of the same size, this one excites the unit most."""
    scale: float
    """Metres of displacement for each unit of weight. It makes the longest displacement 0.25 m."""
    velocities: list[Point]
    """For each joint, what the answer gains if the joint moves steadily along x, y or z: in units
    for each metre per second."""
    classes: list[ClassShare]
    """All classes with an averaged motion, from the strongest for to the strongest against."""
    moments: list[AtlasMoment]
    """The five moments with the highest answers, at most one of each averaged motion."""


class AtlasLabel(msgspec.Struct, frozen=True):
    """The score that the units of the first layer share, for the averaged motion of one class."""

    label: str
    at_s: float
    """The moment at which the class has its highest logit, in seconds from the beginning."""
    gain: float
    """That logit minus the logit of the mean pose held still."""
    residual: float
    """The rounding error: `gain` minus the parts of all units."""


class AtlasLayout(msgspec.Struct, frozen=True):
    """The joints and bones of the figures to draw. It may have joints that the model ignores."""

    name: str
    joints: list[str]
    bones: list[tuple[int, int]]


class AtlasAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The units of the first layer of a model. Each is described by `GET /model/atlas/{unit}`."""

    model: str
    """The id of the model."""
    caution: str
    """The limit of this description."""
    rate_hz: float
    """Frames per second of filters and motions."""
    joints: list[str]
    """The J joints that the model reads, in the order of `weights` and `pose_m`."""
    channels: list[str]
    """What the model reads of each joint, in the order of `weights`."""
    layout: AtlasLayout
    pose_m: list[Point]
    """The pose that filters displace: the mean pose of the averaged motions, or a standing figure.
    In metres of a body with a torso of 0.48 m: x to its right, y up, z to its back."""
    units: list[AtlasEntry]
    labels: list[AtlasLabel]
    """The classes with an averaged motion."""
    notes: list[str] = []
    """Lines about what the model folder does not have."""


class Atlas(msgspec.Struct, frozen=True):
    """The atlas as one document: the overview, and the description of each unit in its order."""

    overview: AtlasAnswer
    units: list[AtlasUnit]
