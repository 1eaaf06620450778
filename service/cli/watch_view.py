"""The view of `jointwise watch`: the newest prediction of each person and the last actions."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from models.wording import joint_text, label_text, percent_text, shares_text
from service.wire.messages import (
    ActionMessage,
    ErrorMessage,
    Hello,
    JointShare,
    Message,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
)

_RECENT = 8
_SHOWN_JOINTS = 3


@dataclass
class _Recent:
    """An action from its start on. `confidence` is the highest so far; None: its start was missed.

    The confidence at the end of an action is low, since the action ends when it becomes unlikely.
    """

    stream: str
    bodies: list[int]
    label: str
    started_ns: int
    confidence: float | None
    joints: list[JointShare]
    ended_ns: int | None = None

    @property
    def lasted(self) -> str:
        return "" if self.ended_ns is None else f"{(self.ended_ns - self.started_ns) / 1e9:.1f} s"


class Board:
    """Collects messages and renders them."""

    def __init__(self) -> None:
        self._model = self._background = ""
        self._joints: list[str] = []
        self._streams: dict[str, StreamInfo] = {}
        self._people: dict[tuple[str, int], PredictionMessage] = {}
        self._explanations: dict[tuple[str, int], Relevance] = {}
        self._recent: deque[_Recent] = deque(maxlen=_RECENT)
        self._error = ""

    def take(self, message: Message) -> None:
        """Add a message to the view."""
        match message:
            case Hello():
                self._model = f"{message.model.id} on {message.model.provider}"
                self._background = message.model.background
                self._joints = message.layout.joints
                self._streams = {stream.name: stream for stream in message.streams}
            case StatusMessage():
                self._take_status(message.stream)
            case PredictionMessage():
                self._people[message.stream, message.body_ids[0]] = message
                self._forget_old(message)
            case RelevanceMessage():
                self._explanations[message.stream, message.body_ids[0]] = message.relevance
            case ActionMessage():
                self._take_action(message)
            case ErrorMessage():
                self._error = message.text

    def _take_action(self, message: ActionMessage) -> None:
        """Add an action, or update it. Joints may come after the start."""
        action = self._started(message)
        if action is None:
            begun = message.phase == "start"
            action = _Recent(
                message.stream,
                message.body_ids,
                message.label,
                message.started_ns,
                message.confidence if begun else None,
                message.joints,
            )
            self._recent.append(action)
        elif action.confidence is not None:
            action.confidence = max(action.confidence, message.confidence)
        action.joints = action.joints or message.joints
        if message.phase == "end":
            action.ended_ns = message.at_ns if message.ended_ns is None else message.ended_ns

    def _started(self, message: ActionMessage) -> _Recent | None:
        """Return the action that a message is about, if it is in the view."""
        key = (message.stream, message.body_ids, message.started_ns)
        same = (one for one in self._recent if (one.stream, one.bodies, one.started_ns) == key)
        return next(same, None)

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
                f"[bold]{escape(label_text(prediction.label, self._background))}[/]",
                ProgressBar(total=1.0, completed=prediction.confidence, width=20),
                f"{percent_text(prediction.confidence):>5}",
                self._deciding(self._explanations.get((stream, body))),
            )
        return table

    def _deciding(self, relevance: Relevance | None) -> str:
        if relevance is None:
            return ""
        ranked = sorted(zip(relevance.joints, self._joints, strict=False), reverse=True)
        return ", ".join(joint_text(name) for value, name in ranked[:_SHOWN_JOINTS] if value > 0)

    def _past(self) -> Table:
        table = Table("stream", "action", "lasted", "confidence", "joints", title="recent actions")
        for action in reversed(self._recent):
            joints = shares_text(((j.joint, j.share) for j in action.joints), _SHOWN_JOINTS)
            table.add_row(
                escape(action.stream),
                escape(label_text(action.label)),
                action.lasted,
                "" if action.confidence is None else percent_text(action.confidence),
                joints,
            )
        return table
