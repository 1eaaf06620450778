"""The table of protocols: each module of this package that has some, by name."""

from __future__ import annotations

from models.evaluation.protocol import Protocol
from models.evaluation.protocols import cross_dataset as wild
from models.evaluation.protocols import early as partial
from models.evaluation.protocols import live_streams as online
from models.evaluation.protocols import merged, ntu, robustness, small_sets
from models.evaluation.protocols import open_set as unknown
from models.evaluation.protocols import own_recordings as folder
from models.evaluation.protocols import whole_clips as clips

MODULES = (
    clips, online, partial, robustness, unknown, wild, merged, small_sets, ntu, folder,
)  # fmt: skip

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for module in MODULES for protocol in module.PROTOCOLS
}
