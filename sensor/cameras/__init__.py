"""Cameras and other live sources: the table of kinds, and one module or folder a device."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from sensor.errors import SourceUriError
from sensor.isolation.source import IsolatedSource
from sensor.source import Source, SourceFactory, parse_uri

BUILT_IN = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:open_azure_kinect",
    "kinect-v2": "sensor.cameras.kinect_v2:open_kinect_v2",
    "mkv": "sensor.cameras.azure_kinect.recording:open_mkv",
    "realsense": "sensor.cameras.realsense:open_realsense",
    "replay": "sensor.cameras.replay:open_replay",
    "video": "sensor.cameras.video:open_video",
    "webcam": "sensor.cameras.webcam:open_webcam",
}
"""What opens each scheme, as `module:function`."""
ISOLATED = frozenset({"azure-kinect", "mkv", "kinect-v2", "webcam", "video", "realsense"})
"""Schemes whose code is a vendor's: each source runs in a process of its own, as it may crash."""
FINDERS: dict[str, str] = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:find",
    "kinect-v2": "sensor.cameras.kinect_v2:find",
    "realsense": "sensor.cameras.realsense:find",
    "webcam": "sensor.cameras.webcam:find",
}
"""What looks for cameras, as `module:function` that answers Findings, by the chief kind."""


def open_source(text: str, extra: Mapping[str, SourceFactory] | None = None) -> Source:
    """Open the source that a URI names, such as `replay:walk.jsonl?pace=2`.

    `extra` adds schemes that this package cannot know, each with what opens it. Raises
    SourceUriError for an unknown scheme or option, RecordingError for a file that cannot be read.
    """
    uri = parse_uri(text)
    schemes = extra or {}
    if uri.scheme in schemes:
        return schemes[uri.scheme](uri)
    if uri.scheme not in BUILT_IN:
        known = ", ".join(f"{scheme}:" for scheme in sorted({*BUILT_IN, *schemes}))
        raise SourceUriError(f"{text}: no source is called {uri.scheme!r}; known are {known}")
    if uri.scheme in ISOLATED:
        return IsolatedSource(uri, BUILT_IN[uri.scheme])
    return _factory(BUILT_IN[uri.scheme])(uri)


def _factory(entry_point: str) -> SourceFactory:
    """The function at `module:name`; imported only now, for a device's SDK is large."""
    module, _, name = entry_point.partition(":")
    factory: SourceFactory = getattr(importlib.import_module(module), name)
    return factory
