"""The three readings of docs/explanations.md, in float64."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.features import JOINT  # noqa: E402
from models.network.readings import OUTPUTS, ReadingsNet  # noqa: E402
from models.network.relevance import WindowNet  # noqa: E402
from models.network.res_tcn import ResTCN  # noqa: E402
from models.network.whole_body import WholeBody, hip_means  # noqa: E402
from models.public_sets.clip_coordinates import body_channels, channels_per_joint  # noqa: E402
from models.public_sets.pair_coordinates import PAIR  # noqa: E402
from tests.fakes.models.network import scale_every_way, untrained_network  # noqa: E402

EXACT = {"atol": 1e-11, "rtol": 0}
LABEL, AGAINST = torch.tensor([2, 5, 0]), torch.tensor([-1, 7, 1])
PARTS = [[1.0], [0.3, 1.0], [0.1, 0.2, 0.7, 1.0]]


@pytest.fixture(scope="module")
def net():
    network = scale_every_way(untrained_network(seed=1, spread=0.3))
    return ReadingsNet(network, 168, WholeBody.of_features()).double()


@pytest.fixture(scope="module")
def window():
    torch.manual_seed(3)
    window = torch.randn(3, 168, 18, 4).double()
    window[..., 3] = torch.rand(3, 168, 18) > 0.1
    window[..., :3] *= window[..., 3:]
    return window


@torch.no_grad()
def readings(net, window, pose, cuts=(1.0,), label=LABEL, against=AGAINST):
    cuts = torch.tensor(cuts).double()
    return dict(zip(OUTPUTS, net(window, label, against, pose, cuts), strict=True))


def gain_of(found, label=LABEL, against=AGAINST):
    """The score minus the reference, computed from all logits."""
    gains = (found["logits"] - found["held_logits"]).numpy()
    rows = np.arange(len(gains))
    return torch.from_numpy(gains[rows, label] - np.where(against >= 0, gains[rows, against], 0.0))


def poses(window):
    return [window.mean(1), torch.zeros_like(window[:, 0]), torch.randn(3, 18, 4).double()]


@pytest.mark.parametrize("cuts", PARTS, ids=len)
def test_all_readings_have_the_same_sum(net, window, cuts):
    for pose in poses(window):
        found = readings(net, window, pose, cuts)
        for name in ("inputs", "units", "depth"):
            torch.testing.assert_close(found[name].flatten(1).sum(1), gain_of(found), **EXACT)


def test_logits_and_relevance_are_those_of_the_window_net(net, window):
    found = readings(net, window, window.mean(1), against=torch.full((3,), -1))
    with torch.no_grad():
        logits, relevance, reference = WindowNet(net.network, 168)(window, LABEL)
    torch.testing.assert_close(found["logits"], logits, **EXACT)
    torch.testing.assert_close(found["inputs"].sum(2).mT, relevance, **EXACT)
    held = found["held_logits"].gather(1, LABEL[:, None])[:, 0]
    torch.testing.assert_close(held, reference, **EXACT)


def test_a_contrast_is_the_difference_of_two_splits(net):
    """A contrast is the split of one score; multipliers are linear in the weights of the head."""
    window = torch.randn(3, 168, 18, 4).double()
    one, two, none = torch.tensor([2, 5, 0]), torch.tensor([4, 7, 1]), torch.full((3,), -1)
    pose = window.mean(1)
    both = readings(net, window, pose, label=one, against=two)
    first = readings(net, window, pose, label=one, against=none)
    second = readings(net, window, pose, label=two, against=none)
    for name in ("inputs", "whole_body", "units", "depth"):
        torch.testing.assert_close(both[name], first[name] - second[name], **EXACT)


def test_a_window_that_moves_as_a_whole_has_only_whole_body_relevance(net):
    window = torch.zeros(1, 168, 18, 4).double()
    window[..., 3] = 1
    window[..., :3] = torch.randn(1, 168, 1, 3).double().cumsum(1) / 10
    found = readings(net, window, window.mean(1), label=LABEL[:1], against=AGAINST[:1])
    assert found["inputs"].abs().max() > 1e-3
    torch.testing.assert_close(found["inputs"][:, :, :3], found["whole_body"], **EXACT)
    assert found["inputs"][:, :, 3].abs().max() == 0


def test_an_arm_of_a_body_that_stays_has_no_whole_body_relevance(net):
    window = torch.zeros(1, 168, 18, 4).double()
    window[..., 3] = 1
    window[:, :, JOINT["HandLeft"], :3] = torch.randn(1, 168, 3).double()
    found = readings(net, window, window.mean(1), label=LABEL[:1], against=AGAINST[:1])
    assert found["whole_body"].abs().max() == 0
    assert found["inputs"][:, JOINT["HandLeft"]].abs().max() > 0
    others = np.delete(np.arange(18), JOINT["HandLeft"])
    assert found["inputs"][:, others].abs().max() < 1e-11


def test_depth_is_what_a_unit_adds_to_the_direct_path(net, window):
    """Without the convolutions of all units, the first layer alone has the whole relevance."""
    bare = scale_every_way(untrained_network(seed=1, spread=0.3)).double()
    for unit in bare.units:
        torch.nn.init.zeros_(unit.conv.weight)
    reader = ReadingsNet(bare, 168, WholeBody.of_features()).double()
    found = readings(reader, window, window.mean(1))
    assert found["depth"][:, 1:].abs().max() == 0
    torch.testing.assert_close(found["depth"][:, 0], gain_of(found), **EXACT)


def test_two_actors_are_split_exactly_and_each_has_a_whole_body():
    kinds = ("place", "direction", "speed", "distance")
    joints, channels = len(PAIR.joints), channels_per_joint(PAIR, kinds)
    assert body_channels(PAIR, kinds) == [[0, 1, 2], [6, 7, 8]]
    torch.manual_seed(0)
    network = ResTCN(joints * channels, 9, pool=2, widths=(8, 12, 16)).eval()
    body = WholeBody(hip_means(PAIR.joints, 2), body_channels(PAIR, kinds), None)
    frames = -(-network.receptive_frames // 4) * 4
    net = ReadingsNet(network, frames, body).double()
    window = torch.randn(3, frames, joints, channels).double()
    found = readings(net, window, window.mean(1), [0.3, 1.0])
    for name in ("inputs", "units", "depth"):
        torch.testing.assert_close(found[name].flatten(1).sum(1), gain_of(found), **EXACT)
    window[:] = window[:, :1]
    window[:, :, 15:, :3] += torch.randn(3, frames, 1, 3).double()  # B moves as a whole
    found = readings(net, window, window.mean(1))
    assert found["whole_body"][:, :15].abs().max() < 1e-11 < found["whole_body"][:, 15:].abs().max()
    torch.testing.assert_close(found["inputs"][:, 15:, :3], found["whole_body"][:, 15:], **EXACT)


def test_a_short_window_is_refused(net):
    with pytest.raises(ValueError, match="receptive field"):
        ReadingsNet(net.network, 100, WholeBody.of_features())
