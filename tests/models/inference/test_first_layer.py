"""The weights of the first layer, read from `explain.onnx` without torch."""

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, EXPLAIN_FILE, load_card
from models.errors import ModelError
from models.inference.first_layer import LAG, MOTION_GAIN, first_layer_kernel

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
