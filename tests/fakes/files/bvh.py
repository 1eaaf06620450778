"""BVH files in the naming schemes of four tools, of any motion."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2
from tests.fakes.rotations import best_turns, euler_angles, swing, turns_about

Floats = NDArray[np.float64]

# A person in T-pose who faces z, by role: metres, y up, x to the left. The right side mirrors it.
_MIDDLE = {
    "hips": (0, 0, 0), "low": (0, 0.12, 0), "mid": (0, 0.25, 0), "chest": (0, 0.38, 0),
    "throat": (0, 0.4, 0), "base": (0, 0.5, 0), "skull": (0, 0.62, 0.02), "top": (0, 0.82, 0.02),
}  # fmt: skip
_SIDE = {
    "collar": (0.03, 0.47, 0), "shoulder": (0.17, 0.45, 0), "elbow": (0.45, 0.45, 0),
    "wrist": (0.7, 0.45, 0), "fingers": (0.7, 0.45, 0), "palm": (0.73, 0.45, 0),
    "hand": (0.78, 0.45, 0), "tip": (0.87, 0.45, 0), "dummy": (0, 0, 0), "hip": (0.09, -0.02, 0),
    "knee": (0.1, -0.42, 0), "ankle": (0.1, -0.82, -0.03), "toe": (0.11, -0.88, 0.1),
    "toeend": (0.11, -0.88, 0.16),
}  # fmt: skip
_KINECT = {
    "Shoulder": "shoulder", "Elbow": "elbow", "Wrist": "wrist", "Hip": "hip", "Knee": "knee",
    "Ankle": "ankle",
}  # fmt: skip
# Chains of name=role from the hips: the trunk, then the arm from the joint before the neck, then
# the leg. `*` stands for the side; "End" is an end site.
SCHEMES = {
    "cmu": (
        "Hips=hips LowerBack=low Spine=mid Spine1=chest Neck=throat Neck1=base Head=skull End=top",
        "*Shoulder=collar *Arm=shoulder *ForeArm=elbow *Hand=wrist *FingerBase=fingers "
        "*HandIndex1=hand End=tip",
        "@HipJoint=dummy *UpLeg=hip *Leg=knee *Foot=ankle *ToeBase=toe End=toeend",
        "ZYX",
    ),
    "mixamo": (
        "mixamorig:Hips=hips mixamorig:Spine=low mixamorig:Spine1=mid mixamorig:Spine2=chest "
        "mixamorig:Neck=base mixamorig:Head=skull mixamorig:HeadTop_End=top",
        "mixamorig:*Shoulder=collar mixamorig:*Arm=shoulder mixamorig:*ForeArm=elbow "
        "mixamorig:*Hand=wrist mixamorig:*HandMiddle1=hand End=tip",
        "mixamorig:*UpLeg=hip mixamorig:*Leg=knee mixamorig:*Foot=ankle mixamorig:*ToeBase=toe "
        "mixamorig:*Toe_End=toeend",
        "XYZ",
    ),
    "neuron": (
        "Hips=hips Spine=low Spine1=mid Spine2=chest Neck=base Head=skull End=top",
        "*Shoulder=collar *Arm=shoulder *ForeArm=elbow *Hand=wrist *InHandMiddle=palm "
        "*HandMiddle1=hand End=tip",
        "*UpLeg=hip *Leg=knee *Foot=ankle End=toeend",
        "YXZ",
    ),
    "rokoko": (
        "Hips=hips Spine1=low Spine2=mid Spine3=chest Neck=base Head=skull End=top",
        "*Shoulder=collar *Arm=shoulder *ForeArm=elbow *Hand=wrist End=tip",
        "*Thigh=hip *Shin=knee *Foot=ankle *Toe=toe End=toeend",
        "ZXY",
    ),
}


@dataclass
class Skeleton:
    """Names, roles (with the side, such as `hipLeft`), parents and rest places of a hierarchy."""

    names: list[str]
    roles: list[str]
    parents: list[int]
    rest_m: Floats
    order: str
    six_channels: bool

    def children(self, i: int) -> list[int]:
        return [child for child, parent in enumerate(self.parents) if parent == i]

    def place_of(self, places: Floats, role: str) -> Floats:
        return places[..., self.roles.index(role), :]


def skeleton(scheme: str) -> Skeleton:
    trunk, arm, leg, order = SCHEMES[scheme]
    made = Skeleton([], [], [], np.zeros((0, 3)), order, scheme == "neuron")
    rest: list[tuple[float, float, float]] = []

    def add_chain(chain: str, parent: int, side: str) -> None:
        for word in chain.split():
            name, role = word.split("=")
            x, y, z = _SIDE[role] if side else _MIDDLE[role]
            made.names.append(name.replace("*", side).replace("@", side[:1]))
            made.roles.append(role + side)
            made.parents.append(parent)
            rest.append((-x if side == "Right" else x, y, z))
            parent = len(made.names) - 1

    add_chain(trunk, -1, "")
    chest = made.roles.index("chest")
    for side in ("Left", "Right"):
        add_chain(arm, chest, side)
        add_chain(leg, 0, side)
    made.rest_m = np.array(rest)
    return made


def forward(made: Skeleton, turns: Floats, root_m: Floats) -> Floats:
    """Return the places (T, N, 3) of joints with turns (T, N, 3, 3) in the axes of the file."""
    places = np.zeros((*turns.shape[:2], 3))
    for i, parent in enumerate(made.parents):
        if parent < 0:
            places[:, i] = root_m
        else:
            bone = made.rest_m[i] - made.rest_m[parent]
            places[:, i] = places[:, parent] + turns[:, parent] @ bone
    return places


def kinect_joints(made: Skeleton, places: Floats) -> dict[str, Floats]:
    """Return where the joints of Kinect v2 should be, in the same axes as `places`."""
    found = {
        "SpineBase": made.place_of(places, "hips"),
        "SpineMid": made.place_of(places, "mid"),
        "SpineShoulder": made.place_of(places, "base"),
        "Head": (made.place_of(places, "skull") + made.place_of(places, "top")) / 2,
    }
    for side in ("Left", "Right"):
        for joint, role in _KINECT.items():
            found[joint + side] = made.place_of(places, role + side)
        for joint, role, top, tip in (
            ("Hand", "hand", "wrist", "tip"),
            ("Foot", "toe", "ankle", "toeend"),
        ):
            if role + side in made.roles:
                found[joint + side] = made.place_of(places, role + side)
            else:
                ends = made.place_of(places, top + side) + made.place_of(places, tip + side)
                found[joint + side] = ends / 2
    return found


def swaying(made: Skeleton, frames: int = 40, seed: int = 0) -> tuple[Floats, Floats]:
    """Return turns (T, N, 3, 3) and root (T, 3) of somebody all of whose joints turn."""
    rng = np.random.default_rng(seed)
    count = len(made.names)
    axes = rng.normal(size=(count, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    phase = np.sin(np.arange(frames)[:, None] / 7 + rng.uniform(0, 6, count))
    local = turns_about(axes[None], 0.5 * phase)
    turns = np.zeros_like(local)
    for i, parent in enumerate(made.parents):
        turns[:, i] = local[:, i] if parent < 0 else turns[:, parent] @ local[:, i]
    root = np.array((0.3, 0.95, 1.2)) + 0.01 * np.arange(frames)[:, None] * np.array((1, 0.1, -0.5))
    return turns, root


def following(made: Skeleton, joints_m: Floats) -> tuple[Floats, Floats]:
    """Return turns and root that follow Kinect v2 joints (T, 25, 3) in camera space."""
    body = joints_m * np.array((-1, 1, -1))
    at = {joint: body[:, i] for joint, i in KINECT_V2.index.items()}
    hips = (at["HipLeft"] + at["HipRight"]) / 2
    fixed = {"base": "SpineShoulder"}
    for side in ("Left", "Right"):
        fixed |= {f"hip{side}": f"Hip{side}", f"shoulder{side}": f"Shoulder{side}"}
    rest = np.array([made.place_of(made.rest_m, role) for role in fixed])
    trunk = best_turns(rest, np.stack([at[joint] - hips for joint in fixed.values()], axis=1))
    turns = np.repeat(trunk[:, None], len(made.names), axis=1)
    limbs = ("Shoulder", "Elbow", "Wrist", "Hand"), ("Hip", "Knee", "Ankle", "Foot")
    for side in ("Left", "Right"):
        for limb in limbs:
            for upper, lower in pairwise(limb):
                i = made.roles.index(_KINECT[upper] + side)
                child = made.parents.index(i)
                end = made.parents.index(child) if made.roles[child] == f"fingers{side}" else child
                bone = made.rest_m[end] - made.rest_m[i]
                turns[:, i] = swing(trunk @ bone, at[lower + side] - at[upper + side]) @ trunk
                if made.roles[child] in (f"palm{side}", f"fingers{side}"):
                    turns[:, child] = turns[:, i]
    return turns, hips + np.array((0, 0.95, 0))


def text(
    made: Skeleton,
    turns: Floats,
    root_m: Floats,
    unit_m: float = 0.01,
    axes: Floats | None = None,
    rate_hz: float = 30.0,
) -> str:
    """Return the BVH text; `axes` (3, 3) turns the axes of the skeleton into those of the file."""
    axes = np.eye(3) if axes is None else axes
    turns = axes @ turns @ axes.T
    rest = made.rest_m @ axes.T / unit_m
    lines = ["HIERARCHY", *_joint_lines(made, rest, 0, ""), "MOTION", f"Frames: {len(turns)}"]
    lines.append(f"Frame Time: {1 / rate_hz:.9f}")
    columns = [(root_m @ axes.T) / unit_m]
    for i in _written(made, 0):
        parent = made.parents[i]
        if parent >= 0 and made.six_channels:
            columns.append(np.tile(rest[i] - rest[parent], (len(turns), 1)))
        local = turns[:, i]
        if parent >= 0:
            local = np.swapaxes(turns[:, parent], 1, 2) @ local
        columns.append(euler_angles(local, made.order))
    values = np.concatenate(columns, axis=1)
    return "\n".join(lines + [" ".join(f"{v:.6f}" for v in row) for row in values]) + "\n"


def _written(made: Skeleton, i: int) -> list[int]:
    """Return the joints below `i` in the order of the file, without end sites."""
    found = [i]
    for child in made.children(i):
        if made.names[child] != "End":
            found += _written(made, child)
    return found


def _joint_lines(made: Skeleton, rest: Floats, i: int, indent: str) -> list[str]:
    parent = made.parents[i]
    kind = "ROOT" if parent < 0 else "JOINT"
    end = made.names[i] == "End"
    x, y, z = rest[i] - rest[parent] if parent >= 0 else (0, 0, 0)
    lines = [f"{indent}{'End Site' if end else f'{kind} {made.names[i]}'}", f"{indent}{{"]
    lines.append(f"{indent}\tOFFSET {x:.6f} {y:.6f} {z:.6f}")
    if not end:
        channels = [f"{axis}rotation" for axis in made.order]
        if parent < 0 or made.six_channels:
            channels = ["Xposition", "Yposition", "Zposition", *channels]
        lines.append(f"{indent}\tCHANNELS {len(channels)} {' '.join(channels)}")
    for child in made.children(i):
        lines += _joint_lines(made, rest, child, indent + "\t")
    if not end and not made.children(i):
        lines += [
            f"{indent}\tEnd Site",
            f"{indent}\t{{",
            f"{indent}\t\tOFFSET 0 0 0",
            f"{indent}\t}}",
        ]
    return [*lines, f"{indent}}}"]
