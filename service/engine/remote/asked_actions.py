"""Asks the inference process for the frames of an action."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import numpy as np

from models.features import CHANNELS, JOINTS_USED
from models.live.action_frames import ActionFrames
from service.engine.remote.orders import Ask, Found, Order

ANSWERED_S = 5.0
"""An answer is awaited this long."""


def found_of(number: int, frames: ActionFrames | None) -> Found:
    """Return the report that answers a question."""
    if frames is None:
        return Found(number, None, 0, False, b"")
    data = np.ascontiguousarray(frames.features, np.float32).tobytes()
    return Found(number, frames.action, frames.newest_ns, frames.whole, data)


def frames_of(found: Found) -> ActionFrames | None:
    """Return the frames in a report; None if the action is not kept."""
    if found.action is None:
        return None
    values = np.frombuffer(found.features, np.float32)
    features = values.reshape(-1, len(JOINTS_USED), CHANNELS)
    return ActionFrames(found.action, features, found.newest_ns, found.whole)


class AskedActions:
    """The questions that are not answered yet. All methods belong to the event loop."""

    def __init__(self) -> None:
        self._count = itertools.count()
        self._asked: dict[int, asyncio.Future[ActionFrames | None]] = {}

    async def find(self, id: str, send: Callable[[Order], None]) -> ActionFrames | None:
        """Ask for an action; None if it is not kept, or there is no answer in `ANSWERED_S`."""
        number = next(self._count)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        send(Ask(number, id))
        try:
            return await asyncio.wait_for(answer, ANSWERED_S)
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    def take(self, found: Found) -> None:
        """Take an answer."""
        answer = self._asked.get(found.number)
        if answer is not None and not answer.done():
            answer.set_result(frames_of(found))

    def lose(self) -> None:
        """Answer all questions with None: the process has died."""
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result(None)
