"""`python -m tests.cases_table CASES SAMPLES`: a table of what files give, as files and by push.

CASES is a folder of small inputs, each with one trouble, and SAMPLES a folder of recordings of
devices, by format. Live, the frames of a file are pushed to a running service with the shipped
model. A joint that was not seen is pushed as 0, 0, 0, as trackers do. The exit code is 1 if a file
gives another result than it should.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection

from models.inference.recognizer import Recognizer
from sensor.errors import SensorError
from sensor.formats import read_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from sensor.skeleton import Frame
from service.clips.uploads import classify_file
from tests.fakes.house import House, running

AT_ONCE = 15
WAIT_S = 120.0
_ON_ITS_HEAD = "stands on its head; negate y"
CASES = {
    "first_joint_zero_wave": "wave", "first_joint_zero_still": "nothing",
    "leading_zero_body_30": "wave", "head_zero_2s_still": "nothing",
    "upside_still": _ON_ITS_HEAD, "ntu_z_up": "along the z axis; exchange the axes",
    "offline_yup": _ON_ITS_HEAD, "drop_every8": "wave", "drop_every10": "wave",
    "ntu_second_static_lowid": "wave", "pykinect_nobody_first": "wave", "pykinect_lines": "wave",
    "offline_metres": "seem to be metres", "mediapipe_list": "in the picture (2D)",
    "openpose_3d": "in the picture (2D)", "nuitrack_frames": "read", "kinect2json": "read",
    "kinect_header": "wave", "kinect_semicolon": "wave", "kinect_utf16": "wave",
    "azure_upper": "wave", "azure_csv_with_time": "wave", "own_push_frames": "wave",
    "ok_ntu": "wave", "ok_pykinect": "wave",
}  # fmt: skip
"""What each case should give: a label, "nothing", "read" (any label), or parts of a refusal."""
SAMPLES = {
    "Ges01_wavehand": "wave", "bodyweight_squat_side_view": "squat", "Idle": "nothing",
    "recording": "Matroska video (.mkv); --source mkv:FILE", "calibration": "JSON, an object",
}  # fmt: skip
"""The expected result of samples for which reading alone is not enough."""


@dataclass(frozen=True)
class Result:
    """The labels of actions in order, or why there are none: a refusal, or the note of a stream."""

    labels: tuple[str, ...] = ()
    refusal: str = ""
    pushed: bool = True

    def fits(self, wanted: str) -> bool:
        """Return whether this is what a case should give."""
        if not self.pushed or (wanted == "read" and not self.refusal):
            return True
        if wanted == "nothing":
            return not self.labels and not self.refusal
        if self.refusal:
            return all(part in self.refusal for part in wanted.split("; "))
        return self.labels == (wanted,)

    def __str__(self) -> str:
        if not self.pushed:
            return "-"
        return self.refusal or ", ".join(self.labels) or "no action"


def by_file(model: Recognizer, path: Path) -> Result:
    """Classify a file as `jointwise classify` does."""
    try:
        answer = classify_file(model, path, LOCAL_LIMITS)
    except SensorError as error:
        return Result(refusal=str(error).partition(" Supported: ")[0])
    return Result(tuple(action.label for action in answer.actions))


def by_push(house: House, path: Path, number: int) -> Result:
    """Push the frames of a file to the running service."""
    try:
        recording = read_recording(path, limits=LOCAL_LIMITS)
    except SensorError:
        return Result(pushed=False)
    stream = f"case{number}"
    with house.connect(f"/ws/push/{stream}") as socket:
        _push(house, socket, stream, recording)
        note = next(s.note for s in house.live.engine.streams() if s.name == stream)
    _wait(lambda: all(s.name != stream for s in house.live.engine.streams()))
    house.live.bus.deliver()
    started = [
        action.label
        for action in house.live.bus.recent_actions()
        if action.stream == stream and action.phase == "start"
    ]
    return Result(tuple(started), note)


def _push(house: House, socket: ClientConnection, stream: str, recording: Recording) -> None:
    """Send all frames, and wait after some of them, so that none is dropped."""
    ids: dict[int, int] = {}
    for sent, frame in enumerate(recording.frames, 1):
        socket.send(json.dumps(_message(frame, ids)))
        if sent % AT_ONCE == 0 or sent == len(recording.frames):
            _wait(lambda count=sent: _frames_of(house, stream) >= count)


def _message(frame: Frame, ids: dict[int, int]) -> dict[str, Any]:
    bodies = [
        {
            "id": ids.setdefault(body.id, len(ids) + 1),
            "joints_m": body.joints_m.tolist(),
            "confidence": np.where(body.confidence > 0, body.confidence, 1).tolist(),
        }
        for body in frame.bodies
    ]
    return {
        "type": "frame",
        "captured_ns": frame.captured_ns,
        "bodies": bodies,
        "layout": frame.layout.name,
    }


def _frames_of(house: House, stream: str) -> int:
    return next((s.frames for s in house.live.engine.streams() if s.name == stream), 0)


def _wait(done: Any) -> None:
    until = time.monotonic() + WAIT_S
    while not done():
        if time.monotonic() > until:
            raise TimeoutError("the service does not take the frames")
        time.sleep(0.002)


def main(arguments: list[str]) -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser("python -m tests.cases_table", description=__doc__)
    parser.add_argument("cases", type=Path, help="folder of small inputs")
    parser.add_argument("samples", type=Path, help="folder of recordings of devices")
    asked = parser.parse_args(arguments)
    cases, samples = asked.cases, asked.samples
    files = [(path, CASES) for path in sorted(cases.iterdir()) if path.suffix != ".md"]
    files += [(path, SAMPLES) for path in sorted(samples.glob("*/*"))]
    model = Recognizer(None, "cpu")
    wrong = 0
    print(f"{'file':32} {'should give':40} verdict | as a file | live by push")
    with running(model=model, catch_up=1000) as house:
        for number, (path, wanted_of) in enumerate(files):
            wanted = wanted_of.get(path.stem, "read")
            file, live = by_file(model, path), by_push(house, path, number)
            right = file.fits(wanted) and live.fits(_live(wanted))
            wrong += not right
            print(
                f"{path.name:32} {wanted:40} {'right' if right else 'WRONG':7} | {file} | {live}",
                flush=True,
            )
    print(f"{len(files) - wrong} of {len(files)} right")
    sys.exit(wrong > 0)


def _live(wanted: str) -> str:
    """Return what the note of a pushed stream should say; it does not know the file's format."""
    return "no labels; seem to be metres divided by 1000" if "seem to be" in wanted else wanted


if __name__ == "__main__":
    main(sys.argv[1:])
