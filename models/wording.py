"""Labels, joints and probabilities as people read them. JSON and files keep the identifiers.

The page says the same in `service/viewer/src/page/wording.ts`. Tests of both read
`service/viewer/test/page/wordings.json`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

NO_KNOWN_ACTION = "no known action"
"""The display name of the background class."""
NAMED_FROM = 0.05
"""A joint with a smaller share than this is not named."""

_SIDE = re.compile(r"(Left|Right)$")


def label_text(label: str, background: str | None = None) -> str:
    """Return a class name in plain words: `sit2stand` is "sit to stand"."""
    if label == background:
        return NO_KNOWN_ACTION
    return re.sub(r"([a-z])2([a-z])", r"\1 to \2", label.replace("_", " ")).strip()


def joint_text(joint: str) -> str:
    """Return a joint's name in plain words: `HandTipLeft` is "left hand tip"."""
    side = _SIDE.search(joint)
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", _SIDE.sub("", joint)).lower()
    return f"{side[1].lower()} {words}" if side else words


def percent_text(share: float) -> str:
    """Return a probability in whole per cent. Only certainty is 100 %: 0.999 is 99 %."""
    whole = math.floor(share * 100 + 0.5)
    return f"{whole if share >= 1 else min(99, whole)} %"


def shares_text(shares: Iterable[tuple[str, float]], most: int = 3) -> str:
    """Name the first `most` joints with their shares: "right hand (56 %), right wrist (41 %)"."""
    named = [(joint, share) for joint, share in list(shares)[:most] if share >= NAMED_FROM]
    return ", ".join(f"{joint_text(joint)} ({percent_text(share)})" for joint, share in named)
