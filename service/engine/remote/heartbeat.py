"""Notices that the inference process makes no progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LATE_S = 1.5
"""Without a beat for this long, the process counts as late."""
DEAD_S = 10.0
"""Without a beat for this long, the process is killed. A large batch may take some seconds."""
CHECK_S = 0.2


class Heartbeat:
    """Expects a beat from the process, from `start` to `stop`, on an event loop.

    `late` is called with True when the process becomes late, and with False when it beats again.
    `dead` is called once if it stays late.
    """

    def __init__(self, late: Callable[[bool], None], dead: Callable[[], None]) -> None:
        self.is_late = False
        self._late = late
        self._dead = dead
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard_s = 0.0
        self._checked_s = 0.0

    def start(self) -> None:
        """Begin. The process counts as heard."""
        self._loop = asyncio.get_running_loop()
        self._heard_s = self._checked_s = self._loop.time()
        self.is_late = False
        self._check()

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.is_late = False

    def beat(self) -> None:
        """The process has made progress."""
        if self._loop is not None:
            self._heard_s = self._loop.time()

    def _check(self) -> None:
        assert self._loop is not None
        now_s = self._loop.time()
        # While this loop was blocked, it could not read the beats of the process.
        self._heard_s += max(now_s - self._checked_s - 2 * CHECK_S, 0.0)
        self._checked_s = now_s
        silent_s = now_s - self._heard_s
        if silent_s > DEAD_S:
            self._dead()
            return
        if (silent_s > LATE_S) != self.is_late:
            self.is_late = not self.is_late
            self._late(self.is_late)
        self._timer = self._loop.call_later(CHECK_S, self._check)
