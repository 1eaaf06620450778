"""Progress of what takes long, shown where somebody watches and silent where nobody does."""

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
    """Show the progress of every `steps` that is run inside; where it already is, go on so."""
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
    """The items one by one; each counts as done when the next is asked for."""
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
