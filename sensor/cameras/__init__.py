"""Cameras and other live sources: the table of kinds, and `open_source`.

Each device has one module or folder:

  azure_kinect/   Azure Kinect and Orbbec Femto, live and as .mkv recordings, with body tracking
  kinect_v2       Kinect for Windows v2
  realsense       Intel RealSense, with a pose estimator
  webcam, video   pictures without depth, with a pose estimator
  replay          recordings of every format
  pose/           shared by all sources with a pose estimator
  discovery       searches for cameras of every kind
  device_clock    maps a device's time to the host's

To add a camera, write a module here with a function that opens a `SourceUri` and returns a
`Source`, and add it to `BUILT_IN`. If it uses a vendor's code, add it to `ISOLATED`; if its cameras
can be searched for, add the search to `FINDERS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from sensor.errors import SourceUriError
from sensor.isolation.source import IsolatedSource
from sensor.rotation import RotatedSource, rotation_of
from sensor.source import Source, SourceFactory, SourceUri, parse_uri

BUILT_IN = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:open_azure_kinect",
    "kinect-v2": "sensor.cameras.kinect_v2:open_kinect_v2",
    "mkv": "sensor.cameras.azure_kinect.recording:open_mkv",
    "realsense": "sensor.cameras.realsense:open_realsense",
    "replay": "sensor.cameras.replay:open_replay",
    "video": "sensor.cameras.video:open_video",
    "webcam": "sensor.cameras.webcam:open_webcam",
}
"""The function that opens each scheme, as `module:function`."""
ISOLATED = frozenset({"azure-kinect", "mkv", "kinect-v2", "webcam", "video", "realsense"})
"""Schemes that run a vendor's code, which may crash: each source gets a process of its own."""
FINDERS: dict[str, str] = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:find",
    "kinect-v2": "sensor.cameras.kinect_v2:find",
    "realsense": "sensor.cameras.realsense:find",
    "webcam": "sensor.cameras.webcam:find",
}
"""The functions that search for cameras, as `module:function` returning a list of Findings."""


def open_source(text: str, extra: Mapping[str, SourceFactory] | None = None) -> Source:
    """Open the source of a URI, such as `replay:walk.jsonl?pace=2`.

    `extra` adds schemes that this package does not know, each with the function that opens it. The
    option `rotate` turns the bodies of any source. Raises SourceUriError for an unknown scheme or
    option, RecordingError for a file that cannot be read.
    """
    uri = parse_uri(text)
    degrees = rotation_of(uri)
    source = _open(uri, extra or {})
    return RotatedSource(source, degrees) if degrees else source


def _open(uri: SourceUri, schemes: Mapping[str, SourceFactory]) -> Source:
    if uri.scheme in schemes:
        return schemes[uri.scheme](uri)
    if uri.scheme not in BUILT_IN:
        known = ", ".join(f"{scheme}:" for scheme in sorted({*BUILT_IN, *schemes}))
        raise SourceUriError(f'Unknown source "{uri.scheme}:". Available: {known}')
    if uri.scheme in ISOLATED:
        return IsolatedSource(uri, BUILT_IN[uri.scheme])
    return _factory(BUILT_IN[uri.scheme])(uri)


def _factory(entry_point: str) -> SourceFactory:
    """Import and return the function at `module:name`; not earlier, since SDKs are large."""
    module, _, name = entry_point.partition(":")
    factory: SourceFactory = getattr(importlib.import_module(module), name)
    return factory
