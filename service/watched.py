"""A recording's frames, whose progress is shown while they are gone through."""

from __future__ import annotations

from collections.abc import Iterator

from rich.progress import Progress, TaskID

from sensor.skeleton import Frame


class WatchedFrames(tuple[Frame, ...]):
    """The same frames; `task` of `progress` is as far as they are taken."""

    _progress: Progress
    _task: TaskID

    def __new__(cls, frames: tuple[Frame, ...], progress: Progress, task: TaskID) -> WatchedFrames:
        """Watch `frames`."""
        made = super().__new__(cls, frames)
        made._progress, made._task = progress, task
        return made

    def __iter__(self) -> Iterator[Frame]:
        """Frame by frame."""
        taken = super().__iter__()
        return iter(self._progress.track(taken, len(self), task_id=self._task))
