"""Writes NTU RGB+D `.skeleton`: six Kinect v2 bodies a frame at 30 Hz, with tracking states."""

from __future__ import annotations

from pathlib import Path

from sensor.formats import ntu_skeleton
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2
from sensor.writing.fitting import Fitting

TITLE = "NTU .skeleton"
MOST_BODIES = 6
"""A Kinect v2 tracks no more, and programs that read its files reserve no more."""


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording and return a sentence for each loss. Raises OSError."""
    fitting = Fitting(recording, TITLE)
    fitting.to_layout(KINECT_V2)
    fitting.limit_bodies(MOST_BODIES)
    fitting.make_ids_positive()
    fitting.drop_labels()
    fitting.make_even(ntu_skeleton.RATE_HZ)
    fitting.round_confidence()
    path.write_text(ntu_skeleton.write(fitting.recording), encoding="ascii")
    return fitting.notes
