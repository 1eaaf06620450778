import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring.answers import Answers
from models.scoring.scores import (
    Matches,
    auroc,
    confidence_of,
    confusion,
    frame_accuracy,
    match_segments,
    per_hour,
    rate_interval_per_hour,
    reliability,
    risk_coverage,
    segments,
    upper_bound_per_hour,
)

labels = st.lists(st.sampled_from(["-", "a", "b"]), min_size=1, max_size=40)
scores = st.lists(st.integers(0, 5), min_size=1, max_size=20)


def frames(text):
    return list(text)


def matches(predicted, truth, overlap=0.5):
    return match_segments(frames(predicted), frames(truth), overlap, "-")


def test_top_labels_have_a_confidence_and_are_right_or_wrong():
    probabilities = np.array([[0.7, 0.3], [0.1, 0.9]], np.float32)
    confidence, right = confidence_of(Answers(probabilities, np.array([0, 0]), ["a", "b"]))
    assert confidence == pytest.approx([0.7, 0.9])
    assert right.tolist() == [True, False]


def test_a_calibrated_model_has_no_error():
    right = np.r_[np.ones(7), np.zeros(3)]
    found = reliability(np.full(10, 0.7), right)
    assert found.error == pytest.approx(0)
    assert found.count.sum() == 10


def test_the_calibration_error_is_the_mean_gap():
    # Five answers at 0.95, all right, and five at 0.55, all wrong.
    found = reliability([0.95] * 5 + [0.55] * 5, [1] * 5 + [0] * 5, bins=10)
    assert found.error == pytest.approx((0.05 + 0.55) / 2)
    assert found.count[[5, 9]].tolist() == [5, 5]
    assert np.isnan(found.accuracy[0])


def test_confidences_0_and_1_have_a_bin():
    assert reliability([0.0, 1.0], [0, 1], bins=10).count[[0, 9]].tolist() == [1, 1]


def test_keeping_only_confident_answers_lowers_the_risk():
    found = risk_coverage([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0])
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert found.risk == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert found.area == pytest.approx((1 / 3 + 1 / 2) / 4)


@given(st.permutations([True, False, True, True, False]))
def test_answers_of_equal_confidence_have_no_order(right):
    assert risk_coverage([0.5] * 5, right).area == pytest.approx(0.4)


def test_auroc_of_separate_scores_is_one():
    assert auroc([3, 4], [1, 2]) == 1
    assert auroc([1, 2], [3, 4]) == 0
    assert auroc([1], [1]) == 0.5


@given(scores, scores)
def test_auroc_is_the_share_of_pairs(unknown, known):
    pairs = [(a > b) + 0.5 * (a == b) for a in unknown for b in known]
    assert auroc(unknown, known) == pytest.approx(np.mean(pairs))


def test_auroc_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="both"):
        auroc([], [1.0])


def test_confusion_counts_true_and_predicted_classes():
    table = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_segments_leave_background_out():
    assert segments(frames("--aab-a"), "-") == [("a", 2, 4), ("b", 4, 5), ("a", 6, 7)]


def test_a_late_segment_is_found_by_its_overlap():
    assert matches("----aaaa--", "--aaaa----", 0.25) == Matches(1, 0, 0)
    assert matches("----aaaa--", "--aaaa----", 0.5) == Matches(0, 1, 1)


def test_a_split_segment_is_found_once():
    assert matches("aaaaaa-aaa", "aaaaaaaaaa", 0.5) == Matches(1, 1, 0)
    assert matches("aaaaa-aaaa", "aaaaaaaaaa", 0.1).f1 == pytest.approx(2 / 3)


def test_a_segment_of_another_label_is_false():
    assert matches("bbbb", "aaaa", 0.1) == Matches(0, 1, 1)


def test_no_segments_on_both_sides_is_perfect():
    assert matches("----", "----").f1 == 1
    assert matches("----", "aaaa") == Matches(0, 0, 1)


@given(labels)
def test_the_truth_finds_all_of_itself(truth):
    found = match_segments(truth, truth, 0.5, "-")
    assert (found.false, found.missed) == (0, 0)
    assert frame_accuracy(truth, truth) == 1


@given(labels, st.data())
def test_a_stricter_overlap_never_finds_more(truth, data):
    predicted = data.draw(
        st.lists(st.sampled_from("-ab"), min_size=len(truth), max_size=len(truth))
    )
    counts = [match_segments(predicted, truth, overlap, "-").found for overlap in (0.1, 0.25, 0.5)]
    assert counts == sorted(counts, reverse=True)


def test_matches_of_streams_add_up():
    assert (Matches(1, 2, 3) + Matches(1, 0, 1)).f1 == pytest.approx(4 / (4 + 2 + 4))


def test_rates_are_per_hour():
    assert per_hour(2, 1800) == 4
    assert per_hour(0, 0) == 0


def test_the_upper_bound_of_no_events_in_an_hour_is_three():
    # 3.00 for 0 events, 4.74 for 1, 10.51 for 5: tables of the Poisson distribution.
    assert upper_bound_per_hour(0, 3600) == pytest.approx(2.996, abs=1e-3)
    assert upper_bound_per_hour(1, 3600) == pytest.approx(4.744, abs=1e-3)
    assert upper_bound_per_hour(5, 1800) == pytest.approx(2 * 10.513, abs=1e-2)
    assert upper_bound_per_hour(0, 0) == float("inf")


@pytest.mark.parametrize(
    ("count", "low", "high"),  # tables of the Poisson interval, one hour
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (37, 26.05, 51.0)],
)
def test_a_rate_has_a_two_sided_poisson_interval(count, low, high):
    assert rate_interval_per_hour(count, 3600) == pytest.approx((low, high), rel=2e-3)
    assert rate_interval_per_hour(count, 7200) == pytest.approx((low / 2, high / 2), rel=2e-3)
