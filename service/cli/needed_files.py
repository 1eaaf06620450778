"""The files that recipes and protocols read from the folder given by `--data`."""

from __future__ import annotations

from collections.abc import Iterable

from models.evaluation.protocols.merged import CLASSES_FILE
from models.labels import CMU, FALLS, KINDER, PRECOG, UI_PRMD, UTD
from models.public_sets.clip_data import MSR, NW_UCLA, SBU
from models.training.recipes import OPTIONAL, RECIPES
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
    "limbs": (UTD,),
    "explanations": (UTD,),
    "streams": (CMU, MSR, NW_UCLA),
    "walks": (CMU,),
    "falls": (FALLS,),
    "relevance": (UTD,),
    "unknown": (UTD,),
    "wild": (KINDER,),
    "wild-reverse": (UTD, PRECOG),
    "wild-choice": (MSR,),
    "merged": (UTD, PRECOG, KINDER),
    "ui-prmd": (UI_PRMD,),
    "nw-ucla-cv": (NW_UCLA,),
    "msr-20": (MSR,),
    "msr-as": (MSR,),
    "sbu-5fold": (SBU,),
}
"""The clip sets that each protocol tests on."""
_PROTOCOL = tuple(RECIPES["protocol"].train)
_TRAINING_SETS: dict[str, tuple[str, ...]] = {
    "relevance": (),
    "streams": (),
    "walks": (),
    "falls": (),
    "wild-reverse": (*_PROTOCOL, KINDER),
    "merged": (*_PROTOCOL, KINDER),
    "ui-prmd": (UI_PRMD,),
    "nw-ucla-cv": (NW_UCLA,),
    "msr-20": (MSR,),
    "msr-as": (MSR,),
    "sbu-5fold": (SBU,),
}
"""The clip sets that a protocol trains and tunes its models on; those of `protocol` for others."""


def files_of_recipe(recipe: str) -> str:
    """Name the files that `jointwise train RECIPE` reads."""
    return _OTHER_FILES.get(recipe) or _listed(RECIPES[recipe].train)


def files_of_protocol(protocol: str, trains: bool) -> str:
    """Name the files that `jointwise evaluate PROTOCOL` reads. `trains`: no model is given."""
    if protocol in _OTHER_FILES:
        return _OTHER_FILES[protocol]
    training = _TRAINING_SETS.get(protocol, _PROTOCOL) if trains else ()
    more = [CLASSES_FILE] if protocol == "merged" else []
    return _listed(training, _TEST_SETS[protocol], more)


def files_to_tune() -> str:
    """Name the files on whose people thresholds are chosen."""
    return _listed(RECIPES["protocol"].train)


def _listed(training: Iterable[str], test: Iterable[str] = (), more: Iterable[str] = ()) -> str:
    """Write file names as a list: `a.npz, b.npz and c.json (optional: d.npz)`.

    Sets to test on are always needed; of the sets to train on, those of `OPTIONAL` are not.
    """
    always = dict.fromkeys(test)
    others = [name for name in dict.fromkeys(training) if name not in always]
    optional = ", ".join(f"{name}.npz" for name in others if name in OPTIONAL)
    sets = [*always, *(name for name in others if name not in OPTIONAL)]
    *first, last = [*(f"{name}.npz" for name in sets), *more]
    needed = f"{', '.join(first)} and {last}" if first else last
    return f"{needed} (optional: {optional})" if optional else needed
