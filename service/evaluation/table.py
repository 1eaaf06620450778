"""The table of protocols: each module of this package that has some, by name."""

from __future__ import annotations

from service.evaluation import (
    clips,
    folder,
    merged,
    ntu,
    online,
    partial,
    robustness,
    small_sets,
    unknown,
    wild,
)
from service.evaluation.protocol import Protocol

MODULES = (
    clips, online, partial, robustness, unknown, wild, merged, small_sets, ntu, folder,
)  # fmt: skip

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for module in MODULES for protocol in module.PROTOCOLS
}
