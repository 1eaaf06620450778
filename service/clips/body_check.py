"""Refuses recordings whose bodies cannot be people, and notes what is doubtful about others."""

from __future__ import annotations

from sensor.errors import RecordingError
from sensor.formats import azure_kinect_csv, azure_kinect_json
from sensor.formats.other_tools import mediapipe_csv, mediapipe_json, nuitrack_json, openpose_json
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, convert_frame
from sensor.tracking.pace import pace_problem
from sensor.tracking.plausibility import CAMERA_SPACE, Convention, problem_in
from sensor.tracking.posture import examine_frame

MOST_LOOKED_AT = 400
"""At most this many frames of a recording are looked at, evenly spread."""
FEWEST_FRAMES = 8
"""Bodies in fewer frames are not judged."""

CONVENTIONS = {
    azure_kinect_csv.FORMAT: Convention(y_up=False),
    azure_kinect_json.OFFLINE_FORMAT: Convention("millimetres", y_up=False),
    azure_kinect_json.PYKINECT_FORMAT: Convention("millimetres", y_up=False),
    mediapipe_csv.FORMAT: Convention(y_up=False),
    mediapipe_json.FORMAT: Convention(y_up=False),
    nuitrack_json.FORMAT: Convention("millimetres"),
    openpose_json.FORMAT: Convention(y_up=False),
}
"""The conventions of formats whose unit is not the metre or whose y axis points down."""


def notes_on(recording: Recording) -> list[str]:
    """Return lines for the user: an assumed frame rate, and limbs that are too fast or too slow."""
    problem = pace_problem(recording.frames)
    return [*recording.notes, *([f"{recording.name}: {problem}"] if problem else [])]


def check_bodies(recording: Recording, rotate: str = "") -> None:
    """Raise RecordingError with the likely cause and its mend if no body can be a person.

    The whole recording counts, so a person may lie, bend or fall. `rotate` is the caller's option
    that turns the bodies, such as "--rotate {}"; "" if there is none.
    """
    shown = [frame for frame in recording.frames if frame.bodies]
    if len(shown) < FEWEST_FRAMES:
        return
    step = -(-len(shown) // MOST_LOOKED_AT)
    looked_at = [examine_frame(convert_frame(frame, KINECT_V2).bodies) for frame in shown[::step]]
    findings = [finding for finding in looked_at if finding is not None]
    problem = problem_in(findings, CONVENTIONS.get(recording.format, CAMERA_SPACE), rotate)
    if problem is not None:
        raise RecordingError(f"{recording.name}: {problem}")
