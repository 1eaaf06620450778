"""Recordings of k4arecorder, and the marks of tests that play them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect.recording import open_mkv
from sensor.cameras.azure_kinect.source import TrackedSource
from sensor.skeleton import Frame
from sensor.source import parse_uri
from tests.fakes.k4abt.build import stubs

SAMPLE = Path(__file__).parents[4] / "shared/data/samples/azure_kinect_mkv/recording.mkv"
needs_av = pytest.mark.skipif(
    importlib.util.find_spec("av") is None, reason="needs PyAV (the mkv extra)"
)
needs_sample = pytest.mark.skipif(not SAMPLE.exists(), reason="the recording is not here")


needs_pyk4a = pytest.mark.skipif(
    importlib.util.find_spec("pyk4a") is None or np.lib.NumpyVersion(np.__version__) >= "2.0.0",
    reason="needs pyk4a (the azure-kinect extra) and numpy below 2",
)
TIMES = [33_333 * i for i in range(6)]


def play(path: Path, **options: object) -> list[Frame]:
    """Return all frames of a recording, played through the stub tracker."""
    return list(open_source_of(path, **options).frames())


def open_source_of(path: Path, **options: object) -> TrackedSource:
    """Open a recording with the stub tracker."""
    return open_mkv(parse_uri(f"mkv:{path}?{stubs().options(**options)}"))
