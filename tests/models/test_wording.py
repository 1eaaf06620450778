"""The command line and the page use the same words: wordings.test.ts reads the same file."""

from __future__ import annotations

import json
from pathlib import Path

from models.wording import joint_text, label_text, percent_text, shares_text

ROOT = Path(__file__).parents[2]
WORDINGS = json.loads((ROOT / "service/viewer/test/page/wordings.json").read_text())


def test_labels_are_the_same_as_on_the_page() -> None:
    background, labels = WORDINGS["background"], WORDINGS["labels"]
    assert {name: label_text(name, background) for name in labels} == labels


def test_joints_are_the_same_as_on_the_page() -> None:
    assert {name: joint_text(name) for name in WORDINGS["joints"]} == WORDINGS["joints"]


def test_percentages_are_the_same_as_on_the_page() -> None:
    assert all(percent_text(share) == text for share, text in WORDINGS["percents"])


def test_joints_with_shares_are_the_same_as_on_the_page() -> None:
    shares, text = WORDINGS["shares"]
    assert shares_text(shares) == text
