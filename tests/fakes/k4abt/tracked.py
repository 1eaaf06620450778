"""A recording of an Azure Kinect that stands in for the camera: its faults are tried anew."""

from __future__ import annotations

from sensor.cameras.azure_kinect.recording import open_mkv
from sensor.cameras.azure_kinect.source import TrackedSource
from sensor.source import SourceUri

TRACKED = "tests.fakes.k4abt.tracked:open_as_camera"


def open_as_camera(uri: SourceUri) -> TrackedSource:
    """Open `mkv:PATH?...`, restartable as `azure-kinect:` is."""
    source = open_mkv(uri)
    source.restartable = True
    return source
