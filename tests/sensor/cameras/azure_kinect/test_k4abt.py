from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect import k4a, k4abt
from sensor.errors import SensorError
from sensor.skeleton import AZURE_KINECT, KINECT_V2, convert_joints
from tests.fakes.k4abt.build import build_k4abt, needs_compiler, stubs

CALIBRATION = bytes(k4a.CALIBRATION_BYTES)
IMAGE = np.ones((4, 6), np.uint16)


def tracker(path: Path | None = None, **more: object) -> k4abt.Tracker:
    library = path or stubs().k4abt
    version = k4abt.version_of(library)
    assert version is not None
    k4a.load(str(stubs().k4a.parent))
    return k4abt.Tracker(k4abt.TrackerSettings(library, version, **more), CALIBRATION)  # type: ignore[arg-type]


def results(made: k4abt.Tracker, count: int) -> list[k4abt.Result | None]:
    library = k4a.load(str(stubs().k4a.parent))
    popped = []
    for number in range(count):
        capture = library.make_capture(33_333 * number, IMAGE, IMAGE)
        assert made.enqueue(capture, 100)
        library.release_capture(capture)
        popped.append(made.pop(100))
    return popped


def test_the_sizes_are_the_documented_ones():
    assert ctypes.sizeof(k4abt.Joint) == 32
    assert k4abt.Joint.confidence.offset == 28
    assert ctypes.sizeof(k4abt.Skeleton) == 1024
    assert ctypes.sizeof(k4abt.Config10) == 12
    assert ctypes.sizeof(k4abt.Config11) == 24
    assert k4abt.Config11.model_path.offset == 16


def test_a_missing_tracker_raises_one_line_with_page_and_paths(tmp_path: Path):
    with pytest.raises(SensorError) as caught:
        k4abt.find_tracker(str(tmp_path))
    text = str(caught.value)
    assert str(tmp_path) in text
    assert "learn.microsoft.com/azure/kinect-dk/body-sdk-download" in text
    assert "k4abt=FOLDER" in text
    assert "\n" not in text


@needs_compiler
def test_the_version_is_read_from_the_files(tmp_path: Path):
    assert k4abt.version_of(stubs().k4abt) == (1, 1)
    assert k4abt.version_of(stubs().k4abt_1_0) == (1, 0)
    unnamed = Path(shutil.copy(stubs().k4abt_1_0, tmp_path / "libk4abt.so"))
    assert k4abt.version_of(unnamed) == (1, 0)  # from its soname
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "libk4abt.so").symlink_to(stubs().k4abt)
    assert k4abt.version_of(k4abt.find_tracker(str(tmp_path / "link"))) == (1, 1)


def test_the_model_beside_a_library_tells_its_version(tmp_path: Path):
    library = tmp_path / "k4abt.dll"
    library.write_bytes(b"MZ")
    assert k4abt.version_of(library) is None
    (tmp_path / "dnn_model_2_0.onnx").touch()
    assert k4abt.version_of(library) == (1, 0)
    (tmp_path / k4abt.MODEL).touch()
    assert k4abt.version_of(library) == (1, 1)


@needs_compiler
def test_the_configuration_arrives_in_either_version(tmp_path: Path):
    made = tracker(mode="tensorrt", orientation="flip180", gpu=3, model=tmp_path / "m.onnx")
    made.close()
    dll = ctypes.CDLL(str(stubs().k4abt))
    dll.stub_last_model.restype = ctypes.c_char_p
    assert (dll.stub_last_mode(), dll.stub_last_orientation(), dll.stub_last_gpu()) == (3, 3, 3)
    assert dll.stub_last_model() == str(tmp_path / "m.onnx").encode()
    tracker().close()
    assert dll.stub_last_model() == b""
    old = tracker(stubs().k4abt_1_0, mode="cpu", orientation="clockwise90", gpu=2)
    assert results(old, 1)[0] is not None
    old.close()
    dll = ctypes.CDLL(str(stubs().k4abt_1_0))
    assert (dll.stub_last_mode(), dll.stub_last_orientation(), dll.stub_last_gpu()) == (1, 1, 2)


@needs_compiler
def test_bodies_stand_upright_and_unmirrored():
    made = tracker(smoothing=0.5)
    (result,) = results(made, 1)
    made.close()
    assert result is not None
    (body,) = result.bodies
    at = {name: body.joints_m[i] for name, i in AZURE_KINECT.index.items()}
    assert at["Head"][1] > at["Pelvis"][1] > at["FootLeft"][1]
    assert at["ShoulderLeft"][0] < at["ShoulderRight"][0]  # the person faces the camera
    assert at["Nose"][2] < at["Head"][2]
    assert at["Pelvis"] == pytest.approx([0, -0.1, 2.5])
    bones = [np.linalg.norm(at[a] - at[b]) for a, b in (("HipLeft", "KneeLeft"), ("Neck", "Head"))]
    assert bones == pytest.approx([0.4, 0.13], abs=0.01)
    assert body.confidence[AZURE_KINECT.index["EarRight"]] == 0  # none
    assert body.confidence[AZURE_KINECT.index["EarLeft"]] == 0.5  # low
    assert body.confidence[AZURE_KINECT.index["Head"]] == 1  # medium, its highest level today
    canonical, _ = convert_joints(body.joints_m, body.confidence, AZURE_KINECT, KINECT_V2)
    assert canonical[KINECT_V2.index["Head"], 1] > canonical[KINECT_V2.index["SpineBase"], 1]


@needs_compiler
def test_ids_are_the_trackers_not_the_list_index(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_K4ABT", "bodies=2,swap_every=1,empty_every=3")
    made = tracker()
    seen = [[(b.id, b.joints_m[0, 0]) for b in r.bodies] for r in results(made, 4) if r]
    made.close()
    assert [[id_ for id_, _ in ids] for ids in seen] == [[2, 1], [1, 2], [], [1, 2]]
    assert {id_: round(float(x), 2) for ids in seen for id_, x in ids} == {1: 0.0, 2: -0.8}


@needs_compiler
def test_handles_are_released_once():
    before = stubs().count("k4a_alive")
    made = tracker()
    assert len([r for r in results(made, 20) if r]) == 20
    library = k4a.load(str(stubs().k4a.parent))
    for _ in range(2):  # left in the queue
        capture = library.make_capture(0, IMAGE, IMAGE)
        made.enqueue(capture, 10)
        library.release_capture(capture)
    made.close()
    made.close()
    assert stubs().count("k4a_alive") == before
    assert stubs().count("frames_alive") == stubs().count("trackers_alive") == 0
    assert stubs().count("k4a_refused") == 0


@needs_compiler
def test_a_full_queue_a_timeout_and_a_refused_capture():
    made = tracker()
    assert made.pop(1) is None
    library = k4a.load(str(stubs().k4a.parent))
    whole = library.make_capture(7, IMAGE, IMAGE)
    half = library.make_capture(7, IMAGE, None)
    assert made.enqueue(half, 1) is False
    assert [made.enqueue(whole, 1) for _ in range(4)] == [True, True, True, None]
    made.close()
    library.release_capture(whole)
    library.release_capture(half)


@needs_compiler
def test_a_tracker_that_cannot_start_says_what_to_try(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_K4ABT", "refuse_create=1")
    with pytest.raises(SensorError, match=r"could not start in mode=cuda; .*mode=cpu needs no"):
        tracker(mode="cuda")


@needs_compiler
def test_a_pop_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch):
    stubs().reset()
    monkeypatch.setenv("STUB_K4ABT", "fail_after=1")
    made = tracker()
    with pytest.raises(SensorError, match="the body tracker failed"):
        results(made, 2)
    made.close()


CRASH = """
import sys
from tests.sensor.cameras.azure_kinect import test_k4abt
print(len(test_k4abt.results(test_k4abt.tracker(), 2)), flush=True)
test_k4abt.results(test_k4abt.tracker(), 3)
"""


@needs_compiler
def test_the_stub_crashes_on_demand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_K4ABT", "crash_after=2")
    done = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, check=False)
    assert done.stdout.strip() == b"2"
    assert done.returncode == -11


@needs_compiler
def test_a_configuration_of_the_wrong_size_crashes_the_tracker(tmp_path: Path):
    """So the version must be known: with the wrong size the stub crashes or reads garbage."""
    lying = build_k4abt(tmp_path, stubs().k4a, 12, "1.1.9")
    code = f"""
from pathlib import Path
from sensor.cameras.azure_kinect import k4abt
settings = k4abt.TrackerSettings(Path({str(lying)!r}), (1, 1), "cpu", gpu=5)
k4abt.Tracker(settings, bytes(1032))
import ctypes
assert ctypes.CDLL({str(lying)!r}).stub_last_gpu() == 5
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
