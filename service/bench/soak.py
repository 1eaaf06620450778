"""`jointwise bench memory`: checks for memory growth as streams open and close."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.card import DEFAULT_MODEL, load_card
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from sensor.block import Block
from sensor.skeleton import KINECT_V2, FloatArray
from service.engine.engine import Engine
from service.publish.bus import Bus
from service.wire.encoding import Envelope

FRAMES, STEP_NS = 4, 33_333_333
GONE_EVERY = 50
"""After this many messages, one stream is removed and added again."""


class _Outlet:
    """Publishes messages on a bus without subscribers."""

    def __init__(self) -> None:
        self.labels = 0
        self._bus = Bus()

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        self.labels += len(envelopes)
        self._bus.carry(envelopes)

    def wanted(self, kind: str, stream: str) -> bool:
        return False


def grown_mib(hours: float, tell: Callable[[float, float], None]) -> float:
    """Return the memory growth of this process in MiB, from the first tenth of the run to its end.

    Runs the shipped model on 16 streams of the demo's motion for `hours` of stream time. `tell`
    is called with the hours so far and the memory in MiB. Linux only.
    """
    motion = _motion()
    clock_ns, outlet = [10**12], _Outlet()
    engine = Engine(Recognizer(device="cpu", threads=1), outlet, clock_ns=lambda: clock_ns[0])
    names = [f"stream-{i}" for i in range(16)]
    streams = [engine.add(name, "push") for name in names]
    turns = round(hours * 3600e9 / STEP_NS / FRAMES / len(names))
    sure = np.ones((FRAMES, 25), np.float32)
    first = 0.0
    for turn in range(turns):
        at = FRAMES * turn + np.arange(FRAMES)
        joints_m = motion[at % len(motion)]
        times_ns = clock_ns[0] + np.arange(FRAMES) * STEP_NS
        clock_ns[0] += FRAMES * STEP_NS
        if turn % GONE_EVERY == 0:
            gone = turn // GONE_EVERY % len(names)
            streams[gone].remove()
            engine.tick()
            streams[gone] = engine.add(names[gone], "push")
        engine.push_blocks(
            [(s, Block(s.name, KINECT_V2, 1, at, times_ns, joints_m, sure)) for s in streams]
        )
        engine.tick()
        if turn % max(turns // 10, 1) == 0:
            gc.collect()
            now = memory_mib()
            first = now if turn < 2 * (turns // 10) else first
            tell(turn * FRAMES * STEP_NS * len(names) / 3600e9, now)
    gc.collect()
    return memory_mib() - first


def _motion() -> FloatArray:
    """Return the joints of the demo, float32 (T, 25, 3), in metres."""
    exemplars = load_exemplars(DEFAULT_MODEL, load_card(DEFAULT_MODEL))
    assert exemplars is not None
    frames = demo_recording(exemplars).frames
    return np.stack([frame.bodies[0].joints_m for frame in frames if frame.bodies])


def memory_mib() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
