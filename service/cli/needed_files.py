"""The files that recipes and protocols read from the folder given by `--data`."""

from __future__ import annotations

from collections.abc import Iterable

from models.evaluation.protocols.merged import CLASSES_FILE
from models.labels import KINDER, PRECOG, UTD
from models.public_sets.clip_data import MSR, NW_UCLA, SBU
from models.training.recipes import RECIPES
from service.cli.options import NTU

_OTHER_FILES = {
    "folder": "your recordings in one folder per class",
    **dict.fromkeys(NTU, "the .skeleton files of NTU RGB+D"),
}
_TEST_SETS = {
    "utd-cs": (UTD,),
    "utd-live": (UTD,),
    "precog-online": (PRECOG,),
    "partial": (UTD,),
    "robustness": (UTD,),
    "relevance": (UTD,),
    "unknown": (UTD,),
    "wild": (KINDER,),
    "wild-reverse": (UTD, PRECOG),
    "wild-choice": (MSR,),
    "merged": (UTD, PRECOG, KINDER),
    "nw-ucla-cv": (NW_UCLA,),
    "msr-20": (MSR,),
    "msr-as": (MSR,),
    "sbu-5fold": (SBU,),
}
"""The clip sets that each protocol tests on."""
_TRAINING_SETS: dict[str, tuple[str, ...]] = {
    "relevance": (),
    "wild-reverse": (UTD, PRECOG, KINDER),
    "merged": (UTD, PRECOG, KINDER),
    "nw-ucla-cv": (NW_UCLA,),
    "msr-20": (MSR,),
    "msr-as": (MSR,),
    "sbu-5fold": (SBU,),
}
"""The clip sets that a protocol trains and tunes its models on; UTD and PRECOG for all others."""


def files_of_recipe(recipe: str) -> str:
    """Name the files that `jointwise train RECIPE` reads."""
    return _OTHER_FILES.get(recipe) or _listed(RECIPES[recipe].train)


def files_of_protocol(protocol: str, trains: bool) -> str:
    """Name the files that `jointwise evaluate PROTOCOL` reads. `trains`: no model is given."""
    if protocol in _OTHER_FILES:
        return _OTHER_FILES[protocol]
    training = _TRAINING_SETS.get(protocol, (UTD, PRECOG)) if trains else ()
    more = [CLASSES_FILE] if protocol == "merged" else []
    return _listed([*_TEST_SETS[protocol], *training], more)


def files_to_tune() -> str:
    """Name the files on whose people thresholds are chosen."""
    return _listed(RECIPES["protocol"].train)


def _listed(clip_sets: Iterable[str], more: Iterable[str] = ()) -> str:
    """Write file names as a list: `a.npz, b.npz and c.json`."""
    *first, last = [*(f"{name}.npz" for name in dict.fromkeys(clip_sets)), *more]
    return f"{', '.join(first)} and {last}" if first else last
