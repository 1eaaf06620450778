"""The protocols of small published sets: NW-UCLA, MSR-Action3D and SBU, on whole clips.

The network has the architecture of the served one. Each run trains its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.features import FloatArray
from models.inference.recognizer import softmax
from models.public_sets.clip_data import MSR_SUBSETS, SBU_FOLDS, ActionClip, load_action_set
from models.public_sets.clip_model import ClipModel
from models.public_sets.clip_recipes import SMALL_RECIPES, SmallRecipe
from models.scoring.answers import Answers

FIGURES_HELP = {
    "clips": "test clips; those without a person in view are included and count as wrong",
    "classes_mean": "mean of the accuracies of the classes",
}


def judge(recipes: Sequence[str], model_dir: Path, data: Path) -> Judgement:
    """Measure accuracy on the held-out people or view, by the answer at each clip's end.

    Raises ModelError if the model was trained for another protocol, and RecordingError if data are
    missing.
    """
    model = ClipModel(model_dir)
    recipe = _recipe_of(model, recipes, model_dir)
    own = load_action_set(data, recipe.data_set, model.input_settings.rate_hz)
    clips = recipe.clips(own, recipe.test)
    codes = recipe.codes(own)
    truth = codes[[clip.label for clip in clips]]
    logits = _logits(model, clips)
    probabilities = softmax(np.asarray(logits / model.card.temperature, np.float32))
    right = probabilities.argmax(axis=1) == truth
    by_class = [right[truth == code].mean() for code in np.unique(truth)]
    figures = {"classes_mean": float(np.mean(by_class))}
    if recipe.data_set == "sbu":  # Folds are weighted by their clips, MSR's subsets are not.
        figures["clips"] = float(len(clips))
    return Judgement(
        accuracy=float(right.mean()),
        figures=figures,
        note=f"{int(right.sum())} of {len(right)} clips right ({recipe.about})",
        answers=Answers(probabilities, truth, model.card.labels),
        data_files=(own.path,),
    )


def _recipe_of(model: ClipModel, recipes: Sequence[str], model_dir: Path) -> SmallRecipe:
    """The recipe that the model was trained by. Raises ModelError if it is none of `recipes`."""
    name = model.input_settings.recipe
    if name not in recipes:
        raise ModelError(
            f"{model_dir} was trained for {name}: judge it with the protocol of that name"
        )
    return SMALL_RECIPES[name]


def _logits(model: ClipModel, clips: Sequence[ActionClip]) -> FloatArray:
    """The logits at the end of N clips, float32 (N, C).

    A clip without a person in view gets 1 for background and 0 for the other classes.
    """
    logits = np.zeros((len(clips), len(model.card.labels)), np.float32)
    logits[:, model.card.labels.index(model.card.background)] = 1.0
    seen = [i for i, clip in enumerate(clips) if len(clip.joints_m)]
    if seen:
        logits[seen] = model.logits([clips[i] for i in seen])
    return logits


def train(recipes: Sequence[str], data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train a model by each recipe, each in its own folder below `run_dir`. Needs torch."""
    from models.public_sets.clip_training import train_small_recipe

    return [train_small_recipe(SMALL_RECIPES[name], data, seed, run_dir / name) for name in recipes]


def _protocol(name: str, about: str, recipes: Sequence[str]) -> Protocol:
    """The protocol with a model for each of these recipes."""
    return Protocol(name, about, partial(judge, recipes), partial(train, recipes), FIGURES_HELP)


PROTOCOLS = [
    _protocol("nw-ucla-cv", SMALL_RECIPES["nw-ucla-cv"].about, ["nw-ucla-cv"]),
    _protocol("msr-20", SMALL_RECIPES["msr-20"].about, ["msr-20"]),
    _protocol(
        "msr-as",
        "MSR-Action3D, mean of the subsets AS1 to AS3 with a model each, train on odd people",
        [f"msr-{name}" for name in MSR_SUBSETS],
    ),
    _protocol(
        "sbu-5fold",
        "SBU, two actors in one input: the published five folds by pair, with a model each",
        [f"sbu-fold{i + 1}" for i in range(len(SBU_FOLDS))],
    ),
]
