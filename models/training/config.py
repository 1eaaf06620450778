"""The settings of a training run."""

from __future__ import annotations

import msgspec

from models.augmentation.settings import Variation
from models.features import CHANNELS, JOINTS_USED, FeatureSettings
from models.labels import CMU, FALLS, KINDER, PRECOG, UI_PRMD, UTD
from models.network.res_tcn import ResTCN
from models.synthesis.gestures import SYNTHETIC
from models.training.recipes import STEPS


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a run. With the same data, the same settings give the same weights."""

    recipe: str
    """The name of the recipe. It becomes part of the model's id."""
    labels: list[str]
    """The classes, in the order of the logits."""
    seed: int = 0
    """The seed of weights, batches and dropout."""
    steps: int = STEPS
    """The number of training steps."""
    streams: int = 24
    """The number of streams (or clips) of a batch."""
    frames: int = 192
    """The length of each, in frames. A multiple of 4."""
    learning_rate: float = 2e-3
    """The highest learning rate of the one-cycle schedule (Smith and Topin 2018)."""
    weight_decay: float = 0.02
    """The decoupled weight decay of AdamW (Loshchilov and Hutter 2019), for kernels only."""
    dropout: float = 0.1
    """The probability that a residual unit drops a value before its convolution."""
    stem_sparsity: float = 0.0
    """How strongly the first layer's filters are limited to few joints, 0 or more: the weight of a
    group lasso over the joints of each filter."""
    label_smoothing: float = 0.1
    """The share of probability spread over all classes (Szegedy et al. 2016, section 7)."""
    averaging: float = 0.998
    """The share of the averaged weights that each step keeps."""
    pool: int = 8
    """The number of newest features that the network averages; each spans four frames."""
    inputs: int = len(JOINTS_USED) * CHANNELS
    """The number of input values of a frame."""
    widths: tuple[int, int, int] = (48, 96, 192)
    """The channels of the three groups of residual units."""
    set_share: dict[str, float] = msgspec.field(
        default_factory=lambda: {
            UTD: 0.4,
            PRECOG: 0.22,
            KINDER: 0.48,
            UI_PRMD: 0.15,
            CMU: 0.15,
            FALLS: 0.12,
            SYNTHETIC: 0.3,
        }
    )
    """The weight of each data set in the streams. Sets that a run does not have are ignored.

    The weights of UI-PRMD, CMU and the falls were chosen by hand: somewhat less than that of
    PRECOG, which has about as many classes, so that the classes of UTD-MHAD stay frequent.
    """
    features: FeatureSettings = FeatureSettings()
    """How joints become features."""
    variation: Variation = Variation()
    """The augmentations."""


def new_network(config: TrainConfig) -> ResTCN:
    """The untrained served network of a configuration."""
    return ResTCN(
        config.inputs,
        len(config.labels),
        pool=config.pool,
        dropout=config.dropout,
        widths=config.widths,
    )
