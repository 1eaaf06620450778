"""The settings of the published Res-TCN on NTU RGB+D (Kim and Reiter 2017)."""

from __future__ import annotations

import msgspec

from models.public_sets.ntu_split import NTU_PROTOCOLS, action_labels


class PublishedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a run. With the same data, the same settings give the same weights."""

    protocol: str
    """A name in `NTU_PROTOCOLS`."""
    seed: int = 0
    """The seed of weights, batches and dropout."""
    epochs: int = 200
    """The largest number of epochs. An epoch reads each training sample at most once."""
    batch: int = 128
    """The number of samples of a batch."""
    learning_rate: float = 0.01
    """The initial learning rate."""
    least_rate: float = 1e-5
    """Training ends when the rate would fall below this one."""
    drop: float = 0.1
    """The factor by which the rate drops."""
    patience: int = 5
    """The rate drops after more than this many epochs without a new best accuracy."""
    momentum: float = 0.9
    """The Nesterov momentum."""
    l1: float = 1e-4
    """The weight of the L1 norm of convolution kernels in the loss."""
    dropout: float = 0.5
    """The probability that a residual unit drops a value before its convolution."""
    widths: tuple[int, int, int] = (64, 128, 256)
    """The channels of the three groups of residual units."""
    held_out: float = 0.1
    """The share of training performers that validate."""


def labels_of(config: PublishedConfig) -> list[str]:
    """The names of the classes, in the order of the logits."""
    return action_labels(NTU_PROTOCOLS[config.protocol].classes)
