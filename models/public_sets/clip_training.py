"""Train the served Res-TCN on whole clips of a small set, and write its model folder."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch

from models.card import DataCredit, ModelCard, Thresholds, save_card, sha256_of
from models.datasets.pieces import BACKGROUND
from models.features import STRIDE_FRAMES, FeatureSettings, FloatArray
from models.network.onnx_export import RELEVANCE, export_onnx, window_frames
from models.network.res_tcn import MotionStem, ResTCN
from models.public_sets.clip_batches import Sample, Shelf, samples
from models.public_sets.clip_coordinates import channels, channels_per_joint
from models.public_sets.clip_data import CREDITS, LIKE, ActionClip, ActionSet, load_action_set
from models.public_sets.clip_model import RIGS, ClipRule, save_rule
from models.public_sets.clip_recipes import ClipSettings, SmallRecipe, Wanted
from models.training.config import TrainConfig
from models.training.run import Batch, train
from sensor.skeleton import KINECT_V1

_SPREAD_FLOOR = 0.03


class ClipConfig(TrainConfig, frozen=True, forbid_unknown_fields=True):
    """A run on whole clips: the fields of every run, and the settings of its recipe."""

    settings: ClipSettings | None = None


def clip_config(recipe: SmallRecipe, labels: list[str], seed: int) -> ClipConfig:
    """The configuration of a recipe, its classes named by `labels`."""
    made = recipe.settings
    return ClipConfig(
        recipe=recipe.name,
        labels=labels,
        seed=seed,
        steps=made.steps,
        streams=made.clips,
        frames=made.frames,
        learning_rate=made.learning_rate,
        weight_decay=made.weight_decay,
        dropout=made.dropout,
        averaging=made.averaging,
        pool=made.pool,
        inputs=len(recipe.rig.joints) * channels_per_joint(recipe.rig, made.channels),
        widths=made.widths,
        set_share={recipe.data_set: 1.0, **made.extra},
        features=FeatureSettings(rate_hz=made.rate_hz, origin_s=made.frame.origin_s),
        settings=made,
    )


def train_recipe(
    recipe: SmallRecipe, data: Path, seed: int, run_dir: Path, validate: bool = False
) -> Path:
    """Train one seed, or go on where its folder stands; returns the model folder.

    With `validate` the recipe's validation part is held out and looked at instead of learnt.
    Raises RecordingError where data are missing.
    """
    model_dir = run_dir / "model"
    own = load_action_set(data, recipe.data_set, recipe.settings.rate_hz)
    learnt, held = own.of(_learnt(recipe, validate)), []
    if validate:
        held = recipe.clips(own, lambda clip: recipe.train(clip) and recipe.validation(clip))
    labels = recipe.labels(own)
    groups, extra = _groups(recipe, own, learnt, data)
    config = clip_config(recipe, labels + extra, seed)
    scale = Scale.of(groups[0], recipe)
    shelf = _shelf(recipe, groups)

    def make_batch(i: int) -> Batch:
        x, target, weight = shelf.batch(seed, i, (config.streams, config.frames))
        return scale(x), target, weight

    def look(network: ResTCN) -> dict[str, float]:
        if not held:
            return {}
        return {"validation_accuracy": _accuracy(network, recipe, own, held, scale)}

    network = train(config, make_batch, look, run_dir, look_every=max(config.steps // 4, 1))
    _write(scale.folded(network, len(labels)), recipe, config, learnt, model_dir)
    return model_dir


def _learnt(recipe: SmallRecipe, validate: bool) -> Wanted:
    if not validate:
        return recipe.train
    return lambda clip: recipe.train(clip) and not recipe.validation(clip)


def _groups(
    recipe: SmallRecipe, own: ActionSet, learnt: Sequence[ActionClip], data: Path
) -> tuple[list[list[Sample]], list[str]]:
    """The samples of each set of a recipe, and the names of the classes that only help.

    Those are of other sets, and of its own where it has but some of their classes.
    """
    made, known = recipe.settings, recipe.labels(own)
    called, count = LIKE.get(recipe.data_set, {}), len(known)
    groups = []
    for name in (recipe.data_set, *made.extra):
        found = own if name == own.name else load_action_set(data, name, made.rate_hz)
        meant = [called.get(label, label) for label in found.labels]
        named = [x if x in known or found is own else f"{name}:{x}" for x in meant]
        known += [label for label in named if label not in known]
        codes = np.array([known.index(label) for label in named])
        clips = learnt if found is own else found.clips
        groups.append(samples(clips, codes, recipe.rig, made.frame, made.rate_hz))
    return groups, known[count:]


def _shelf(recipe: SmallRecipe, groups: list[list[Sample]]) -> Shelf:
    made = recipe.settings
    shares = [1.0, *made.extra.values()]
    return Shelf(groups, shares, recipe.rig, made.channels, made.rate_hz, made.variation)


@dataclass(frozen=True, eq=False)
class Scale:
    """Inputs at mean 0 and spread 1 while the network learns; both (inputs,).

    It is folded into the finished network's stem, so that a served model reads plain channels.
    """

    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, learnt: Sequence[Sample], recipe: SmallRecipe) -> Scale:
        """Measured on the clips that are learnt from."""
        made = recipe.settings
        frames = [
            channels(sample.places[None], recipe.rig, made.channels, made.rate_hz)[0]
            for sample in learnt
        ]
        flat = np.concatenate(frames).reshape(sum(map(len, frames)), -1)
        return cls(flat.mean(axis=0), np.maximum(flat.std(axis=0), np.float32(_SPREAD_FLOOR)))

    def __call__(self, x: FloatArray) -> FloatArray:
        """Input (N, T, inputs), scaled."""
        scaled: FloatArray = (x - self.mean) / self.spread
        return scaled

    @torch.no_grad()
    def folded(self, network: ResTCN, classes: int) -> ResTCN:
        """The network with the scale in its stem, and only its first classes."""
        whole = copy.deepcopy(network).eval()
        spread, mean = torch.from_numpy(self.spread), torch.from_numpy(self.mean)
        stem, head = cast(MotionStem, whole.stem), whole.head
        weight = stem.weight / spread[None, :, None]
        assert stem.bias is not None
        # What moved does not depend on the mean, only on the spread.
        stem.motion.copy_(stem.motion / spread[None, :, None])
        stem.bias.copy_(stem.bias - (weight * mean[None, :, None]).sum(dim=(1, 2)))
        stem.weight.copy_(weight)
        kept = torch.nn.Linear(head.in_features, classes)
        kept.weight.copy_(head.weight[:classes])
        kept.bias.copy_(head.bias[:classes])
        whole.head = kept
        return whole


@torch.no_grad()
def _accuracy(
    network: ResTCN,
    recipe: SmallRecipe,
    own: ActionSet,
    held: Sequence[ActionClip],
    scale: Scale,
) -> float:
    """The share of held-out clips whose newest answer is right, among the set's own classes."""
    rule, codes = _rule(recipe), recipe.codes(own)
    count, right = len(recipe.labels(own)), 0
    seen = [clip for clip in held if len(clip.joints_m)]
    frames = -(-max(len(clip.joints_m) for clip in seen) // STRIDE_FRAMES) * STRIDE_FRAMES
    for i in range(0, len(seen), 64):
        part = seen[i : i + 64]
        x = torch.from_numpy(scale(rule.input(part, frames).reshape(len(part), frames, -1)))
        answers = network(x)[:, -1, :count].argmax(dim=1).numpy()
        right += int((answers == codes[[clip.label for clip in part]]).sum())
    return right / len(held)


def _rule(recipe: SmallRecipe) -> ClipRule:
    made = recipe.settings
    rig = next(name for name, rig in RIGS.items() if rig is recipe.rig)
    return ClipRule(recipe.name, rig, made.channels, made.rate_hz, made.frame)


def _write(
    network: ResTCN,
    recipe: SmallRecipe,
    config: ClipConfig,
    learnt: Sequence[ActionClip],
    model_dir: Path,
) -> None:
    """Export, and write card and rule beside it."""
    made = recipe.settings
    width = channels_per_joint(recipe.rig, made.channels)
    path = export_onnx(network, len(recipe.rig.joints), model_dir, width)
    save_rule(_rule(recipe), model_dir)
    people = {recipe.data_set: sorted({clip.person for clip in learnt})}
    people |= {name: [] for name in made.extra}
    card = ModelCard(
        id=f"res-tcn-{recipe.name}-{config.seed}",
        labels=config.labels[: network.head.out_features],
        background=BACKGROUND,
        layout=KINECT_V1.name if recipe.rig.actors == 1 else recipe.data_set,
        joints_used=list(recipe.rig.joints),
        actors=recipe.rig.actors,
        rate_hz=made.rate_hz,
        window_frames=window_frames(network),
        receptive_frames=network.receptive_frames,
        stride_frames=STRIDE_FRAMES,
        features=config.features,
        trained_on=[
            DataCredit(CREDITS[name][0], who, CREDITS[name][1], "research; see the set's terms")
            for name, who in people.items()
        ],
        scores={},
        temperature=1.0,
        thresholds=Thresholds(),
        relevance=RELEVANCE,
        sha256=sha256_of(path),
    )
    save_card(card, model_dir)
