"""`Layout`, the joints and bones of a sensor, and the layouts of all sensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, eq=False)
class Layout:
    """The joints of a sensor, in its own order, and the bones between them.

    `joints` holds J names, `bones` pairs of indices (parent, child), `root` the index of the joint
    at which every chain starts.
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    root: int

    def __post_init__(self) -> None:
        count = len(self.joints)
        if len(set(self.joints)) != count:
            raise ValueError(f"layout {self.name}: joint names repeat")
        if any(not (0 <= a < count and 0 <= b < count) for a, b in self.bones):
            raise ValueError(f"layout {self.name}: a bone names a joint that does not exist")

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of each joint name."""
        return {name: i for i, name in enumerate(self.joints)}


def _layout(name: str, joints: str, bones: str, root: str) -> Layout:
    names = tuple(joints.split())
    pairs = tuple(
        (names.index(parent), names.index(child))
        for parent, child in (bone.split(">") for bone in bones.split())
    )
    return Layout(name, names, pairs, names.index(root))


_LIMB_BONES = (
    "ShoulderLeft>ElbowLeft ElbowLeft>WristLeft WristLeft>HandLeft "
    "ShoulderRight>ElbowRight ElbowRight>WristRight WristRight>HandRight "
    "HipLeft>KneeLeft KneeLeft>AnkleLeft AnkleLeft>FootLeft "
    "HipRight>KneeRight KneeRight>AnkleRight AnkleRight>FootRight "
)

KINECT_V2 = _layout(
    "kinect-v2",
    "SpineBase SpineMid Neck Head ShoulderLeft ElbowLeft WristLeft HandLeft ShoulderRight "
    "ElbowRight WristRight HandRight HipLeft KneeLeft AnkleLeft FootLeft HipRight KneeRight "
    "AnkleRight FootRight SpineShoulder HandTipLeft ThumbLeft HandTipRight ThumbRight",
    "SpineBase>SpineMid SpineMid>SpineShoulder SpineShoulder>Neck Neck>Head "
    "SpineShoulder>ShoulderLeft SpineShoulder>ShoulderRight SpineBase>HipLeft SpineBase>HipRight "
    + _LIMB_BONES
    + "HandLeft>HandTipLeft WristLeft>ThumbLeft HandRight>HandTipRight WristRight>ThumbRight",
    "SpineBase",
)
"""The canonical layout: the 25 joints of Kinect v2 and NTU RGB+D."""

KINECT_V1 = _layout(
    "kinect-v1",
    "HipCenter Spine ShoulderCenter Head ShoulderLeft ElbowLeft WristLeft HandLeft ShoulderRight "
    "ElbowRight WristRight HandRight HipLeft KneeLeft AnkleLeft FootLeft HipRight KneeRight "
    "AnkleRight FootRight",
    "HipCenter>Spine Spine>ShoulderCenter ShoulderCenter>Head ShoulderCenter>ShoulderLeft "
    "ShoulderCenter>ShoulderRight HipCenter>HipLeft HipCenter>HipRight " + _LIMB_BONES,
    "HipCenter",
)

AZURE_KINECT = _layout(
    "azure-kinect",
    "Pelvis SpineNavel SpineChest Neck ClavicleLeft ShoulderLeft ElbowLeft WristLeft HandLeft "
    "HandTipLeft ThumbLeft ClavicleRight ShoulderRight ElbowRight WristRight HandRight "
    "HandTipRight ThumbRight HipLeft KneeLeft AnkleLeft FootLeft HipRight KneeRight AnkleRight "
    "FootRight Head Nose EyeLeft EarLeft EyeRight EarRight",
    "Pelvis>SpineNavel SpineNavel>SpineChest SpineChest>Neck Neck>Head Neck>ClavicleLeft "
    "ClavicleLeft>ShoulderLeft Neck>ClavicleRight ClavicleRight>ShoulderRight Pelvis>HipLeft "
    "Pelvis>HipRight " + _LIMB_BONES + "HandLeft>HandTipLeft WristLeft>ThumbLeft "
    "HandRight>HandTipRight WristRight>ThumbRight Head>Nose Head>EyeLeft Head>EarLeft "
    "Head>EyeRight Head>EarRight",
    "Pelvis",
)

LAYOUTS = {layout.name: layout for layout in (KINECT_V2, KINECT_V1, AZURE_KINECT)}
