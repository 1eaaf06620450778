"""Skips due predictions while the engine is behind. Their frames still enter the windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from models.live.person import Departure, DuePrediction, Item
from service.engine.stream_queue import StreamQueues

CROWD = 64
"""If at least this many people are behind at once, the machine is overloaded, not just late."""


class LoadShedding:
    """Selects the predictions to make, and counts those made and skipped for each stream.

    After a delay, a person with more than `catch_up` due predictions keeps only the newest; None:
    all are made.
    """

    def __init__(self, streams: StreamQueues, catch_up: int | None) -> None:
        self._streams = streams
        self._catch_up = catch_up

    def keep(self, items: list[Item]) -> list[Item]:
        """Return the items to decide; skipped predictions are counted as dropped."""
        kept = items
        people = len({item.person for item in items})
        if self._catch_up is not None and people < len(items):
            all_behind = people >= CROWD and len(items) > 1.5 * people
            kept = newest_only(items, 1 if all_behind else self._catch_up)
        self._count(items, kept)
        return kept

    def _count(self, items: list[Item], kept: list[Item]) -> None:
        kept_counts = Counter(
            item.person.stream for item in kept if isinstance(item, DuePrediction)
        )
        due_counts = kept_counts
        if len(kept) < len(items):
            due_counts = Counter(
                item.person.stream for item in items if isinstance(item, DuePrediction)
            )
        for name, count in due_counts.items():
            stream = self._streams.get(name)
            if stream is not None:
                stream.predictions += kept_counts[name]
                stream.dropped += count - kept_counts[name]


def newest_only(items: Iterable[Item], catch_up: int) -> list[Item]:
    """Skip predictions: a person with more than `catch_up` due keeps only the newest."""
    items = list(items)
    counts = Counter(item.person for item in items if isinstance(item, DuePrediction))
    newest = {item.person: item for item in items if isinstance(item, DuePrediction)}
    restarted = {item.person for item in items if isinstance(item, DuePrediction) and item.fresh}
    kept: list[Item] = []
    for item in items:
        if isinstance(item, Departure) or counts[item.person] <= catch_up:
            kept.append(item)
        elif item is newest[item.person]:
            # If the first prediction of a window is skipped, the kept one resets the memory.
            resets = item.person in restarted and not item.fresh
            kept.append(replace(item, fresh=True) if resets else item)
    return kept
