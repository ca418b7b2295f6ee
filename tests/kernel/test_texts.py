"""A text for a player, or about one, holds something visible and no controls, at every door."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kernel.commands import AddNote, CreateTask, DisposeTask, PauseContact, SaveCannedReply, SendMessage
from kernel.ids import ChatId, SteamId64, TaskId

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
