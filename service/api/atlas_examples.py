"""Examples of the atlas for the OpenAPI document. Their lists are shortened."""

from __future__ import annotations

from models.atlas.entries import (
    CAUTION,
    AtlasAnswer,
    AtlasEntry,
    AtlasJoint,
    AtlasLabel,
    AtlasLayout,
    AtlasMoment,
    AtlasUnit,
    ClassShare,
)
from service.api.message_examples import JOINTS

_POSE = [(-0.22, 0.13, 0.02), (-0.22, -0.08, -0.04), (-0.21, -0.15, -0.05)]
_MOVED = [(-0.24, 0.19, -0.12), (-0.25, 0.02, -0.22), (-0.24, -0.04, -0.27)]
_ENTRY = AtlasEntry(
    unit=1,
    name="right elbow + right hand",
    joints=[AtlasJoint("ElbowRight", 0.42), AtlasJoint("HandRight", 0.31)],
    people=[1.0],
    between_people=False,
)

ATLAS = AtlasAnswer(
    model="res-tcn-shipped-0",
    caution=CAUTION,
    rate_hz=30.0,
    joints=JOINTS,
    channels=["x", "y", "z", "seen"],
    layout=AtlasLayout("kinect-v2", JOINTS, [(0, 1), (1, 2)]),
    pose_m=_POSE,
    units=[_ENTRY],
    labels=[AtlasLabel("right_punch", 1.267, 7.3654, 6e-7)],
)
UNIT = AtlasUnit(
    unit=_ENTRY.unit,
    name=_ENTRY.name,
    joints=_ENTRY.joints,
    people=_ENTRY.people,
    between_people=_ENTRY.between_people,
    weights=[[[0.41, -0.22], [1.35, 0.86], [0.77, 0.52]]],
    displaced_m=[_MOVED],
    scale=0.0843,
    velocities=[(0.02, 0.11, -0.21), (0.05, 0.3, -0.52), (0.04, 0.26, -0.47)],
    classes=[ClassShare("right_punch", 0.097, 0.9726), ClassShare("clap", -0.011, -0.1139)],
    moments=[AtlasMoment("right_punch", 1.1, 14.4786, 8.97)],
)
