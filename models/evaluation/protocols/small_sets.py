"""Protocols of the small published sets: the served network on whole clips, one network a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.evaluation.protocol import Judged, Protocol
from models.features import FloatArray
from models.inference.recognizer import softmax
from models.public_sets.clip_data import MSR_SUBSETS, SBU_FOLDS, ActionClip, load_action_set
from models.public_sets.clip_model import ClipModel
from models.public_sets.clip_recipes import SMALL_RECIPES, SmallRecipe
from models.scoring.answers import Answers

FIGURES_HELP = {
    "clips": "test clips, those in which nobody was seen among them: they count as wrong",
    "classes_mean": "the mean over the classes of the share of clips right",
}


def judge(recipes: Sequence[str], model_dir: Path, data: Path) -> Judged:
    """The answer of a model at the end of each clip of the people or view that it has not seen.

    Raises ModelError where the model is of another protocol, RecordingError where data are
    missing.
    """
    model = ClipModel(model_dir)
    recipe = _recipe_of(model, recipes, model_dir)
    own = load_action_set(data, recipe.data_set, model.rule.rate_hz)
    clips = recipe.clips(own, recipe.test)
    codes = recipe.codes(own)
    truth = codes[[clip.label for clip in clips]]
    logits = _logits(model, clips)
    probabilities = softmax(np.asarray(logits / model.card.temperature, np.float32))
    right = probabilities.argmax(axis=1) == truth
    by_class = [right[truth == code].mean() for code in np.unique(truth)]
    figures = {"classes_mean": float(np.mean(by_class))}
    if recipe.data_set == "sbu":  # folds are weighed by their clips, the subsets of MSR are not
        figures["clips"] = float(len(clips))
    return Judged(
        accuracy=float(right.mean()),
        figures=figures,
        note=f"{int(right.sum())} of {len(right)} clips right ({recipe.about})",
        answers=Answers(probabilities, truth, model.card.labels),
        data_files=(own.path,),
    )


def _recipe_of(model: ClipModel, recipes: Sequence[str], model_dir: Path) -> SmallRecipe:
    name = model.rule.recipe
    if name not in recipes:
        raise ModelError(
            f"{model_dir} was trained for {name}, and is judged by the protocol of that name"
        )
    return SMALL_RECIPES[name]


def _logits(model: ClipModel, clips: Sequence[ActionClip]) -> FloatArray:
    """Logits (N, C); a clip in which nobody was seen is answered with background."""
    logits = np.zeros((len(clips), len(model.card.labels)), np.float32)
    logits[:, model.card.labels.index(model.card.background)] = 1.0
    seen = [i for i, clip in enumerate(clips) if len(clip.joints_m)]
    if seen:
        logits[seen] = model.logits([clips[i] for i in seen])
    return logits


def train(recipes: Sequence[str], data: Path, seed: int, run_dir: Path) -> list[Path]:
    """A model of each recipe, each in a folder of its own. Needs torch."""
    from models.public_sets.clip_training import train_recipe

    return [train_recipe(SMALL_RECIPES[name], data, seed, run_dir / name) for name in recipes]


def _protocol(name: str, about: str, recipes: Sequence[str]) -> Protocol:
    judged: Callable[[Path, Path], Judged] = partial(judge, recipes)
    return Protocol(name, about, judged, train=partial(train, recipes), figures_help=FIGURES_HELP)


PROTOCOLS = [
    _protocol("nw-ucla-cv", SMALL_RECIPES["nw-ucla-cv"].about, ["nw-ucla-cv"]),
    _protocol("msr-20", SMALL_RECIPES["msr-20"].about, ["msr-20"]),
    _protocol(
        "msr-as",
        "MSR-Action3D, subsets AS1 to AS3, a model each, and their mean: odd people learnt",
        [f"msr-{name}" for name in MSR_SUBSETS],
    ),
    _protocol(
        "sbu-5fold",
        "SBU, two actors in one input: the set's five folds by pair, a model each",
        [f"sbu-fold{i + 1}" for i in range(len(SBU_FOLDS))],
    ),
]
