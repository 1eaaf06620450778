import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.__main__ import app
from service.atlas import page
from tests.fakes.models.atlas_folder import few_motions, pair_folder
from tests.service.cli.commands import one_line


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the built parts of the page."""
    folder = tmp_path / "standalone"
    folder.mkdir()
    (folder / "atlas.js").write_text("console.log('</script><!--')")
    (folder / "atlas.css").write_text("body { margin: 0 }")
    monkeypatch.setattr(page, "STANDALONE", folder)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_page_and_json_have_the_same_numbers(cli: CliRunner, tmp_path: Path, built: None) -> None:
    model, out = few_motions(made(tmp_path / "model")), tmp_path / "new" / "out"
    done = cli.invoke(app, ["atlas", "--out", str(out), "--model", str(model)])
    assert done.exit_code == 0, done.output
    assert done.output.count("\n") == 1 and "units of" in done.output
    atlas = json.loads((out / "atlas.json").read_text())
    html = (out / "index.html").read_text()
    data = json.loads(html.split('id="data">')[1].split("</script>")[0])
    assert (data["overview"], data["units"]) == (atlas["overview"], atlas["units"])
    moments = {moment["label"] for unit in atlas["units"] for moment in unit["moments"]}
    assert [motion["label"] for motion in data["motions"]] == sorted(moments)


def test_the_page_loads_nothing_and_only_its_own_scripts_end(
    cli: CliRunner, tmp_path: Path, built: None
) -> None:
    out = tmp_path / "out"
    model = few_motions(made(tmp_path / "model"), 1)
    assert cli.invoke(app, ["atlas", "--out", str(out), "--model", str(model)]).exit_code == 0
    html = (out / "index.html").read_text()
    assert (
        "src=" not in html and "href=" not in html and "http" not in html.replace("http-equiv", "")
    )
    assert html.count("</script") == 2 and "<!--" not in html


def test_a_model_of_two_people_has_a_page(cli: CliRunner, tmp_path: Path, built: None) -> None:
    out = tmp_path / "out"
    model = pair_folder(made(tmp_path / "model"))
    done = cli.invoke(app, ["atlas", "--out", str(out), "--model", str(model)])
    assert done.exit_code == 0 and "no averaged motions" in done.stderr
    units = json.loads((out / "atlas.json").read_text())["units"]
    assert units[0]["between_people"] and "A's" in units[0]["name"]


def test_a_page_that_is_not_built_is_one_clear_error(
    cli: CliRunner, tmp_path: Path, built: None
) -> None:
    shutil.rmtree(page.STANDALONE)
    model = pair_folder(made(tmp_path / "model"))
    done = cli.invoke(app, ["atlas", "--out", str(tmp_path / "out"), "--model", str(model)])
    assert done.exit_code == 2
    one_line(done.stderr, "the web page is not built")


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_one_clear_error(
    cli: CliRunner, tmp_path: Path, built: None, out: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    model = pair_folder(made(tmp_path / "model"))
    done = cli.invoke(app, ["atlas", "--out", str(tmp_path / out), "--model", str(model)])
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr.splitlines()[-1]


def test_no_model_is_one_clear_error(cli: CliRunner, tmp_path: Path) -> None:
    done = cli.invoke(app, ["atlas", "--out", str(tmp_path), "--model", str(tmp_path)])
    assert done.exit_code == 2
    one_line(done.stderr, "no model in")
