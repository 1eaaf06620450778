"""`Block`: consecutive frames of one body as arrays. Most pushed messages hold one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Body, FloatArray, Frame, Layout, clear_unseen, convert_joints

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """F >= 1 frames of one stream, each with exactly one body, the same in all of them.

    `sequence` and `captured_ns` are int64 (F,); the times are host monotonic and strictly rising.
    `joints_m` is float32 (F, J, 3) in metres, camera space. `confidence` is float32 (F, J), 0 (not
    seen) to 1. As in a `Body`, a joint that was not seen has confidence 0 and position zero. Raises
    ValueError if shapes do not match or times do not rise.
    """

    source: str
    layout: Layout
    body_id: int
    sequence: IntArray
    captured_ns: IntArray
    joints_m: FloatArray
    confidence: FloatArray

    def __post_init__(self) -> None:
        times = np.array(self.captured_ns, np.int64)
        sequence = np.array(self.sequence, np.int64)
        joints = np.array(self.joints_m, np.float32, order="C")
        confidence = np.array(self.confidence, np.float32, order="C")
        shape = (len(times), len(self.layout.joints))
        if not len(times) or sequence.shape != times.shape or times.ndim != 1:
            raise ValueError("a block has one sequence number and one time for each frame")
        if joints.shape != (*shape, 3):
            raise ValueError(f"joints_m must be {(*shape, 3)}, not {joints.shape}")
        if confidence.shape != shape:
            raise ValueError(f"confidence must be {shape}, not {confidence.shape}")
        if any(b <= a for a, b in pairwise(times.tolist())):
            raise ValueError("the times of a block must rise")
        clear_unseen(joints, confidence)
        for name, array in (
            ("sequence", sequence),
            ("captured_ns", times),
            ("joints_m", joints),
            ("confidence", confidence),
        ):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @classmethod
    def checked(
        cls,
        source: str,
        layout: Layout,
        body_id: int,
        sequence: IntArray,
        captured_ns: IntArray,
        joints_m: FloatArray,
        confidence: FloatArray,
    ) -> Block:
        """Return a block of arrays that are known to be valid, without copying or checking them."""
        made = object.__new__(cls)
        put = object.__setattr__
        put(made, "source", source)
        put(made, "layout", layout)
        put(made, "body_id", body_id)
        put(made, "sequence", sequence)
        put(made, "captured_ns", captured_ns)
        put(made, "joints_m", joints_m)
        put(made, "confidence", confidence)
        return made

    def __len__(self) -> int:
        return len(self.captured_ns)

    def always_seen(self) -> bool:
        """Return whether the body has a seen joint in every frame."""
        unseen = self.confidence.size - int(np.count_nonzero(self.confidence))
        # With fewer unseen joints than a body has, no frame can lack all of them.
        return unseen < len(self.layout.joints) or bool(self.confidence.any(axis=1).all())

    def split(self, frames: int) -> tuple[Block, Block]:
        """Split into the first `frames` frames and the rest; neither may be empty."""
        first, rest = (
            Block.checked(
                self.source,
                self.layout,
                self.body_id,
                self.sequence[part],
                self.captured_ns[part],
                self.joints_m[part],
                self.confidence[part],
            )
            for part in (slice(frames), slice(frames, None))
        )
        return first, rest

    def frames(self) -> list[Frame]:
        """Return the same as `Frame`s, oldest first."""
        return [
            Frame(self.source, sequence, t_ns, (Body(self.body_id, joints, sure),), self.layout)
            for sequence, t_ns, joints, sure in zip(
                self.sequence.tolist(),
                self.captured_ns.tolist(),
                self.joints_m,
                self.confidence,
                strict=True,
            )
        ]


def frames_of(entry: Frame | Block) -> Sequence[Frame]:
    """Return a frame alone, or all frames of a block."""
    return (entry,) if isinstance(entry, Frame) else entry.frames()


def convert_block(block: Block, target: Layout) -> Block:
    """Return the block in another layout; the block itself if the layout is already the same."""
    if block.layout.name == target.name:
        return block
    joints_m, confidence = convert_joints(block.joints_m, block.confidence, block.layout, target)
    return replace(block, layout=target, joints_m=joints_m, confidence=confidence)


def joined(entries: Sequence[object]) -> Block | None:
    """Join consecutive blocks into one; None if they are not blocks that follow each other.

    They must have the same body and layout, and their times must rise.
    """
    blocks = [entry for entry in entries if isinstance(entry, Block)]
    if not blocks or len(blocks) < len(entries):
        return None
    first = blocks[0]
    if len(blocks) == 1:
        return first
    same = all(b.body_id == first.body_id and b.layout is first.layout for b in blocks)
    times_ns = np.concatenate([block.captured_ns for block in blocks])
    if not same or (times_ns[1:] <= times_ns[:-1]).any():
        return None
    sequence, joints_m, confidence = (
        np.concatenate([getattr(block, name) for block in blocks])
        for name in ("sequence", "joints_m", "confidence")
    )
    return Block.checked(
        first.source, first.layout, first.body_id, sequence, times_ns, joints_m, confidence
    )
