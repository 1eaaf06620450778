"""Writes a file under a temporary name first, so that a failure leaves nothing half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensor.errors import RecordingError


@contextmanager
def new_file(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; afterwards, the file there is renamed to `path`.

    If the block raises, nothing remains. Raises RecordingError if `path` exists and `overwrite` is
    False, if it is not a plain file, or if the disk refuses.
    """
    check_free(path, overwrite)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name[:40]}.", dir=path.parent) as folder:
            made = Path(folder) / "part"
            yield made
            _to_disk(made)
            check_free(path, overwrite)
            made.replace(path)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be written: {error.strerror or error}") from None


def check_free(path: Path, overwrite: bool) -> None:
    """Raise RecordingError if a new file may not be written at `path`."""
    if not path.name:
        raise RecordingError(f"{path}: not the name of a file")
    try:
        if not path.parent.is_dir():
            raise RecordingError(f"{path}: there is no folder {path.parent}")
        there, plain = path.exists() or path.is_symlink(), path.is_file()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path}: cannot be written: {reason}") from None
    if there and not plain:
        raise RecordingError(f"{path}: exists and is not a file; choose another name")
    if there and not overwrite:
        raise RecordingError(f"{path}: exists; choose another name, or overwrite it with --force")


def _to_disk(path: Path) -> None:
    # Some systems report a full disk only now.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
