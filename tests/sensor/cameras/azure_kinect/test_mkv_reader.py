from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensor.cameras.azure_kinect.mkv_reader import MkvReader
from sensor.errors import SensorError
from tests.fakes.k4abt.k4a_mkv import CALIBRATION, HEIGHT, WIDTH, depth_mm
from tests.fakes.k4abt.recordings import (
    SAMPLE,
    TIMES,
    needs_av,
    needs_sample,
)


@needs_av
def test_images_times_and_calibration_are_as_recorded(recording: Path):
    reader = MkvReader(recording)
    assert reader.calibration == CALIBRATION
    assert (reader.depth_mode, reader.color, reader.start_usec) == ("NFOV_2X2BINNED", "OFF", 336277)
    pictures = list(reader.captures(color=True))
    assert [p.device_usec for p in pictures] == [336_277 + usec for usec in TIMES]
    for number, picture in enumerate(pictures):
        assert picture.infrared is not None
        assert picture.infrared.shape == (HEIGHT, WIDTH)
        assert picture.infrared.min() == picture.infrared.max() == 100 + number
        assert picture.color is None
        if number == 3:
            assert picture.depth_mm is None
        else:
            np.testing.assert_array_equal(picture.depth_mm, depth_mm(number))


@needs_av
@needs_sample
def test_the_real_recording_is_read_without_the_vendors_library():
    reader = MkvReader(SAMPLE)
    assert (reader.depth_mode, reader.color) == ("NFOV_UNBINNED", "720P")
    assert b"CalibrationInformation" in reader.calibration
    (picture,) = reader.captures(color=True)
    assert picture.device_usec == 800_222
    assert picture.depth_mm is not None
    assert picture.depth_mm.shape == (576, 640)
    assert picture.depth_mm.dtype == np.uint16
    near_and_far = picture.depth_mm[picture.depth_mm > 0].min(), picture.depth_mm.max()
    assert near_and_far == (165, 3690)
    assert picture.color is not None
    assert picture.color.shape == (720, 1280, 3)


def test_without_pyav_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SensorError, match=r"pip install 'jointwise\[mkv\]'"):
        MkvReader(Path("any.mkv"))


@needs_av
def test_a_file_with_a_damaged_tag_is_refused(recording: Path, tmp_path: Path):
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(recording.read_bytes().replace(b"K4A_START", b"K4A_ST\xe0RT"))
    with pytest.raises(SensorError, match="cannot be read"):
        MkvReader(damaged)
