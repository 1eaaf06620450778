"""The inference thread, and the interpreter settings that keep its pauses short."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable

SWITCH_S = 0.02
"""The longest time slice of one thread. Long work in numpy releases the interpreter by itself."""
IDLE_S = 0.5
"""The thread ticks at least this often, to notice silent streams."""
MANY = 4
"""A tick with at least this many predictions is followed by a pause, so that batches fill."""
PACE_S = 0.008
"""The shortest time between two ticks with many predictions."""


class InferenceThread:
    """Calls `work` again and again on a thread of its own.

    `work` runs one tick and returns the number of predictions it had to make. `wait` blocks until
    there is work, at most so many seconds. `finish` is called once at the end. `try_turn` lets
    another thread run a tick instead.
    """

    def __init__(
        self, work: Callable[[], int], wait: Callable[[float], None], finish: Callable[[], None]
    ) -> None:
        self._work = work
        self._wait = wait
        self._finish = finish
        self._turn = threading.Lock()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)
        self._thread.start()

    def stop(self, wake: Callable[[], None]) -> None:
        """End the thread after its current tick; `wake` ends its wait."""
        self._stopping = True
        wake()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    def try_turn(self) -> bool:
        """Take the right to tick, if the thread runs and nobody has it; then call `give_turn`."""
        at_work = self._thread is not None and not self._stopping
        return at_work and self._turn.acquire(blocking=False)

    def give_turn(self) -> None:
        """Give back the right to tick."""
        self._turn.release()

    def _run(self) -> None:
        while not self._stopping:
            self._wait(IDLE_S)
            begun_s = time.monotonic()
            with self._turn:
                made = self._work()
            if made >= MANY:  # entries that come meanwhile share a batch, and so cost less
                time.sleep(max(begun_s + PACE_S - time.monotonic(), 0.0))
        with self._turn:
            self._finish()


def shorten_pauses() -> None:
    """Exclude the objects loaded so far from garbage collection, and collect less often.

    A full collection takes over 100 ms, in which no label goes out; messages leave no cycles.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
