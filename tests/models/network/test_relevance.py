import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.network.relevance import WindowNet  # noqa: E402
from tests.fakes.models.network import untrained_network  # noqa: E402


@pytest.fixture(scope="module")
def net():
    return WindowNet(untrained_network(seed=1, spread=0.3), 168)


@torch.no_grad()
@pytest.mark.parametrize("size", [1e-7, 0.01, 1.0, 30.0])
def test_relevance_adds_up_to_the_logit_minus_the_reference(net, size):
    window, label = torch.randn(4, 168, 18, 4) * size, torch.tensor([0, 3, 3, 8])
    logits, relevance, reference = net(window, label)
    difference = logits.gather(1, label[:, None])[:, 0] - reference
    residual = (relevance.sum((1, 2)) - difference).abs()
    assert (residual <= 1e-4 * difference.abs().clamp(min=1)).all()


@torch.no_grad()
def test_reference_is_the_mean_pose_held_still(net):
    window = torch.randn(1, 168, 18, 4)
    held = window.mean(1, keepdim=True).expand(-1, 168, -1, -1)
    label = torch.tensor([2])
    _, _, reference = net(window, label)
    logits, relevance, _ = net(held, label)
    torch.testing.assert_close(logits[:, 2], reference, atol=1e-4, rtol=0)
    assert relevance.abs().max() < 1e-4


@torch.no_grad()
def test_a_joint_that_does_not_move_has_no_relevance(net):
    window = torch.randn(1, 168, 18, 4)
    window[:, :, 5] = 0.7
    _, relevance, _ = net(window, torch.tensor([1]))
    assert relevance[0, :, 5].abs().max() < 1e-5 < relevance[0, :, 4].abs().max()
