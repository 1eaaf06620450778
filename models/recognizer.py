"""`Recognizer`: windows in, probabilities and relevance out, by ONNX Runtime."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from models.card import DEFAULT_MODEL, MODEL_FILE, ModelCard, load_card, sha256_of
from models.errors import ModelError
from models.features import CANONICAL_PICKS, CHANNELS, JOINTS_USED, FloatArray, IntArray
from sensor.skeleton import KINECT_V2

log = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]
_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why N windows got N labels.

    `relevance` float32 (N, T / 4, J) over the joints of the card's layout, J = 25, those that the
    model does not read at 0; `logit` and `reference` float32 (N,). The sum of one window's
    relevance is its logit minus its reference, the logit of its mean pose held still.
    """

    relevance: FloatArray
    logit: FloatArray
    reference: FloatArray

    @property
    def residual(self) -> FloatArray:
        """What each sum misses by, float32 (N,)."""
        total = self.relevance.sum(axis=(1, 2), dtype=np.float64)
        return np.asarray(self.logit - self.reference - total, np.float32)


class Recognizer:
    """A loaded model. `provider` says in plain words what it runs on."""

    def __init__(
        self, model_dir: Path | None = None, device: Device = "auto", threads: int | None = None
    ) -> None:
        """Load the model of a folder (None: the shipped one) and check it against its card.

        `threads` is the number of processor threads of one run (None: all cores). Raises
        ModelError.
        """
        folder = model_dir or DEFAULT_MODEL
        self.card: ModelCard = load_card(folder)
        path = folder / MODEL_FILE
        _check_file(path, self.card)
        self._session = open_session(path, device, threads or os.cpu_count() or 1)
        on_gpu = self._session.get_providers()[0] == _CUDA
        if device == "cuda" and not on_gpu:
            log.warning("CUDA was asked for but did not start; running on the CPU instead")
        self.provider = "GPU (CUDA)" if on_gpu else "CPU"
        self._options = _run_options()
        _check_shapes(self._session, self.card)
        self.predict(np.zeros(self._shape(1), np.float32))  # the first run allocates

    def _shape(self, count: int) -> tuple[int, int, int, int]:
        return (count, self.card.window_frames, len(self.card.joints_used), CHANNELS)

    def logits(self, windows: FloatArray) -> FloatArray:
        """Windows float32 (N, T, J, 4) to logits float32 (N, C)."""
        if windows.shape != self._shape(len(windows)):
            raise ValueError(f"windows must be {self._shape(len(windows))}, not {windows.shape}")
        feed = {"window": windows, "label": np.zeros(len(windows), np.int64)}
        (logits,) = self._session.run(["logits"], feed, self._options)
        return np.asarray(logits, np.float32)

    def predict(self, windows: FloatArray) -> FloatArray:
        """Windows float32 (N, T, J, 4) to probabilities float32 (N, C)."""
        return softmax(self.logits(windows) / np.float32(self.card.temperature))

    def explain(self, windows: FloatArray, labels: IntArray) -> Explanation:
        """Windows float32 (N, T, J, 4) and a class index each, int64 (N,), to the reasons."""
        logits, relevance, reference = self._session.run(
            ["logits", "relevance", "reference"], {"window": windows, "label": labels}
        )
        wide = np.zeros((*relevance.shape[:2], len(KINECT_V2.joints)), np.float32)
        wide[:, :, CANONICAL_PICKS] = relevance
        return Explanation(wide, logits[np.arange(len(labels)), labels], reference)


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _check_file(path: Path, card: ModelCard) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing: the card is there, but not the model it speaks of")
    if sha256_of(path) != card.sha256:
        raise ModelError(
            f"{path} is not the file that its card describes (SHA-256 differs): "
            "copy both from the same export"
        )


def _runtime() -> Any:
    """ONNX Runtime, imported only when a model is loaded. Raises ModelError where it is missing."""
    # Read when it is imported; without it, it keeps a device id on disk and looks up its vendor.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "ONNX Runtime is not installed: pip install 'jointwise[cpu]', or 'jointwise[gpu]'"
        ) from error
    return onnxruntime


def open_session(path: Path, device: Device, threads: int) -> Any:
    """A session of ONNX Runtime for a model file. Raises ModelError."""
    onnxruntime = _runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Spinning threads would burn a core between two predictions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = [_CPU]
    if device != "cpu" and _CUDA in onnxruntime.get_available_providers():
        wanted = [_CUDA, _CPU]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # ONNX Runtime's errors share no narrower class
        raise ModelError(f"{path} cannot be loaded: {error}") from error


def _run_options() -> Any:
    options = _runtime().RunOptions()
    options.only_execute_path_to_fetches = True
    return options


def _check_shapes(session: Any, card: ModelCard) -> None:
    """Compare graph, card and what `models.features` makes."""
    if card.layout != KINECT_V2.name or card.joints_used != JOINTS_USED:
        raise ModelError(
            f"the card of {card.id} names other joints than those whose features are made here: "
            "use the Jointwise that exported it"
        )
    window = list(session.get_inputs()[0].shape[1:])
    expected = [card.window_frames, len(card.joints_used), CHANNELS]
    classes = session.get_outputs()[0].shape[1]
    if window != expected or classes != len(card.labels):
        raise ModelError(
            f"the card of {card.id} does not fit its model: the model takes windows of {window} "
            f"for {classes} labels, the card says {expected} for {len(card.labels)}"
        )
