"""What streams brought becomes what is due: on lanes where it can, else stream by stream."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence

from models.live.person import Item
from models.live.solo_lane import Lanes, Work
from sensor.block import Block
from service.engine.stream import Entry, Stream
from service.wire.messages import Message

log = logging.getLogger(__name__)


class Feeding:
    """Carries entries into the streams' pipelines; a stream that fails is tried afresh soon.

    `wanted` says whether anybody wants the frames of a stream.
    """

    def __init__(
        self, lanes: Lanes, wanted: Callable[[str], bool], clock_ns: Callable[[], int]
    ) -> None:
        self._lanes = lanes
        self._wanted = wanted
        self._clock_ns = clock_ns

    def feed(self, taken: Sequence[tuple[Stream, list[Entry]]]) -> tuple[list[Message], list[Item]]:
        """Take what streams brought: messages to send at once, and what is due."""
        told: list[Message] = []
        items: list[Item] = []
        works: list[tuple[Stream, Work]] = []
        now_ns = self._clock_ns()
        for stream, entries in taken:
            try:
                work = stream.work(entries, now_ns)
                if work is not None:  # the usual case, in the least time
                    works.append((stream, work))
                    continue
                shown, due, work = self._feed_stream(stream, entries)
            except Exception:
                log.exception("stream %s failed; it is tried afresh soon", stream.name)
                shown, due = stream.fail(self._clock_ns(), entries)
                work = None
            told += shown
            items += due
            if work is not None:
                works.append((stream, work))
        shown, due = self._feed_lanes(works)
        return told + shown, items + due

    def _feed_stream(
        self, stream: Stream, entries: list[Entry]
    ) -> tuple[list[Message], list[Item], Work | None]:
        """Entries one by one, and all that are left as work as soon as that can be."""
        told: list[Message] = []
        items: list[Item] = []
        show = bool(entries) and self._wanted(stream.name)
        waiting = deque(entries)
        while True:
            work = stream.work(waiting, self._clock_ns())
            if work is not None:
                return told, items, work
            first = _first(waiting)
            shown, due = stream.feed(first, self._clock_ns(), show and not waiting)
            told += shown
            items += due
            if not waiting:
                return told, items, None

    def _feed_lanes(self, works: Sequence[tuple[Stream, Work]]) -> tuple[list[Message], list[Item]]:
        told: list[Message] = []
        items: list[Item] = []
        try:
            due, seen = self._lanes.push([work for _, work in works])
            items += due
            told += [
                stream.message(work, newest)
                for (stream, work), newest in zip(works, seen, strict=True)
                if self._wanted(stream.name)
            ]
        except Exception:
            log.exception("streams failed together; they are tried afresh soon")
            items.clear()
            for stream, _ in works:
                state, left = stream.fail(self._clock_ns())
                told += state
                items += left
        return told, items


def _first(waiting: deque[Entry]) -> list[Entry]:
    """Take the first entry out; of a block the first frame alone, for the rest may go on faster."""
    if not waiting:
        return []
    entry = waiting.popleft()
    if isinstance(entry, Block) and len(entry) > 1:
        first, rest = entry.split(1)
        waiting.appendleft(rest)
        return [first]
    return [entry]
