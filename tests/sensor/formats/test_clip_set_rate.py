"""The frame rate of clip sets without times: given, stated in the file, or assumed."""

from __future__ import annotations

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Recording
from tests import builders

ONE = {"clip": "d"}


def read(select: dict[str, str] | None = None, **more: object) -> Recording:
    arrays = {**builders.clip_set_arrays(), **{key: np.asarray(v) for key, v in more.items()}}
    return read_recording(builders.npz(arrays), "made", {**ONE, **(select or {})})


def test_a_set_without_a_rate_says_which_is_assumed() -> None:
    (note,) = read().notes
    assert note.startswith("made: ") and "30 Hz is assumed" in note


def test_the_rate_of_the_file_is_used() -> None:
    made = read(rate_hz=15)
    assert made.notes == () and made.duration_s == pytest.approx(34 / 15, abs=0.04)


def test_a_given_rate_comes_before_that_of_the_file() -> None:
    made = read({"rate": "60"}, rate_hz=15)
    assert made.notes == () and made.duration_s == pytest.approx(34 / 60, abs=0.04)


def test_times_come_before_any_rate() -> None:
    count = len(builders.clip_set_arrays()["xyz"])
    made = read({"rate": "60"}, t=np.arange(count) / 30)
    assert made.duration_s == pytest.approx(34 / 30)
    assert made.notes == ("made: the clip set has times, so no rate is needed",)


@pytest.mark.parametrize("value", [0, np.nan, 1e6, [30, 30]])
def test_an_impossible_rate_is_refused(value: object) -> None:
    with pytest.raises(RecordingError, match="rate_hz should be one number from 1 to 240"):
        read(rate_hz=value)
