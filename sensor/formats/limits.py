"""The limits for reading a recording, and the one check of what a file declares.

Every reader calls `check_extent`, directly or through `check_times` and `times_at_rate`
(`sensor/formats/recording.py`), with the frames and the seconds that the file declares. It does so
before memory is allocated for frames that are not in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from sensor.errors import RecordingError

MIB = 1024 * 1024
LONGEST_S = 7 * 24 * 3600.0
"""Times that span more than a week are in another unit than the reader takes them for."""


@dataclass(frozen=True)
class Limits:
    """The largest recording to read: file size, unpacked size, frames, bodies per frame, seconds.

    `remedy` tells the user what to do with a recording that is too long.
    """

    max_bytes: int = 64 * MIB
    max_unpacked_bytes: int = 128 * MIB
    max_frames: int = 200_000
    max_bodies: int = 16
    max_s: float = LONGEST_S
    remedy: str = "cut it"


UPLOAD_LIMITS = Limits()
LOCAL_LIMITS = Limits(2048 * MIB, 4096 * MIB, 2_000_000)


def check_extent(name: str, frames: int, seconds: float, limits: Limits) -> None:
    """Raise RecordingError if there are more frames or more seconds than the limits allow.

    `seconds` is the time from the first frame to the last; it may be infinite.
    """
    check_frame_count(name, frames, limits)
    if not seconds <= LONGEST_S:
        raise RecordingError(f"{name}: the times span more than a week; are their units right?")
    if seconds > limits.max_s:
        raise RecordingError(
            f"{name} is {seconds:.0f} s long, but at most {limits.max_s:.0f} s are allowed: "
            f"{limits.remedy}"
        )


def check_frame_count(name: str, count: int, limits: Limits) -> None:
    """Raise RecordingError if there are more frames than the limit."""
    if count > limits.max_frames:
        raise RecordingError(
            f"{name}: {count} frames; at most {limits.max_frames} are read; shorten the recording"
        )
