"""The options of an answer: which label, against which one, which reference, which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from models.card import ModelCard
from models.wording import label_text
from service.errors import ClientError

ReferenceName = Literal["mean", "neutral", "zero"]
Language = Literal["en", "de"]


@dataclass(frozen=True)
class WhyOptions:
    """The choices of an explanation: a label (None: the action's) against another (None: the next).

    With `frames`, the answer has the skeleton.
    """

    label: str | None = None
    against: str | None = None
    reference: ReferenceName = "mean"
    language: Language = "en"
    frames: bool = False

    def check(self, card: ModelCard) -> None:
        """Raise ClientError if a label is unknown, or the same one is named twice."""
        for name in ("label", "against"):
            label = getattr(self, name)
            if label is not None and label not in card.labels:
                raise ClientError(_unknown(name, label, card.labels), name)
        if self.label is not None and self.label == self.against:
            raise ClientError(f"{self.label} cannot be compared with itself", "against")


def _unknown(field: str, label: str, labels: Sequence[str]) -> str:
    by_text = {label_text(one).lower(): one for one in labels}
    wanted = label_text(label[:100]).lower()
    close = [by_text[text] for text in get_close_matches(wanted, by_text, n=4, cutoff=0.5)]
    containing = [one for text, one in by_text.items() if wanted in text or text in wanted]
    named = list(dict.fromkeys([*close, *containing]))[:4]
    hint = f"did you mean {' or '.join(named)}?" if named else "GET /model names all labels"
    return f"{field}: the model has no label {label[:100]!r}; {hint}"
