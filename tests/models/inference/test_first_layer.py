"""The first layer, read without torch, is the one of the network."""

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, EXPLAIN_FILE, load_card
from models.errors import ModelError
from models.features import CHANNELS
from models.inference.first_layer import (
    LAG,
    MOTION_GAIN,
    FirstLayer,
    first_layer_kernel,
    load_first_layer,
)

CARD = load_card(DEFAULT_MODEL)


def test_the_kernel_is_that_of_the_network():
    pytest.importorskip("torch")
    from models.network import res_tcn
    from models.network.onnx_weights import network_of

    kernel = first_layer_kernel(DEFAULT_MODEL, CARD)
    expected = network_of(DEFAULT_MODEL).stem.kernel().detach().numpy()
    assert (LAG, MOTION_GAIN) == (res_tcn.LAG, res_tcn.MOTION_GAIN)
    assert kernel.shape[1:3] == (18, 4)
    np.testing.assert_allclose(kernel.reshape(expected.shape), expected, atol=1e-6)


@pytest.mark.train
def test_a_kernel_that_the_exporter_folded_is_found(tmp_path):
    torch = pytest.importorskip("torch")
    from models.network.onnx_export import export_readings
    from models.network.res_tcn import ResTCN
    from models.network.whole_body import WholeBody

    torch.manual_seed(0)
    network = ResTCN(18 * 4, 3, pool=1, widths=(4, 6, 8)).eval()
    export_readings(network, WholeBody.of_features(), 18, tmp_path)
    expected = network.stem.kernel().detach().numpy()
    kernel = first_layer_kernel(tmp_path, CARD)
    np.testing.assert_allclose(kernel.reshape(expected.shape), expected, atol=1e-6)


@pytest.mark.parametrize("data", [b"", b"\x3a\xff\xff\x01", b"not a model", bytes(40)])
def test_another_file_is_refused_in_one_line(tmp_path, data):
    (tmp_path / EXPLAIN_FILE).write_bytes(data)
    with pytest.raises(ModelError, match="no weights of a first layer") as error:
        first_layer_kernel(tmp_path, CARD)
    assert "\n" not in str(error.value) and "jointwise export" in str(error.value)


def test_the_shipped_filters_have_a_weight_for_each_channel_of_each_joint():
    layer, card = load_first_layer(DEFAULT_MODEL), load_card(DEFAULT_MODEL)
    units, joints, channels, taps = layer.kernel.shape
    assert (joints, channels, taps) == (len(card.joints_used), CHANNELS, 12)
    assert layer.bias.shape == (units,) and np.isfinite(layer.kernel).all()


def test_filters_and_answers_are_those_of_torch():
    torch = pytest.importorskip("torch", reason="needs the train extra")
    from models.network.onnx_weights import network_of

    network, layer = network_of(DEFAULT_MODEL), load_first_layer(DEFAULT_MODEL)
    with torch.no_grad():
        kernel = network.stem.kernel().numpy()
        np.testing.assert_array_equal(layer.kernel.reshape(kernel.shape), kernel)
        features = np.random.default_rng(1).normal(size=(20, 18, 4)).astype(np.float32)
        found, _ = network.stem.steps(torch.from_numpy(features).flatten(1).T[None], None)
    np.testing.assert_allclose(layer.answers(features), found[0].T.numpy(), rtol=1e-5, atol=1e-4)


def test_a_held_pose_has_one_answer():
    kernel = np.random.default_rng(2).normal(size=(3, 2, 4, 12)).astype(np.float32)
    layer = FirstLayer(kernel, np.array([1, 2, 3], np.float32))
    pose = np.ones((5, 2, 4), np.float32)
    expected = kernel.sum(axis=(1, 2, 3)) + layer.bias
    np.testing.assert_allclose(layer.answers(pose), np.tile(expected, (5, 1)), rtol=1e-5)


def test_a_file_of_another_model_is_refused(tmp_path):
    for name in ("card.json", "explain.onnx"):
        (tmp_path / name).write_bytes((DEFAULT_MODEL / name).read_bytes())
    (tmp_path / "explain.onnx").write_bytes(b"another file")
    with pytest.raises(ModelError, match="is not the file that its card describes"):
        load_first_layer(tmp_path)
