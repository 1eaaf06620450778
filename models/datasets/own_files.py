"""Finds the files of a user's own recordings, and reads class and person from their names."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from models.labels import plain_label
from sensor.formats.ntu_skeleton import parse_name

log = logging.getLogger(__name__)

_NUMBERED = re.compile(r"(?<![a-z])(?:p|s|person|subject|subj|user)[ _-]?0*(\d+)(?![0-9])")
"""A person's number in a file or folder name, as `p03` or `subject-3`."""
_NO_NAMES = "capture", "clip", "rec", "recording", "sample", "session", "skeleton", "take", "trial"
"""Words at the start of a file name that name no person."""
_SUFFIXES = ".csv", ".json", ".jsonl", ".mcap", ".npz", ".skeleton"
"""Suffixes of recordings. Other files need not name a person."""


@dataclass(frozen=True)
class OwnFile:
    """A recording of one class by one person."""

    path: Path
    label: str
    person: str


def own_files(folder: Path) -> list[OwnFile]:
    """Find the recordings in a folder that holds one folder for each class.

    Raises ValueError if the folder is missing or empty, or if a recording names no person.
    """
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
            log.warning("skipped: %s is not a recording", path)
    if not found:
        raise ValueError(f"{folder} holds no recordings: create a folder in it for each class")
    return found


def _person(path: Path, parts: tuple[str, ...]) -> str:
    """The person of a file, by the first rule that applies.

    1. The folder inside the class folder.
    2. The performer (P) of an NTU file name.
    3. A number as in `p03` or `subject-3` at the start of the file name. The class and words like
       `take` at the start do not count, here and in the next rules.
    4. A first word of letters that another word follows.
    5. Such a number anywhere in the file name.
    6. Any first word that another word follows.

    Raises ValueError if none applies.
    """
    if len(parts) > 2:
        numbered = _NUMBERED.fullmatch(parts[1].lower())
        return numbered[1] if numbered else parts[1].lower()
    if (ntu := parse_name(path.stem)) is not None:
        return str(ntu.performer)
    skipped = "|".join((re.escape(plain_label(parts[0])), *_NO_NAMES))
    stem = re.sub(rf"^(?:(?:{skipped})[_-])+", "", path.stem.lower().replace(" ", "_"))
    name, *more = re.split("_" if "_" in stem else "-", stem)
    numbered = _NUMBERED.match(stem)
    if numbered is None and not (name.replace("-", "").isalpha() and more):
        numbered = _NUMBERED.search(stem)
    if numbered is not None:
        return numbered[1]
    if not name or not more:
        raise ValueError(
            f"{path} does not name a person: rename it to PERSON_{path.name}, or move it into a "
            "folder with the person's name"
        )
    return name
