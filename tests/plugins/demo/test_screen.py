"""The one-screen view: it draws any state and any event, and says how fast its clock runs."""

from __future__ import annotations

from io import StringIO
from random import Random

import pytest
from rich.console import Console

from kernel.clock import Millis
from kernel.codec import encode
from kernel.events import KINDS, Envelope, ErrorLogged
from kernel.reducers import reduce
from kernel.state import State
from plugins.demo.screen import LAST_EVENTS, Screen, describe, one_line
from tests.histories import history


def drawn(screen: Screen, width: int = 160) -> str:
    console = Console(width=width, height=60, file=StringIO(), force_terminal=False)
    console.print(screen)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def of_every_kind() -> list[Envelope]:
    """A history in which every kind of event turns up."""
    found = history(Random(7), 12_000)
    assert {envelope.kind for envelope in found} == set(KINDS)
    return found


def test_every_kind_of_event_is_told_in_words_and_drawn() -> None:
    state = State()
    screen = Screen(state, rate=20, invitation=["Sign in: http://127.0.0.1:8040"], wanted_tasks=60)
    drawn_kinds: set[str] = set()
    for envelope in of_every_kind():
        reduce(state, envelope)
        screen.see(envelope, encode(envelope))
        assert isinstance(describe(envelope, state), str)
        if envelope.kind not in drawn_kinds:
            drawn_kinds.add(envelope.kind)
            assert envelope.kind in drawn(screen)

    assert drawn_kinds == set(KINDS)
    page = drawn(screen)
    assert page.count("\n") < 60
    assert "Last of 12000 events" in page
    assert f"{state.index.tasks_by_status['resolved']:>5} resolved" in page  # type: ignore[index]


def test_it_says_how_fast_its_clock_runs_and_what_that_makes_of_a_minute() -> None:
    assert "20 times as fast as real time: one invite a minute a bot is one in 3.0 s here" in drawn(
        Screen(State(), rate=20, invitation=[], wanted_tasks=1)
    )
    assert "real time: one invite a minute a bot is one in 60.0 s here" in drawn(
        Screen(State(), rate=1, invitation=[], wanted_tasks=1)
    )


def test_it_keeps_the_last_events_only() -> None:
    state = State()
    screen = Screen(state, rate=1, invitation=[], wanted_tasks=1)
    for number in range(100):
        event = ErrorLogged(source="steam", message=f"number {number} of many")
        screen.see(Envelope.of(number + 1, Millis(0), "kernel", None, event), b"")

    page = drawn(screen)
    assert page.count("of many") == LAST_EVENTS
    assert "number 99 of many" in page


@pytest.mark.parametrize("text", ["[bold]not ours[/bold]", "[/]", "[link=http://x]click", "two\nlines", "\x1b[2J\x07"])
def test_what_a_player_writes_is_shown_as_it_is_and_draws_nothing(text: str) -> None:
    screen = Screen(State(), rate=1, invitation=[], wanted_tasks=1)
    event = ErrorLogged(source="steam", message=text)
    screen.see(Envelope.of(1, Millis(0), "kernel", None, event), b"")

    page = drawn(screen)
    assert "\x1b[2J" not in page
    assert text.encode("unicode_escape").decode() in page


def test_a_line_of_the_log_counts_bots_tasks_and_chats() -> None:
    assert one_line(State(), 60) == "bots 0/0 connected; tasks 0/60 (none yet); chats 0; seq 0"
