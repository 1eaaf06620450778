"""Progress bars of long work: shown inside `shown()`, silent elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")

_shown: ContextVar[Progress | None] = ContextVar("_shown", default=None)


@contextmanager
def shown() -> Iterator[Progress]:
    """Show a bar for each `steps` that runs inside. Nested calls share the outer display."""
    outer = _shown.get()
    if outer is not None:
        yield outer
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, transient=True) as progress:
        token = _shown.set(progress)
        try:
            yield progress
        finally:
            _shown.reset(token)


def steps(items: Iterable[Item], what: str, count: int) -> Iterator[Item]:
    """Yield the items. An item counts as done when the next one is requested.

    `what` is the text beside the bar, `count` the number of items expected.
    """
    progress = _shown.get()
    if progress is None:
        yield from items
        return
    task = progress.add_task(what, total=count)
    try:
        for item in items:
            yield item
            progress.advance(task)
    finally:
        progress.remove_task(task)
