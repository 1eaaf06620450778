"""NTU RGB+D 60 and 120: the published training and test parts, and samples without skeletons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sensor.formats.ntu_skeleton import NtuName, parse_name

MISSING_LISTS = "*missing*skeleton*.txt"
"""The file names of the authors' lists of samples without skeletons."""

_XSUB_60 = frozenset(
    (1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38)
)  # fmt: skip
_XSUB_120 = _XSUB_60 | frozenset(
    (
        45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83, 84, 85,
        86, 89, 91, 92, 93, 94, 95, 97, 98, 100, 103,
    )
)  # fmt: skip


@dataclass(frozen=True)
class NtuProtocol:
    """A published split of the samples of `classes` actions. `trains` selects the training part."""

    name: str
    about: str
    classes: int
    trains: Callable[[NtuName], bool]

    def has(self, name: NtuName) -> bool:
        """Whether the protocol has a sample."""
        return 1 <= name.action <= self.classes


NTU_PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        NtuProtocol(
            "ntu60-cs",
            "NTU RGB+D 60, cross-subject: 20 performers train, 20 test (Shahroudy et al. 2016)",
            60,
            lambda name: name.performer in _XSUB_60,
        ),
        NtuProtocol(
            "ntu60-cv",
            "NTU RGB+D 60, cross-view: cameras 2 and 3 train, camera 1 tests "
            "(Shahroudy et al. 2016)",
            60,
            lambda name: name.camera in (2, 3),
        ),
        NtuProtocol(
            "ntu120-xsub",
            "NTU RGB+D 120, cross-subject: 53 performers train, 53 test (Liu et al. 2019)",
            120,
            lambda name: name.performer in _XSUB_120,
        ),
        NtuProtocol(
            "ntu120-xset",
            "NTU RGB+D 120, cross-setup: even setups train, odd ones test (Liu et al. 2019)",
            120,
            lambda name: name.setup % 2 == 0,
        ),
    )
}


def action_labels(classes: int) -> list[str]:
    """The labels `A001` to the last class."""
    return [f"A{number:03d}" for number in range(1, classes + 1)]


def validation_performers(names: Iterable[NtuName], share: float) -> list[int]:
    """Pick a share of performers, evenly spread; at least one of two or more, but never all."""
    people = sorted({name.performer for name in names})
    count = min(max(round(share * len(people)), 1), len(people) - 1) if share > 0 else 0
    return [people[(2 * i + 1) * len(people) // (2 * count)] for i in range(count)]


def missing_samples(folder: Path) -> set[str]:
    """The names in a folder's lists of samples without skeletons."""
    found: set[str] = set()
    for path in sorted(folder.glob(MISSING_LISTS)):
        found.update(re.findall(r"S\d{3}C\d{3}P\d{3}R\d{3}A\d{3}", path.read_text()))
    return found


def skeleton_files(folder: Path) -> dict[str, Path]:
    """Find the `.skeleton` files of a folder and its subfolders, by sample name, sorted by name.

    Raises ValueError if a name occurs twice.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.skeleton"), key=lambda path: path.name):
        if parse_name(path.name) is None:
            continue
        if path.stem in found:
            raise ValueError(f"{path.stem} is there twice: {found[path.stem]} and {path}")
        found[path.stem] = path
    return found
