"""Finds the joints of Kinect v2 in a BVH hierarchy by their names.

Names as of MotionBuilder (CMU by cgspeed, Mixamo, Perception Neuron), Rokoko, Biovision, Poser,
SMPL, Unreal and Acclaim are known, with any prefix such as `mixamorig:` and either way to mark the
side (`LeftArm`, `lShldr`, `upperarm_l`). Hands, feet and head end at their end sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.bvh.hierarchy import Node

Pair = tuple[int, int]
"""Two nodes whose midpoint a joint is; twice the same node for a joint at its place."""

# A limb's names from the surest to the vaguest. A node is used once, so `LeftShoulder` is the
# shoulder only if there is no `LeftArm`, and `LeftHand` the wrist only if there is no `LeftWrist`.
_LIMBS = {
    "Shoulder": ("upperarm", "uparm", "arm", "shldr", "humerus", "shoulder"),
    "Elbow": ("forearm", "lowerarm", "lowarm", "elbow", "radius"),
    "Wrist": ("wrist", "hand"),
    "Hip": ("upleg", "upperleg", "thigh", "femur", "hip", "leg"),
    "Knee": ("lowleg", "lowerleg", "shin", "calf", "tibia", "leg", "knee"),
    "Ankle": ("ankle", "foot"),
}
_HANDS = (
    "hand", "fingerbase", "handmiddle1", "middle1", "handmiddle", "mid1", "finger3proximal",
    "handindex1", "index1", "fingers",
)  # fmt: skip
_FEET = ("toebase", "toe", "toes", "toe0", "ball", "foot")
_PREFIXES = frozenset(("mixamorig", "model", "character", "bip", "def", "org", "rig", "b", "cc"))
_SIDE_NAMES = ("Left", "Right")
_SIDES = {"left": "Left", "l": "Left", "right": "Right", "r": "Right"}
_ACCLAIM = re.compile(r"([lr])(humerus|radius|wrist|hand|fingers|femur|tibia|foot|toes|clavicle)")
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FAR_HAND, _FAR_FOOT = 0.45, 0.3
"""An end site farther from wrist or ankle than this share of forearm or shin is a finger's or toe's
tip; the hand or foot is half way."""


def part_of(name: str) -> tuple[str, str]:
    """Return the side (`Left`, `Right` or "") and the part that a joint name tells, lower case."""
    side = ""
    parts: list[str] = []
    for token in _TOKEN.findall(name.rpartition(":")[2]):
        word = token.lower()
        acclaim = _ACCLAIM.fullmatch(word)
        if acclaim:
            word, side = acclaim[2], _SIDES[acclaim[1]]
        for start in ("left", "right"):
            if word.startswith(start) and word != start:
                word, side = word.removeprefix(start), _SIDES[start]
        if word in _SIDES:
            side = _SIDES[word]
        elif word not in _PREFIXES and (parts or not word.isdigit()):
            parts.append(word.lstrip("0") or word)
    return side, "".join(parts)


def find_joints(name: str, nodes: Sequence[Node], rest: NDArray[np.float64]) -> dict[str, Pair]:
    """Return the nodes of each Kinect v2 joint that the hierarchy has.

    `rest` holds the places of the nodes at rest, (N, 3). Raises RecordingError that names what is
    missing unless head, arms and legs are there.
    """
    finder = _Finder(nodes, rest)
    missing = [joint for joint in _needed() if joint not in finder.found]
    if missing:
        known = ", ".join(node.name[:30] for node in nodes[:6])
        raise RecordingError(
            f"{name}: the BVH skeleton has no joint that is called like {', '.join(missing[:3])}; "
            f"its joints are called {known}, ..."
        )
    finder.find_trunk()
    finder.find_ends()
    return finder.found


def _needed() -> Iterator[str]:
    yield "Head"
    for side in _SIDE_NAMES:
        for limb in _LIMBS:
            yield f"{limb}{side}"


class _Finder:
    """The joints found so far. A node is taken for one joint of a limb at most."""

    def __init__(self, nodes: Sequence[Node], rest: NDArray[np.float64]) -> None:
        self.nodes, self.rest = nodes, rest
        self.by_part: dict[tuple[str, str], int] = {}
        for i, node in enumerate(nodes):
            if not node.is_end:
                self.by_part.setdefault(part_of(node.name), i)
        self.found: dict[str, Pair] = {}
        self.used: set[int] = set()
        self.take("Head", "", ("head",))
        for side in _SIDE_NAMES:
            for limb, parts in _LIMBS.items():
                self.take(f"{limb}{side}", side, parts)

    def take(self, joint: str, side: str, parts: Sequence[str], away_from: int = -1) -> bool:
        """Find a joint by its parts; not at the place of another, where CMU's finger base is."""
        for part in parts:
            i = self.by_part.get((side, part), -1)
            apart = away_from < 0 or i < 0 or self.length(i, away_from) > 0
            if i >= 0 and i not in self.used and apart:
                self.found[joint] = (i, i)
                self.used.add(i)
                return True
        return False

    def chain(self, i: int) -> list[int]:
        """Return a node and all above it, upwards."""
        found = []
        while i >= 0:
            found.append(i)
            i = self.nodes[i].parent
        return found

    def length(self, a: int, b: int) -> float:
        return float(np.linalg.norm(self.rest[a] - self.rest[b]))

    def find_trunk(self) -> None:
        """Find hips, spine and neck, which lie on the way from the legs to the head."""
        left = self.chain(self.found["HipLeft"][0])
        right = set(self.chain(self.found["HipRight"][0]))
        hips = next(i for i in left if i in right)
        head = self.found["Head"][0]
        above = self.chain(head)[1:]
        if hips in above:
            above = above[: above.index(hips)]
        necks = [i for i in above if "neck" in part_of(self.nodes[i].name)[1]]
        base = self.neck_base(necks) if necks else (above[0] if above else head)
        self.found["SpineBase"] = (hips, hips)
        self.found["SpineShoulder"] = (base, base)
        upper = necks[0] if necks else base
        self.found["Neck"] = (base, head) if upper == base else (upper, upper)
        spine = above[above.index(base) + 1 :] if base in above else []
        if spine:
            uneven = [abs(self.length(i, hips) - self.length(i, base)) for i in spine]
            middle = spine[int(np.argmin(uneven))]
            self.found["SpineMid"] = (middle, middle)

    def neck_base(self, necks: list[int]) -> int:
        """Return the lowest neck joint, given from above, that is not below the shoulders.

        CMU's `Neck` lies in the chest.
        """
        rise = self.rest[self.found["Head"][0]] - self.rest[self.found["HipLeft"][0]]
        shoulders = [self.rest[self.found[f"Shoulder{side}"][0]] @ rise for side in _SIDE_NAMES]
        for i in reversed(necks):
            if self.rest[i] @ rise >= np.mean(shoulders):
                return i
        return necks[0]

    def find_ends(self) -> None:
        """Find the middle of the head, the hands and the feet."""
        head = self.found["Head"][0]
        self.found["Head"] = (head, self.end(head))
        for side in _SIDE_NAMES:
            self.find_end(f"Hand{side}", f"Elbow{side}", f"Wrist{side}", _HANDS, _FAR_HAND)
            self.find_end(f"Foot{side}", f"Knee{side}", f"Ankle{side}", _FEET, _FAR_FOOT)

    def find_end(self, joint: str, above: str, top: str, parts: Sequence[str], far: float) -> None:
        """Find a hand or foot by its parts, else by the end site of wrist or ankle (`top`)."""
        upper, i = self.found[above][0], self.found[top][0]
        tip = self.end(i)
        side = joint.removeprefix("Hand").removeprefix("Foot")
        if not self.take(joint, side, parts, away_from=i) and tip != i:
            is_far = self.length(i, tip) > far * self.length(upper, i)
            self.found[joint] = (i if is_far else tip, tip)

    def end(self, i: int) -> int:
        """Return the end site of a joint, or a child such as `HeadTop_End`; else the joint."""
        for child, node in enumerate(self.nodes):
            is_end = node.is_end or re.search(r"end|top|nub", node.name, re.IGNORECASE)
            if node.parent == i and is_end and any(node.offset):
                return child
        return i
