"""The training, validation and test samples of an NTU protocol, and batches of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from models.features import FloatArray, IntArray
from models.public_sets.ntu_config import PublishedConfig
from models.public_sets.ntu_pack import NtuClips
from models.public_sets.ntu_split import NTU_PROTOCOLS, validation_performers


class Split:
    """The parts of a protocol as clip indices, int64: `learn`, `validation` and `test`.

    `target` int64 (N,) is the class of every clip. Raises ValueError without training samples.
    """

    def __init__(self, config: PublishedConfig, clips: NtuClips) -> None:
        protocol = NTU_PROTOCOLS[config.protocol]
        mine = [i for i, name in enumerate(clips.ids) if protocol.has(name)]
        training = [i for i in mine if protocol.trains(clips.ids[i])]
        names = (clips.ids[i] for i in training)
        self.validation_people = validation_performers(names, config.held_out)
        held = {i for i in training if clips.ids[i].performer in self.validation_people}
        self.learn: IntArray = np.array([i for i in training if i not in held], np.int64)
        self.validation: IntArray = np.array(sorted(held), np.int64)
        self.test: IntArray = np.array(sorted(set(mine) - set(training)), np.int64)
        self.classes = protocol.classes
        self.target: IntArray = np.array([name.action - 1 for name in clips.ids], np.int64)
        if not len(self.learn):
            raise ValueError(
                f"{clips.index_file.parent.parent} holds no training sample of {protocol.name}: "
                f"{protocol.about}"
            )


def epoch_batches(
    config: PublishedConfig, clips: NtuClips, split: Split, rank: int = 0, count: int = 1
) -> Callable[[int], tuple[FloatArray, IntArray]]:
    """Return a function that makes batch `i`: clips (N, 300, 150) and their classes (N,).

    Each epoch has an order of its own. Process `rank` of `count` takes every `count`-th sample of
    a batch.
    """

    @lru_cache(maxsize=2)
    def order(epoch: int) -> IntArray:
        shuffled: IntArray = np.random.default_rng((config.seed, epoch)).permutation(split.learn)
        return shuffled

    def make_batch(i: int) -> tuple[FloatArray, IntArray]:
        epoch, number = divmod(i, steps_an_epoch(config, split))
        picks = order(epoch)[number * config.batch : (number + 1) * config.batch][rank::count]
        return clips.padded(picks), split.target[picks]

    return make_batch


def steps_an_epoch(config: PublishedConfig, split: Split) -> int:
    """The number of full batches of an epoch. The remaining samples are left out of it."""
    return max(len(split.learn) // config.batch, 1)
