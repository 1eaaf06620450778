import numpy as np

from models.evaluation.attribution.findings import (
    FIGURES,
    Findings,
    bootstrap_interval,
    figures_help,
)


def test_the_interval_holds_the_mean_and_is_narrower_with_more_clips():
    values = np.random.default_rng(0).normal(size=400)
    low, high = bootstrap_interval(values)
    few_low, few_high = bootstrap_interval(values[:40])
    assert low < values.mean() < high
    assert high - low < few_high - few_low
    assert abs((high - low) / 2 - 1.96 / 20) < 0.02


def test_several_values_of_a_clip_do_not_narrow_the_interval():
    values = np.random.default_rng(0).normal(size=40)
    thrice, clips = np.repeat(values, 3), np.repeat(np.arange(40), 3)
    assert np.allclose(bootstrap_interval(thrice, clips), bootstrap_interval(values))
    low, high = bootstrap_interval(thrice)
    assert high - low < 0.7 * np.ptp(bootstrap_interval(values))


def test_missed_targets_are_named():
    findings = Findings()
    findings.mean("mirrored", np.array([0.7, 0.8]))
    findings.mean("random_weights", np.array([0.1, 0.1]))
    findings.mean("noise_2_cm", np.array([0.5]))
    findings.mean("distracted", np.zeros(0))
    assert findings.missed == ["mirrored"]
    assert findings.targets == 2
    assert "distracted" not in findings.figures
    assert findings.figures["mirrored_low"] == 0.7


def test_relevance_must_be_clearly_better_but_only_equal_to_integrated_gradients():
    findings = Findings()
    own = np.array([0.10, 0.12, 0.11])
    areas = {
        "relevance": own,
        "integrated gradients": own + np.array([-0.01, 0.01, 0.0]),
        "cam": own + np.array([-0.01, 0.01, 0.0]),
        "random": own + 0.4,
    }
    findings.areas("deletion_joints", areas)
    assert findings.missed == ["deletion_joints_gain: cam"]
    assert np.isclose(findings.figures["deletion_joints_gain: random"], 0.4)
    areas = {"relevance": own, "random": own + 0.4}
    findings.areas("insertion_joints", areas)
    assert findings.missed[-1] == "insertion_joints_gain: random"
    assert set(findings.figures) - set(figures_help()) == {
        name for name in findings.figures if name.endswith(("_low", "_high"))
    }


def test_help_names_the_target():
    assert figures_help()["mirrored"].endswith("target: at least 0.9")
    assert FIGURES["worst_residual"].help.endswith("target: at most 0.0001")
