"""service/engine/thread.py"""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.02
"""How long one thread may keep the interpreter to itself: numpy hands it over by itself."""


def spare_pauses() -> None:
    """Leave what is loaded now out of Python's search for garbage, and search less often.

    A full search takes over 100 ms, in which no label goes out; messages leave no cycles behind.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
