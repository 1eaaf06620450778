"""Packets between the service and a process that classifies clips.

They have the form of `sensor.isolation.packets`. Orders to the process are SETUP, then for each
clip one JOB and its file in pieces (DATA); CANCEL holds the number of a job. The process reports
READY or FAILED (text), and for each job PROGRESS, the answer in pieces (ANSWER), and one END. The
bodies are msgpack or raw bytes; unpacking never runs code from a packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from sensor.formats.limits import Limits
from sensor.isolation.packets import pack
from service.why.options import WhyOptions

SETUP, JOB, DATA, CANCEL = 1, 2, 3, 4
READY, FAILED, PROGRESS, ANSWER, END = 11, 12, 13, 14, 15
ORDERS = (SETUP, JOB, DATA, CANCEL)
REPORTS = (READY, FAILED, PROGRESS, ANSWER, END)
PIECE_BYTES = 1 << 20
GONE = 0
"""The status of a job that was cancelled; the others are those of HTTP."""


class Setup(msgspec.Struct, frozen=True):
    """The settings of a process.

    `loader` is the `module:function` that returns the model in `model`, a folder or None, and its
    exemplars, if it has some. `work_s`
    limits the processor time for one clip, `memory_bytes` the memory beyond that of the model.
    """

    loader: str
    model: str | None
    limits: Limits
    work_s: float
    memory_bytes: int


class Job(msgspec.Struct, frozen=True):
    """One clip: the name of its file, its size in bytes, and the options of explanations."""

    number: int
    name: str
    frames: bool
    size: int
    why: WhyOptions | None = None


class Progress(msgspec.Struct, frozen=True):
    """The progress of a clip: its state, and the share of its frames that are classified."""

    state: Literal["waiting", "reading", "classifying"]
    share: float = 0.0


class End(msgspec.Struct, frozen=True):
    """The end of a job: a status, the reason if it is not 200, and whether the process goes on."""

    status: int
    text: str = ""
    keep: bool = True


def pack_struct(kind: int, value: msgspec.Struct | int) -> bytes:
    """Return a packet whose body is a value as msgpack."""
    return pack(kind, msgspec.msgpack.encode(value))


def pack_pieces(kind: int, data: bytes) -> Iterator[bytes]:
    """Yield the packets of data of any length."""
    for start in range(0, len(data), PIECE_BYTES):
        yield pack(kind, data[start : start + PIECE_BYTES])
