"""`ModelCard`: the description of a model, stored beside it as `card.json`.

The docstrings of `ModelCard` and of the classes in it (`Thresholds`, `DataCredit`,
`FeatureSettings`) are published as descriptions in the OpenAPI document.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from models.errors import ModelError
from models.features import FeatureSettings

CARD_FILE, EXEMPLARS_FILE = "card.json", "exemplars.npz"
MODEL_FILE, STEP_FILE, STILL_FILE = "model.onnx", "step.onnx", "still.onnx"
EXPLAIN_FILE = "explain.onnx"
"""ONNX graphs: for a whole window, for four new frames, for the memory of a new stream, and for the
readings of an explanation."""
OF_VALIDATION = "validation_"
"""Prefix of scores measured on the validation people, with whom thresholds are chosen."""
DEFAULT_MODEL = Path(__file__).parent / "artifacts" / "default"
"""Folder of the shipped model."""


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules that turn probabilities into actions; chosen on validation people.

    A class is on top if its smoothed probability is the highest. An action starts when a class has
    been on top with at least `enter` for `patience` predictions in a row. It ends when its
    probability is below `leave`, or another class could start, for `release` predictions in a row.

    An action that has lasted `done_s` is finished. The next movement may only be the way back to
    rest, so another class then needs `again` instead of `enter`, until background has been on top
    for `done_s`.
    """

    enter: float = 0.6
    """Probability at which a class on top can start an action, 0 to 1."""
    leave: float = 0.35
    """Probability under which a running action can end, 0 to 1; usually below `enter`."""
    patience: int = 2
    """Predictions in a row that must satisfy `enter`, at least 1."""
    release: int = 2
    """Predictions in a row that must satisfy `leave`, at least 1."""
    min_length_s: float = 0.3
    """Shortest action, in seconds."""
    smooth: float = 0.0
    """Share that the running average of probabilities keeps at each prediction: 0 (no averaging)
    to below 1."""
    again: float = 0.0
    """Probability that replaces `enter` for another class after a finished action, 0 to 1.
    Has an effect only above `enter`."""
    done_s: float = 0.9
    """Seconds after which a running action counts as finished."""
    lag_s: float = 0.0
    """Seconds by which a prediction lags behind the motion that it describes."""
    enter_by_label: dict[str, float] = {}
    """Probability that replaces `enter` for a label, 0 to 1. Labels that often start by mistake
    need more."""

    def __post_init__(self) -> None:
        if self.patience < 1 or self.release < 1:
            raise ValueError("thresholds: patience and release must be at least 1")
        if not 0 <= self.smooth < 1:
            raise ValueError("thresholds: smooth must be from 0 to below 1")


class Tuned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Temperature and thresholds chosen on validation people, and the scores measured there."""

    temperature: float = 1.0
    thresholds: Thresholds = Thresholds()
    scores: dict[str, float] = {}


class DataCredit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set that the model has learnt from."""

    name: str
    people: list[int]
    """The numbers of the people in the data set that the model has learnt from."""
    citation: str
    terms: str
    """The licence, or the terms of use."""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of a model, for programs that run it and for people."""

    id: str
    labels: list[str]
    """The C classes, in the order of the model's outputs."""
    background: str
    """The label for "no known action"."""
    layout: str
    """The layout of the joints."""
    joints_used: list[str]
    """The joints that the model reads."""
    actors: int
    """The number of people that the model reads at once."""
    rate_hz: float
    """Frames per second that the model reads."""
    window_frames: int
    """Length of the window, in frames."""
    receptive_frames: int
    """The newest frames of the window that affect the output."""
    stride_frames: int
    """Frames from one prediction to the next."""
    features: FeatureSettings
    trained_on: list[DataCredit]
    scores: dict[str, float]
    """Measured scores by name. Each name says how the score was measured."""
    temperature: float
    """The model's outputs are divided by this before they become probabilities, above 0."""
    thresholds: Thresholds
    relevance: str
    """The method that computes relevance."""
    sha256: str
    """SHA-256 of `model.onnx`, the model of a whole window."""
    step_sha256: str = ""
    """SHA-256 of `step.onnx`, the model of four new frames; "" if there is none."""
    still_sha256: str = ""
    """SHA-256 of `still.onnx`, the memory of a new stream; "" if there is none."""
    explain_sha256: str = ""
    """SHA-256 of `explain.onnx`, the readings of an explanation; "" if there is none."""

    def __post_init__(self) -> None:
        if self.background not in self.labels:
            raise ValueError(f"background {self.background!r} is not one of the labels")
        if self.window_frames % self.stride_frames:
            raise ValueError("window_frames must be a multiple of stride_frames")
        if self.window_frames < self.receptive_frames:
            raise ValueError("window_frames must be at least receptive_frames")
        if not self.temperature > 0:
            raise ValueError("temperature must be more than 0")

    @property
    def tuned(self) -> Tuned:
        """The temperature, thresholds and validation scores of this card."""
        scores = {k: v for k, v in self.scores.items() if k.startswith(OF_VALIDATION)}
        return Tuned(self.temperature, self.thresholds, scores)

    def tuned_to(self, tuned: Tuned) -> ModelCard:
        """The card with another temperature, thresholds and validation scores.

        Scores that were not measured on validation people stay.
        """
        kept = {k: v for k, v in self.scores.items() if not k.startswith(OF_VALIDATION)}
        return msgspec.structs.replace(
            self,
            temperature=tuned.temperature,
            thresholds=tuned.thresholds,
            scores=kept | tuned.scores,
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_card(model_dir: Path) -> ModelCard:
    """Read and check the card of a model folder. Raises ModelError."""
    path = model_dir / CARD_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except OSError as error:
        raise ModelError(
            f"no model in {model_dir} ({error.strerror}): give the folder that holds "
            f"{CARD_FILE} and {MODEL_FILE}, as `jointwise export` writes it"
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ModelError(f"{path} is not a model card: {error}") from error


def save_card(card: ModelCard, model_dir: Path) -> None:
    """Write the card into the folder of its model."""
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (model_dir / CARD_FILE).write_bytes(text + b"\n")
