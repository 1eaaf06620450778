import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("onnx", reason="needs the train extra")

import shutil  # noqa: E402

import msgspec  # noqa: E402
import numpy as np  # noqa: E402

from models.card import (  # noqa: E402
    CARD_FILE,
    DEFAULT_MODEL,
    MODEL_FILE,
    STILL_FILE,
    load_card,
    save_card,
    sha256_of,
)
from models.errors import ModelError  # noqa: E402
from models.inference.recognizer import Recognizer  # noqa: E402
from models.network.onnx_export import export_onnx, window_frames  # noqa: E402
from models.network.onnx_weights import network_of  # noqa: E402
from models.network.relevance import WindowNet  # noqa: E402
from models.network.res_tcn import ResTCN  # noqa: E402
from tests.fakes.models.network import scale_every_way  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / MODEL_FILE).exists(), reason="the shipped model is not here"
)


@torch.no_grad()
def test_the_network_of_the_shipped_folder_gives_the_outputs_of_its_file():
    recognizer = Recognizer(device="cpu", threads=1)
    card, network = recognizer.card, network_of(DEFAULT_MODEL)
    assert network.receptive_frames == card.receptive_frames
    shape = (2, card.window_frames, 18, 4)
    windows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    labels = np.array([3, 40])
    module = WindowNet(network, card.window_frames)
    logits, relevance, _ = module(torch.from_numpy(windows), torch.from_numpy(labels))
    np.testing.assert_allclose(logits, recognizer.logits(windows), atol=1e-5)
    found = recognizer.explain(windows, labels).relevance.sum(axis=(1, 2))
    np.testing.assert_allclose(relevance.sum(dim=(1, 2)), found, atol=1e-5)


@pytest.mark.slow
@torch.no_grad()
@pytest.mark.parametrize("widths", [(8, 8, 16), (8, 12, 16)])
def test_a_network_of_any_widths_is_read_back(tmp_path, widths):
    torch.manual_seed(0)
    network = ResTCN(72, 67, pool=3, widths=widths).eval()
    path = export_onnx(scale_every_way(network), 18, copy_of_the_card(tmp_path))
    card = msgspec.structs.replace(
        load_card(tmp_path), sha256=sha256_of(path), receptive_frames=network.receptive_frames
    )
    save_card(card, tmp_path)
    clip = torch.randn(2, window_frames(network), 72)
    torch.testing.assert_close(network_of(tmp_path)(clip), network(clip), atol=1e-5, rtol=1e-5)


def copy_of_the_card(folder):
    shutil.copy(DEFAULT_MODEL / CARD_FILE, folder / CARD_FILE)
    return folder


def test_a_file_that_is_not_the_one_of_the_card_is_refused(tmp_path):
    copy_of_the_card(tmp_path)
    with pytest.raises(ModelError, match="copy both again"):
        network_of(tmp_path)


def test_a_graph_of_another_program_is_refused(tmp_path):
    shutil.copy(DEFAULT_MODEL / STILL_FILE, copy_of_the_card(tmp_path) / MODEL_FILE)
    card = msgspec.structs.replace(load_card(tmp_path), sha256=sha256_of(tmp_path / MODEL_FILE))
    save_card(card, tmp_path)
    with pytest.raises(ModelError, match="export its training run again"):
        network_of(tmp_path)
