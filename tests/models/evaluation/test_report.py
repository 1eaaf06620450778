import json
from dataclasses import replace

import msgspec
import pytest

from models.card import save_card
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.report import ModelNote, Report, SeedReport, make_report
from models.evaluation.report_files import to_markdown, write_report
from models.evaluation.runs import Run
from models.scoring.answers import Rate
from models.scoring.scores import rate_figures
from tests.fakes.recognizer import CARD


@pytest.fixture
def parts(tmp_path):
    """A protocol, two runs, and their judgements."""
    data = tmp_path / "set.npz"
    data.write_bytes(b"data")
    folders = []
    for seed in (0, 1):
        folder = tmp_path / f"model{seed}"
        folder.mkdir()
        save_card(msgspec.structs.replace(CARD, id=f"m-{seed}", sha256=f"hash{seed}"), folder)
        folders.append(folder)
    protocol = Protocol("p", "what it is", None, figures_help={"f1": "segments found"})
    judgements = [
        Judgement(0.9, {"clips": 10, "f1": 0.5}, "9 of 10", data_files=(data,)),
        Judgement(
            0.8, {"clips": 10, "f1": 0.7}, "8 of 10", seen_in_training=(4,), data_files=(data,)
        ),
    ]
    return protocol, [Run(seed, (folder,)) for seed, folder in enumerate(folders)], judgements


def test_a_report_holds_means_spread_seeds_and_hashes(parts):
    report = make_report(*parts)
    assert report.accuracy == pytest.approx(0.85)
    assert report.accuracy_spread == pytest.approx(0.0707, abs=1e-4)
    assert report.seeds == [0, 1]
    assert report.figures == {"clips": 10, "f1": pytest.approx(0.6)}
    assert report.spread["clips"] == 0
    assert [run.models[0].sha256 for run in report.runs] == ["hash0", "hash1"]
    assert report.data[0].file == "set.npz"
    assert len(report.data_sha256) == 64


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([["m-0"], ["m-1"], ["m-2"]], "m-0, -1 and -2"),
        ([["res-tcn-fold-1-0", "res-tcn-fold-2-0"]], "res-tcn-fold-1-0 and -2-0"),
        ([["m-0"], ["own"]], "m-0 and own"),
        ([["m"], ["m"]], "m"),
    ],
)
def test_a_report_lists_all_its_models(parts, ids, text):
    def run(names):
        return SeedReport(None, 1.0, {}, "", [ModelNote("", name, "") for name in names], [])

    report = msgspec.structs.replace(make_report(*parts), runs=[run(names) for names in ids])
    assert report.models == text


def test_data_files_have_unique_names_and_one_common_hash(parts, tmp_path):
    protocol, runs, judgements = parts
    files = tuple(tmp_path / "own" / label / "anna_0.csv" for label in ("push", "wave"))
    for path in files:
        path.parent.mkdir(parents=True)
        path.write_text(path.parent.name)

    def report():
        return make_report(protocol, runs[:1], [replace(judgements[0], data_files=files)])

    first = report()
    assert [note.file for note in first.data] == ["push/anna_0.csv", "wave/anna_0.csv"]
    files[1].write_text("another wave")
    assert report().data_sha256 != first.data_sha256


def test_one_run_has_no_spread(parts):
    protocol, runs, judgements = parts
    report = make_report(protocol, runs[:1], judgements[:1])
    assert report.accuracy_spread == 0
    assert to_markdown(report).startswith("# p: 90.00%\n")


def test_the_bound_of_a_rate_is_reported_for_one_run_and_never_averaged(parts):
    protocol, runs, judgements = parts
    rate = Rate("falls", "minutes")
    protocol = replace(protocol, rates=(rate,))
    judgements = [replace(one, figures=rate_figures(rate, 1, 600.0)) for one in judgements]
    assert rate.at_most in make_report(protocol, runs[:1], judgements[:1]).figures
    report = make_report(protocol, runs, judgements)
    assert report.figures["falls_per_hour"] == pytest.approx(6)
    assert rate.at_most not in report.figures
    assert all(rate.at_most in run.figures for run in report.runs)


def test_a_report_warns_of_people_seen_in_training(parts):
    assert "learnt from test people 4: this is not a valid test" in to_markdown(make_report(*parts))


def test_a_written_report_reads_back(parts, tmp_path):
    report = make_report(*parts, plots=["confusion.png"])
    markdown = write_report(report, tmp_path / "out")
    assert msgspec.json.decode((tmp_path / "out/report.json").read_bytes(), type=Report) == report
    assert json.loads((tmp_path / "out/report.json").read_text())["accuracy"] == report.accuracy
    assert (tmp_path / "out/report.md").read_text() == markdown
    assert "![confusion](confusion.png)" in markdown
    assert "| f1 | 0.6 |" in markdown
    assert "segments found" in markdown


def test_a_model_without_a_card_has_its_folder_s_name_and_the_hash_of_its_files(parts, tmp_path):
    protocol, _, judgements = parts
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"w")
    report = make_report(protocol, [Run(None, (folder,))], judgements[:1])
    assert report.seeds == []
    assert report.model == "own"
    assert len(report.model_sha256) == 64


def test_an_interval_stands_beside_its_figure(parts):
    protocol, runs, judgements = parts
    figures = {"f1": 0.5, "f1_low": 0.4, "f1_high": 0.6, "lonely_low": 0.1}
    first = replace(judgements[0], figures=figures)
    text = to_markdown(make_report(protocol, runs[:1], [first]))
    assert "| f1 | 0.5 [0.4, 0.6] |" in text
    assert "f1_low" not in text
    assert "| lonely_low | 0.1 |" in text
