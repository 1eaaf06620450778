from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from models.card import DEFAULT_MODEL, DataCredit, Thresholds, Tuned, load_card, save_card
from models.labels import PRECOG, UTD
from service.__main__ import app
from tests.service.cli.commands import one_line


def test_tune_takes_thresholds_and_leaves_the_rest(cli: CliRunner, tmp_path: Path) -> None:
    shipped = load_card(DEFAULT_MODEL)
    chosen = replace(
        shipped, temperature=0.7, thresholds=Thresholds(again=0.9), scores={"validation_found": 0.9}
    )
    for name, card in (
        ("own", replace(shipped, scores={"validation_found": 0.1, "utd-cs": 0.98})),
        ("other", chosen),
    ):
        (tmp_path / name).mkdir()
        save_card(card, tmp_path / name)
    done = cli.invoke(app, ["tune", str(tmp_path / "own"), "--tuned-by", str(tmp_path / "other")])
    assert done.exit_code == 0 and "again=0.9" in done.output
    tuned = load_card(tmp_path / "own")
    assert tuned == replace(chosen, scores={"utd-cs": 0.98, "validation_found": 0.9})
    missing = cli.invoke(app, ["tune", str(tmp_path / "none"), "--tuned-by", str(tmp_path)])
    assert missing.exit_code == 2


def test_several_models_are_tuned_on_people_they_have_not_learnt_from(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = {"UTD-MHAD": [1, 3, 5, 7], "PRECOG 2016": [1, 2, 3, 4, 5, 6]}
    held = {"a": {"UTD-MHAD": [7], "PRECOG 2016": [5]}, "b": {"UTD-MHAD": [1], "PRECOG 2016": [2]}}
    for name, out in held.items():
        (tmp_path / name).mkdir()
        learnt = [
            DataCredit(one, [who for who in people if who not in out[one]], "c", "t")
            for one, people in everybody.items()
        ]
        save_card(replace(load_card(DEFAULT_MODEL), trained_on=learnt), tmp_path / name)
    monkeypatch.setattr("models.training.recipe_training.validated", lambda *asked: asked)
    asked: list[object] = []

    def tuned_on(models: list[object]) -> Tuned:
        asked.extend(models)
        return Tuned(0.4, Thresholds(enter=0.9))

    monkeypatch.setattr("models.training.recipe_training.tuned_on", tuned_on)
    folders = [str(tmp_path / name) for name in held]
    tuned_by = [word for folder in folders for word in ("--tuned-by", folder)]
    assert cli.invoke(app, ["tune", folders[0], *tuned_by, "--data", "sets"]).exit_code == 0
    assert asked == [
        (tmp_path / "a", {UTD: [7], PRECOG: [5]}, Path("sets")),
        (tmp_path / "b", {UTD: [1], PRECOG: [2]}, Path("sets")),
    ]
    assert load_card(tmp_path / "a").thresholds.enter == 0.9
    everybody_learnt = [DataCredit(one, people, "c", "t") for one, people in everybody.items()]
    save_card(replace(load_card(DEFAULT_MODEL), trained_on=everybody_learnt), tmp_path / "b")
    refused = cli.invoke(app, ["tune", folders[0], *tuned_by, "--data", "sets"])
    assert refused.exit_code == 2
    one_line(refused.stderr, "nobody left")
