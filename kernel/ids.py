"""Typed ids: TypeIDs with a prefix per slice, and 64-bit SteamIDs as strings."""

from __future__ import annotations

from typing import Final, NewType

import uuid_utils
from typeid.codecs import base32

BotId = NewType("BotId", str)
TaskId = NewType("TaskId", str)
ChatId = NewType("ChatId", str)
MessageId = NewType("MessageId", str)
NoteId = NewType("NoteId", str)
ReplyId = NewType("ReplyId", str)
CommandId = NewType("CommandId", str)
SteamId64 = NewType("SteamId64", str)
"""A 64-bit SteamID in decimal digits: a browser cannot hold it as a number."""

# universe 1 (public), type 1 (individual), instance 1 (desktop): the only ids a person or a bot has.
_INDIVIDUAL: Final = 0x0110_0001 << 32


_DERIVED: Final = uuid_utils.UUID("6b1f3c52-5d0e-4f6c-9a53-2f0c8f2d7a11")
"""The namespace of ids that are derived from commands'."""


def new_id(prefix: str) -> str:
    """A fresh TypeID such as `bot_01h…`: sortable by the time it was made."""
    # The package's codec rather than its TypeID class: the same text at a third of the cost.
    return f"{prefix}_{base32.encode(uuid_utils.uuid7().bytes)}"


def derived(prefix: str, command_id: CommandId) -> str:
    """The id of what a command makes, the same however often that command is given."""
    return f"{prefix}_{base32.encode(uuid_utils.uuid5(_DERIVED, f'{prefix}:{command_id}').bytes)}"


def new_bot_id() -> BotId:
    return BotId(new_id("bot"))


def new_task_id() -> TaskId:
    return TaskId(new_id("task"))


def new_chat_id() -> ChatId:
    return ChatId(new_id("chat"))


def new_message_id() -> MessageId:
    return MessageId(new_id("msg"))


def new_note_id() -> NoteId:
    return NoteId(new_id("note"))


def new_reply_id() -> ReplyId:
    return ReplyId(new_id("reply"))


def account_number(steam_id64: str) -> int | None:
    """The 32 bits by which Steam tells one person's account from another's; None for any other id.

    Of a SteamID those are the lower half; the upper names universe, type and instance.
    """
    try:
        number = int(steam_id64) - _INDIVIDUAL
    except ValueError:
        return None
    return number if 0 <= number < 1 << 32 else None


def steam_id_of(number: int) -> SteamId64:
    """The SteamID of the person's account of that number."""
    return SteamId64(str(_INDIVIDUAL + number))


def parse_steam_id64(text: str) -> SteamId64:
    """Return `text` as the SteamID of one person's account.

    Raises ValueError with a sentence fit for an operator when it is anything else (a clan, a game server, a typo).
    """
    if not (text.isascii() and text.isdigit() and len(text) == 17):
        raise ValueError("a SteamID64 is 17 digits, such as 76561198000000001")
    account = int(text) - _INDIVIDUAL
    if not 0 < account < 1 << 32:
        raise ValueError(f"{text} is not the SteamID of an individual account")
    return SteamId64(text)
