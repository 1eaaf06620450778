import numpy as np

from models.datasets.merged_clip_set import in_vocabulary
from models.labels import CMU
from models.scoring.live_scoring import load_stream
from sensor.formats import clip_set
from tests.models.datasets.test_pieces import cmu_set, tiny_set


def test_frames_get_labels_of_the_vocabulary_and_unused_clips_go(tmp_path):
    found = in_vocabulary(clip_set.load(cmu_set(tmp_path)))
    assert found.names == ("background", "walk")
    assert found.clip == ("a", "c")
    np.testing.assert_array_equal(found.start, [0, 90, 690])
    assert (found.frame_label[:90] == 1).all() and not found.frame_label[90:].any()
    assert (found.label == -1).all() and found.subject.tolist() == [-1, 5]
    hand = found.layout.joints.index("HandLeft")
    assert not found.seen[:, hand].any() and found.seen[:, hand - 1].all()


def test_sets_of_whole_actions_stay_as_they_are(tmp_path):
    data = clip_set.load(tiny_set(tmp_path))
    assert in_vocabulary(data) is data


def test_a_stream_of_free_motion_has_spans_of_known_actions_only(tmp_path):
    cmu_set(tmp_path)
    recording = load_stream(tmp_path, CMU, [-1, 5], rest_s=1.0)
    assert [span.label for span in recording.spans if span.label != "background"] == ["walk"]
    walk = next(span for span in recording.spans if span.label == "walk")
    assert abs((walk.end_ns - walk.start_ns) / 1e9 - 3.0) < 0.1
