"""Reads, checks and classifies uploaded clips on threads of their own, a few at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePath
from typing import BinaryIO

from models.live.outcomes import Predictor
from sensor.errors import SensorError, name_file
from sensor.formats import read_recording
from sensor.formats.recording import MIB, UPLOAD_LIMITS, Limits
from sensor.skeleton import Frame
from sensor.stopping import stoppable
from service.clips.body_check import check_bodies
from service.clips.memory import release_memory
from service.clips.timeline import ExplainAction, Take, classify
from service.errors import ClientError
from service.why.explaining import ActionExplainer
from service.why.options import WhyOptions
from service.wire.answers import ClipAnswer

REMEDY = "cut it, or use `jointwise classify`"
READING_S = 60.0
"""Processor time for reading a file. The largest file allowed takes about 10 s."""


class ClipsBusyError(Exception):
    """As many clips as allowed are being classified at the moment."""


class ClipAbandonedError(Exception):
    """The client has gone, so the work on its clip was stopped."""


class Clips:
    """Classifies uploads of at most `upload_mib` and `seconds`, at most `at_once` at a time."""

    def __init__(
        self,
        model: Predictor,
        at_once: int,
        upload_mib: int,
        seconds: float,
        explainer: ActionExplainer | None = None,
    ) -> None:
        self.max_bytes = upload_mib * MIB
        self._model = model
        self._explainer = explainer
        self._free = threading.BoundedSemaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="clip")
        self._limits = Limits(
            self.max_bytes,
            max(4 * self.max_bytes, UPLOAD_LIMITS.max_unpacked_bytes),
            UPLOAD_LIMITS.max_frames,
            UPLOAD_LIMITS.max_bodies,
            seconds,
            REMEDY,
        )

    async def classify(
        self,
        name: str,
        file: BinaryIO,
        frames: bool,
        gone: threading.Event,
        why: WhyOptions | None = None,
    ) -> ClipAnswer:
        """Return the clip's timeline, with `why` also why its actions have their labels.

        When `gone` is set, because the client has gone, the work stops at the next line or frame
        and its place is free again. Raises ClientError for a bad clip, ClipsBusyError, or
        ClipAbandonedError.
        """
        if not self._free.acquire(blocking=False):
            raise ClipsBusyError
        future = self._threads.submit(self._work, name, file, frames, gone, why)
        future.add_done_callback(lambda _: self._free.release())
        try:
            result = await asyncio.wrap_future(future)
        finally:
            gone.set()  # if this task is cancelled, the thread must stop too
            del future  # its exception would refer to this frame, and this frame to it
        if result is None:
            raise ClipAbandonedError
        if isinstance(result, str):
            raise ClientError(result, "file")
        return result

    def close(self) -> None:
        """Start no more clips; those that are being classified go on."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _work(
        self,
        name: str,
        file: BinaryIO,
        frames: bool,
        gone: threading.Event,
        why: WhyOptions | None = None,
    ) -> ClipAnswer | str | None:
        """Return the timeline, the problem of a bad clip, or None if the client has gone.

        Exceptions end here, because their tracebacks would keep the clip in memory.
        """
        try:
            return self._answer(name, file, frames, gone, why)
        except (SensorError, ClientError) as problem:
            return name_file(str(problem), _title(name), _file_name(name))
        except ClipAbandonedError:
            return None
        finally:
            release_memory()

    def _answer(
        self,
        name: str,
        file: BinaryIO,
        frames: bool,
        gone: threading.Event,
        why: WhyOptions | None = None,
    ) -> ClipAnswer:
        title = _title(name)
        with stoppable(_check(title, gone)):
            recording = read_recording(file.read(self.max_bytes + 1), title, limits=self._limits)
        check_bodies(recording)
        explain = None
        if why is not None and self._explainer is not None:
            explain = partial(self._explainer.explain_clip_action, options=why)
        return classify(self._model, recording, frames, _take_until(gone), explain)


def _file_name(name: str) -> str:
    """Return the name of an uploaded file without its folders."""
    return PurePath(name.replace("\\", "/")).name[-100:] or "clip"


def _title(name: str) -> str:
    """Return the name of an uploaded file without folders and ending."""
    return PurePath(_file_name(name)).stem


def _check(title: str, gone: threading.Event) -> Callable[[], None]:
    """Return a function that stops the reading when `gone` is set or it takes too long."""
    start_s = time.thread_time()

    def check() -> None:
        if gone.is_set():
            raise ClipAbandonedError
        if time.thread_time() - start_s > READING_S:
            raise ClientError(f"{title}: reading it takes more than {READING_S:.0f} s: {REMEDY}")

    return check


def _take_until(gone: threading.Event) -> Take:
    """Return a function that iterates over frames until `gone` is set."""

    def take(frames: Sequence[Frame]) -> Iterator[Frame]:
        for frame in frames:
            if gone.is_set():
                raise ClipAbandonedError
            yield frame

    return take


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
