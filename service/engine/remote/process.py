"""The inference process: an `Engine` behind two pipes.

It is run as `python -m service.engine.remote.process`. It reads orders and frames from standard
input, writes messages and reports to standard output, and ends when its input ends.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sensor.tracking.outlier_rows import OutlierLimits
from service.engine.engine import Engine
from service.engine.kept_actions import KeptActions
from service.engine.remote.handler import Orders, Reports
from service.engine.remote.orders import Failed, Ready, Setup
from service.engine.remote.packets import Packet, Splitter, unpack_order
from service.engine.thread import shorten_pauses

_READ_BYTES = 1 << 18
_PIPE_BYTES = 1 << 20


def _packets(pipe: BinaryIO) -> Iterator[Packet]:
    splitter = Splitter()
    while data := pipe.read(_READ_BYTES):
        yield from splitter.packets(data)


def _engine(setup: Setup, reports: Reports, kept: KeptActions) -> Engine:
    """Load the model and make the engine. Raises ModelError."""
    from models.inference.recognizer import Recognizer

    folder = None if setup.model is None else Path(setup.model)
    return Engine(
        Recognizer(folder, setup.device, setup.threads),
        reports,
        catch_up=setup.catch_up,
        max_bodies=setup.max_bodies,
        limits=OutlierLimits(confidence=setup.min_confidence),
        observer=reports,
        # A session and a thread of its own, so that no label waits for an explanation.
        explaining=Recognizer(folder, setup.device, 1),
        relevance_hz=setup.relevance_hz,
        queue_frames=setup.queue_frames,
        on_action=kept.add if setup.why_actions else None,
    )


def _own_pipes() -> tuple[BinaryIO, int]:
    """Return the two pipes, and let everything that is printed go to standard error."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(ImportError, AttributeError, OSError):  # not all systems can do it
        import fcntl

        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return io.FileIO(sys.stdin.fileno(), closefd=False), out


def main() -> None:
    """Run until the input ends."""
    from models.errors import ModelError

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    pipe, out = _own_pipes()
    reports = Reports(out)
    packets = _packets(pipe)
    setup = unpack_order(next(packets)[1])
    assert isinstance(setup, Setup)
    kept = KeptActions(setup.why_actions)
    try:
        engine = _engine(setup, reports, kept)
    except ModelError as error:
        reports.report(Failed(str(error)))
        return
    shorten_pauses()
    engine.start()
    reports.report(Ready())
    Orders(engine, reports, kept).work(packets)
    engine.stop()


if __name__ == "__main__":
    main()
