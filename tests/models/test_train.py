import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from models.data import Piece  # noqa: E402
from models.features import TEMPLATE  # noqa: E402
from models.train import CURVE_FILE, Run, TrainConfig, train  # noqa: E402

LABELS = ["background", "rise", "spread"]


def pieces():
    """Two classes of one person: arms that rise, arms that spread."""
    made = []
    way = np.sin(np.linspace(0, np.pi, 40, dtype=np.float32))[:, None]
    for label, axis in ((1, 1), (2, 0)):
        joints = np.tile(TEMPLATE, (40, 1, 1))
        joints[:, 5, axis] += 0.6 * way[:, 0] * (1 if axis else -1)
        joints[:, 9, axis] += 0.6 * way[:, 0]
        made.append(Piece(joints, np.full(40, label), 1, "toy"))
    return made


def config(steps, **changes):
    small = {"streams": 4, "frames": 96, "pool": 4, "set_share": {"toy": 1.0}}
    return TrainConfig("toy", LABELS, steps=steps, **{**small, **changes})


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_training_learns(tmp_path):
    train(config(60), pieces(), pieces(), tmp_path, validate_every=30)
    curve = [json.loads(line) for line in (tmp_path / CURVE_FILE).read_text().splitlines()]
    assert [point["step"] for point in curve] == [30, 60]
    assert curve[1]["loss"] < 0.9 * curve[0]["loss"]


def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path):
    whole = train(config(6), pieces(), [], tmp_path / "whole")
    first = Run(config(6), tmp_path / "parts")
    from models.train import batches, composer

    for number, made in enumerate(batches(first.config, composer(first.config, pieces()), 0)):
        if number == 3:
            break
        first.learn(*made)
    first.save()
    resumed = train(config(6), pieces(), [], tmp_path / "parts")
    torch.testing.assert_close(weights(resumed), weights(whole))


def test_other_settings_do_not_overwrite_a_run(tmp_path):
    Run(config(6), tmp_path)
    with pytest.raises(ValueError, match="other settings"):
        Run(config(7), tmp_path)


def test_an_error_in_a_batch_reaches_the_caller(tmp_path):
    with pytest.raises(ValueError, match="multiple of 4"):
        train(config(2, frames=97), pieces(), [], tmp_path)
