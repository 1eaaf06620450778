"""`python -m sensor.isolation.worker MODULE:FUNCTION URI`: runs one source in its own process.

`sensor.isolation.source` starts it. Packets go to standard output, which nothing else can write to;
the output of libraries goes to standard error. Each line on standard input requests frames. When
standard input ends, the process closes the source and exits, so it never outlives its parent.

`python -m sensor.isolation.worker --find MODULE:FUNCTION` searches for cameras and prints the
findings as JSON.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import signal
import sys
import threading
from typing import Any, BinaryIO

import msgspec

from sensor.errors import SensorError
from sensor.isolation.outbox import MOST_HZ, Outbox
from sensor.isolation.packets import END, FAILURE, INFO, Failure, SourceInfo, pack, pack_frame
from sensor.source import Source, parse_uri

log = logging.getLogger(__name__)

STUCK_S = 60.0
"""If a library blocks the interpreter for this long, a watchdog outside of Python ends the
process."""
CLOSE_S = 1.5
"""How long a source may take to close."""


class Worker:
    """Opens the source, and sends its frames each time they are requested."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._source: Source | None = None
        self._outbox: Outbox | None = None
        self._asked = threading.Semaphore(0)
        self._closing = threading.Event()
        self._finished = threading.Event()

    def run(self, entry_point: str, uri: str, requests: BinaryIO) -> None:
        """Open the source, send its info, and serve `requests` until they or the source end."""
        threading.Thread(target=self._exit_when_stuck, daemon=True).start()
        threading.Thread(target=self._listen, args=(requests,), daemon=True).start()
        try:
            self._source = load(entry_point)(parse_uri(uri))
        except (Exception, SystemExit) as error:
            self._send(FAILURE, msgspec.msgpack.encode(_failure(uri, error)))
            return
        info = _info_of(self._source)
        self._send(INFO, msgspec.msgpack.encode(info))
        if not info.lossless:
            self._outbox = Outbox(self._out, MOST_HZ if info.restartable else None)
            self._outbox.start()
        again = True
        while again:
            self._asked.acquire()
            again = not self._closing.is_set() and self._send_until_end(self._source, uri)
        if not self._closing.is_set():
            self._source.close()
        self._finished.set()

    def _send_until_end(self, source: Source, uri: str) -> bool:
        """Send frames until the source ends or fails; return whether it may be read again."""
        try:
            try:
                self._send_frames(source)
            finally:
                if self._outbox is not None:
                    self._outbox.flush()
        except (Exception, SystemExit) as error:
            if not self._closing.is_set():
                self._send(FAILURE, msgspec.msgpack.encode(_failure(uri, error)))
            return bool(getattr(source, "restartable", False))
        self._send(END)
        return False

    def _send_frames(self, source: Source) -> None:
        for frame in source.frames():
            if self._outbox is not None:
                self._outbox.put(frame)
            else:
                self._out.write(pack_frame(frame, 0))
                self._out.flush()

    def _send(self, kind: int, body: bytes = b"") -> None:
        self._out.write(pack(kind, body))
        self._out.flush()

    def _listen(self, requests: BinaryIO) -> None:
        while requests.readline():
            self._asked.release()
        self._closing.set()
        if self._source is not None:
            self._source.close()
            self._asked.release()
            self._finished.wait(CLOSE_S)
        os._exit(0)

    def _exit_when_stuck(self) -> None:
        while not self._finished.wait(1.0):
            faulthandler.dump_traceback_later(STUCK_S, exit=True)


def load(entry_point: str) -> Any:
    """Return the function at `module:name`."""
    module, _, name = entry_point.partition(":")
    return getattr(importlib.import_module(module), name)


def _info_of(source: Source) -> SourceInfo:
    return SourceInfo(
        source.name,
        source.kind,
        source.note,
        bool(getattr(source, "restartable", False)),
        bool(getattr(source, "lossless", False)),
        getattr(source, "start_s", None),
        getattr(source, "silence_s", None),
    )


def _failure(uri: str, error: BaseException) -> Failure:
    if isinstance(error, SensorError):
        return Failure(type(error).__name__, str(error))
    log.error("the source failed", exc_info=error)
    reason = " ".join(str(error).split()) or "no reason given"
    return Failure("SensorError", f"{uri}: its driver failed: {type(error).__name__}: {reason}")


def claim_stdout() -> BinaryIO:
    """Return standard output for packets only; other output is redirected to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def main(arguments: list[str]) -> None:
    """Run the commands in the module's docstring."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(all_threads=False)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    out = claim_stdout()
    if arguments[0] == "--find":
        out.write(msgspec.json.encode(load(arguments[1])()))
        out.flush()
        os._exit(0)
    Worker(out).run(arguments[0], arguments[1], sys.stdin.buffer)
    out.flush()
    # A normal exit would wait for the thread that reads standard input, and libraries may crash.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
