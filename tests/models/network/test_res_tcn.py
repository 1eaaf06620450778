import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.network.onnx_export import window_frames  # noqa: E402
from models.network.relevance import WindowNet  # noqa: E402
from models.network.res_tcn import ResTCN  # noqa: E402
from tests.fakes.models.network import untrained_network  # noqa: E402


@pytest.fixture(scope="module")
def network():
    return untrained_network(seed=0, spread=0.2)


def test_published_network_has_the_published_size():
    net = ResTCN(inputs=150, classes=60, causal=False)
    numbers = sum(p.numel() for p in net.parameters())
    statistics = sum(b.numel() for b in net.buffers() if b.ndim)
    assert numbers + statistics == 1_877_308  # the paper counts the moving statistics too
    assert net.receptive_frames == 134
    assert net(torch.randn(2, 300, 150)).shape == (2, 60)


@torch.no_grad()
@pytest.mark.parametrize("chunk", [4, 8, 40])
def test_steps_give_the_same_logits_as_the_whole_clip(network, chunk):
    clip = torch.randn(2, 240, 72)
    whole, state, parts = network(clip), None, []
    for start in range(0, 240, chunk):
        part, state = network.steps(clip[:, start : start + chunk], state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_new_stream_begins_as_if_its_first_pose_had_been_held(network):
    clip = torch.randn(1, 40, 72)
    held = torch.cat([clip[:, :1].expand(-1, 400, -1), clip], 1)
    torch.testing.assert_close(network(held)[:, 100:], network(clip), atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_window_of_the_receptive_field_gives_the_same_logits_as_the_clip(network):
    frames = window_frames(network)
    clip = torch.randn(3, frames + 80, 72)
    window = clip[:, -frames:].unflatten(2, (18, 4))
    logits, _, _ = WindowNet(network, frames)(window, torch.zeros(3, dtype=torch.int64))
    torch.testing.assert_close(logits, network(clip)[:, -1], atol=1e-4, rtol=0)


@torch.no_grad()
def test_frames_before_the_receptive_field_do_not_change_the_logits(network):
    clip = torch.randn(1, 400, 72)
    other = clip.clone()
    other[:, : 400 - network.receptive_frames] += 10
    torch.testing.assert_close(network(other)[:, -1], network(clip)[:, -1], atol=1e-5, rtol=0)
    other[:, 400 - network.receptive_frames] += 1e4
    assert not torch.equal(network(other)[:, -1], network(clip)[:, -1])
