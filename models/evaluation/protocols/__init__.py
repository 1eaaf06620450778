"""The table of protocols: each module of this package that has some, by name."""

from __future__ import annotations

from models.evaluation.protocol import Protocol
from models.evaluation.protocols import (
    cross_dataset,
    early,
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
    early,
    robustness,
    open_set,
    cross_dataset,
    merged,
    small_sets,
    ntu,
    own_recordings,
)

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for module in MODULES for protocol in module.PROTOCOLS
}
