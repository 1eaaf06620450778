"""Runs queued frames through each stream's pipeline, or through the lanes of the fast path."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence

from models.live.person import Item
from models.live.solo_lane import LaneFrames, SoloLanes
from sensor.block import Block
from service.engine.stream import Entry, Stream
from service.wire.messages import Message

log = logging.getLogger(__name__)


class PipelineRunner:
    """Runs entries through the streams' pipelines. A stream that fails does not harm the others.

    `wanted` returns whether anybody wants the frames of a stream.
    """

    def __init__(
        self, lanes: SoloLanes, wanted: Callable[[str], bool], clock_ns: Callable[[], int]
    ) -> None:
        self._lanes = lanes
        self._wanted = wanted
        self._clock_ns = clock_ns

    def run(
        self, drained: Sequence[tuple[Stream, list[Entry]]]
    ) -> tuple[list[Message], list[Item]]:
        """Process drained entries; return messages to publish at once, and items to decide."""
        messages: list[Message] = []
        items: list[Item] = []
        on_lanes: list[tuple[Stream, LaneFrames]] = []
        now_ns = self._clock_ns()
        for stream, entries in drained:
            try:
                frames = stream.lane_frames(entries, now_ns)
                if frames is not None:  # the usual case
                    on_lanes.append((stream, frames))
                    continue
                stream_messages, stream_items, frames = self._run_stream(stream, entries)
            except Exception:
                log.exception("stream %s failed; it restarts soon", stream.name)
                stream_messages, stream_items = stream.fail(self._clock_ns(), entries)
                frames = None
            messages += stream_messages
            items += stream_items
            if frames is not None:
                on_lanes.append((stream, frames))
        lane_messages, lane_items = self._run_lanes(on_lanes)
        return messages + lane_messages, items + lane_items

    def _run_stream(
        self, stream: Stream, entries: list[Entry]
    ) -> tuple[list[Message], list[Item], LaneFrames | None]:
        """Process entries one by one, until a lane can take the rest."""
        messages: list[Message] = []
        items: list[Item] = []
        show = bool(entries) and self._wanted(stream.name)
        rest = deque(entries)
        while True:
            frames = stream.lane_frames(rest, self._clock_ns())
            if frames is not None:
                return messages, items, frames
            first = _take_first(rest)
            new_messages, new_items = stream.feed(first, self._clock_ns(), show and not rest)
            messages += new_messages
            items += new_items
            if not rest:
                return messages, items, None

    def _run_lanes(
        self, on_lanes: Sequence[tuple[Stream, LaneFrames]]
    ) -> tuple[list[Message], list[Item]]:
        messages: list[Message] = []
        items: list[Item] = []
        try:
            lane_items, newest_frames = self._lanes.push([frames for _, frames in on_lanes])
            items += lane_items
            messages += [
                stream.lane_message(frames, newest)
                for (stream, frames), newest in zip(on_lanes, newest_frames, strict=True)
                if self._wanted(stream.name)
            ]
        except Exception:
            log.exception("streams failed together; they restart soon")
            items.clear()
            for stream, _ in on_lanes:
                state, departures = stream.fail(self._clock_ns())
                messages += state
                items += departures
        return messages, items


def _take_first(entries: deque[Entry]) -> list[Entry]:
    """Remove and return the first entry, if any.

    Only the first frame of a block is taken, because a lane may take the rest.
    """
    if not entries:
        return []
    entry = entries.popleft()
    if isinstance(entry, Block) and len(entry) > 1:
        first, rest = entry.split(1)
        entries.appendleft(rest)
        return [first]
    return [entry]
