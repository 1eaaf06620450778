"""Writes Kinect v2 CSV: one body, with times and tracking states."""

from __future__ import annotations

from pathlib import Path

from sensor.formats import kinect_v2_csv
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2
from sensor.writing.fitting import Fitting

TITLE = "Kinect v2 CSV"


def write(recording: Recording, path: Path) -> list[str]:
    """Write a recording and return a sentence for each loss. Raises OSError."""
    fitting = Fitting(recording, TITLE)
    fitting.to_layout(KINECT_V2)
    fitting.keep_one_body()
    fitting.drop_labels()
    fitting.round_confidence()
    path.write_text(kinect_v2_csv.write(fitting.recording), encoding="ascii")
    return fitting.notes
