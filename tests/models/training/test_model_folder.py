import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("onnxscript", reason="needs the train extra")

from models.card import Thresholds, Tuned, load_card  # noqa: E402
from models.inference.readings import ONE_PART, TWO_PARTS, WindowReader  # noqa: E402
from models.inference.recognizer import Recognizer  # noqa: E402
from models.network.onnx_export import export_onnx, window_frames  # noqa: E402
from models.network.readings import ReadingsNet  # noqa: E402
from models.network.relevance import WindowNet  # noqa: E402
from models.network.res_tcn import ResTCN  # noqa: E402
from models.network.whole_body import WholeBody  # noqa: E402
from models.training.config import TrainConfig, new_network  # noqa: E402
from models.training.model_folder import write_model  # noqa: E402


def test_onnx_and_torch_give_the_same_outputs(tmp_path):
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


def test_a_written_model_gives_the_same_logits_as_the_network(tmp_path):
    config = TrainConfig("toy", ["background", "rise", "spread"], seed=4, pool=2)
    torch.manual_seed(0)
    network = new_network(config).eval()
    tuned = Tuned(1.7, Thresholds(enter=0.9, leave=0.4), {"found": 0.5})
    written = write_model(network, config, [], tuned, tmp_path, readings=False)
    assert written == load_card(tmp_path)
    assert (written.id, written.labels) == ("res-tcn-toy-4", config.labels)
    assert (written.temperature, written.thresholds) == (1.7, tuned.thresholds)
    recognizer = Recognizer(tmp_path, "cpu", threads=1)
    shape = (2, written.window_frames, 18, 4)
    windows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.tensor(windows).flatten(2))[:, -1].numpy()
    np.testing.assert_allclose(recognizer.logits(windows), expected, atol=1e-4)


@pytest.mark.slow
def test_a_written_model_has_the_readings_of_the_network(tmp_path):
    torch.manual_seed(0)
    config = TrainConfig("toy", ["background", "rise", "spread"], pool=2, widths=(8, 12, 16))
    network = new_network(config).eval()
    written = write_model(network, config, [], Tuned(), tmp_path)
    assert written == load_card(tmp_path) and written.explain_sha256
    frames = written.window_frames
    windows = np.random.default_rng(0).normal(size=(3, frames, 18, 4)).astype(np.float32)
    windows[..., 3] = 1  # every joint is seen
    labels, against = np.array([0, 1, 2]), np.array([-1, 0, 1])
    module = ReadingsNet(network, frames, WholeBody.of_features())
    for cuts in (ONE_PART, TWO_PARTS):
        found = WindowReader(tmp_path).read(windows, labels, against, "mean", cuts)
        with torch.no_grad():
            given = torch.from_numpy(windows)
            _, _, inputs, whole, units, depth = module(
                given,
                torch.from_numpy(labels),
                torch.from_numpy(against),
                given.mean(dim=1),
                torch.tensor(cuts),
            )
        np.testing.assert_allclose(found.inputs, inputs.moveaxis(3, 1), atol=1e-4)
        np.testing.assert_allclose(found.whole_body, whole.moveaxis(3, 1), atol=1e-4)
        np.testing.assert_allclose(found.units, units.mT, atol=1e-4)
        np.testing.assert_allclose(found.depth, depth, atol=1e-4)
