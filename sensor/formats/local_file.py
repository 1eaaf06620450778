"""The content of local files, within limits."""

from __future__ import annotations

from pathlib import Path

from sensor.errors import RecordingError
from sensor.formats.recording import MIB, Limits


def is_folder(path: Path) -> bool:
    """Return whether a path is that of a folder that can be looked at."""
    try:
        return path.is_dir()
    except OSError:  # `file_bytes` says what is wrong
        return False


def file_bytes(path: Path, limits: Limits) -> bytes:
    """Return the content of a file. Raises RecordingError, also if it is too large."""
    try:
        if not path.is_file():
            problem = "not a file" if path.exists() else "no such file"
            raise RecordingError(f"{path}: {problem}")
        check_size(str(path), path.stat().st_size, limits)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"{path}: cannot be read: {reason}") from None


def check_size(title: str, size: int, limits: Limits) -> None:
    """Raise RecordingError if a file of `size` bytes is larger than the limit."""
    if size > limits.max_bytes:
        raise RecordingError(
            f"{title}: {size / MIB:.0f} MiB; at most {limits.max_bytes / MIB:.0f} MiB are read"
        )
