"""The table of protocols: each module of this package that has some, by name."""

from __future__ import annotations

from service.evaluation import clips, live, partial, robustness, small_sets
from service.evaluation.protocol import Protocol

MODULES = (clips, live, partial, robustness, small_sets)

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for module in MODULES for protocol in module.PROTOCOLS
}
