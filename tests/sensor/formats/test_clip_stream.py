"""The recording made of a clip set: selections, rests, labels and times."""

from __future__ import annotations

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import clip_stream, read_recording
from sensor.formats.clip_selection import parse_selection
from sensor.skeleton import KINECT_V1
from tests import builders
from tests.sensor.formats.test_clip_set import read


def test_selection_by_name_number_subject_and_clip():
    clips = read(builders.clip_set_arrays())

    def chosen(**options: str) -> list[str]:
        return [c.name for c in clip_stream.select_clips(clips, parse_selection(options))]

    assert chosen() == ["a", "b", "c", "d"]
    assert chosen(subject="2") == ["c", "d"]
    assert chosen(label="Clap") == ["b", "d"]
    assert chosen(label="0, 1", subject="1") == ["a", "b"]
    assert chosen(clip="c,a") == ["a", "c"]
    assert chosen(view="0", rep="1") == ["a", "b", "c", "d"]
    assert sorted(chosen(order="shuffle:3")[:2]) == ["a", "b"]
    assert chosen(order="shuffle:3") == chosen(order="shuffle:3")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"subject": "9"}, "no subject '9'; there are 1, 2"),
        ({"label": "jump"}, "no label 'jump'; there are wave, clap"),
        ({"clip": "z"}, "no clip 'z'"),
        ({"subject": "1", "clip": "d"}, "no clip matches the whole selection"),
        ({"rest": "-1"}, "rest=-1 should be a number from 0 to 60"),
        ({"rest": "x"}, "rest=x should be a number"),
        ({"order": "random"}, "order=random should be file or shuffle:SEED"),
        ({"speed": "2"}, "no option 'speed'; it takes subject, label"),
    ],
)
def test_a_wrong_selection_names_the_known_values(options: dict[str, str], expected: str):
    with pytest.raises(RecordingError, match=expected):
        read_recording(builders.npz(builders.clip_set_arrays()), select=options)


def test_a_set_becomes_one_stream_with_rests_and_changes_of_person():
    made = read_recording(builders.npz(builders.clip_set_arrays()), select={"rest": "1"})
    spans = made.spans
    assert [s.label for s in spans] == ["wave", "clap", "wave", "clap"]
    assert [s.last - s.first + 1 for s in spans] == [20, 25, 30, 35]
    people = [f.bodies[0].id if f.bodies else None for f in made.frames]
    first = 30 + 20 + 30 + 25 + 30
    assert people == [1] * first + [None] * 45 + [2] * (30 + 30 + 30 + 35 + 30)
    assert spans[0].first == 30
    assert made.frames[first].truth is None
    step = np.diff([f.captured_ns for f in made.frames])
    assert set(step) <= {33_333_333, 33_333_334}


def test_a_single_clip_has_no_rests():
    made = read_recording(builders.npz(builders.clip_set_arrays()), select={"clip": "b"})
    assert [f.truth for f in made.frames] == ["clap"] * 25


def test_continuous_sets_have_a_label_on_every_frame():
    arrays = builders.clip_set_arrays()
    labels = np.zeros(len(arrays["xyz"]), np.int64)
    labels[5:12] = 1
    arrays |= {"frame_label": labels, "label": np.full(4, -1)}
    made = read_recording(builders.npz(arrays), select={"clip": "a"})
    assert [f.truth for f in made.frames] == ["wave"] * 5 + ["clap"] * 7 + ["wave"] * 8


def test_one_clip_alone_keeps_the_times_of_the_file():
    arrays = builders.clip_set_arrays()
    arrays["t"] = 100 + np.arange(len(arrays["xyz"])) / 60
    made = read_recording(builders.npz(arrays), select={"clip": "b"})
    assert made.rate_hz == pytest.approx(60) and [f.truth for f in made.frames] == ["clap"] * 25
    assert made.frames[3].captured_ns == 50_000_000
    xyz = read(arrays).xyz_m
    np.testing.assert_array_equal(made.frames[3].bodies[0].joints_m, xyz[23])


@pytest.mark.parametrize("end", [1e7, 1e300])
def test_times_that_would_fill_the_memory_are_refused(end: float):
    arrays = builders.clip_set_arrays()
    arrays["t"] = np.arange(len(arrays["xyz"]), dtype=np.float64)
    arrays["t"][-1] = end
    with pytest.raises(RecordingError, match="more than a week"):
        read_recording(builders.npz(arrays))
    arrays["t"][-1] = 500_000
    with pytest.raises(RecordingError, match="at most 200000"):
        read_recording(builders.npz(arrays))


def test_sets_with_times_or_another_rate_become_30_hz():
    arrays = builders.clip_set_arrays()
    half = read_recording(builders.npz(arrays), select={"clip": "a", "rate": "15"})
    assert len(half.frames) == 39
    np.testing.assert_allclose(
        half.frames[2].bodies[0].joints_m, builders.wave(20, KINECT_V1)[1], atol=1e-6
    )
    arrays["t"] = 100 + np.arange(len(arrays["xyz"])) / 60
    arrays["t"][7] = arrays["t"][6]
    fast = read_recording(builders.npz(arrays), select={"clip": "a", "rest": "1"})
    assert len(fast.frames) == 30 + 10 + 30
    arrays["t"][7] -= 1
    with pytest.raises(RecordingError, match="time runs backwards in clip a at its frame 7"):
        read_recording(builders.npz(arrays))
