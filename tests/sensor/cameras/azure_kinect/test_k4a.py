from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect import k4a
from sensor.errors import SensorError
from tests.fakes.k4abt.build import needs_compiler, stubs
from tests.fakes.k4abt.k4a_mkv import CALIBRATION

IMAGE = np.arange(24, dtype=np.uint16).reshape(4, 6)


def library() -> k4a.Library:
    return k4a.load(str(stubs().k4a.parent))


def test_a_missing_library_raises_one_line_with_pages_and_paths(tmp_path: Path):
    with pytest.raises(SensorError) as caught:
        k4a.find_k4a(str(tmp_path))
    text = str(caught.value)
    assert f"no libk4a in {tmp_path};" in text
    assert "pip install 'jointwise[azure-kinect]'" in text
    assert "OrbbecSDK-K4A-Wrapper" in text
    assert "\n" not in text


def test_a_given_folder_comes_before_the_trackers(tmp_path: Path):
    for name in ("given", "beside"):
        (tmp_path / name).mkdir()
        for version in ("1.4", "1.4.0", "1.4.1"):
            (tmp_path / name / f"libk4a.so.{version}").touch()
    beside = tmp_path / "beside"
    assert k4a.find_k4a(str(tmp_path / "given"), beside) == tmp_path / "given" / "libk4a.so.1.4"
    assert k4a.find_k4a(None, beside) == beside / "libk4a.so.1.4"
    (beside / "libk4a.so.1.4").unlink()
    assert k4a.find_k4a(None, beside) == beside / "libk4a.so.1.4.1"


@needs_compiler
def test_one_process_uses_one_library(tmp_path: Path):
    assert library() is library()
    (tmp_path / "libk4a.so.1.4").touch()
    with pytest.raises(SensorError, match=r"already uses .*libk4a\.so\.1\.4 and can use only one"):
        k4a.load(str(tmp_path))


def test_an_invalid_library_is_named(tmp_path: Path):
    (tmp_path / "libk4a.so").write_text("no")
    with pytest.raises(SensorError, match=r"libk4a\.so cannot be used: .*") as caught:
        k4a.Library(tmp_path / "libk4a.so")
    assert "\n" not in str(caught.value)


@needs_compiler
def test_a_library_without_the_functions_is_named():
    with pytest.raises(SensorError, match=r"cannot be used: .*k4a_nowhere"):
        k4a.open_library(
            stubs().k4abt,
            {
                "k4a_nowhere": (None, ()),
            },
        )


@needs_compiler
def test_captures_are_made_of_images_and_released():
    before = stubs().count("k4a_alive")
    whole = library().make_capture(5, IMAGE, IMAGE)
    dark = library().make_capture(5, IMAGE, None)
    shallow = library().make_capture(5, None, IMAGE[:, ::2])
    assert [library().depth_usec(made) for made in (whole, dark, shallow)] == [5, None, None]
    assert stubs().count("k4a_alive") == before + 3 + 4
    for made in (whole, dark, shallow):
        library().release_capture(made)
    assert stubs().count("k4a_alive") == before


@needs_compiler
def test_the_calibration_is_the_vendors_struct():
    made = library().calibration(CALIBRATION, "WFOV_2X2BINNED", "720P")
    assert len(made) == k4a.CALIBRATION_BYTES == 1032
    assert np.frombuffer(made, np.int32)[256:].tolist() == [3, 1]
    with pytest.raises(SensorError, match="calibration could not be read"):
        library().calibration(b"{}", "NFOV_UNBINNED", "OFF")
