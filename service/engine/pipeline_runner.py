"""Runs queued frames through each stream's pipeline, or together on the fast path."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence

from models.live.person import Item
from models.live.solo_lane import SoloLanes, Work
from sensor.block import Block
from service.engine.stream import Entry, Stream
from service.wire.messages import Message

log = logging.getLogger(__name__)


class PipelineRunner:
    """Runs entries through the streams' pipelines; a stream that fails restarts soon.

    `wanted` says whether anybody wants the frames of a stream.
    """

    def __init__(
        self, lanes: SoloLanes, wanted: Callable[[str], bool], clock_ns: Callable[[], int]
    ) -> None:
        self._lanes = lanes
        self._wanted = wanted
        self._clock_ns = clock_ns

    def run(self, taken: Sequence[tuple[Stream, list[Entry]]]) -> tuple[list[Message], list[Item]]:
        """Process drained entries; return messages to publish at once, and due items."""
        told: list[Message] = []
        items: list[Item] = []
        works: list[tuple[Stream, Work]] = []
        now_ns = self._clock_ns()
        for stream, entries in taken:
            try:
                work = stream.work(entries, now_ns)
                if work is not None:  # the usual case
                    works.append((stream, work))
                    continue
                shown, due, work = self._feed_stream(stream, entries)
            except Exception:
                log.exception("stream %s failed; it restarts soon", stream.name)
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
        """Process entries one by one, until the rest can go to a lane as work."""
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
            log.exception("streams failed together; they restart soon")
            items.clear()
            for stream, _ in works:
                state, left = stream.fail(self._clock_ns())
                told += state
                items += left
        return told, items


def _first(waiting: deque[Entry]) -> list[Entry]:
    """Take out the first entry; of a block only the first frame, as the rest may go to a lane."""
    if not waiting:
        return []
    entry = waiting.popleft()
    if isinstance(entry, Block) and len(entry) > 1:
        first, rest = entry.split(1)
        waiting.appendleft(rest)
        return [first]
    return [entry]
