"""A SteamID that somebody has mentioned in a text that is about somebody else, and what stands in its place later."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from kernel.ids import SteamId64
from kernel.rows import Chat
from kernel.state import State

MENTIONS: Final = {
    "bots": ("detail", "next_step"),
    "tasks": ("item", "detail", "next_step"),
    "invites": ("detail",),
    "replies": ("title", "text"),
    "plugins": ("detail", "last_error"),
}
"""Texts of rows, by table; those of a chat's lines and notes come beside them."""


def replace_in_texts(state: State, player: SteamId64, other: SteamId64) -> None:
    """Have `other` in place of `player` wherever a text of a row has it. It looks through all rows."""
    if player == other:
        return
    for name, fields in MENTIONS.items():
        table = state.table(name)
        for row in table.rows():
            found = {field: getattr(row, field) for field in fields}
            changed = {field: text.replace(player, other) for field, text in found.items() if text and player in text}
            if changed:
                table.update(getattr(row, table.key_field), **changed)
    for chat in state.chats.rows():
        changed = _in_chat(chat, player, other)
        if changed:
            state.chats.update(chat.id, **changed)


def _in_chat(chat: Chat, player: SteamId64, other: SteamId64) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name in ("messages", "notes"):
        texts = getattr(chat, name)
        if any(player in one.text for one in texts):
            changed[name] = tuple(replace(one, text=one.text.replace(player, other)) for one in texts)
    return changed
