"""The streams of pushers. A pusher with the same token takes over its stream from a lost one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from service.engine.ports import FrameSink
from service.errors import ClientError

CLOSING_S = 2.0
"""The engine must have closed a stream within this time."""
_CHECK_S = 0.002

Dismiss = Callable[[Exception], None]


@dataclass(frozen=True)
class _Pusher:
    owner: str | None
    stream: FrameSink
    dismiss: Dismiss


class Pushers:
    """Opens and closes the streams of pushers, on the event loop.

    `add` opens a stream of the engine and raises ValueError if its name is taken. At most `most`
    streams are open, of which `count` returns the number.
    """

    def __init__(
        self, add: Callable[[str], FrameSink], count: Callable[[], int], most: int
    ) -> None:
        self._add = add
        self._count = count
        self._most = most
        self._pushers: dict[str, _Pusher] = {}

    async def open(self, name: str, owner: str | None, dismiss: Dismiss) -> FrameSink:
        """Open a stream. A pusher of the same owner that has this name loses it.

        `owner` identifies the token of the pusher; without one (None), nothing is taken over.
        `dismiss` is called with the reason when the stream is taken over later. Raises ClientError
        if the stream cannot be opened.
        """
        lost = self._pushers.get(name)
        takes_over = lost is not None and owner is not None and lost.owner == owner
        if lost is not None and takes_over:
            self.close(name, lost.stream)
            lost.dismiss(ClientError("another pusher with the same token has taken over", "stream"))
        elif self._count() >= self._most:
            raise ClientError(f"{self._most} streams are open, which is the limit", "stream")
        try:
            stream = await self._add_soon(name) if takes_over else self._add(name)
        except ValueError as error:
            raise ClientError(f"{error}; choose another name", "stream") from None
        self._pushers[name] = _Pusher(owner, stream, dismiss)
        return stream

    async def _add_soon(self, name: str) -> FrameSink:
        """Open a stream as soon as the engine has closed the previous one of that name."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + CLOSING_S
        while True:
            try:
                return self._add(name)
            except ValueError:
                if loop.time() > end_s:
                    raise
            await asyncio.sleep(_CHECK_S)

    def close(self, name: str, stream: FrameSink) -> None:
        """Close a stream. This is harmless if it is closed or taken over already."""
        pusher = self._pushers.get(name)
        if pusher is not None and pusher.stream is stream:
            del self._pushers[name]
            stream.remove()
