"""Exports a trained network to a model folder: by window with relevance, by step, and its card."""

from __future__ import annotations

from pathlib import Path

import msgspec

from models.card import DataCredit, ModelCard, Tuned, load_card, save_card, sha256_of
from models.datasets.pieces import BACKGROUND
from models.features import JOINTS_USED, STRIDE_FRAMES
from models.network.onnx_export import RELEVANCE, export_onnx, export_readings, window_frames
from models.network.onnx_weights import network_of
from models.network.res_tcn import ResTCN
from models.network.step_graph import export_steps
from models.network.whole_body import WholeBody
from models.training.config import TrainConfig
from sensor.skeleton import KINECT_V2


def write_model(
    network: ResTCN,
    config: TrainConfig,
    trained_on: list[DataCredit],
    tuned: Tuned,
    model_dir: Path,
    readings: bool = True,
) -> ModelCard:
    """Export a network, write its card beside it, and return the card.

    `readings` says whether `explain.onnx` is written too.
    """
    path = export_onnx(network, len(JOINTS_USED), model_dir)
    step, still = export_steps(network, model_dir)
    card = ModelCard(
        id=f"res-tcn-{config.recipe}-{config.seed}",
        labels=config.labels,
        background=BACKGROUND,
        layout=KINECT_V2.name,
        joints_used=JOINTS_USED,
        actors=1,
        rate_hz=config.features.rate_hz,
        window_frames=window_frames(network),
        receptive_frames=network.receptive_frames,
        stride_frames=STRIDE_FRAMES,
        features=config.features,
        trained_on=trained_on,
        scores=tuned.scores,
        temperature=tuned.temperature,
        thresholds=tuned.thresholds,
        relevance=RELEVANCE,
        sha256=sha256_of(path),
        step_sha256=sha256_of(step),
        still_sha256=sha256_of(still),
    )
    save_card(card, model_dir)
    return add_readings(model_dir, WholeBody.of_features(), network) if readings else card


def add_readings(
    model_dir: Path, whole_body: WholeBody, network: ResTCN | None = None
) -> ModelCard:
    """Write `explain.onnx` into a model folder and its hash into the card; returns the card.

    Without a network, its weights are read from `model.onnx`. Raises ModelError.
    """
    network = network or network_of(model_dir)
    card = load_card(model_dir)
    joints = len(card.joints_used)
    channels = network.stem.in_channels // joints
    path = export_readings(network, whole_body, joints, model_dir, channels)
    card = msgspec.structs.replace(card, explain_sha256=sha256_of(path))
    save_card(card, model_dir)
    return card
