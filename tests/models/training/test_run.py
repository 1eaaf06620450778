import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("lightning_fabric", reason="needs the train extra")

from models.datasets.pieces import Piece  # noqa: E402
from models.features import TEMPLATE  # noqa: E402
from models.synthesis.gestures import SYNTHETIC  # noqa: E402
from models.training.config import TrainConfig  # noqa: E402
from models.training.hardware import Hardware  # noqa: E402
from models.training.run import Run, train  # noqa: E402
from models.training.run_folder import CURVE_FILE  # noqa: E402
from models.training.stream_training import balanced, stream_batches, train_on_streams  # noqa: E402

LABELS = ["background", "rise", "spread"]


def pieces():
    """Two classes of one person: the arms rise, or they spread."""
    found = []
    way = np.sin(np.linspace(0, np.pi, 40, dtype=np.float32))[:, None]
    for label, axis in ((1, 1), (2, 0)):
        joints = np.tile(TEMPLATE, (40, 1, 1))
        joints[:, 5, axis] += 0.6 * way[:, 0] * (1 if axis else -1)
        joints[:, 9, axis] += 0.6 * way[:, 0]
        found.append(Piece(joints, np.full(40, label), 1, "toy"))
    return found


def config(steps, **changes):
    small = {"streams": 4, "frames": 96, "pool": 4, "set_share": {"toy": 1.0}}
    return TrainConfig("toy", LABELS, steps=steps, **{**small, **changes})


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_training_learns(tmp_path):
    train_on_streams(config(120), pieces(), pieces(), tmp_path, validate_every=60)
    curve = [json.loads(line) for line in (tmp_path / CURVE_FILE).read_text().splitlines()]
    assert [point["step"] for point in curve] == [60, 120]
    assert curve[1]["loss"] < 0.9 * curve[0]["loss"]
    assert "validation_accuracy" in curve[1]


def test_sparsity_shrinks_the_filters_of_the_stem(tmp_path):
    dense, sparse = (
        train_on_streams(config(3, stem_sparsity=weight), pieces(), [], tmp_path / str(weight))
        for weight in (0.0, 40.0)
    )
    norms = [float(network.stem.weight.detach().norm()) for network in (dense, sparse)]
    assert norms[1] < 0.8 * norms[0]


def test_the_caller_makes_batches_and_validates(tmp_path):
    settings = config(4, inputs=10, widths=(8, 8, 8))
    asked, rng = [], np.random.default_rng(0)

    def make(i):
        asked.append(i)
        x = rng.standard_normal((4, 16, 10)).astype(np.float32)
        return x, rng.integers(0, 3, (4, 4)), np.ones((4, 4), np.float32)

    seen = []

    def validate(network):
        seen.append(network.training)
        return {"answer": 42.0}

    network = train(settings, make, validate, tmp_path, validate_every=3)
    assert asked == [0, 1, 2, 3]
    assert seen == [False, False]
    assert network.stem.weight.shape == (8, 10, 8)
    assert '"answer":42.0' in (tmp_path / CURVE_FILE).read_text()


def test_a_run_stopped_by_ctrl_c_continues_to_the_same_weights(tmp_path):
    whole = train_on_streams(config(6), pieces(), [], tmp_path / "whole")
    before = signal.getsignal(signal.SIGINT)
    make = stream_batches(config(6), pieces())

    def stopped(i):
        if i == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return make(i)

    with pytest.raises(KeyboardInterrupt):
        train(config(6), stopped, lambda _: {}, tmp_path / "parts")
    assert 0 < Run(config(6), tmp_path / "parts").step < 6
    resumed = train_on_streams(config(6), pieces(), [], tmp_path / "parts")
    torch.testing.assert_close(weights(resumed), weights(whole), rtol=0, atol=0)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_with_other_settings_is_refused(tmp_path):
    Run(config(6), tmp_path)
    with pytest.raises(ValueError, match="other settings"):
        Run(config(7), tmp_path)


def test_an_error_in_a_batch_reaches_the_caller(tmp_path):
    with pytest.raises(ValueError, match="multiple of 4"):
        train_on_streams(config(2, frames=97), pieces(), [], tmp_path)


def test_a_run_may_change_precision(tmp_path):
    train_on_streams(config(2), pieces(), [], tmp_path, hardware=Hardware(precision="bf16"))
    run = Run(config(2), tmp_path, Hardware(precision="32"))
    assert run.step == 2
    assert run.network.stem.weight.dtype == torch.float32


@pytest.mark.slow
def test_two_processes_share_each_batch(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            from pathlib import Path
            from models.training.hardware import Hardware
            from models.training.stream_training import train_on_streams
            from tests.models.training.test_run import config, pieces, weights

            out, devices = Path(sys.argv[1]), int(sys.argv[2])
            hardware = Hardware(devices, "32")
            still = config(3, dropout=0.0)
            network = train_on_streams(still, pieces(), [], out, hardware=hardware)
            print("done", float(weights(network).double().sum()))
            """
        )
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, script, tmp_path / "run", "2"],
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        cwd=root, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("done") == 1  # only the first process continues
    assert (tmp_path / "run" / CURVE_FILE).read_text().count("\n") == 1


def test_rare_classes_are_repeated():
    def one(label):
        return Piece(np.tile(TEMPLATE, (40, 1, 1)), np.full(40, label), 1, "toy")

    mixed = Piece(np.tile(TEMPLATE, (40, 1, 1)), np.r_[np.full(20, 1), np.full(20, 2)], 1, "toy")
    rare = one(2)
    taken = balanced([one(1), one(1), rare, one(1), one(1), mixed])
    assert sum(piece is rare for piece in taken) == 4
    assert sum(piece is mixed for piece in taken) == 4
    assert len(taken) == 12


def test_synthetic_gestures_occur_in_runs_that_give_them_a_share():
    labels = [*LABELS, "wave"]
    plain = msgspec.structs.replace(config(1), labels=labels)
    shared = msgspec.structs.replace(plain, set_share={"toy": 1.0, SYNTHETIC: 1.0})
    for settings, waves in ((plain, False), (shared, True)):
        _, target, _ = stream_batches(settings, pieces())(0)
        assert (target == labels.index("wave")).any() == waves
