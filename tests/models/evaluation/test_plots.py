import numpy as np
import pytest

from models.evaluation.attribution.findings import CLASS, TESTS
from models.evaluation.attribution.methods import METHODS
from models.evaluation.perturbations import LOST, PERTURBATIONS
from models.evaluation.plots import write_plots
from models.evaluation.protocol import Confidences, Judgement
from models.evaluation.stream_figures import ENTERS, FALSE_AT, FOUND_AT
from models.scoring.answers import Answers

pytest.importorskip("matplotlib")


def answers():
    truth = np.array([0, 1, 2, 2])
    probabilities = np.full((4, 4), 0.1, np.float32)
    probabilities[range(4), [0, 1, 2, 1]] = 0.7
    return Answers(probabilities, truth, ["rest", "wave", "push", "never"])


def drawn(judgements, out):
    """Write the plots and return their names."""
    names = write_plots(judgements, out)
    for name in names:
        assert (out / name).read_bytes().startswith(b"\x89PNG"), name
    return set(names)


def test_answers_are_drawn(tmp_path):
    names = drawn([Judgement(0.75, {}, "", answers())] * 2, tmp_path / "out")
    assert names == {"confusion.png", "reliability.png", "risk_coverage.png"}


def test_delays_are_drawn(tmp_path):
    assert drawn([Judgement(1.0, {}, "", delays_s=(0.4, 0.9))], tmp_path) == {
        "detection_latency.png"
    }


def test_losses_and_partial_clips_are_drawn(tmp_path):
    figures = {"clean": 0.97} | {LOST + one.name: 0.03 for one in PERTURBATIONS}
    figures |= {f"seen_{p}{end}": p / 100 for p in (25, 50, 75, 100) for end in ("", "_named")}
    assert drawn([Judgement(0.9, figures, "")], tmp_path) == {"robustness.png", "partial.png"}


def test_starts_of_streams_are_drawn(tmp_path):
    figures = {f"{name}{enter:g}": enter for name in (FOUND_AT, FALSE_AT) for enter in ENTERS}
    starts = Confidences.of([(0.9, True), (0.8, False), (0.7, True)])
    names = drawn([Judgement(0.9, figures, "", confidences=starts)], tmp_path)
    assert names == {"found_and_false.png", "risk_coverage.png"}


def test_without_data_there_are_no_plots(tmp_path):
    assert write_plots([Judgement(1.0, {"clips": 2.0}, "")], tmp_path) == []


def test_the_same_answers_give_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_plots([Judgement(0.75, {}, "", answers())], tmp_path / name)
    one, two = (tmp_path / name / "confusion.png" for name in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()


def test_explanations_are_drawn(tmp_path):
    figures = {f"{test}: {name}": 0.4 for test in TESTS for name in METHODS}
    figures |= {"deletion_joints: relevance_low": 0.3, "deletion_joints: relevance_high": 0.5}
    figures |= {"mirrored": 0.8, "random_weights": -0.1, CLASS + "wave": 0.9, CLASS + "clap": 0.2}
    names = drawn([Judgement(0.5, figures, "")], tmp_path)
    assert names == {"deletion_and_insertion.png", "explanations.png", "expected_limb.png"}
