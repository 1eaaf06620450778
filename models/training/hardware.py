"""What a training run runs on: how many devices, in what precision, by Lightning Fabric."""

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
    """Devices and precision of a run; neither is part of what the run is.

    `devices` are GPUs where there are any (0 takes all), else processes on the CPU; each takes
    its share of every batch. `precision` auto is bfloat16 with float32 weights where the device
    computes in bfloat16, else float32.
    """

    devices: int = 1
    precision: Precision = "auto"

    def fabric(self) -> Fabric:
        """Fabric, launched: with several devices the command is started once more for each.

        A process can run on several devices once only.
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
    """Autocast to bfloat16 that leaves inputs alone: the network may need them in float32."""

    def __init__(self) -> None:
        super().__init__("bf16-mixed", "cuda" if torch.cuda.is_available() else "cpu")

    def convert_input(self, data: Any) -> Any:
        """The data as it is."""
        return data


def computes_bf16() -> bool:
    """Whether the device that Fabric chooses has instructions for bfloat16."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.backends.mps.is_available():
        return False
    # Older torch cannot say, and then float32 is the safe answer.
    capabilities: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return bool(capabilities().get("avx512_bf16"))


def leave_others(fabric: Fabric) -> None:
    """End the processes that a run on several devices started; the first one goes on."""
    if fabric.world_size == 1:
        return
    fabric.barrier()
    torch.distributed.destroy_process_group()
    if not fabric.is_global_zero:
        raise SystemExit(0)
