"""Trains the served Res-TCN on whole clips of a small set, and writes its model folder."""

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
from models.public_sets.clip_batches import BatchMaker, Sample, samples
from models.public_sets.clip_coordinates import channels, channels_per_joint
from models.public_sets.clip_data import (
    CREDITS,
    EQUIVALENT_LABELS,
    ActionClip,
    ActionSet,
    ClipFilter,
    load_action_set,
)
from models.public_sets.clip_model import LAYOUTS, InputSettings, save_input_settings
from models.public_sets.clip_recipes import ClipSettings, SmallRecipe
from models.public_sets.clip_whole_body import whole_body_of
from models.training.config import TrainConfig
from models.training.model_folder import add_readings
from models.training.run import Batch, train
from sensor.skeleton import KINECT_V1

_SPREAD_FLOOR = 0.03


class ClipConfig(TrainConfig, frozen=True, forbid_unknown_fields=True):
    """The configuration of a run on whole clips, with the settings of its recipe."""

    settings: ClipSettings | None = None


def clip_config(recipe: SmallRecipe, labels: list[str], seed: int) -> ClipConfig:
    """The configuration of a recipe with these classes."""
    settings = recipe.settings
    coordinates = settings.coordinates
    return ClipConfig(
        recipe=recipe.name,
        labels=labels,
        seed=seed,
        steps=settings.steps,
        streams=settings.clips,
        frames=settings.frames,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        dropout=settings.dropout,
        averaging=settings.averaging,
        pool=settings.pool,
        inputs=len(recipe.layout.joints) * channels_per_joint(recipe.layout, settings.channels),
        widths=settings.widths,
        set_share={recipe.data_set: 1.0, **settings.extra},
        features=FeatureSettings(rate_hz=settings.rate_hz, origin_s=coordinates.origin_s),
        settings=settings,
    )


def train_small_recipe(
    recipe: SmallRecipe, data: Path, seed: int, run_dir: Path, validate: bool = False
) -> Path:
    """Train one seed, or continue a run. Returns the model folder.

    With `validate`, the recipe's validation part is measured instead of learnt. Raises
    RecordingError if data are missing.
    """
    model_dir = run_dir / "model"
    own = load_action_set(data, recipe.data_set, recipe.settings.rate_hz)
    learnt, held = own.select(_learnt(recipe, validate)), []
    if validate:
        held = recipe.clips(own, lambda clip: recipe.train(clip) and recipe.validation(clip))
    labels = recipe.labels(own)
    groups, extra = _groups(recipe, own, learnt, data)
    config = clip_config(recipe, labels + extra, seed)
    scale = Scale.of(groups[0], recipe)
    batches = _batch_maker(recipe, groups)

    def make_batch(i: int) -> Batch:
        x, target, weight = batches.batch(seed, i, (config.streams, config.frames))
        return scale(x), target, weight

    def measure(network: ResTCN) -> dict[str, float]:
        if not held:
            return {}
        return {"validation_accuracy": _accuracy(network, recipe, own, held, scale)}

    every = max(config.steps // 4, 1)
    network = train(config, make_batch, measure, run_dir, validate_every=every)
    _write(scale.folded(network, len(labels)), recipe, config, learnt, model_dir)
    return model_dir


def _learnt(recipe: SmallRecipe, validate: bool) -> ClipFilter:
    """The filter of clips to learn from."""
    if not validate:
        return recipe.train
    return lambda clip: recipe.train(clip) and not recipe.validation(clip)


def _groups(
    recipe: SmallRecipe, own: ActionSet, learnt: Sequence[ActionClip], data: Path
) -> tuple[list[list[Sample]], list[str]]:
    """The samples of each set of a recipe, and the labels of the extra classes.

    Extra classes are those of other sets, and those of the own set that the recipe leaves out.
    """
    settings, known = recipe.settings, recipe.labels(own)
    equivalent, count = EQUIVALENT_LABELS.get(recipe.data_set, {}), len(known)
    groups = []
    for name in (recipe.data_set, *settings.extra):
        found = own if name == own.name else load_action_set(data, name, settings.rate_hz)
        meant = [equivalent.get(label, label) for label in found.labels]
        named = [x if x in known or found is own else f"{name}:{x}" for x in meant]
        known += [label for label in named if label not in known]
        codes = np.array([known.index(label) for label in named])
        clips = learnt if found is own else found.clips
        coordinates, rate_hz = settings.coordinates, settings.rate_hz
        groups.append(samples(clips, codes, recipe.layout, coordinates, rate_hz))
    return groups, known[count:]


def _batch_maker(recipe: SmallRecipe, groups: list[list[Sample]]) -> BatchMaker:
    s = recipe.settings
    shares = [1.0, *s.extra.values()]
    return BatchMaker(groups, shares, recipe.layout, s.channels, s.rate_hz, s.variation)


@dataclass(frozen=True, eq=False)
class Scale:
    """Scales inputs to mean 0 and spread 1 during training. `mean` and `spread` are (inputs,).

    The stem of the finished network takes the scale over, so a served model reads plain channels.
    """

    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, learnt: Sequence[Sample], recipe: SmallRecipe) -> Scale:
        """Measure the scale on the training samples of the own set."""
        settings = recipe.settings
        frames = [
            channels(sample.positions[None], recipe.layout, settings.channels, settings.rate_hz)[0]
            for sample in learnt
        ]
        flat = np.concatenate(frames).reshape(sum(map(len, frames)), -1)
        return cls(flat.mean(axis=0), np.maximum(flat.std(axis=0), np.float32(_SPREAD_FLOOR)))

    def __call__(self, x: FloatArray) -> FloatArray:
        """Scale an input (N, T, inputs)."""
        scaled: FloatArray = (x - self.mean) / self.spread
        return scaled

    @torch.no_grad()
    def folded(self, network: ResTCN, classes: int) -> ResTCN:
        """A copy of the network with the scale in its stem, and only its first classes."""
        whole = copy.deepcopy(network).eval()
        spread, mean = torch.from_numpy(self.spread), torch.from_numpy(self.mean)
        stem, head = cast(MotionStem, whole.stem), whole.head
        weight = stem.weight / spread[None, :, None]
        assert stem.bias is not None
        # Motion is a difference of inputs: it depends on the spread, but not on the mean.
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
    """The share of held-out clips whose last prediction is right, among the set's own classes."""
    inputs, codes = _input_settings(recipe), recipe.codes(own)
    count, right = len(recipe.labels(own)), 0
    seen = [clip for clip in held if len(clip.joints_m)]
    frames = -(-max(len(clip.joints_m) for clip in seen) // STRIDE_FRAMES) * STRIDE_FRAMES
    for i in range(0, len(seen), 64):
        part = seen[i : i + 64]
        x = torch.from_numpy(scale(inputs.input(part, frames).reshape(len(part), frames, -1)))
        answers = network(x)[:, -1, :count].argmax(dim=1).numpy()
        right += int((answers == codes[[clip.label for clip in part]]).sum())
    return right / len(held)


def _input_settings(recipe: SmallRecipe) -> InputSettings:
    settings = recipe.settings
    layout = next(name for name, layout in LAYOUTS.items() if layout is recipe.layout)
    return InputSettings(
        recipe.name, layout, settings.channels, settings.rate_hz, settings.coordinates
    )


def _write(
    network: ResTCN,
    recipe: SmallRecipe,
    config: ClipConfig,
    learnt: Sequence[ActionClip],
    model_dir: Path,
) -> None:
    """Export the network, and write its card and its input settings beside it."""
    settings, layout = recipe.settings, recipe.layout
    width = channels_per_joint(layout, settings.channels)
    path = export_onnx(network, len(layout.joints), model_dir, width)
    save_input_settings(_input_settings(recipe), model_dir)
    people = {recipe.data_set: sorted({clip.person for clip in learnt})}
    people |= {name: [] for name in settings.extra}
    card = ModelCard(
        id=f"res-tcn-{recipe.name}-{config.seed}",
        labels=config.labels[: network.head.out_features],
        background=BACKGROUND,
        layout=KINECT_V1.name if layout.actors == 1 else recipe.data_set,
        joints_used=list(layout.joints),
        actors=layout.actors,
        rate_hz=settings.rate_hz,
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
    add_readings(model_dir, whole_body_of(_input_settings(recipe)), network)
