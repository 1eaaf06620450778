"""The ledger keeps streams and actions in progress across a restart of the process."""

from __future__ import annotations

from typing import Any

import pytest

from service.engine.remote.ledger import Ledger
from service.engine.remote.orders import Add, Changed
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, StatusMessage, StreamInfo

END_NS = 100


def noted(ledger: Ledger, *messages: ActionMessage | StatusMessage) -> None:
    ledger.note([Envelope(message) for message in messages])


def action(phase: Any, at_ns: int, body: int = 1, stream: str = "a") -> ActionMessage:
    return ActionMessage(stream, [body], "wave", phase, at_ns, 1, 0.9, [])


def status(name: str, state: Any, note: str = "") -> StatusMessage:
    return StatusMessage(StreamInfo(name, "push", state, note, frames=7), 1)


def test_a_name_is_free_again_after_its_removal() -> None:
    ledger = Ledger()
    first = ledger.add("a", "push", "")
    with pytest.raises(ValueError, match="open already"):
        ledger.add("a", "push", "")
    assert ledger.remove("a", first.number)
    second = ledger.add("a", "push", "")
    assert second.number != first.number
    assert not ledger.remove("a", first.number)  # that stream is closed, the new one is open
    assert "a" in ledger and len(ledger) == 1 and ledger.names() == ("a",)


def test_states_of_open_streams_are_kept_and_others_ignored() -> None:
    ledger = Ledger()
    ledger.add("a", "push", "a note")
    noted(ledger, status("a", "live"), status("gone", "live"))
    assert ledger.infos() == [status("a", "live").stream]
    ledger.update([StreamInfo("a", "push", "live", frames=9), StreamInfo("gone", "push", "live")])
    assert [(info.name, info.frames) for info in ledger.infos()] == [("a", 9)]


def test_a_new_process_gets_all_open_streams_in_their_last_states() -> None:
    ledger = Ledger()
    live, lost, gone = (ledger.add(name, "push", f"note {name}") for name in ("a", "b", "c"))
    noted(ledger, status("a", "live", "shown"), status("b", "lost", "unplugged"))
    ledger.remove("c", gone.number)
    assert ledger.opening_orders() == [
        Add(live.number, "a", "push", "note a"),
        Add(lost.number, "b", "push", "note b"),
        Changed(lost.number, "lost", "unplugged"),
    ]


def test_a_failure_ends_the_actions_in_progress_and_fails_the_live_streams() -> None:
    ledger = Ledger()
    for name in ("a", "b"):
        ledger.add(name, "push", "")
    noted(ledger, status("a", "live"), status("b", "ended"))
    noted(ledger, action("start", 10), action("start", 20, body=2), action("end", 30, body=2))
    noted(ledger, action("update", 40), action("start", END_NS + 5, body=3))
    *ends, state = ledger.fail(END_NS)
    assert all(isinstance(message, ActionMessage) for message in ends)
    assert [(m.body_ids, m.phase, m.at_ns, m.ended_ns) for m in ends] == [
        ([1], "end", END_NS, 40),
        ([3], "end", END_NS + 5, END_NS + 5),  # its source runs ahead of real time
    ]
    assert isinstance(state, StatusMessage)
    assert (state.stream.name, state.stream.state, state.at_ns) == ("a", "failed", END_NS)
    assert [info.state for info in ledger.infos()] == ["failed", "ended"]
    assert ledger.fail(END_NS) == []
