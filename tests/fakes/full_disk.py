"""A disk that is nearly full."""

from __future__ import annotations

import errno
from typing import Any


class FullDisk:
    """A file on a disk with room for `room` bytes. Then writing raises OSError with `code`."""

    code = errno.ENOSPC

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        fits = min(self.room, len(data))
        if not fits:
            raise OSError(self.code, "No space left on device")
        self.room -= fits
        return int(self.file.write(bytes(data[:fits])))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)
