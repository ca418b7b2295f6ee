"""What may be asked: the queries of `GET /api/history/…`. Each field narrows; moments are UTC ms, `since` is included
and `until` is not."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec import Struct, field

from kernel.rows import TaskStatus
from plugins.history.codes import CausedBy, TaskStage
from plugins.history.values import price, steam_id

USUAL: Final = 50
MOST: Final = 200
"""Rows of a page."""
FORMATS: Final = {"json": "", "csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


class PastQuery(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every list takes. `before` is the `next` of the page before. `format`: `json`, or all rows at once, as many
    as an export may have, as `csv` or `ndjson`."""

    before: int | None = None
    limit: int | None = None
    format: str = "json"

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ValueError(f"format: give one of {', '.join(FORMATS)}")
        if self.limit is not None and (self.limit < 1 or (self.format == "json" and self.limit > MOST)):
            raise ValueError(f"limit: give 1 to {MOST}; an export may have more")
        if self.before is not None and not 0 <= self.before < 1 << 62:
            raise ValueError("before: give the `next` of the page before")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in PLAYERS and value is not None:
                _expect_steam_id(value)
            if name.endswith(("since", "until")) and value is not None and not -(1 << 62) < value < 1 << 62:
                raise ValueError(f"{name}: give UTC milliseconds")

    def rows(self, export: int) -> int:
        """How many it is answered with at most."""
        if self.format == "json":
            return self.limit or USUAL
        return min(self.limit or export, export)


PLAYERS: Final = frozenset({"player"})


class TaskQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Tasks. `price…`: the agreed price, or where there is none the range, reaches between the two."""

    player: str | None = field(name="playerSteamId64", default=None)
    item: str | None = None
    item_like: str | None = None
    """A part of the item's name, in any case."""
    currency: str | None = None
    status: TaskStatus | None = None
    reason: str | None = None
    """Why it ended, or was last moved; empty: no code was given."""
    deal_reason: str | None = None
    """Why the agreed deal fell through."""
    stage: TaskStage | None = None
    agent: str | None = None
    operator: str | None = None
    bot: str | None = field(name="botId", default=None)
    caused_by: CausedBy | None = None
    handed_over: str | None = None
    led_by: str | None = None
    """The leader of a talk: the agent where it ended alone, else the person; empty: nobody."""
    price_from: str | None = None
    price_to: str | None = None
    created_since: int | None = None
    created_until: int | None = None
    ended_since: int | None = None
    ended_until: int | None = None
    traded_since: int | None = None
    traded_until: int | None = None
    settled_since: int | None = None
    settled_until: int | None = None
    reversed_since: int | None = None
    reversed_until: int | None = None
    fell_through_since: int | None = None
    fell_through_until: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("price_from", "price_to"):
            value = getattr(self, name)
            if value is not None:
                _expect_price(name, value)


class ChatQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Chats. `unanswered…` and `unheard…`: since when the player, or we, wait for an answer that has not come."""

    player: str | None = field(name="playerSteamId64", default=None)
    bot: str | None = field(name="botId", default=None)
    task: str | None = field(name="taskId", default=None)
    agent: str | None = None
    operator: str | None = None
    open: bool | None = None
    since: int | None = None
    until: int | None = None
    unanswered_since: int | None = None
    unanswered_until: int | None = None
    unheard_since: int | None = None
    unheard_until: int | None = None


class LineQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Lines of chats. `words`: all of them, in quotation marks together; the last may be the beginning of a word, from
    three letters on. `answered…`: lines that answer, by when they came."""

    words: str | None = None
    player: str | None = field(name="playerSteamId64", default=None)
    bot: str | None = field(name="botId", default=None)
    chat: str | None = field(name="chatId", default=None)
    author: str | None = None
    """An actor, or `player` for all of them."""
    since: int | None = None
    until: int | None = None
    answered_since: int | None = None
    answered_until: int | None = None


class OneChatQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One chat with its latest lines, or those before `before`."""

    id: str


class OneTaskQuery(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One task."""

    id: str


class TimelineQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """All that happened between us and one player."""

    player: str = field(name="playerSteamId64")


class AuditQuery(PastQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Who did what."""

    actor: str | None = None
    action: str | None = None
    result: str | None = None
    """A code, or `refused` for all that was neither `ok` nor `repeated`."""
    subject: str | None = None
    since: int | None = None
    until: int | None = None


def _expect_steam_id(text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("playerSteamId64: a SteamID64 is 17 digits, such as 76561198000000001")
    try:
        steam_id(text)
    except ValueError:
        raise ValueError("playerSteamId64: a SteamID64 is 17 digits, such as 76561198000000001") from None


def _expect_price(name: str, text: str) -> None:
    try:
        if not Decimal(text).is_finite():
            raise ValueError
        price(text)
    except (ValueError, InvalidOperation, ArithmeticError):
        raise ValueError(f"{name}: give a price such as 12.50") from None
