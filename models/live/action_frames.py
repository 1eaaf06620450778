"""The frames of an action, kept so that its label can be explained later."""

from __future__ import annotations

from dataclasses import dataclass

from models.features import FloatArray
from models.live.events import Action
from models.live.outcomes import Outcome


@dataclass(frozen=True, eq=False, slots=True)
class ActionFrames:
    """An action, and the newest frames of its person up to its start or its end.

    `features` float32 (F, J, 4) are those of `models.features`, at the model's even rate; the last
    frame is that of time `newest_ns`. `whole` marks frames that begin with the first one of the
    person, so that a window may begin before it. About 80 KB.
    """

    action: Action
    features: FloatArray
    newest_ns: int
    whole: bool


def keep_frames(outcome: Outcome, action: Action) -> ActionFrames | None:
    """Copy the frames of a person up to the newest prediction at an outcome with an action.

    None if they are gone, because predictions are far behind.
    """
    if outcome.predicted is None:
        return None
    row, count, captured_ns = outcome.predicted
    try:
        features, whole = outcome.person.windows.history(row.index, count)
    except ValueError:
        return None
    return ActionFrames(action, features, captured_ns, whole)
