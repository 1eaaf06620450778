"""Finds the files of a user's own recordings and reads class and person from their names."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from models.labels import plain_label
from sensor.formats.ntu_skeleton import parse_name

log = logging.getLogger(__name__)


_NUMBERED = re.compile(r"(?<![a-z])(?:p|s|person|subject|subj|user)[ _-]?0*(\d+)(?![0-9])")


_NO_NAMES = "capture", "clip", "rec", "recording", "sample", "session", "skeleton", "take", "trial"


_SUFFIXES = ".csv", ".json", ".jsonl", ".mcap", ".npz", ".skeleton"


@dataclass(frozen=True)
class OwnFile:
    """A recording of one class by one person."""

    path: Path
    label: str
    person: str


def own_files(folder: Path) -> list[OwnFile]:
    """The files of a folder of class folders. Raises ValueError where one says not who it is."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    found = []
    for path in sorted(folder.glob("*/**/*")):
        parts = path.relative_to(folder).parts
        if not path.is_file() or any(part.startswith(".") for part in parts):
            continue
        try:
            found.append(OwnFile(path, plain_label(parts[0]), _person(path, parts)))
        except ValueError:
            if path.suffix.lower() in _SUFFIXES:
                raise
            log.warning("left out: %s is no recording", path)
    if not found:
        raise ValueError(f"{folder} holds no recordings: make a folder in it for each class")
    return found


def _person(path: Path, parts: tuple[str, ...]) -> str:
    """A folder in the class folder; else P of an NTU name; else what the name begins with, but for
    the class and words like `take`: a number as in `p03` or `subject-3`, or a name. Else such a
    number further on. Raises ValueError.
    """
    if len(parts) > 2:
        numbered = _NUMBERED.fullmatch(parts[1].lower())
        return numbered[1] if numbered else parts[1].lower()
    if (ntu := parse_name(path.stem)) is not None:
        return str(ntu.performer)
    said = "|".join((re.escape(plain_label(parts[0])), *_NO_NAMES))
    stem = re.sub(rf"^(?:(?:{said})[_-])+", "", path.stem.lower().replace(" ", "_"))
    name, *more = re.split("_" if "_" in stem else "-", stem)
    numbered = _NUMBERED.match(stem)
    if numbered is None and not (name.replace("-", "").isalpha() and more):
        numbered = _NUMBERED.search(stem)
    if numbered is not None:
        return numbered[1]
    if not name or not more:
        raise ValueError(
            f"{path} does not say who it is: call it PERSON_{path.name}, or put it into a folder "
            "of that person"
        )
    return name
