"""The pose estimator on pictures of people that installed packages contain."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sensor.cameras.pose.depth_lifting import Pinhole, place_by_height
from sensor.cameras.pose.estimator import (
    MediaPipe,
    PoseEstimator,
    _carried,
    carries_model,
    estimator_factory,
)
from sensor.cameras.pose.landmarks import Pose
from sensor.errors import SensorError
from sensor.skeleton import KINECT_V2
from tests.fakes.cameras import people_pictures

AT = KINECT_V2.index
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:google.protobuf"),
]


def estimator(people: int = 1) -> PoseEstimator:
    return estimator_factory("webcam:0", people_pictures.model(), people)()


def look(image: np.ndarray, people: int = 1, times: int = 3) -> list[Pose]:
    finder = estimator(people)
    try:
        for n in range(times):
            found = finder.people(image, n * 33_000_000)
    finally:
        finder.close()
    return found


def test_a_whole_person_stands_upright_unmirrored_and_of_human_size() -> None:
    image = people_pictures.whole()
    (found,) = look(image)
    body = place_by_height(found, Pinhole.of_view(image.shape[1], image.shape[0], 65), 1.7)
    assert body is not None
    at = {name: body.joints_m[i] for name, i in AT.items()}
    assert (
        body.confidence[[AT[n] for n in ("Head", "HipLeft", "KneeLeft", "FootRight")]] > 0
    ).all()
    assert at["Head"][1] > at["SpineShoulder"][1] > at["SpineBase"][1] > at["KneeLeft"][1]
    assert at["ShoulderLeft"][0] < at["ShoulderRight"][0]
    assert at["HipLeft"][0] < at["HipRight"][0]
    assert 1.2 < at["Head"][1] - at["AnkleLeft"][1] < 1.8
    # The man is at the left of the picture and of the camera, so x is positive.
    assert at["SpineBase"][0] > 0.5
    assert 1.5 < at["SpineBase"][2] < 5


def test_joints_outside_the_picture_are_missing() -> None:
    (found,) = look(people_pictures.half())
    assert found.confidence[AT["Head"]] > 0.9
    assert found.confidence[AT["ShoulderLeft"]] > 0.9
    for name in ("KneeLeft", "KneeRight", "AnkleLeft", "FootRight", "HandTipLeft"):
        assert found.confidence[AT[name]] == 0


def test_a_picture_without_people_has_no_pose() -> None:
    assert look(np.full((480, 640, 3), 90, np.uint8)) == []


def test_people_side_by_side_are_separate_bodies() -> None:
    man = people_pictures.whole()[330:930, :280]
    found = look(np.concatenate([man, man[:, ::-1], man], axis=1), people=4, times=4)
    middles = sorted(float(pose.pixels[AT["SpineBase"], 0]) for pose in found)
    assert middles == pytest.approx([130, 440, 690], abs=25)


def test_several_people_are_different_people() -> None:
    image = people_pictures.whole()
    found = look(image, people=4, times=1)
    places = [pose.pixels[AT["SpineBase"]] for pose in found]
    assert len(found) >= 1
    for i, a in enumerate(places):
        assert all(np.linalg.norm(a - b) > 30 for b in places[:i])


def test_times_that_stand_still_or_run_backwards_are_accepted() -> None:
    finder = estimator()
    image = people_pictures.half()
    for captured_ns in (5_000_000, 5_000_000, 0, 10**15):
        assert len(finder.people(image, captured_ns)) == 1
    finder.close()


def test_the_model_in_mediapipe_becomes_a_task_file(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe", reason="needs the pose extra")
    if not carries_model():
        pytest.skip("the installed mediapipe contains no pose model")
    path = tmp_path / "pose.task"
    import mediapipe

    carried = _carried(Path(mediapipe.__path__[0]) / "modules")
    assert carried is not None
    path.write_bytes(carried)
    finder = estimator_factory("webcam:0", str(path), 2)()
    assert len(finder.people(people_pictures.half(), 0)) == 1
    finder.close()


def test_an_invalid_model_is_named() -> None:
    pytest.importorskip("mediapipe", reason="needs the pose extra")
    with pytest.raises(SensorError, match=r"not one that MediaPipe reads.*curl -Lo pose_landmark"):
        MediaPipe(b"no model")


def test_a_missing_model_is_named_with_the_download_command() -> None:
    pytest.importorskip("mediapipe", reason="needs the pose extra")
    with pytest.raises(SensorError, match=r"webcam:0: cannot read .*nope.task.*curl -Lo .*https:"):
        estimator_factory("webcam:0", "/nope.task", 1)


def test_a_mediapipe_without_a_model_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newer = ModuleType("mediapipe")
    newer.__path__ = [str(tmp_path)]
    newer.__version__ = "1.2.2"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mediapipe", newer)
    assert not carries_model()
    with pytest.raises(SensorError, match=r"1\.2\.2 contains no pose model.*curl.*model=pose_land"):
        estimator_factory("webcam:0", None, 1)


def test_an_unloadable_mediapipe_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mediapipe.py").write_text("raise ImportError('libGL.so.1: no such file')")
    monkeypatch.delitem(sys.modules, "mediapipe", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SensorError, match=r"cannot be loaded \(libGL.so.1.*apt-get install libgl1"):
        carries_model()
