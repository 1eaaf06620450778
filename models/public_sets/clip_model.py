"""A trained model of a small set: classifies whole clips with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from models.card import MODEL_FILE, load_card, sha256_of
from models.errors import ModelError
from models.features import FloatArray
from models.inference.onnx_session import open_session
from models.public_sets.clip_batches import end_aligned, positions_of
from models.public_sets.clip_coordinates import PERSON, ClipLayout, CoordinateSettings, channels
from models.public_sets.clip_data import ActionClip
from models.public_sets.pair_coordinates import PAIR

CLIP_FILE = "clip.json"
LAYOUTS = {"person": PERSON, "pair": PAIR}
_AT_ONCE = 32


class InputSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How clips become the input of a model. Kept beside its card as `clip.json`.

    `recipe` is the name of the model's recipe, `layout` a name in `LAYOUTS`.
    """

    recipe: str
    layout: str = msgspec.field(name="rig")
    channels: tuple[str, ...]
    rate_hz: float
    coordinates: CoordinateSettings = msgspec.field(name="frame")

    def input(self, clips: Sequence[ActionClip], frames: int) -> FloatArray:
        """Compute the network's input at the ends of clips: float32 (N, frames, J, K).

        Coordinates follow each clip from its own beginning. Of a longer clip the newest frames
        stay.
        """
        layout = layout_of(self.layout)
        every = [positions_of(clip, layout, self.coordinates, self.rate_hz) for clip in clips]
        # The speed of the oldest frame needs frames before it.
        longest = max(len(positions) for positions in every)
        whole = end_aligned(every, max(longest, frames))
        return channels(whole, layout, self.channels, self.rate_hz)[:, -frames:]


def layout_of(name: str) -> ClipLayout:
    """Look up a layout by name. Raises ModelError."""
    if name not in LAYOUTS:
        raise ModelError(f"{CLIP_FILE}: no rig is called {name!r}; there are {', '.join(LAYOUTS)}")
    return LAYOUTS[name]


def save_input_settings(settings: InputSettings, model_dir: Path) -> None:
    """Write the input settings beside their model."""
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    (model_dir / CLIP_FILE).write_bytes(text + b"\n")


def load_input_settings(model_dir: Path) -> InputSettings:
    """Read the input settings of a model folder. Raises ModelError."""
    path = model_dir / CLIP_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=InputSettings)
    except OSError as error:
        raise ModelError(
            f"{model_dir} holds no model of a small set ({CLIP_FILE}: {error.strerror}): leave "
            "--model out, and the protocol trains its own"
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ModelError(f"{path} holds no input settings of a model: {error}") from error


class ClipModel:
    """A loaded model of a small set, checked against its card. Raises ModelError."""

    def __init__(self, model_dir: Path, threads: int = 1) -> None:
        self.card, self.input_settings = load_card(model_dir), load_input_settings(model_dir)
        path = model_dir / MODEL_FILE
        if not path.is_file() or sha256_of(path) != self.card.sha256:
            raise ModelError(f"{path} is not the file that its card describes: train it again")
        self._session = open_session(path, "cpu", threads)

    def logits(self, clips: Sequence[ActionClip]) -> FloatArray:
        """Classify clips at their ends: float32 (N, C). Every clip needs at least one frame."""
        parts = []
        for i in range(0, len(clips), _AT_ONCE):
            part = clips[i : i + _AT_ONCE]
            window = self.input_settings.input(part, self.card.window_frames)
            feed = {"window": window, "label": np.zeros(len(window), np.int64)}
            parts.append(self._session.run(["logits"], feed)[0])
        return np.concatenate(parts)
