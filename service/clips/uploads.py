"""Classifies uploaded clips in processes of their own, a few at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import BinaryIO, TypeVar

from models.live.outcomes import Predictor
from sensor.formats import read_recording
from sensor.formats.limits import MIB, UPLOAD_LIMITS, Limits
from service.clips.body_check import check_bodies
from service.clips.child import ClipJob
from service.clips.packets import GONE, Job, Progress, Setup
from service.clips.places import Places
from service.clips.pool import ClipPool
from service.clips.timeline import ExplainAction, Take, classify
from service.clips.work import REMEDY
from service.errors import ClientError
from service.why.options import WhyOptions
from service.wire.answers import ClipAnswer

LOADER = "service.clips.work:load_model"
WORK_S_PER_S = 2.0
"""Processor time for a second of a clip; one body takes about 0.1, ten bodies 1."""
FIXED_WORK_S = 60.0
MEMORY_BYTES = 1024 * MIB
"""Memory for a clip, beside 8 times the largest file; the largest files take a third of it."""

_T = TypeVar("_T")


class ClipAbandonedError(Exception):
    """The client has gone, so the work on its clip was stopped."""


class ClipFailedError(Exception):
    """A clip was not classified, for a reason with a status of its own. The text is one line."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def setup_of(
    upload_mib: int, seconds: float, model: Path | None = None, loader: str = LOADER
) -> Setup:
    """Return the settings of the processes: files of at most `upload_mib`, clips of `seconds`."""
    most = upload_mib * MIB
    limits = Limits(
        most,
        max(4 * most, UPLOAD_LIMITS.max_unpacked_bytes),
        UPLOAD_LIMITS.max_frames,
        UPLOAD_LIMITS.max_bodies,
        seconds,
        REMEDY,
    )
    folder = None if model is None else str(model.absolute())
    work_s = FIXED_WORK_S + WORK_S_PER_S * seconds
    return Setup(loader, folder, limits, work_s, MEMORY_BYTES + 8 * most)


class Clips:
    """Classifies uploads, at most `at_once` at a time, with `warm` processes started ahead."""

    def __init__(self, setup: Setup, at_once: int, warm: int = 0) -> None:
        self.max_bytes = setup.limits.max_bytes
        self.places = Places(at_once)
        self.pool = ClipPool(setup, at_once, warm)
        self._numbers = count(1)

    async def classify(
        self,
        name: str,
        file: BinaryIO,
        frames: bool,
        gone: asyncio.Event,
        address: str = "",
        progress: Callable[[Progress], None] = lambda _: None,
        why: WhyOptions | None = None,
    ) -> bytes:
        """Return the clip's timeline, a `ClipAnswer` as JSON, with `why` also why its actions have
        their labels.

        When `gone` is set, because the client has gone, this raises ClipAbandonedError at once, and
        the work stops at the next line or frame. `progress` is called now and then. Raises
        ClientError for a bad clip, ClipsBusyError, or ClipFailedError.
        """
        progress(Progress("waiting"))
        await _unless_gone(self.places.take(address), gone)
        loop = asyncio.get_running_loop()

        def later(work: Callable[..., None], *values: object) -> None:
            with contextlib.suppress(RuntimeError):  # the service has stopped
                loop.call_soon_threadsafe(work, *values)

        size = file.seek(0, 2)
        file.seek(0)
        head = Job(next(self._numbers), name, frames, size, why)
        job = ClipJob(head, file, lambda made: later(progress, made))
        future = self.pool.submit(job)
        future.add_done_callback(lambda _: later(self.places.free))
        try:
            end, answer = await _unless_gone(asyncio.wrap_future(future), gone)
        finally:
            self.places.leave(address)
            if not future.done():
                job.cancel()
        if end.status == GONE:
            raise ClipAbandonedError
        if end.status == 422:
            raise ClientError(end.text, "file")
        if end.status != 200:
            raise ClipFailedError(end.status, end.text)
        return answer

    def start(self) -> None:
        """Start the processes that are to be ready."""
        self.pool.start()

    def close(self) -> None:
        """End all processes."""
        self.pool.close()


async def _unless_gone(work: Awaitable[_T], gone: asyncio.Event) -> _T:
    """Return the result of `work`; raise ClipAbandonedError once `gone` is set."""
    doing = asyncio.ensure_future(work)
    leaving = asyncio.create_task(gone.wait())
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClipAbandonedError
        return doing.result()
    finally:
        leaving.cancel()
        doing.cancel()


def classify_file(
    model: Predictor,
    path: Path,
    limits: Limits,
    take: Take = iter,
    columns: Path | None = None,
    rate_hz: float | None = None,
    rotate: int = 0,
    explain: ExplainAction | None = None,
) -> ClipAnswer:
    """Return the timeline of a local file. Raises SensorError.

    `take` iterates over the frames; it may show progress. `columns` is a map of the file's columns,
    `rate_hz` the rate of a clip set without times. `rotate` turns the bodies, in degrees.
    `explain` explains each action.
    """
    select = None if rate_hz is None else {"rate": f"{rate_hz:g}"}
    recording = read_recording(path, None, select, limits, columns, rotate)
    check_bodies(recording, "--rotate {}")
    return classify(model, recording, take=take, explain=explain)
