"""`Recognizer` classifies and explains whole windows, with ONNX Runtime."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.card import DEFAULT_MODEL, MODEL_FILE, ModelCard, load_card
from models.errors import ModelError
from models.features import CANONICAL_PICKS, CHANNELS, JOINTS_USED, FloatArray, IntArray
from models.inference.onnx_session import CUDA, Device, check_file, open_session
from models.inference.readings import WindowReader
from models.inference.stepper import Stepper
from models.inference.window_stepper import Steps, WindowStepper
from sensor.skeleton import KINECT_V2

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Explanations of one label in each of N windows.

    `relevance` float32 (N, T / 4, J) covers the J = 25 joints of the card's layout; joints that
    the model does not read are 0. `logit` and `reference` are float32 (N,); `reference` is the
    logit of the window's mean pose held still. The relevance of a window adds up to its logit
    minus its reference.
    """

    relevance: FloatArray
    logit: FloatArray
    reference: FloatArray

    @property
    def residual(self) -> FloatArray:
        """The rounding error, float32 (N,): logit minus reference minus the sum of relevance."""
        total = self.relevance.sum(axis=(1, 2), dtype=np.float64)
        return np.asarray(self.logit - self.reference - total, np.float32)


class Recognizer:
    """A loaded model. `provider` names the hardware that it runs on."""

    def __init__(
        self, model_dir: Path | None = None, device: Device = "auto", threads: int | None = None
    ) -> None:
        """Load a model folder (None: the shipped one) and check the model against its card.

        `threads` is the number of processor threads of one run (None: all cores). Raises
        ModelError.
        """
        folder = model_dir or DEFAULT_MODEL
        self._folder, self._device = folder, device
        self._threads = threads or os.cpu_count() or 1
        self.card: ModelCard = load_card(folder)
        path = folder / MODEL_FILE
        check_file(path, self.card.sha256)
        self._session = open_session(path, device, self._threads)
        on_gpu = self._session.get_providers()[0] == CUDA
        if device == "cuda" and not on_gpu:
            log.warning("CUDA was requested but did not start; running on the CPU instead")
        self.provider = "GPU (CUDA)" if on_gpu else "CPU"
        _check_shapes(self._session, self.card)
        self.logits(np.zeros(self._shape(1), np.float32))  # the first run allocates

    def _shape(self, count: int) -> tuple[int, int, int, int]:
        return (count, self.card.window_frames, len(self.card.joints_used), CHANNELS)

    def logits(self, windows: FloatArray) -> FloatArray:
        """Classify windows float32 (N, T, J, 4): logits float32 (N, C).

        Raises ValueError for another shape.
        """
        if windows.shape != self._shape(len(windows)):
            raise ValueError(f"windows must be {self._shape(len(windows))}, not {windows.shape}")
        feed = {"window": windows, "label": np.zeros(len(windows), np.int64)}
        (logits,) = self._session.run(["logits"], feed)
        return np.asarray(logits, np.float32)

    def steps(self) -> Steps:
        """Open a new stepper for this model, with memory of its own."""
        if self.card.step_sha256:
            return Stepper(self._folder, self._device)
        return WindowStepper(self)

    def reader(self) -> WindowReader:
        """Open the readings of explanations. Raises ModelError if the folder has none."""
        return WindowReader(self._folder, self._device, self._threads)

    def explain(self, windows: FloatArray, labels: IntArray) -> Explanation:
        """Explain one class of each window: float32 (N, T, J, 4) and int64 (N,)."""
        logits, relevance, reference = self._session.run(
            ["logits", "relevance", "reference"], {"window": windows, "label": labels}
        )
        wide = np.zeros((*relevance.shape[:2], len(KINECT_V2.joints)), np.float32)
        wide[:, :, CANONICAL_PICKS] = relevance
        return Explanation(wide, logits[np.arange(len(labels)), labels], reference)


def softmax(logits: FloatArray) -> FloatArray:
    """Turn logits (..., C) into probabilities, float32 of the same shape."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _check_shapes(session: Any, card: ModelCard) -> None:
    """Compare the card with `models.features` and with the graph. Raises ModelError."""
    if card.layout != KINECT_V2.name or card.joints_used != JOINTS_USED:
        raise ModelError(
            f"the card of {card.id} names other joints than this version of Jointwise reads: "
            "use the version that exported it"
        )
    window = list(session.get_inputs()[0].shape[1:])
    expected = [card.window_frames, len(card.joints_used), CHANNELS]
    classes = session.get_outputs()[0].shape[1]
    if window != expected or classes != len(card.labels):
        raise ModelError(
            f"the card of {card.id} does not fit its model: the model takes windows of {window} "
            f"for {classes} labels, the card says {expected} for {len(card.labels)}"
        )
