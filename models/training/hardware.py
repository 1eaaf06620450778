"""The devices and the precision of a training run, by Lightning Fabric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision

Precision = Literal["auto", "bf16", "32"]


@dataclass(frozen=True)
class Hardware:
    """Devices and precision. They are not part of the configuration, so a run may change them.

    `devices` is the number of GPUs (0 takes all), or of processes if there are no GPUs. Each
    device takes an equal share of every batch. With `precision` "auto", a device that supports
    bfloat16 computes in it, with float32 weights; other devices compute in float32.
    """

    devices: int = 1
    precision: Precision = "auto"

    def fabric(self) -> Fabric:
        """Launch Fabric. With several devices it starts the command once more for each.

        A process can launch several devices only once.
        """
        half = self.precision == "bf16" or (self.precision == "auto" and computes_bf16())
        fabric = Fabric(
            devices=self.devices or "auto",
            strategy="auto" if self.devices == 1 else "ddp",
            plugins=[Autocast()] if half else [],
        )
        fabric.launch()
        return fabric


class Autocast(MixedPrecision):
    """Autocast to bfloat16 that keeps inputs in float32, because raw metres need its precision."""

    def __init__(self) -> None:
        super().__init__("bf16-mixed", "cuda" if torch.cuda.is_available() else "cpu")

    def convert_input(self, data: Any) -> Any:
        """Return the data unchanged."""
        return data


def computes_bf16() -> bool:
    """Whether the device that Fabric chooses has bfloat16 instructions."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.backends.mps.is_available():
        return False
    # Older versions of torch cannot tell; float32 always works.
    capabilities: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return bool(capabilities().get("avx512_bf16"))


def leave_others(fabric: Fabric) -> None:
    """End all processes of a run except the first one."""
    if fabric.world_size == 1:
        return
    fabric.barrier()
    torch.distributed.destroy_process_group()
    if not fabric.is_global_zero:
        raise SystemExit(0)
