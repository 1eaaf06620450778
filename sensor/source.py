"""The `Source` protocol: whatever yields `Frame`s, a camera or a recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sensor.skeleton import Frame


class Source(Protocol):
    """An opened camera or recording.

    `frames()` yields each frame as it is captured and blocks between them; it returns when the
    source has ended and raises `SensorError` when the source is lost. `close()` may be called
    from another thread and makes `frames()` return soon. `note` is a sentence that people who
    watch should read, or "".
    """

    name: str
    kind: str
    note: str

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the source ends."""
        ...

    def close(self) -> None:
        """Let go of the device or file."""
        ...
