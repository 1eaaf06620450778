"""The table of protocols, by the name that `jointwise evaluate` takes.

To add a protocol:

1. Write a module in this folder with a function `judge(model_dir, data)` that returns a
   `Judgement`. New score functions belong in `models.scoring.scores`.
2. List the protocol in the module's `PROTOCOLS`, with a text for each of its figures in
   `figures_help`, and with `train` if it needs models of its own.
3. Add the module to `MODULES` below.

`models.evaluation.protocol` explains the fields of `Protocol` and `Judgement`. `whole_clips` is a
short example.
"""

from __future__ import annotations

from models.evaluation.attribution import protocol as explanations
from models.evaluation.protocol import Protocol
from models.evaluation.protocols import (
    cross_dataset,
    early,
    exercises,
    falls,
    free_streams,
    limbs,
    live_streams,
    merged,
    ntu,
    open_set,
    own_recordings,
    precog_online,
    robustness,
    small_sets,
    whole_clips,
)

MODULES = (
    whole_clips,
    live_streams,
    precog_online,
    free_streams,
    early,
    robustness,
    limbs,
    explanations,
    falls,
    open_set,
    cross_dataset,
    merged,
    exercises,
    small_sets,
    ntu,
    own_recordings,
)
"""The modules with protocols, in the order in which `jointwise evaluate list` shows them."""

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for module in MODULES for protocol in module.PROTOCOLS
}
