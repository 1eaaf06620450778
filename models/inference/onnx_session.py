"""ONNX Runtime: imports it lazily, opens sessions, and checks model files against their card."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from models.card import sha256_of
from models.errors import ModelError

Device = Literal["auto", "cpu", "cuda"]
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def check_file(path: Path, sha256: str) -> None:
    """Check that a file is the one that its card describes. Raises ModelError."""
    if not path.is_file():
        raise ModelError(
            f"{path} is missing, although its folder has a card: copy the whole folder"
        )
    if sha256_of(path) != sha256:
        raise ModelError(
            f"{path} is not the file that its card describes (SHA-256 differs): "
            "copy both from the same export"
        )


def runtime() -> Any:
    """Import ONNX Runtime when the first model is loaded. Raises ModelError if it is missing."""
    # ONNX Runtime reads this when it is imported. Otherwise it writes a device id to disk and
    # looks up the vendor.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "ONNX Runtime is not installed: pip install 'jointwise[cpu]', or 'jointwise[gpu]'"
        ) from error
    return onnxruntime


def open_session(path: Path, device: Device, threads: int) -> Any:
    """Open an ONNX Runtime session for a model file. Raises ModelError."""
    onnxruntime = runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Spinning threads would keep a core busy between two predictions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = [CPU]
    if device != "cpu" and CUDA in onnxruntime.get_available_providers():
        wanted = [CUDA, CPU]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # ONNX Runtime's errors have no narrower common class
        raise ModelError(f"{path} cannot be loaded: {error}") from error
