import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("onnxscript", reason="needs the train extra")

from models.export import export_onnx, window_frames  # noqa: E402
from models.network import ResTCN  # noqa: E402
from models.relevance import WindowNet  # noqa: E402


def test_onnx_gives_what_torch_gives(tmp_path):
    import onnxruntime

    torch.manual_seed(0)
    network = ResTCN(inputs=72, classes=7, widths=(8, 12, 16)).eval()
    path = export_onnx(network, 18, tmp_path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for count in (1, 3):
        window = np.random.default_rng(0).normal(size=(count, window_frames(network), 18, 4))
        feed = {"window": window.astype(np.float32), "label": np.arange(count)}
        found = session.run(None, feed)
        with torch.no_grad():
            module = WindowNet(network, window_frames(network))
            expected = module(torch.tensor(feed["window"]), torch.tensor(feed["label"]))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other.numpy(), atol=1e-4)
