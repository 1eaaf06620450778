from __future__ import annotations

import numpy as np
import pytest

from sensor.formats.clip_composing import Clip, compose_stream
from sensor.skeleton import KINECT_V1
from tests import builders


def test_clips_are_unchanged_with_rests_between():
    clips = [builders.clip("wave", 30), builders.clip("clap", 40, shift_m=0.3)]
    stream = compose_stream(clips, rest_s=2.0)
    assert stream.bounds.tolist() == [[60, 90], [150, 190]]
    assert len(stream.truth) == len(stream.joints_m) == len(stream.confidence) == 250
    assert (
        stream.truth == (None,) * 60 + ("wave",) * 30 + (None,) * 60 + ("clap",) * 40 + (None,) * 60
    )
    for clip, (first, end) in zip(clips, stream.bounds, strict=True):
        np.testing.assert_array_equal(stream.joints_m[first:end], clip.joints_m)
    assert stream.joints_m.dtype == stream.confidence.dtype == np.float32


def test_nothing_jumps():
    clips = [builders.clip(shift_m=shift) for shift in (0.0, 0.8, -0.2)]
    joints = compose_stream(clips, rest_s=2.0).joints_m
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=2).max() * 30
    assert speed < 2.5


def test_a_rest_sways_a_little_and_is_not_still():
    joints = compose_stream([builders.clip()], rest_s=20.0).joints_m[:570]
    spread = joints.std(axis=0)
    assert 0.002 < spread.mean() < 0.03
    assert np.linalg.norm(np.diff(joints, axis=0), axis=2).mean() * 30 < 0.1


def test_the_same_seed_gives_the_same_stream():
    clips = [builders.clip(), builders.clip("clap")]
    one, same, other = (compose_stream(clips, 1.0, seed=s).joints_m for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_the_first_rests_do_not_depend_on_later_clips():
    clips = [builders.clip(), builders.clip("clap"), builders.clip("bow")]
    short, long = compose_stream(clips[:2]).joints_m, compose_stream(clips).joints_m
    np.testing.assert_array_equal(short[:180], long[:180])


@pytest.mark.parametrize("rest_s", [0.0, 1 / 30, 0.1, 0.5])
def test_short_rests(rest_s: float):
    stream = compose_stream([builders.clip(), builders.clip(shift_m=0.5)], rest_s)
    assert len(stream.joints_m) == 60 + 3 * round(rest_s * 30)
    assert np.isfinite(stream.joints_m).all()


def test_a_joint_never_seen_stays_missing_and_one_seen_late_is_held():
    clip = builders.clip(frames=10)
    sure = clip.confidence.copy()
    sure[:, 3] = 0
    sure[:4, 5] = 0
    joints = clip.joints_m.copy()
    joints[sure == 0] = 0
    stream = compose_stream([Clip(joints, sure, clip.truth)], 1.0)
    assert (stream.confidence[:, 3] == 0).all()
    assert (stream.confidence[:30, 5] == 1).all()
    assert not stream.joints_m[:, 3].any()
    np.testing.assert_allclose(stream.joints_m[29, 5], joints[4, 5], atol=0.01)
    assert len(KINECT_V1.joints) == stream.joints_m.shape[1]


def test_no_clips():
    with pytest.raises(ValueError, match="no clips"):
        compose_stream([])
