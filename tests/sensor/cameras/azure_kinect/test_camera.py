from __future__ import annotations

import importlib.util
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect import camera, pyk4a
from sensor.cameras.azure_kinect.camera import find, open_azure_kinect
from sensor.cameras.azure_kinect.options import tracker_settings
from sensor.errors import SensorError
from sensor.source import parse_uri
from tests.fakes.k4abt.build import needs_compiler, stubs

HAS_PYK4A = importlib.util.find_spec("pyk4a") is not None
NUMPY_2 = np.lib.NumpyVersion(np.__version__) >= "2.0.0"
needs_pyk4a = pytest.mark.skipif(
    not HAS_PYK4A or NUMPY_2, reason="needs pyk4a (the azure-kinect extra) and numpy below 2"
)


def uri(path: str = "0", **options: object) -> str:
    return f"azure-kinect:{path}?{stubs().options(**options)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azure-kinect:front", "the camera must be a number, 0 for the first"),
        ("azure-kinect:0?speed=1", "takes no option 'speed'; it takes depth, fps, k4abt"),
        ("azure-kinect:0?depth=far", "depth=far should be one of nfov, wfov, nfov-binned"),
        ("azure-kinect:0?fps=60", "fps=60 should be one of 30, 15, 5"),
        ("azure-kinect:0?k4abt=/nowhere", "no libk4abt, .*in /nowhere; install it from https://"),
    ],
)
def test_a_wrong_uri_raises_one_clear_line(text: str, expected: str):
    with pytest.raises(SensorError, match=expected) as caught:
        open_azure_kinect(parse_uri(text))
    assert "\n" not in str(caught.value)


@needs_compiler
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"mode": "quantum"}, "mode=quantum should be one of gpu, cpu, cuda, tensorrt, directml"),
        ({"orientation": "up"}, "orientation=up should be one of default, clockwise90"),
        ({"gpu": -1}, "gpu=-1 should be a number from 0"),
        ({"smoothing": 2}, "smoothing=2 should be a number from 0 to 1"),
        ({"version": "2.0"}, "version=2.0 should be 1.0 or 1.1"),
        ({"model": "/no/such.onnx"}, "model=/no/such.onnx: no such file"),
        ({"version": "1.0", "model": "/no"}, "is 1.0 and takes no model="),
        ({"version": "1.0", "mode": "cuda"}, "mode=cuda should be one of gpu, cpu$"),
    ],
)
def test_a_wrong_tracker_option_raises_one_clear_line(options: dict[str, object], expected: str):
    with pytest.raises(SensorError, match=expected) as caught:
        tracker_settings(parse_uri(uri(**options)))
    assert "\n" not in str(caught.value)


@needs_compiler
def test_the_options_reach_the_tracker(tmp_path: Path):
    model = tmp_path / "m.onnx"
    model.touch()
    made = tracker_settings(parse_uri(uri(mode="cuda", gpu=1, smoothing=0.25, model=model)))
    assert (made.version, made.mode, made.gpu, made.smoothing) == ((1, 1), "cuda", 1, 0.25)
    assert made.model == model
    plain = tracker_settings(parse_uri(uri()))
    assert (plain.mode, plain.model, plain.smoothing) == ("gpu", None, None)


def test_a_tracker_without_a_version_needs_the_option_version(tmp_path: Path):
    library = tmp_path / "libk4abt.so"
    library.touch()
    text = f"azure-kinect:0?k4abt={tmp_path}"
    with pytest.raises(SensorError, match=r"does not tell its version, .*version=1\.1 or"):
        tracker_settings(parse_uri(text))
    assert tracker_settings(parse_uri(f"{text}&version=1.1")).version == (1, 1)
    (tmp_path / "dnn_model_2_0_op11.onnx").touch()
    assert tracker_settings(parse_uri(text)).model == tmp_path / "dnn_model_2_0_op11.onnx"


@needs_compiler
@pytest.mark.skipif(HAS_PYK4A, reason="pyk4a is installed")
def test_without_pyk4a_the_extra_is_named():
    with pytest.raises(SensorError, match=r"pip install 'jointwise\[azure-kinect\]'"):
        open_azure_kinect(parse_uri(uri()))


@needs_compiler
def test_a_pyk4a_that_cannot_be_imported_says_why(monkeypatch: pytest.MonkeyPatch):
    def fail(name: str) -> None:
        raise ImportError("Cannot import k4a_module") from ImportError("numpy.core.multiarray\nx")

    monkeypatch.setattr(pyk4a.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(pyk4a.importlib, "import_module", fail)
    with pytest.raises(SensorError, match=r"\(numpy.core.multiarray x\); it needs numpy below 2"):
        pyk4a.import_pyk4a()


def test_missing_libraries_become_findings():
    findings = find_missing()
    assert {finding.kind for finding in findings} == {"azure-kinect"}
    assert all("\n" not in finding.text + finding.mend for finding in findings)
    assert not any(finding.ready for finding in findings)
    assert any("body-sdk-download" in finding.mend for finding in findings)


def find_missing() -> list[camera.Finding]:
    """Run `find` in a process of its own, since it loads the camera's library."""
    import json
    import subprocess
    import sys

    code = (
        "import json, sensor.cameras.azure_kinect.camera as a; "
        "print(json.dumps([vars(f) for f in a.find()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [camera.Finding(**entry) for entry in json.loads(done.stdout.splitlines()[-1])]


@needs_pyk4a
@needs_compiler
def test_connected_cameras_are_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{stubs().k4abt.parent}")
    monkeypatch.setattr(
        "sensor.cameras.azure_kinect.k4a.wheel_folders", lambda: [stubs().k4a.parent]
    )
    monkeypatch.setenv("STUB_K4A", "cameras=2")
    assert [(f.uri, f.ready) for f in find()] == [
        ("azure-kinect:0", True),
        ("azure-kinect:1", True),
    ]
    monkeypatch.setenv("STUB_K4A", "cameras=0")
    assert [(f.uri, f.text) for f in find()] == [("", "is not plugged in")]


@needs_pyk4a
@needs_compiler
def test_a_camera_streams_through_pyk4a_and_the_tracker(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_K4A", "no_depth_every=10")
    before = stubs().count("k4a_alive")
    source = open_azure_kinect(parse_uri(uri()))
    assert (source.name, source.kind, source.restartable) == (
        "azure-kinect-0",
        "azure-kinect",
        True,
    )
    for frame in islice(source.frames(), 300):
        assert len(frame.bodies) == 1
        if frame.sequence == 250:
            source.close()
    assert frame.sequence >= 250
    assert stubs().count("k4a_devices_open") == 0
    assert stubs().count("k4a_alive") == before
    assert stubs().count("k4a_refused") == stubs().count("frames_alive") == 0


@needs_pyk4a
@needs_compiler
def test_a_lost_camera_can_be_read_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_K4A", "captures=5")
    source = open_azure_kinect(parse_uri(uri()))
    for _ in range(2):
        with pytest.raises(SensorError, match="the camera was lost; check its cable"):
            list(source.frames())
    assert stubs().count("k4a_devices_open") == 0


@needs_pyk4a
@needs_compiler
def test_a_camera_that_cannot_be_opened_raises_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    source = open_azure_kinect(parse_uri(uri("3")))
    with pytest.raises(SensorError, match="azure-kinect:3: the camera is not there, or another"):
        list(source.frames())
    monkeypatch.setenv("STUB_K4A", "no_start=1")
    with pytest.raises(SensorError, match="azure-kinect:0: the camera was found but could not"):
        list(open_azure_kinect(parse_uri(uri())).frames())
    assert stubs().count("k4a_devices_open") == 0
