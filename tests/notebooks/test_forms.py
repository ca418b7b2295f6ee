"""Everything shows itself: as HTML in which no player's words become markup, as text that no terminal obeys."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from kernel.clock import Millis
from kernel.events import Envelope, StopWordAdded
from kernel.ids import BotId, ChatId, MessageId, SteamId64
from kernel.rows import Chat, Message, Sender
from kernel.state import State
from switchboard import display, html, text
from switchboard.requests import Verdict
from tests.histories import fold, history
from tests.notebooks.test_collection import Shown

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>&\"'"


class Reader(HTMLParser):
    """The elements and the words of a page; fails on what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(page)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data if "style" not in self.open else ""


def chat(words: str) -> Chat:
    line = Message(id=MessageId("msg_1"), sender=Sender.PLAYER, text=words, ts=Millis(0), author="player:7656")
    return Chat(
        id=ChatId("chat_1"),
        bot_id=BotId("bot_1"),
        player=SteamId64("76561198000000001"),
        agent_enabled=True,
        messages=(line,),
        started_at=Millis(0),
    )


@pytest.fixture(scope="module")
def state() -> State:
    return fold(history(Random(19), 1_500))


def everything(state: State) -> Iterator[tuple[object, str, str]]:
    """All that can show itself, with both forms."""
    seen = Shown(state)
    for table in state.tables:
        collection = seen.table(table.name)
        yield collection, collection._repr_html_(), repr(collection)
        for row in table.rows():
            yield row, html.row(row), text.row(row)
    for other in (seen.messages, seen.fleet, Verdict(command="X"), Verdict(command="X", code="no", message=EVIL)):
        yield other, other._repr_html_(), repr(other)
    for envelope in history(Random(5), 200):
        yield envelope, html.row(envelope), text.row(envelope)


def test_everything_in_any_state_shows_itself_as_whole_html_of_our_own_elements_and_as_text(state: State) -> None:
    count = 0
    for _thing, page, plain in everything(state):
        reader = Reader(page)
        assert reader.elements <= {"style", "div", "span", "table", "tr", "th", "td", "pre"}
        assert reader.attributes <= {"class"}
        assert plain and all(c.isprintable() or c in "\n\t" for c in plain)
        count += 1
    assert count > 300


def test_what_a_player_writes_is_shown_and_never_carried_out() -> None:
    page = Reader(html.row(chat(EVIL + "\x1b[2J")))

    assert EVIL in page.words
    assert not page.elements & {"script", "img"}
    assert "\x1b" not in text.row(chat("\x1b[2J"))
    assert "[2J" in text.row(chat("\x1b[2J"))


def test_no_colour_of_text_or_ground_is_fixed_so_that_light_and_dark_are_readable_alike() -> None:
    for rule in html.STYLE.replace("</style>", "").split("}"):
        selector, _, body = rule.rpartition("{")
        for declaration in body.split(";"):
            name, _, value = declaration.partition(":")
            if name.strip() == "color":
                assert value == "inherit"
            if name.strip() == "background" and "::before" not in selector:
                assert value.startswith(("color-mix(", "transparent"))


def test_a_chat_says_who_leads_it_and_who_wrote_each_line() -> None:
    shown = chat("how much?")
    taken = Chat(
        id=shown.id,
        bot_id=shown.bot_id,
        player=shown.player,
        agent_enabled=False,
        owner="notebook:ben",
        messages=shown.messages,
        started_at=shown.started_at,
    )

    assert "led by the agent" in text.row(shown)
    assert "led by notebook:ben" in Reader(html.row(taken)).words
    assert "player:7656: how much?" in text.row(taken)


def test_long_tables_are_cut_and_say_how_much_is_left_out(state: State) -> None:
    messages = Shown(state).messages
    assert len(messages) > 25

    assert f"… and {len(messages) - 25} more" in repr(messages)
    assert f"… and {len(messages) - 25} more" in messages._repr_html_()
    assert repr(messages.filter(lambda _: False)) == "no messages"


def test_in_ipython_rows_and_events_show_themselves() -> None:
    shell: Any = SimpleNamespace(display_formatter=DisplayFormatter())
    assert display.install(shell)
    event = Envelope(7, Millis(1_000), "operator:anna", None, "stopWord.added", StopWordAdded(word="<b>"))
    formats, _ = shell.display_formatter.format(chat("hi"))
    of_event, _ = shell.display_formatter.format(event)

    assert formats["text/html"] == html.row(chat("hi"))
    assert formats["text/plain"] == text.row(chat("hi"))
    assert "&lt;b&gt;" in of_event["text/html"]
    assert of_event["text/plain"] == '7 1970-01-01 00:00:01 stopWord.added by operator:anna {"word":"<b>"}'
