import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.evaluation.attribution import network as networks  # noqa: E402
from models.evaluation.attribution.agreement import correlations  # noqa: E402
from models.evaluation.attribution.gradients import (  # noqa: E402
    GRADIENT_METHODS,
    gradient_input,
    in_batches,
    integrated_gradients,
)
from models.evaluation.attribution.methods import INTEGRATED, by_moment  # noqa: E402
from models.network.relevance import WindowNet  # noqa: E402
from tests.fakes.models.network import untrained_network  # noqa: E402

LABELS = np.array([0, 3, 8])


@pytest.fixture(scope="module")
def net():
    return untrained_network(seed=1, spread=0.3)


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(2).normal(0, 0.5, (3, 168, 18, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def served(net, windows):
    """Logits, relevance and reference, as a model folder has them."""
    with torch.no_grad():
        found = WindowNet(net, 168)(torch.from_numpy(windows), torch.from_numpy(LABELS))
    return [one.numpy() for one in found]


def test_logits_and_relevance_equal_those_that_are_served(net, windows, served):
    np.testing.assert_allclose(networks.logits_of(net)(windows), served[0], atol=1e-4)
    found = networks.relevance_of(net, windows, LABELS)
    np.testing.assert_allclose(found, served[1], atol=1e-6)


def test_integrated_gradients_nearly_add_up_to_the_logit_minus_the_reference(net, windows, served):
    scores = integrated_gradients(net, windows, LABELS, steps=10)
    gain = served[0][np.arange(3), LABELS] - served[2]
    np.testing.assert_allclose(scores.sum(axis=(1, 2)), gain, rtol=0.1, atol=0.03)


def test_integrated_gradients_equal_those_of_captum(net, windows):
    attr = pytest.importorskip("captum.attr", reason="the reference implementation")

    def forward(window):
        return networks.newest_logits(net, window.flatten(2).mT)

    x = torch.from_numpy(windows)
    mean = x.mean(dim=1, keepdim=True).expand_as(x)
    theirs = attr.IntegratedGradients(forward).attribute(
        x, mean, torch.from_numpy(LABELS), n_steps=5, method="riemann_middle"
    )
    scores = by_moment(theirs.detach().numpy().sum(axis=-1))
    own = integrated_gradients(net, windows, LABELS, steps=5)
    np.testing.assert_allclose(own, scores, atol=1e-4)


def test_gradient_input_is_one_step_of_integrated_gradients_near_the_mean_pose(net, windows):
    # So near to the mean pose, hardly a ReLU changes its side.
    mean = windows.mean(axis=1, keepdims=True)
    near = (mean + 1e-4 * (windows - mean)).astype(np.float32)
    found = gradient_input(net, near, LABELS)
    whole = integrated_gradients(net, near, LABELS, steps=2)
    assert correlations(found, whole).min() > 0.99


@pytest.mark.parametrize("name", [name for name in GRADIENT_METHODS if name != INTEGRATED])
def test_a_joint_that_does_not_move_gets_nothing(net, windows, name):
    still = windows.copy()
    still[:, :, 5] = 0.7
    scores = in_batches(GRADIENT_METHODS[name], net, still, LABELS)
    assert scores.shape == (3, 42, 18)
    assert np.abs(scores[:, :, 5]).max() < 1e-5 < np.abs(scores).max()


def test_random_weights_change_the_relevance(net, windows):
    other = networks.randomised(net, 0)
    own = networks.relevance_of(net, windows, LABELS)
    random = networks.relevance_of(other, windows, LABELS)
    assert np.abs(correlations(own, random)).max() < 0.5
    np.testing.assert_array_equal(networks.relevance_of(net, windows, LABELS), own)
