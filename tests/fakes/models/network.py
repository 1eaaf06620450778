"""A small Res-TCN with random weights and statistics."""

from pathlib import Path

import torch

from models.card import ModelCard, Tuned
from models.network.res_tcn import ResTCN


def untrained_network(seed: int, spread: float) -> ResTCN:
    """A served network of 72 inputs and 9 classes; `spread` is the deviation of running means."""
    torch.manual_seed(seed)
    network = ResTCN(inputs=72, classes=9, widths=(16, 24, 32)).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_(0, spread)
            module.running_var.uniform_(0.5, 2)
    return network


def scale_every_way(network: ResTCN) -> ResTCN:
    """Give normalisations negative, positive and zero scales, and shifts."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            torch.nn.init.normal_(module.weight)
            torch.nn.init.normal_(module.bias, std=0.3)
            with torch.no_grad():
                module.weight[0] = 0
    return network


def write_untrained(network: ResTCN, folder: Path) -> ModelCard:
    """Write the model folder of a network of `untrained_network`."""
    from models.training.config import TrainConfig
    from models.training.model_folder import write_model

    labels = ["background", *(f"action-{number}" for number in range(1, 9))]
    config = TrainConfig("toy", labels)
    return write_model(network, config, [], Tuned(), folder, readings=False)
