"""The first layer of a model, without torch: its filters, and what its units answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.card import EXPLAIN_FILE, MODEL_FILE, ModelCard, load_card
from models.errors import ModelError
from models.features import FloatArray
from models.inference.onnx_arrays import float_arrays
from models.inference.onnx_session import check_file

STEM = "network.stem."
LAG, MOTION_GAIN = 4, 4.0
"""Those of `models.network.res_tcn`, which needs torch. A test compares the kernels."""


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """The filters of a first layer.

    `kernel` float32 (U, J, K, taps) are the weights of U units for K channels of J joints; the last
    tap reads the newest frame. `bias` float32 (U,) is added to each answer.
    """

    kernel: FloatArray
    bias: FloatArray

    @property
    def taps(self) -> int:
        """The number of frames that a unit reads."""
        return int(self.kernel.shape[3])

    def answers(self, features: FloatArray) -> FloatArray:
        """The answer of each unit to each frame: features (T, J, K) to (T, U).

        Before the first frame the first pose is held still, as in the network.
        """
        count = len(features)
        flat = features.reshape(count, -1)
        padded = np.concatenate([np.repeat(flat[:1], self.taps - 1, axis=0), flat])
        weights = self.kernel.reshape(len(self.kernel), -1, self.taps)
        found = np.tile(self.bias, (count, 1))
        for tap in range(self.taps):
            found += padded[tap : tap + count] @ weights[:, :, tap].T
        return found


def load_first_layer(model_dir: Path) -> FirstLayer:
    """Read the first layer of a model folder.

    From `explain.onnx`, or without it from `model.onnx`. Raises ModelError if the file is not the
    one of the card or has no first layer that this version of Jointwise exports.
    """
    card = load_card(model_dir)
    path = model_dir / (EXPLAIN_FILE if card.explain_sha256 else MODEL_FILE)
    check_file(path, card.explain_sha256 or card.sha256)
    return _read(path, card)


def first_layer_kernel(model_dir: Path, card: ModelCard) -> FloatArray:
    """The kernel of the first layer, float32 (U, J, K, taps), from `explain.onnx` of a folder.

    U units read the K channels of J joints in `taps` frames, the last one the newest. Raises
    ModelError if the file has no such weights.
    """
    return _read(model_dir / EXPLAIN_FILE, card).kernel


def _read(path: Path, card: ModelCard) -> FirstLayer:
    joints = len(card.joints_used)
    try:
        arrays = float_arrays(path)
        kernel = _kernel(arrays)
        by_joint = kernel.reshape(len(kernel), joints, -1, kernel.shape[2])
        return FirstLayer(by_joint, arrays[f"{STEM}bias"])
    except (ModelError, KeyError, ValueError) as error:
        raise ModelError(
            f"{path} has no weights of a first layer that this version of Jointwise knows: "
            f"`jointwise export --from {path.parent} --out {path.parent}` writes it again"
        ) from error


def _kernel(arrays: dict[str, FloatArray]) -> FloatArray:
    """The kernel (U, J K, taps): see `MotionStem.kernel`. The exporter folds a small one."""
    weight, motion = arrays.get(f"{STEM}weight"), arrays.get(f"{STEM}motion")
    if weight is None or motion is None:
        units = len(arrays[f"{STEM}bias"])
        shapes = (one for one in arrays.values() if one.ndim == 3 and len(one) == units)
        return max(shapes, key=lambda one: one.shape[2])
    newer = np.pad(weight + np.float32(MOTION_GAIN) * motion, ((0, 0), (0, 0), (LAG, 0)))
    older = np.pad(motion, ((0, 0), (0, 0), (0, LAG)))
    return np.asarray(newer - np.float32(MOTION_GAIN) * older, np.float32)
