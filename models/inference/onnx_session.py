"""ONNX Runtime: imported late, sessions opened one way, files checked against their card."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from models.card import sha256_of
from models.errors import ModelError

Device = Literal["auto", "cpu", "cuda"]
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def check_file(path: Path, sha256: str) -> None:
    """Raise ModelError unless the file is the one that its card describes."""
    if not path.is_file():
        raise ModelError(f"{path} is missing: the card is there, but not the model it speaks of")
    if sha256_of(path) != sha256:
        raise ModelError(
            f"{path} is not the file that its card describes (SHA-256 differs): "
            "copy both from the same export"
        )


def runtime() -> Any:
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
    onnxruntime = runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Spinning threads would burn a core between two predictions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = [CPU]
    if device != "cpu" and CUDA in onnxruntime.get_available_providers():
        wanted = [CUDA, CPU]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # ONNX Runtime's errors share no narrower class
        raise ModelError(f"{path} cannot be loaded: {error}") from error
