"""Markup of Steam's chat is shown as what it is, with and without `message_no_bbcode`."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam.bbcode import LONGEST, shown
from plugins.steam_sim.chat import escape, unescape
from plugins.steam_sim.deeds import MARKUP

SHOWN = {
    "sticker": "(sticker)",
    "emoticon": ":steamhappy:",
    "tradeOffer": "(trade offer)",
    "gameInvite": "(game invite)",
    "image": "(image)",
    "link": "look (https://example.com/15)",
    "preview": "https://example.com/15",
    "dice": "(dice roll: 12)",
    "coin": "(coin flip: heads)",
}


@pytest.mark.parametrize("kind", MARKUP)
def test_what_a_client_puts_in_is_named(kind: str) -> None:
    assert shown(MARKUP[kind], unescape(MARKUP[kind])) == SHOWN[kind]
    assert shown(MARKUP[kind], "") == SHOWN[kind]
    assert shown("", MARKUP[kind]) == SHOWN[kind], "Steam's history is plain"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("[b]12[/b] and [i]no more[/i]", "12 and no more"),
        ('ok [sticker type="x"][/sticker] thanks', "ok (sticker) thanks"),
        ('[STICKER type="x" limit="0"]', "(sticker)"),
        ("[unknown]x[/unknown]", "[unknown]x[/unknown]"),
        ("[url]https://example.com[/url]", "https://example.com"),
        ("\\[sticker] is a word", "[sticker] is a word"),
    ],
)
def test_what_a_person_wrote_around_it_stays(message: str, text: str) -> None:
    assert shown(message, "") == text


@given(st.text())
def test_a_persons_own_text_comes_through_whatever_is_in_it(text: str) -> None:
    assert shown(escape(text), "") == text
    assert shown(escape(text), text) == text


def test_markup_made_to_be_hard_is_read_at_once() -> None:
    before = time.process_time()
    for hard in ("[sticker " * 4_000, "[url=" + "a" * 30_000, "[og a=" * 5_000, "[b" * 15_000, "[img " + 'x="' * 9_000):
        shown(hard, "")
    assert time.process_time() - before < 1


@pytest.mark.parametrize("piece", ["\\", "\\[", "[", "[b]", "[url=", "[/sticker]"])
def test_megabytes_of_marks_take_no_longer_than_the_longest_message(piece: str) -> None:
    begun = time.process_time()

    assert len(shown(piece * (15_000_000 // len(piece)), "")) <= LONGEST
    assert len(shown("", piece * (15_000_000 // len(piece)))) <= LONGEST
    assert time.process_time() - begun < 0.5
