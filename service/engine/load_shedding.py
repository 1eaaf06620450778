"""Drops work, not samples, when the machine is too slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from models.live.person import Due, Item, Left


def newest_only(items: Iterable[Item], catch_up: int) -> list[Item]:
    """Drop work, not samples: who has more than `catch_up` predictions due keeps the newest."""
    items = list(items)
    counts = Counter(item.person for item in items if isinstance(item, Due))
    newest = {item.person: item for item in items if isinstance(item, Due)}
    began = {item.person for item in items if isinstance(item, Due) and item.fresh}
    kept: list[Item] = []
    for item in items:
        if isinstance(item, Left) or counts[item.person] <= catch_up:
            kept.append(item)
        elif item is newest[item.person]:
            # Of who began anew in what is dropped the memory begins with what is kept.
            begins = item.person in began and not item.fresh
            kept.append(replace(item, fresh=True) if begins else item)
    return kept
