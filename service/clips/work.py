"""Reads, checks and classifies one uploaded clip. It runs in a process of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath

import msgspec
import numpy as np

from models.card import DEFAULT_MODEL
from models.errors import ModelError
from models.gallery.exemplars import Exemplars, load_exemplars
from models.live.outcomes import Predictor
from sensor.errors import SensorError, name_file
from sensor.formats import read_recording
from sensor.formats.limits import MIB
from sensor.skeleton import Frame
from sensor.stopping import stoppable
from service.clips.body_check import check_bodies
from service.clips.memory import release_memory
from service.clips.packets import GONE, End, Job, Progress, Setup
from service.clips.timeline import Take, classify
from service.errors import ClientError
from service.why.explaining import ActionExplainer, reader_of

log = logging.getLogger(__name__)

REMEDY = "cut it, or use `jointwise classify`"
READING_S = 60.0
"""Processor time for reading a file. The largest file allowed takes about 10 s."""

Report = Callable[[Progress], None]


class _GoneError(Exception):
    """The client has gone, so the work on its clip stops."""


def load_model(folder: str | None) -> tuple[Predictor, Exemplars | None]:
    """Load the model for clips, with its exemplars.

    It uses one thread of the CPU and leaves a GPU to live streams.
    """
    from models.inference.recognizer import Recognizer

    path = DEFAULT_MODEL if folder is None else Path(folder)
    model = Recognizer(path, "cpu", 1)
    return model, load_exemplars(path, model.card)


class ClipWork:
    """Classifies one clip after the other, within the limits of `setup`.

    `on_read` is called when a file is read and its frames are about to be classified.
    """

    def __init__(
        self,
        model: Predictor,
        exemplars: Exemplars | None,
        setup: Setup,
        on_read: Callable[[], None] = lambda: None,
    ) -> None:
        self._model = model
        self._explainer = ActionExplainer(model.card, reader_of(model), exemplars)
        self._setup = setup
        self._on_read = on_read

    def do(
        self, job: Job, pieces: list[bytes], gone: threading.Event, report: Report
    ) -> tuple[End, bytes]:
        """Return how it ended, and the answer as JSON; the work stops when `gone` is set.

        `pieces` is the file; it is emptied. Exceptions end here, because their tracebacks would
        keep the clip in memory.
        """
        try:
            return End(200), self._answer(job, pieces, gone, report)
        except (SensorError, ClientError) as problem:
            return End(422, name_file(str(problem), title_of(job.name), file_name(job.name))), b""
        except ModelError as problem:
            return End(409, str(problem)), b""
        except _GoneError:
            return End(GONE), b""
        except MemoryError:
            mib = self._setup.memory_bytes // MIB
            text = f"{file_name(job.name)}: it takes more than {mib} MiB of memory: {REMEDY}"
            return End(413, text, keep=False), b""
        except Exception:
            log.exception("a clip could not be classified")
            text = "internal error; the log of the service has the details"
            return End(500, text, keep=False), b""
        finally:
            release_memory()

    def _answer(
        self, job: Job, pieces: list[bytes], gone: threading.Event, report: Report
    ) -> bytes:
        title = title_of(job.name)
        data = b"".join(pieces)
        pieces.clear()
        check = _Check(title, gone)
        report(Progress("reading"))
        with stoppable(lambda: check.reading(report)):
            recording = read_recording(data, title, limits=self._setup.limits)
        del data
        self._on_read()
        check_bodies(recording)
        explain = None
        if job.why is not None:
            explain = partial(self._explainer.explain_clip_action, options=job.why)
        take = self._take(check, report)
        answer = classify(self._model, recording, job.frames, take, explain)
        return msgspec.json.encode(answer, enc_hook=np.ndarray.tolist)

    def _take(self, check: _Check, report: Report) -> Take:
        """Return a function that iterates over frames, and stops as `check` does."""

        def take(frames: Sequence[Frame]) -> Iterable[Frame]:
            for i, frame in enumerate(frames):
                check.working(self._setup.work_s)
                report(Progress("classifying", round(i / len(frames), 4)))
                yield frame

        return take


class _Check:
    """Stops the work by raising, when the client has gone or it takes too long."""

    def __init__(self, title: str, gone: threading.Event) -> None:
        self._title = title
        self._gone = gone
        self._start_s = time.thread_time()

    def reading(self, report: Report) -> None:
        """Check while the file is read."""
        report(Progress("reading"))
        self._check("reading it takes", READING_S)

    def working(self, most_s: float) -> None:
        """Check while the frames are classified."""
        self._check("classifying it takes", most_s)

    def _check(self, what: str, most_s: float) -> None:
        if self._gone.is_set():
            raise _GoneError
        if time.thread_time() - self._start_s > most_s:
            raise ClientError(
                f"{self._title}: {what} more than {most_s:.0f} s of processor time: {REMEDY}"
            )


def file_name(name: str) -> str:
    """Return the name of an uploaded file without its folders."""
    return PurePath(name.replace("\\", "/")).name[-100:] or "clip"


def title_of(name: str) -> str:
    """Return the name of an uploaded file without folders and ending."""
    return PurePath(file_name(name)).stem
