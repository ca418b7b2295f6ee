"""`sb.history`: questions about all that has been, answered by the system's archive; no journal is downloaded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from kernel.row import Row
from switchboard import frames, requests
from switchboard.link import ServerLink

if TYPE_CHECKING:
    import pandas
    import polars

A = TypeVar("A")
PAGE: Final = 200
USUAL_MOST: Final = 1_000
"""Records that one question brings, unless more are asked for."""
WIRE: Final = {"player": "playerSteamId64", "bot": "botId", "chat": "chatId", "task": "taskId"}
"""What is asked for by another name than its own."""
TIMES: Final = frozenset({"ts", "since", "until", "asOf"})
PRICES: Final = frozenset(
    {
        *("priceMin", "priceMax", "agreedPrice", "lowest", "highest", "median"),
        *("sum", "tradedSum", "settledSum", "reversedSum", "fellThroughSum"),
    }
)
TABLES: Final = (
    "sums",
    "items",
    "failures",
    "fallthroughs",
    "outcomes",
    "causes",
    "handovers",
    "answers",
    "leaders",
    "days",
)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Records:
    """What was found, as it stood when it was asked for: dicts by the wire's names, and frames of them."""

    def __init__(self, records: list[dict[str, Any]], *, up_to: int, more: bool = False) -> None:
        self._records = records
        self.up_to: Final = up_to
        """The last event that the archive had then."""
        self.more: Final = more
        """There is more than was asked for: give a larger `most`."""

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._records)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return self._records[place]

    def __repr__(self) -> str:
        return f"{len(self)} records{' and more' if self.more else ''}, up to event {self.up_to}"

    def to_pandas(self) -> pandas.DataFrame:
        """One column a field: times as UTC timestamps, prices as exact decimals. Raises NotInstalled."""
        return frames.pandas_frame(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The same. Raises NotInstalled."""
        return frames.polars_frame(self._columns())

    def _columns(self) -> list[tuple[str, str, list[object]]]:
        names = dict.fromkeys(name for record in self._records for name in record)
        return [_column(name, [record.get(name) for record in self._records]) for name in names]


class FiguresOfDays:
    """A report: `funnel` and `fields` as numbers, and a table for each of TABLES by its name."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self.funnel: Final = {_snake(stage): count["n"] for stage, count in told["funnel"].items()}
        """How far the tasks that were created in these days have got."""
        self.first_day: Final = str(told["firstDay"])
        self.last_day: Final = str(told["lastDay"])

    def __getattr__(self, name: str) -> Records:
        if name not in TABLES:
            raise AttributeError(f"a report has {', '.join(TABLES)}, and no {name}")
        return Records(self._told[name], up_to=self._told["upTo"])

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    def __repr__(self) -> str:
        stages = ", ".join(f"{name} {n}" for name, n in self.funnel.items())
        return f"{self.first_day} to {self.last_day} ({self._told['zone']}): {stages}"


class AskingPast:
    """What both kinds of client ask. Times are datetimes, ISO texts or UTC ms; rows are taken for their ids."""

    def __init__(self, link: ServerLink) -> None:
        self._link = link

    async def _list(self, path: str, most: int, given: Mapping[str, Any]) -> Records:
        found: list[dict[str, Any]] = []
        query = _query(given)
        while True:
            page = await self._get(path, {**query, "limit": min(PAGE, most - len(found))})
            found += page["records"]
            if "next" not in page or len(found) >= most:
                return Records(found, up_to=page["upTo"], more="next" in page)
            query["before"] = page["next"]

    async def _lines(self, chat: Any) -> Records:
        """All lines of a chat, oldest first."""
        found: list[dict[str, Any]] = []
        query = {"id": _wire(chat), "limit": PAGE}
        while True:
            page = await self._get("chat", query)
            found = [*page["messages"], *found]
            if "next" not in page:
                return Records(found, up_to=page["upTo"])
            query["before"] = page["next"]

    async def _report(self, first_day: Any, last_day: Any, given: Mapping[str, Any]) -> FiguresOfDays:
        return FiguresOfDays(await self._get("report", _query({"first_day": first_day, "last_day": last_day, **given})))

    async def _get(self, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Raises CommandError, SignInRefused and Unreachable."""
        return await requests.get(self._link, f"/api/history/{path}", query)


class AwaitedPast(AskingPast):
    """`sb.history` of a client whose commands are awaited."""

    async def tasks(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        """Tasks, newest first: by `player`, `item`, `item_like`, `status`, `reason`, `stage`, `deal_reason`, `agent`,
        `operator`, `bot`, `caused_by`, `price_from`, `price_to`, and by when they were `created_since`, `ended_since`,
        `traded_since`, `settled_since`, `reversed_since`, `fell_through_since` (each with its `…_until`)."""
        return await self._asked(self._list("tasks", most, given))

    async def chats(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        """Chats, newest first: by `player`, `bot`, `task`, `agent`, `operator`, `open`, `since`, `until`."""
        return await self._asked(self._list("chats", most, given))

    async def chat(self, chat: Any) -> Records:
        """All lines of a chat, oldest first; a closed one of last year as well."""
        return await self._asked(self._lines(chat))

    async def search(self, words: str, *, most: int = USUAL_MOST, **given: Any) -> Records:
        """Lines that have all of these words, newest first: by `player`, `bot`, `chat`, `author`, `since`, `until`."""
        return await self._asked(self._list("messages", most, {"words": words, **given}))

    async def timeline(self, player: Any, *, most: int = USUAL_MOST) -> Records:
        """All that happened between us and a player, newest first, whichever bot."""
        return await self._asked(self._list("timeline", most, {"player": player}))

    async def audit(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        """Who did what, for admins: by `actor`, `action`, `result`, `subject`, `since`, `until`."""
        return await self._asked(self._list("audit", most, given))

    async def report(self, first_day: Any = None, last_day: Any = None, **given: Any) -> FiguresOfDays:
        """The figures of these days, both included (`"2026-11-23"`, or a date), today's where none is given; narrowed
        by `item`, `currency`, `agent`, `operator`, `bot`."""
        return await self._asked(self._report(first_day, last_day, given))

    async def _asked(self, work: Coroutine[Any, Any, A]) -> A:
        return await asyncio.wrap_future(self._link.submit(work))


class BlockingPast(AskingPast):
    """`sb.history` of a client whose commands block; see AwaitedPast."""

    def tasks(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        return self._link.submit(self._list("tasks", most, given)).result()

    def chats(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        return self._link.submit(self._list("chats", most, given)).result()

    def chat(self, chat: Any) -> Records:
        return self._link.submit(self._lines(chat)).result()

    def search(self, words: str, *, most: int = USUAL_MOST, **given: Any) -> Records:
        return self._link.submit(self._list("messages", most, {"words": words, **given})).result()

    def timeline(self, player: Any, *, most: int = USUAL_MOST) -> Records:
        return self._link.submit(self._list("timeline", most, {"player": player})).result()

    def audit(self, *, most: int = USUAL_MOST, **given: Any) -> Records:
        return self._link.submit(self._list("audit", most, given)).result()

    def report(self, first_day: Any = None, last_day: Any = None, **given: Any) -> FiguresOfDays:
        return self._link.submit(self._report(first_day, last_day, given)).result()


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    """By the wire's names; what is None is not asked for."""
    return {WIRE.get(name, _camel(name)): _wire(value) for name, value in given.items() if value is not None}


def _wire(value: Any) -> Any:
    if isinstance(value, Row):
        return getattr(value, "id", None) or getattr(value, "steam_id64", None)
    if isinstance(value, datetime):
        return round((value if value.tzinfo is not None else value.replace(tzinfo=UTC)).timestamp() * 1_000)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, int) else str(value)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def _column(name: str, values: list[Any]) -> tuple[str, str, list[object]]:
    """Its name as Python has it, its kind, and the values."""
    there = [value for value in values if value is not None]
    if all(isinstance(value, dict) and value.keys() == {"n", "rows"} for value in there):
        values = there = [
            value["n"] if value is not None else None for value in values
        ]  # the query of its rows is left
    snake = _snake(name)
    if name in TIMES or name.endswith("At"):
        return snake, "time", [frames.moment(value) for value in values]
    if name in PRICES:
        return snake, "price", [Decimal(value) if value is not None else None for value in values]
    for kind, of in (("flag", bool), ("number", int), ("text", str)):
        if there and all(type(value) is of for value in there if value is not None):
            return snake, kind, values
    if there and all(isinstance(value, int | float) for value in there):
        return snake, "real", values
    return snake, "text", [msgspec.json.encode(value).decode() if value is not None else None for value in values]
