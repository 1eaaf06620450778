"""The configuration of a training run."""

from __future__ import annotations

import msgspec

from models.augmentation.settings import Variation
from models.features import CHANNELS, JOINTS_USED, FeatureSettings
from models.labels import KINDER, PRECOG, UTD
from models.network.res_tcn import ResTCN
from models.synthesis.gestures import SYNTHETIC
from models.training.recipes import STEPS


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run, apart from the data."""

    recipe: str
    labels: list[str]
    seed: int = 0
    steps: int = STEPS
    streams: int = 24
    frames: int = 192
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.1
    label_smoothing: float = 0.1
    averaging: float = 0.998
    pool: int = 8
    inputs: int = len(JOINTS_USED) * CHANNELS
    widths: tuple[int, int, int] = (48, 96, 192)
    set_share: dict[str, float] = msgspec.field(
        default_factory=lambda: {UTD: 0.4, PRECOG: 0.22, KINDER: 0.48, SYNTHETIC: 0.3}
    )
    features: FeatureSettings = FeatureSettings()
    variation: Variation = Variation()


def new_network(config: TrainConfig) -> ResTCN:
    """The served Res-TCN of a configuration, untrained."""
    return ResTCN(
        config.inputs,
        len(config.labels),
        pool=config.pool,
        dropout=config.dropout,
        widths=config.widths,
    )
