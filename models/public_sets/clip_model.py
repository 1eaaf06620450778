"""A model of a small set, served: whole clips in, logits at their ends out, by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from models.card import MODEL_FILE, load_card, sha256_of
from models.errors import ModelError
from models.features import FloatArray
from models.inference.onnx_session import open_session
from models.public_sets.clip_batches import ending_now, placed
from models.public_sets.clip_coordinates import PERSON, Frame, Rig, channels
from models.public_sets.clip_data import ActionClip
from models.public_sets.pair_coordinates import PAIR

CLIP_FILE = "clip.json"
RIGS = {"person": PERSON, "pair": PAIR}
_AT_ONCE = 32


class ClipRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a model's input is made of joints; kept beside its card as `clip.json`."""

    recipe: str
    rig: str
    channels: tuple[str, ...]
    rate_hz: float
    frame: Frame

    def input(self, clips: Sequence[ActionClip], frames: int) -> FloatArray:
        """Clips to what the network reads at their ends: float32 (N, frames, J, K).

        The coordinates follow each clip from its own beginning; of a longer clip the newest
        frames are kept.
        """
        rig = rig_of(self.rig)
        placed_all = [placed(clip, rig, self.frame, self.rate_hz) for clip in clips]
        # One frame more than is read, so that speed at the oldest is that of the clip.
        longest = max(len(places) for places in placed_all)
        whole = ending_now(placed_all, max(longest, frames))
        return channels(whole, rig, self.channels, self.rate_hz)[:, -frames:]


def rig_of(name: str) -> Rig:
    """The rig of that name. Raises ModelError."""
    if name not in RIGS:
        raise ModelError(f"{CLIP_FILE}: no rig is called {name!r}; there are {', '.join(RIGS)}")
    return RIGS[name]


def save_rule(rule: ClipRule, model_dir: Path) -> None:
    """Write the rule beside its model."""
    text = msgspec.json.format(msgspec.json.encode(rule), indent=2)
    (model_dir / CLIP_FILE).write_bytes(text + b"\n")


def load_rule(model_dir: Path) -> ClipRule:
    """Read the rule of a model folder. Raises ModelError."""
    path = model_dir / CLIP_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=ClipRule)
    except OSError as error:
        raise ModelError(
            f"{model_dir} holds no model of a small set ({CLIP_FILE}: {error.strerror}): leave "
            "--model out, and the protocol trains its own"
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ModelError(f"{path} is not the rule of a model: {error}") from error


class ClipModel:
    """A loaded model of a small set, checked against its card. Raises ModelError."""

    def __init__(self, model_dir: Path, threads: int = 1) -> None:
        self.card, self.rule = load_card(model_dir), load_rule(model_dir)
        path = model_dir / MODEL_FILE
        if not path.is_file() or sha256_of(path) != self.card.sha256:
            raise ModelError(f"{path} is not the file that its card describes: train it again")
        self._session = open_session(path, "cpu", threads)

    def logits(self, clips: Sequence[ActionClip]) -> FloatArray:
        """The answer at the end of each clip, float32 (N, C). Every clip needs a frame."""
        parts = []
        for i in range(0, len(clips), _AT_ONCE):
            window = self.rule.input(clips[i : i + _AT_ONCE], self.card.window_frames)
            feed = {"window": window, "label": np.zeros(len(window), np.int64)}
            parts.append(self._session.run(["logits"], feed)[0])
        return np.concatenate(parts)
