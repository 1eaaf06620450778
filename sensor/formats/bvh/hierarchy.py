"""The HIERARCHY section of a BVH file: joints, offsets, channels and end sites."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sensor.errors import RecordingError

MOST_NODES = 1000
"""Joints and end sites; rigs with all fingers and a face have about 200."""
LONGEST_HIERARCHY = 1024 * 1024
"""Characters of the HIERARCHY section."""
CHANNELS = frozenset(f"{axis}{kind}" for axis in "XYZ" for kind in ("position", "rotation"))


@dataclass
class Node:
    """A joint or end site. `parent` is an index, -1 for the root; parents precede children.

    `offset` is in the unit of the file. `channels` are names such as `Zrotation`, in the order of
    the file, and `first_channel` the place of the first in a line of motion. End sites have none.
    """

    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: tuple[str, ...] = ()
    first_channel: int = 0
    is_end: bool = False


@dataclass
class _Parser:
    name: str
    nodes: list[Node] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    channels: int = 0

    def fail(self, problem: str) -> RecordingError:
        return RecordingError(f"{self.name}: BVH hierarchy: {problem}")

    def add(self, name: str, is_end: bool) -> None:
        parent = self.open[-1] if self.open else -1
        if parent < 0 and self.nodes:
            raise self.fail(f"a second skeleton starts at {name[:40]!r}; one is read")
        if len(self.nodes) == MOST_NODES:
            raise self.fail(f"more than {MOST_NODES} joints")
        self.nodes.append(Node(name, parent, is_end=is_end))

    @property
    def last(self) -> Node:
        if not self.open:
            raise self.fail("OFFSET or CHANNELS outside a joint")
        return self.nodes[self.open[-1]]

    def line(self, words: list[str]) -> None:
        key, rest = words[0].upper(), words[1:]
        if key in ("ROOT", "JOINT"):
            self.add(" ".join(rest), is_end=False)
        elif key == "END":
            self.add("End Site", is_end=True)
        elif key == "{":
            if not self.nodes or len(self.nodes) - 1 in self.open:
                raise self.fail("a brace opens without a joint")
            self.open.append(len(self.nodes) - 1)
        elif key == "}":
            if not self.open:
                raise self.fail("a brace closes that was not opened")
            self.open.pop()
        elif key == "OFFSET":
            self.last.offset = self.offset(rest)
        elif key == "CHANNELS":
            self.last.channels = self.channel_names(rest)
            self.last.first_channel = self.channels
            self.channels += len(self.last.channels)
        elif key != "HIERARCHY":
            raise self.fail(f"unknown keyword {words[0][:40]!r}")

    def offset(self, words: list[str]) -> tuple[float, float, float]:
        try:
            x, y, z = (float(word) for word in words)
        except ValueError:
            x = y = z = math.nan
        if not all(abs(value) < 1e9 for value in (x, y, z)):
            raise self.fail(f"the OFFSET of {self.last.name[:40]!r} should be three numbers")
        return x, y, z

    def channel_names(self, words: list[str]) -> tuple[str, ...]:
        names = tuple(word.capitalize() for word in words[1:])
        if words[:1] != [str(len(names))] or not CHANNELS.issuperset(names):
            raise self.fail(
                f"the CHANNELS of {self.last.name[:40]!r} should be their number, then names such "
                "as Xposition and Zrotation"
            )
        if len(set(names)) != len(names) or self.last.channels or self.last.is_end:
            raise self.fail(f"CHANNELS repeat at {self.last.name[:40]!r}")
        return names


def parse_hierarchy(name: str, text: str) -> list[Node]:
    """Parse the text before MOTION. Raises RecordingError."""
    if len(text) > LONGEST_HIERARCHY:
        raise RecordingError(f"{name}: BVH hierarchy: longer than {LONGEST_HIERARCHY} characters")
    parser = _Parser(name)
    for line in text.replace("{", "\n{\n").replace("}", "\n}\n").split("\n"):
        words = line.split()
        if words:
            parser.line(words)
    if parser.open:
        raise parser.fail(f"{len(parser.open)} braces are not closed: the file was cut off")
    if not parser.channels:
        raise parser.fail("no joint has CHANNELS")
    return parser.nodes


def channel_count(nodes: list[Node]) -> int:
    """Return how many numbers a line of motion holds."""
    return sum(len(node.channels) for node in nodes)
