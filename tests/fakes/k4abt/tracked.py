"""A recording of an Azure Kinect in place of the camera, so that faults are retried."""

from __future__ import annotations

from sensor.cameras.azure_kinect.recording import open_mkv
from sensor.cameras.azure_kinect.source import TrackedSource
from sensor.source import SourceUri

TRACKED = "tests.fakes.k4abt.tracked:open_as_camera"


def open_as_camera(uri: SourceUri) -> TrackedSource:
    """Open `mkv:PATH?...` as a restartable source, like `azure-kinect:`."""
    source = open_mkv(uri)
    source.restartable = True
    return source
