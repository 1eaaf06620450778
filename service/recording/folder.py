"""The folder of recordings: its files, and whether it can be used."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterable
from pathlib import Path

from sensor.formats.mcap.writer import MISSING
from service.errors import SettingsError

RECORDING_NAME = re.compile(r"([a-z0-9_][a-z0-9._-]*?)-\d{8}-\d{6}(?:-\d+)?\.mcap")


def recording_files(folder: Path) -> Iterable[tuple[Path, int, int]]:
    """Yield each recording in the folder, the time of its last change (ns) and its size (bytes)."""
    for path in folder.glob("*.mcap"):
        with contextlib.suppress(OSError):  # the file has just been removed
            if RECORDING_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                state = path.stat()
                yield path, state.st_mtime_ns, state.st_size


def usable_folder(folder: Path) -> Path:
    """Return the folder; make it if it is missing. Raises SettingsError if it cannot be used."""
    if importlib.util.find_spec("mcap") is None:
        raise SettingsError(f"setting recordings: {MISSING}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"setting recordings: {folder} cannot be made: {error.strerror or error}"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"setting recordings: {folder} cannot be written to")
    return folder.resolve()
