"""Training and evaluating on the `.skeleton` files of NTU RGB+D."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("lightning_fabric", reason="needs the train extra")

from models.errors import ModelError  # noqa: E402
from models.evaluation.protocols.ntu import PROTOCOLS  # noqa: E402
from models.public_sets.ntu_batches import Split, epoch_batches  # noqa: E402
from models.public_sets.ntu_config import PublishedConfig  # noqa: E402
from models.public_sets.ntu_model import load_published, parameters  # noqa: E402
from models.public_sets.ntu_pack import pack  # noqa: E402
from models.public_sets.ntu_split import NTU_PROTOCOLS  # noqa: E402
from models.public_sets.ntu_training import (  # noqa: E402
    PublishedRun,
    new_published,
    train_published,
)
from service.__main__ import app  # noqa: E402
from service.cli.options import NTU  # noqa: E402
from tests.fakes.files.ntu import write_folder  # noqa: E402

ROOT = Path(__file__).parents[3]
JUDGE = {protocol.name: protocol.judge for protocol in PROTOCOLS}
SMALL = {"widths": [16, 16, 16], "batch": 16, "epochs": 6, "dropout": 0.1, "held_out": 0.25}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """288 files: 6 performers, 3 cameras, 4 repetitions of 4 actions."""
    made = tmp_path_factory.mktemp("ntu")
    assert len(write_folder(made, repetitions=4)) == 288
    pack(made)
    return made


def config_file(folder, **changes):
    path = folder / "small.json"
    path.write_text(json.dumps({**SMALL, **changes}))
    return path


def run_command(*arguments, **options):
    command = [sys.executable, "-m", "service", "train", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, **options,
    )  # fmt: skip


def test_the_published_network_has_the_published_size():
    network = new_published(PublishedConfig("ntu60-cs"))
    assert parameters(network) == 1_877_308
    assert network.receptive_frames == 134
    assert network(torch.zeros(2, 300, 150)).shape == (2, 60)
    config = PublishedConfig("ntu60-cs")
    assert (config.batch, config.learning_rate, config.momentum) == (128, 0.01, 0.9)
    assert (config.l1, config.dropout, config.drop) == (1e-4, 0.5, 0.1)


def test_every_protocol_can_be_trained_and_tested():
    assert set(NTU) == set(JUDGE) == set(NTU_PROTOCOLS)


def test_raw_metres_are_not_rounded_to_bfloat16():
    network = new_published(PublishedConfig("ntu60-cs")).eval()
    x = torch.randn(1, 300, 150) * 0.02 + 3.0
    with torch.autocast("cpu", torch.bfloat16):
        stems = []
        network.units[0].register_forward_pre_hook(lambda _, given: stems.append(given[0]))
        network(x)
    assert stems[0].dtype == torch.float32


@pytest.mark.slow
def test_the_whole_command_stopped_and_resumed_gives_the_same_weights(folder, tmp_path):
    whole = CliRunner().invoke(
        app, ["train", "ntu60-cs", "--data", str(folder), "--out", str(tmp_path / "whole"),
              "--threads", "1", "--config", str(config_file(tmp_path))],
    )  # fmt: skip
    assert whole.exit_code == 0, whole.output
    parts = [
        "ntu60-cs", "--data", folder, "--out", tmp_path / "parts", "--threads", "1",
        "--config", tmp_path / "small.json",
    ]  # fmt: skip
    first = run_command(*parts)
    curve = tmp_path / "parts" / "curve.jsonl"
    while not curve.exists() and first.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            first.wait(0.05)
    first.send_signal(signal.SIGINT)
    said, _ = first.communicate(timeout=600)
    assert first.returncode != 0, said
    assert len(curve.read_text().splitlines()) < SMALL["epochs"], said
    assert "start it again to continue" in said
    second = run_command(*parts)
    said, _ = second.communicate(timeout=600)
    assert second.returncode == 0, said
    found, wanted = (load_published(tmp_path / run / "model") for run in ("parts", "whole"))
    for name, value in wanted[1].state_dict().items():
        torch.testing.assert_close(found[1].state_dict()[name], value, rtol=0, atol=0)
    points = [json.loads(line) for line in curve.read_text().splitlines()]
    assert [point["step"] for point in points] == [9 * epoch for epoch in range(1, 7)]
    card = wanted[0]
    assert (card.learnt_people, card.validation_people) == ([1, 2, 5], [4])
    assert card.validation_accuracy == points[-1]["validation_accuracy"]

    judged = JUDGE["ntu60-cs"](tmp_path / "whole" / "model", folder)
    assert judged.figures["clips"] == 96
    assert judged.seen_in_training == ()
    assert judged.answers.probabilities.shape == (96, 60)
    assert judged.accuracy > 0.4  # chance is 0.25
    with pytest.raises(ModelError, match="not by ntu60-cv"):
        JUDGE["ntu60-cv"](tmp_path / "whole" / "model", folder)


def test_the_learning_rate_drops_and_training_ends_without_progress(folder, tmp_path):
    small = {**SMALL, "widths": (4, 4, 4), "patience": 0, "least_rate": 1e-3, "epochs": 100}
    config = PublishedConfig("ntu60-cv", learning_rate=0.01, **small)
    run = train_published(config, pack(folder), tmp_path)
    points = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    rates = [point["learning_rate"] for point in points]
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.001)
    assert run.finished and len(points) < 100
    assert train_published(config, pack(folder), tmp_path).step == run.step


def test_an_epoch_has_every_sample_once_and_processes_share_it(folder):
    config = PublishedConfig("ntu60-cs", batch=16, held_out=0.25)
    clips = pack(folder)
    split = Split(config, clips)
    assert not set(split.learn) & set(split.validation) | set(split.test) & set(split.learn)
    assert {clips.ids[i].performer for i in split.test} == {3, 6}
    make = epoch_batches(config, clips, split)
    one, other = (epoch_batches(config, clips, split, rank, 2) for rank in (0, 1))
    x, target = make(10)
    np.testing.assert_array_equal(x[0::2], one(10)[0])
    np.testing.assert_array_equal(target[1::2], other(10)[1])
    epoch = np.concatenate([make(i)[1] for i in range(9)])
    np.testing.assert_array_equal(np.bincount(epoch), np.bincount(split.target[split.learn]))
    assert not np.array_equal(make(0)[1], make(9)[1])


@pytest.mark.slow
def test_two_processes_train_one_model(folder, tmp_path):
    told = ["ntu60-cs", "--data", folder, "--out", tmp_path / "run", "--devices", 2]
    said, _ = (done := run_command(*told, "--config", config_file(tmp_path, epochs=2))).communicate(
        timeout=600
    )
    assert done.returncode == 0, said
    assert said.count("is ready") == 1
    assert len((tmp_path / "run" / "curve.jsonl").read_text().splitlines()) == 2


def test_errors_are_one_line(folder, tmp_path):
    def said(*arguments):
        shown = CliRunner().invoke(app, ["train", *map(str, arguments)])
        assert shown.exit_code == 2
        assert shown.stderr.count("\n") == 1
        return shown.stderr

    assert "no .skeleton files" in said("ntu60-cs", "--data", tmp_path, "--out", tmp_path / "r")
    strange = config_file(tmp_path, epoch=3)
    told = ("ntu60-cs", "--data", folder, "--out", tmp_path / "r", "--config")
    assert "unknown field `epoch`" in said(*told, strange)
    PublishedRun(
        PublishedConfig("ntu60-cs"),
        pack(folder),
        Split(PublishedConfig("ntu60-cs"), pack(folder)),
        tmp_path / "r",
    )
    assert "other settings" in said(*told, config_file(tmp_path))


@pytest.mark.slow
def test_a_model_that_was_changed_is_refused(folder, tmp_path):
    config = PublishedConfig("ntu60-cs", **{**SMALL, "widths": (4, 4, 4), "epochs": 1})
    from models.public_sets.ntu_model import save_published

    save_published(train_published(config, pack(folder), tmp_path / "run"), tmp_path / "model")
    with (tmp_path / "model" / "weights.pt").open("ab") as weights:
        weights.write(b"more")
    with pytest.raises(ModelError, match="not what its card says"):
        load_published(tmp_path / "model")
    with pytest.raises(ModelError, match="no published model"):
        load_published(tmp_path)
