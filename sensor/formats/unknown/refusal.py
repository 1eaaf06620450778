"""The refusal of a file of unknown form, and the list of formats that are read."""

from __future__ import annotations

from sensor.errors import RecordingError
from sensor.formats.recording import Limits
from sensor.formats.unknown.description import describe

OTHER_TOOLS = ("MediaPipe world landmarks (JSON, CSV)", "OpenPose 3D JSON", "Nuitrack (JSON, CSV)")
KNOWN = (
    "a Jointwise recording (.mcap, .jsonl), a clip set (.npz), NTU RGB+D .skeleton, BVH, Kinect v2 "
    "CSV and JSON, Azure Kinect CSV, Azure Kinect JSON (offline_processor, pykinect_azure, "
    f"gestures), {', '.join(OTHER_TOOLS)}, MSRC-12, UTKinect and MSR-Action3D text, G3D XML "
    "(a folder or ZIP archive of its frames), and pushed frames (JSON, one per line)"
)
"""The formats that are read, as an error lists them."""


def unsupported(title: str, data: bytes, limits: Limits) -> RecordingError:
    """Return the error for a file that no reader recognises: what it seems to be, and the mend."""
    return RecordingError(
        f"{title} is not a supported recording: it seems to be {describe(title, data, limits)}. "
        f"Supported: {KNOWN}. `jointwise inspect FILE` says more"
    )
