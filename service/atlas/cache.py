"""Makes the atlas of the served model once, at the first request, and keeps its JSON.

An atlas is not part of a model folder: it takes a few seconds, follows from the folder's other
files, and so can never be out of date.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from models.atlas.entries import Atlas
from models.atlas.making import make_atlas
from models.atlas.motions import Motion
from models.errors import ModelError
from service.errors import ClientError

_NICENESS = 10
"""The thread gets less processor time than those that make labels. Linux only."""


@dataclass(frozen=True)
class Stored:
    """An answer as JSON, and its entity tag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, value: msgspec.Struct) -> Stored:
        """Encode a value. The tag is weak, because answers may be compressed on the way."""
        body = msgspec.json.encode(value)
        return cls(body, f'W/"{sha256(body).hexdigest()[:16]}"')


@dataclass(frozen=True)
class _Answers:
    overview: Stored
    units: tuple[Stored, ...]

    @classmethod
    def of(cls, atlas: Atlas) -> _Answers:
        return cls(Stored.of(atlas.overview), tuple(Stored.of(unit) for unit in atlas.units))


class AtlasCache:
    """The atlas of a model folder. Call its coroutines on one event loop."""

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = model_dir
        self._making: asyncio.Task[_Answers] | None = None
        self._closed = threading.Event()

    async def overview(self) -> Stored:
        """The list of units. Raises ModelError if the folder cannot be used."""
        return (await self._answers()).overview

    async def unit(self, unit: int) -> Stored:
        """The description of a unit. Raises ModelError, or ClientError if there is none."""
        units = (await self._answers()).units
        if not 0 <= unit < len(units):
            raise ClientError(f"no unit {unit}; there are {len(units)}, counted from 0", "unit")
        return units[unit]

    def close(self) -> None:
        """Stop the work, if it goes on."""
        self._closed.set()

    async def _answers(self) -> _Answers:
        """Wait for the atlas; all requests share one run. After an error the next one starts."""
        if self._making is None or (self._making.done() and self._making.exception() is not None):
            self._making = asyncio.create_task(self._run())
        # A client that goes away does not cancel the run of the others.
        return await asyncio.shield(self._making)

    async def _run(self) -> _Answers:
        threads = ThreadPoolExecutor(1, thread_name_prefix="atlas")
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, self._make)
        finally:
            threads.shutdown(wait=False)

    def _make(self) -> _Answers:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        return _Answers.of(make_atlas(self._model_dir, self._take))

    def _take(self, motions: Sequence[Motion]) -> Iterator[Motion]:
        for motion in motions:
            if self._closed.is_set():
                raise ModelError("the service stops")
            yield motion
