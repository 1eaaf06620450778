"""The view of `jointwise watch`: the newest prediction of each person and the last actions."""

from __future__ import annotations

from collections import deque

from msgspec.structs import replace
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from service.wire.messages import (
    ActionMessage,
    ErrorMessage,
    Hello,
    Message,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
)

_RECENT = 8
_SHOWN_JOINTS = 3


class Board:
    """Collects messages and renders them."""

    def __init__(self) -> None:
        self._model = ""
        self._joints: list[str] = []
        self._streams: dict[str, StreamInfo] = {}
        self._people: dict[tuple[str, int], PredictionMessage] = {}
        self._explanations: dict[tuple[str, int], Relevance] = {}
        self._recent: deque[ActionMessage] = deque(maxlen=_RECENT)
        self._error = ""

    def take(self, message: Message) -> None:
        """Add a message to the view."""
        match message:
            case Hello():
                self._model = f"{message.model.id} on {message.model.provider}"
                self._joints = message.layout.joints
                self._streams = {stream.name: stream for stream in message.streams}
            case StatusMessage():
                self._take_status(message.stream)
            case PredictionMessage():
                self._people[message.stream, message.body_ids[0]] = message
                self._forget_old(message)
            case RelevanceMessage():
                self._explanations[message.stream, message.body_ids[0]] = message.relevance
            case ActionMessage() if message.phase == "update":
                self._complete(message)
            case ActionMessage():
                self._recent.append(message)
            case ErrorMessage():
                self._error = message.text

    def _complete(self, update: ActionMessage) -> None:
        """Add the joints of an action; they follow its start in an update."""
        for i, action in enumerate(self._recent):
            same = (action.stream, action.body_ids) == (update.stream, update.body_ids)
            if same and action.started_ns == update.started_ns and not action.joints:
                self._recent[i] = replace(action, joints=update.joints)

    def _take_status(self, stream: StreamInfo) -> None:
        self._streams[stream.name] = stream
        if stream.state != "live":
            self._people = {key: p for key, p in self._people.items() if key[0] != stream.name}
            self._forget_explanations()

    def _forget_old(self, newest: PredictionMessage) -> None:
        self._people = {
            key: p
            for key, p in self._people.items()
            if key[0] != newest.stream or newest.captured_ns - p.captured_ns < 2_000_000_000
        }
        self._forget_explanations()

    def _forget_explanations(self) -> None:
        self._explanations = {
            key: why for key, why in self._explanations.items() if key in self._people
        }

    def render(self) -> RenderableType:
        """Return the current view."""
        if self._error:
            return Text(self._error, style="red")
        if not self._model:
            return Text("connecting …", style="dim")
        return Group(
            Text(self._model, style="dim"), *self._state_lines(), self._now(), self._past()
        )

    def _state_lines(self) -> list[Text]:
        return [
            Text(f"{stream.name}: {stream.state}  {stream.note}", style="dim")
            for stream in self._streams.values()
        ]

    def _now(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for (stream, body), prediction in sorted(self._people.items()):
            table.add_row(
                f"{escape(stream)} · {body}",
                f"[bold]{escape(prediction.label)}[/]",
                ProgressBar(total=1.0, completed=prediction.confidence, width=20),
                f"{prediction.confidence:4.0%}",
                self._deciding(self._explanations.get((stream, body))),
            )
        return table

    def _deciding(self, relevance: Relevance | None) -> str:
        if relevance is None:
            return ""
        ranked = sorted(zip(relevance.joints, self._joints, strict=False), reverse=True)
        return ", ".join(name for value, name in ranked[:_SHOWN_JOINTS] if value > 0)

    def _past(self) -> Table:
        table = Table("stream", "action", "", "confidence", "joints", title="recent actions")
        for action in reversed(self._recent):
            joints = ", ".join(f"{j.joint} {j.share:.0%}" for j in action.joints[:_SHOWN_JOINTS])
            table.add_row(
                escape(action.stream),
                escape(action.label),
                "starts" if action.phase == "start" else "ends",
                f"{action.confidence:.0%}",
                joints,
            )
        return table
