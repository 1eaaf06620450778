"""Files whose bodies cannot be people are refused with one line, by REST and by `classify`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sensor.errors import RecordingError
from sensor.formats import kinect_v2_csv, ntu_skeleton, read_recording
from sensor.formats.recording import Recording
from sensor.rotation import rotate_frame
from sensor.skeleton import AZURE_KINECT, Body, FloatArray
from service.__main__ import app
from service.clips.body_check import check_bodies
from tests import builders
from tests.fakes.house import House, running
from tests.fakes.people import SCRIPT, motion, recording
from tests.fakes.recognizer import FakeRecognizer

FLIP = np.float32((1, -1, 1))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(upload_mib=1, clip_seconds=60) as house:
        yield house


def changed(made: Recording, by: FloatArray, order: tuple[int, ...] = (0, 1, 2)) -> Recording:
    """Return the recording with its axes in another order, times `by`."""
    frames = [
        replace(f, bodies=tuple(Body(b.id, b.joints_m[:, order] * by, b.confidence)
                                for b in f.bodies))
        for f in made.frames
    ]  # fmt: skip
    return replace(made, frames=tuple(frames))


def test_an_upload_with_a_body_on_its_head_gets_the_cause(house: House) -> None:
    data = kinect_v2_csv.write(changed(recording(), FLIP)).encode()
    reply = house.http.post("/clips", files={"file": ("upside.csv", data)}, timeout=30)
    assert reply.status_code == 422
    assert "upside.csv: the body stands on its head: y must point up" in reply.text


def test_classify_prints_the_cause(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.inference.recognizer.Recognizer", lambda *_: FakeRecognizer())
    path = tmp_path / "z_up.skeleton"
    path.write_text(ntu_skeleton.write(changed(recording(), np.float32((1, 1, 1)), (0, 2, 1))))
    shown = cli.invoke(app, ["classify", str(path)])
    assert shown.exit_code == 1
    assert not shown.stdout
    (line,) = shown.stderr.splitlines()
    assert "z_up: the body lies along the z axis" in line


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner()


def test_metres_where_a_format_has_millimetres_are_named() -> None:
    made = builders.recording(20, AZURE_KINECT)
    data = builders.offline_processor_json(changed(made, np.float32(0.001)))
    with pytest.raises(RecordingError, match="seem to be metres, but must be millimetres"):
        check_bodies(read_recording(data))
    check_bodies(read_recording(builders.offline_processor_json(made)))
    flipped = builders.offline_processor_json(changed(made, FLIP))
    with pytest.raises(RecordingError, match="on its head: y must point down"):
        check_bodies(read_recording(flipped))


def test_a_turned_file_names_the_option_only_to_commands(
    cli: CliRunner, tmp_path: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = recording()
    frames = tuple(rotate_frame(frame, 270) for frame in made.frames)
    path = tmp_path / "side.csv"
    path.write_text(kinect_v2_csv.write(replace(made, frames=frames)))
    reply = house.http.post("/clips", files={"file": ("side.csv", path.read_bytes())}, timeout=30)
    assert reply.status_code == 422
    assert "is the camera turned? turn the coordinates (x, y to -y, x)" in reply.text
    monkeypatch.setattr("models.inference.recognizer.Recognizer", lambda *_: FakeRecognizer())
    shown = cli.invoke(app, ["classify", str(path)])
    assert shown.exit_code == 1
    assert (
        "lies on its side: y must point up; is the camera turned? add --rotate 90" in shown.stderr
    )
    assert "add --rotate 90" in " ".join(cli.invoke(app, ["inspect", str(path)]).stdout.split())
    assert cli.invoke(app, ["classify", str(path), "--rotate", "90"]).exit_code == 0
    converted = ["convert", str(path), str(tmp_path / "up.jsonl"), "--rotate", "90"]
    assert cli.invoke(app, converted).exit_code == 0
    check_bodies(read_recording(tmp_path / "up.jsonl"))
    wrong = cli.invoke(app, ["classify", str(path), "--rotate", "45"])
    assert wrong.exit_code == 2 and "--rotate must be 90, 180 or 270 (got 45)" in wrong.stderr


def test_a_recording_in_which_somebody_falls_is_read() -> None:
    joints = motion(SCRIPT)
    joints[60:] = joints[60:][..., [1, 0, 2]]
    check_bodies(recording(joints))


def test_short_and_empty_recordings_are_not_judged() -> None:
    check_bodies(changed(recording(motion((("rest", 0.2),))), FLIP))
    made = recording()
    check_bodies(replace(made, frames=tuple(replace(f, bodies=()) for f in made.frames)))


@pytest.mark.parametrize(
    ("name", "scale", "line"),
    [
        ("nuitrack-json", 0.001, "seem to be metres, but must be millimetres"),
        ("mediapipe-csv", -1, "y must point down"),
        ("openpose-json", -1, "y must point down"),
        ("kinect-v2-csv", -1, "y must point up"),
    ],
)
def test_the_line_follows_the_unit_and_the_axes_of_the_format(
    name: str, scale: float, line: str
) -> None:
    by = np.float32((scale, scale, scale))
    with pytest.raises(RecordingError, match=line):
        check_bodies(replace(changed(recording(), by), format=name))
