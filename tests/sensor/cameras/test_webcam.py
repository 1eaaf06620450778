"""Cameras without a tracker, with a scripted camera and pose estimator."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras import webcam
from sensor.cameras.pose.landmarks import Pose
from sensor.cameras.pose.newest_picture import NewestPicture
from sensor.cameras.pose.source import PoseSource, View
from sensor.cameras.webcam import find, list_linux, open_webcam
from sensor.capture import CaptureThread
from sensor.errors import SensorError, SourceUriError
from sensor.skeleton import KINECT_V2
from sensor.source import parse_uri
from tests.fakes.cameras import rendered
from tests.fakes.cameras.pictures import FakeCamera, FakeEstimator, picture

AT = KINECT_V2.index


def a_pose() -> tuple[Pose, rendered.Person]:
    rng = np.random.default_rng(1)
    true = rendered.person(rng, 2.5, 0)
    return rendered.estimate(rng, true), true


def source(
    device: FakeCamera, estimator: FakeEstimator | None = None, view: View | None = None
) -> PoseSource:
    finder = estimator or FakeEstimator([a_pose()[0]])
    return PoseSource(parse_uri("webcam:0?name=hall"), lambda _: device, lambda: finder, view)


def test_streams_are_named_after_their_device() -> None:
    for uri, name in (("webcam:0", "webcam-0"), ("webcam:/dev/video2", "webcam-dev-video2")):
        made = PoseSource(parse_uri(uri), lambda _: FakeCamera([]), lambda: FakeEstimator([]))
        assert made.name == name


def test_each_picture_becomes_a_frame_with_its_own_time() -> None:
    device = FakeCamera([picture(5), picture(90), None])
    frames = list(source(device).frames())
    assert [(frame.sequence, frame.captured_ns) for frame in frames] == [(0, 5), (1, 90)]
    assert {frame.source for frame in frames} == {"hall"}
    (body,) = frames[0].bodies
    assert body.id == -1 and frames[0].layout is KINECT_V2
    assert body.joints_m[AT["ShoulderLeft"], 0] < body.joints_m[AT["ShoulderRight"], 0]
    assert device.closed == 1


def test_depth_is_used_if_it_shows_the_trunk() -> None:
    pose, true = a_pose()
    flat = picture()
    deep = replace(flat, depth_m=rendered.depth_of([true]), pinhole=rendered.PINHOLE)
    dark = replace(deep, depth_m=np.zeros(rendered.SHAPE, np.float32))
    frames = list(source(FakeCamera([deep, dark]), FakeEstimator([pose])).frames())
    by_depth, by_size = (frame.bodies[0].joints_m[AT["SpineBase"], 2] for frame in frames)
    assert abs(by_depth - true.joints_m[AT["SpineBase"], 2]) < 0.05
    assert by_size != by_depth and abs(by_size - by_depth) < 0.6


def test_a_mirrored_picture_is_flipped_before_estimation() -> None:
    estimator = FakeEstimator([])
    view = View.of(parse_uri("webcam:0?mirror=true&fov=80&height=1.2"))
    assert (view.fov_deg, view.height_m) == (80, 1.2)
    list(source(FakeCamera([picture()]), estimator, view).frames())
    assert estimator.shown[0][0, 0, 0] == 255


def test_an_unplugged_camera_is_opened_again() -> None:
    devices = [
        FakeCamera([picture(1), SensorError("pulled out")]),
        FakeCamera([SensorError("not there yet")]),
        FakeCamera([picture(2), None]),
    ]
    opened = iter(devices)
    estimators = []

    def estimator() -> FakeEstimator:
        estimators.append(FakeEstimator([]))
        return estimators[-1]

    made = PoseSource(parse_uri("webcam:0"), lambda _: next(opened), estimator)
    states: list[tuple[str, str]] = []
    capture = CaptureThread(made, lambda *state: states.append(state), wait=lambda _: False)
    capture.run()
    assert [state for state, _ in states] == ["live", "lost", "lost", "live", "ended"]
    assert ("lost", "pulled out") in states
    assert [frame.captured_ns for frame in capture.drain()] == [1, 2]
    assert [device.closed for device in devices] == [1, 1, 1]
    assert [one.closed for one in estimators] == [1, 1, 1]


def test_close_ends_it() -> None:
    made = source(FakeCamera([picture(n) for n in range(9)]))
    frames = made.frames()
    next(frames)
    made.close()
    assert list(frames) == []
    assert list(made.frames()) == []


def test_only_the_newest_picture_is_kept() -> None:
    done = threading.Event()

    class Slow(FakeCamera):
        def close(self) -> None:
            super().close()
            done.set()

    newest = NewestPicture("test", lambda: Slow([picture(n) for n in range(1, 5)]))
    assert done.wait(5)
    seen = newest.read()
    assert seen is not None and seen.captured_ns == 4
    assert newest.skipped == 3
    assert newest.read() is None
    newest.close()


def test_errors_of_the_reading_thread_reach_the_reader() -> None:
    def missing() -> FakeCamera:
        raise SensorError("no camera")

    with pytest.raises(SensorError, match="no camera"):
        NewestPicture("test", missing)
    newest = NewestPicture("test", lambda: FakeCamera([SensorError("pulled out")]))
    with pytest.raises(SensorError, match="pulled out"):
        newest.read()


def test_a_camera_that_stalls_is_lost() -> None:
    stuck = threading.Event()

    class Stuck(FakeCamera):
        def read(self) -> None:
            stuck.wait(5)

    newest = NewestPicture("webcam 0", lambda: Stuck([]), stall_s=0.2)
    with pytest.raises(SensorError, match=r"webcam 0 sent nothing for 0\.2 s"):
        newest.read()
    stuck.set()
    newest.close()


def test_linux_lists_cameras_without_their_metadata_nodes(tmp_path: Path) -> None:
    for number, index, name in ((2, 0, "C920"), (3, 1, "C920"), (0, 0, "Integrated Camera")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "index").write_text(f"{index}\n")
        (tmp_path / f"video{number}" / "name").write_text(f"{name}\n")
    assert list_linux(tmp_path) == [(0, "Integrated Camera"), (2, "C920")]
    assert list_linux(tmp_path / "none") == []


@pytest.mark.parametrize("uri", ["webcam:0?size=big", "webcam:0?size=0x5", "webcam:0?fov=200"])
def test_wrong_options_are_named(uri: str) -> None:
    with pytest.raises(SourceUriError, match=r"size=|fov="):
        open_webcam(parse_uri(uri))
    with pytest.raises(SourceUriError, match="no option 'zoom'"):
        open_webcam(parse_uri("webcam:0?zoom=2"))


def test_without_mediapipe_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    monkeypatch.setattr(webcam, "_webcams", lambda may_open: [(0, "C920")])
    with pytest.raises(SensorError, match=r"pip install 'jointwise\[pose\]'"):
        open_webcam(parse_uri("webcam:0"))
    (found,) = find()
    assert (found.uri, found.name, found.ready) == ("", "C920", False)
    assert found.mend == "pip install 'jointwise[pose]'"
    monkeypatch.setattr(webcam, "_webcams", lambda may_open: [])
    assert not find()[0].ready


def test_findings_can_be_given_to_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam, "_webcams", lambda may_open: [(2, "C920")])
    monkeypatch.setattr(webcam, "carries_model", lambda: True)
    assert [(one.uri, one.ready) for one in find()] == [("webcam:2", True)]
    monkeypatch.setattr(webcam, "carries_model", lambda: False)
    (needy,) = find()
    assert needy.uri == "webcam:2?model=pose_landmarker_full.task"
    assert not needy.ready and needy.mend.startswith("curl ")


def test_a_missing_camera_is_named_with_those_found() -> None:
    pytest.importorskip("cv2", reason="needs the pose extra")
    with pytest.raises(SensorError, match=r"^webcam 63 cannot be opened: plug it in.*found: "):
        webcam.Webcam(63, None)
