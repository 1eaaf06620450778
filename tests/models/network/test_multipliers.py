"""The theorem of docs/explanations.md, in float64, and the parts that it rests on."""

import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

import torch.nn.functional as F  # noqa: E402

from models.network.multipliers import (  # noqa: E402
    _transposed,
    chord,
    first_multipliers,
    head_multipliers,
    input_multipliers,
    run_pair,
)
from tests.fakes.models.network import scale_every_way, untrained_network  # noqa: E402

EXACT = {"atol": 1e-11, "rtol": 0}


@pytest.fixture(scope="module")
def net():
    return scale_every_way(untrained_network(seed=1, spread=0.3)).double()


@pytest.fixture(scope="module")
def given(net):
    torch.manual_seed(0)
    x, pose = torch.randn(2, 72, net.receptive_frames), torch.randn(2, 72, 1)
    return x.double(), pose.double()


@torch.no_grad()
def split(net, x, pose, label):
    """Multipliers of the input and of X1, the pass, and the difference of the logits."""
    passed = run_pair(net, x, pose)
    top = head_multipliers(net, passed.relus[-1], net.head.weight[label])
    first = first_multipliers(net, passed.relus[:-1], top)
    gain = (passed.logits - passed.held_logits).gather(1, label[:, None])[:, 0]
    return input_multipliers(net, first), first, passed, gain


@pytest.mark.parametrize("stride", [1, 2])
def test_the_transposed_convolution_is_the_one_of_torch(stride):
    back, weight = torch.randn(3, 5, 9).double(), torch.randn(5, 4, 8).double()
    expected = F.conv_transpose1d(back, weight, stride=stride)
    torch.testing.assert_close(_transposed(back, weight, stride), expected, **EXACT)


def test_the_chord_times_the_distance_is_the_difference_of_the_relus():
    values = torch.tensor([-2.0, -1e-9, 0.0, 1e-9, 0.5, 3.0]).double()
    moving, held = torch.meshgrid(values, values, indexing="ij")
    slope = chord(moving[None], held[None])[0]
    torch.testing.assert_close(slope * (moving - held), F.relu(moving) - F.relu(held), **EXACT)
    assert ((slope >= 0) & (slope <= 1)).all()


def test_the_chord_of_equal_inputs_is_the_slope_of_relu():
    same = torch.tensor([[[-1.0], [0.0], [2.0]]])
    assert chord(same, same)[0, :, 0].tolist() == [0, 0, 1]


@torch.no_grad()
def test_the_network_sees_the_input_only_through_the_first_layer(net, given):
    """Two inputs with the same X1 have the same logits and the same multipliers of X1."""
    x, pose = given
    taps = net.stem.kernel().sum(2)  # 16 units read a held pose of 72 numbers
    silent = torch.linalg.svd(taps, full_matrices=True)[2][-1]
    moved = x + 3 * silent[None, :, None]
    label = torch.tensor([2, 5])
    one, other = split(net, x, pose, label), split(net, moved, pose, label)
    torch.testing.assert_close(one[2].first[0], other[2].first[0], **EXACT)
    torch.testing.assert_close(one[2].logits, other[2].logits, **EXACT)
    torch.testing.assert_close(one[1], other[1], **EXACT)


def test_inputs_and_units_add_up_to_the_same_difference(net, given):
    x, pose = given
    for label in range(9):
        back, first, passed, gain = split(net, x, pose, torch.tensor([label, 8 - label]))
        inputs = (back * (x - pose)).sum((1, 2))
        units = (first * (passed.first[0] - passed.first[1])).sum((1, 2))
        torch.testing.assert_close(inputs, gain, **EXACT)
        torch.testing.assert_close(units, gain, **EXACT)


def test_a_small_motion_is_split_by_the_gradient(net, given):
    """If no ReLU changes its sign, the multipliers are the gradient."""
    _, pose = given
    x = (pose + 1e-9 * torch.randn(2, 72, net.receptive_frames).double()).requires_grad_(True)
    label = torch.tensor([3, 4])
    with torch.enable_grad():
        logits = run_pair(net, x, pose).logits.gather(1, label[:, None]).sum()
        (gradient,) = torch.autograd.grad(logits, x)
    torch.testing.assert_close(split(net, x.detach(), pose, label)[0], gradient, atol=1e-6, rtol=0)
