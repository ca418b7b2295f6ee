"""A text for a player, or about one, holds something visible and no controls, at every door."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.commands import AddNote, CreateTask, DisposeTask, PauseContact, SaveCannedReply, SendMessage
from kernel.ids import ChatId, SteamId64, TaskId
from kernel.texts import cleaned_name, fault_of_text

CHAT, TASK, PLAYER = ChatId("chat_1"), TaskId("task_1"), SteamId64("76561198000000001")
UNSEEN = [
    "\u200b",
    "\u2800",
    "\u200b\u2060 \ufeff",
    "\u0301",
    "\U000e0041\U000e007f",
    "\u3164",
    "\u00ad",
    "\ufe0f",
    "\u200d",
]
CONTROLS = ["\x00", "hi\x00", "a\x1b[31m", "\x7fok", "\u202eabc", "10 \u2067USD", "a\x85", "\ud800b"]
FINE = ["hi", "Ё", "👍🏽", "👨‍👩‍👧", "שלום", "नमस्ते", "1", "é", "!"]


def task(item: str) -> CreateTask:
    return CreateTask(player=PLAYER, item=item, price_min=Decimal(1), price_max=Decimal(2), currency="USD")


DOORS: dict[str, Callable[[str], Any]] = {
    "message": lambda text: SendMessage(chat_id=CHAT, text=text),
    "note": lambda text: AddNote(chat_id=CHAT, text=text),
    "item": task,
    "canned text": lambda text: SaveCannedReply(title="t", text=text),
    "canned title": lambda text: SaveCannedReply(title=text, text="t"),
    "why it is disposed": lambda text: DisposeTask(task_id=TASK, reason=text),
    "why it is paused": lambda text: PauseContact(reason=text),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_seen_and_what_controls_is_refused(door: str) -> None:
    for text in UNSEEN:
        with pytest.raises(ValueError, match=r"visible|give 1 to"):
            DOORS[door](text)
    for text in CONTROLS:
        with pytest.raises(ValueError, match=r"control character|visible"):
            DOORS[door](text)


@pytest.mark.parametrize("door", DOORS)
def test_every_script_and_emoji_may_be_written(door: str) -> None:
    for text in FINE:
        DOORS[door](text)


def test_a_message_may_have_lines_and_an_item_has_one() -> None:
    DOORS["message"]("one\n\ttwo")
    with pytest.raises(ValueError, match=r"item: has the control character U\+000A"):
        task("one\ntwo")


def test_1500_emoji_are_1500_characters() -> None:
    DOORS["message"]("😀" * 1_500)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Анна", "Анна"),
        ("  a \t\n b  ", "a b"),
        ("\u202egnp.exe", "gnp.exe"),
        ("10 \u2067USD\u2069", "10 USD"),
        ("\x00nul\x1b[31mred\x07", "nul[31mred"),
        ("ad\u200dmin", "admin"),
        ("pay\u00adpal\ufeff\u2060", "paypal"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Z" + "\u0308" * 40 + "a", "Z" + "\u0308" * 3 + "a"),
        ("\u0301\u0301x", "x"),
        ("e\u0301", "é"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 63 + "…"),
        ("x" * 1_000_000, "x" * 63 + "…"),
        ("👍\u200d" * 40, "👍\u200d" * 31 + "👍…"),
        ("\ud800half", "half"),
        ("שלום", "שלום"),
        ("<b>", "<b>"),
        ("7656119", "7656119"),
        ("Player 76561198000000001", "Player 76561198000000001"),
    ],
)
def test_a_foreign_name_is_cleaned_and_not_refused(written: str, kept: str) -> None:
    assert cleaned_name(written, 64) == kept
    assert cleaned_name(kept, 64) == kept


@pytest.mark.parametrize(
    "unseen",
    [
        "",
        " ",
        *UNSEEN,
        "\u202e\u202c",
        "\x00\x01",
        "\ud800",
        "76561198000000001",
        "７６５６１１９８０００００００１１",
        "7656 1198-0000_00001",
    ],
)
def test_of_a_name_that_shows_nothing_or_passes_for_a_steamid_nothing_is_kept(unseen: str) -> None:
    assert cleaned_name(unseen, 64) is None


@given(st.text(max_size=200))
def test_whatever_a_name_is_made_of_what_is_kept_is_one_line_that_can_be_seen(written: str) -> None:
    kept = cleaned_name(written, 64)

    assert kept is None or (fault_of_text(kept, 64, one_line=True) is None and cleaned_name(kept, 64) == kept)
