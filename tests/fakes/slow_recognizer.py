"""A model that takes as long as a real one, for clips that are being classified."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.recognizer import FakeExplanation, FakeRecognizer

SLOW_LOADER = "tests.fakes.slow_recognizer:load_slow"


class SlowRecognizer(FakeRecognizer):
    """Takes 50 ms for the explanations of a batch."""

    def explain(self, windows: Any, labels: Any) -> FakeExplanation:
        time.sleep(0.05)
        return super().explain(windows, labels)


def load_slow(folder: str | None) -> tuple[SlowRecognizer, None]:
    """Load the slow model for uploaded clips."""
    return SlowRecognizer(), None
