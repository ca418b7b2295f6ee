"""Makes a report of some days out of the archive. README.md says what each number is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil
from statistics import median
from typing import Any, Final
from urllib.parse import quote_plus

import apsw

from kernel.chat_rows import AgentOffReason
from kernel.deal_rows import DealStage
from plugins.history.codes import CausedBy, TaskStage
from plugins.history.days import Span
from plugins.history.fold import ENDED, PLAYER
from plugins.history.queries import LED, STAGES, Where
from plugins.history.reading import RowReader
from plugins.history.report_types import (
    AnswerTimes,
    CauseFigures,
    Count,
    CurrencySum,
    DayFigures,
    DealReport,
    Funnel,
    HandoverCount,
    ItemFigures,
    LeaderFigures,
    MoneySum,
    OutcomeFigures,
    ReasonCount,
    ReportQuery,
)
from plugins.history.tallies import AT, DEALS, ItemDeals, PriceSum, agreed_in, between, came_to, tasks_by, tasks_in
from plugins.history.values import UNIT, bucket_end, price_text
from plugins.history.zones import Calendar, date_of

DAYS_SHOWN: Final = 400
ITEMS_MOST: Final = 500
PLACE: Final = "(agreed - price_min) * 1.0 / nullif(price_max - price_min, 0)"
SUMS: Final = f"count(*), sum(agreed / {UNIT}), sum(agreed % {UNIT})"
"""A sum as quotient and remainder: of the largest prices, 92 are beyond a 64-bit integer."""
COHORT: Final = (
    TaskStage.INVITED,
    TaskStage.ACCEPTED,
    TaskStage.ALREADY,
    TaskStage.TALKED,
    TaskStage.AGREED,
    TaskStage.TRADED,
    TaskStage.SETTLED,
    TaskStage.REVERSED,
    TaskStage.FELL_THROUGH,
    TaskStage.OPEN,
)
"""What the funnel counts."""
_FIELDS: Final = {TaskStage.FELL_THROUGH: "fell_through"}


class Reporting:
    """One report, from one connection at one moment."""

    def __init__(self, db: apsw.Connection, query: ReportQuery, span: Span, calendar: Calendar) -> None:
        self._db = db
        self._query = query
        self._span = span
        self._calendar = calendar
        self._rows = RowReader(db)

    def report(self, up_to: int = 0, as_of: int = 0) -> DealReport:
        """The whole of it; the archive stands at that event."""
        span = self._span
        return DealReport(
            up_to=up_to,
            as_of=as_of,
            first_day=str(date_of(span.first)),
            last_day=str(date_of(span.last)),
            zone=self._calendar.name,
            since=span.since,
            until=span.until,
            **self.figures(),
        )

    def figures(self) -> dict[str, Any]:
        """All fields of a report that are of the archive."""
        groups = self._groups()
        answers = self._answer_times()
        return {
            "funnel": self._funnel(),
            "before": self._created_before(),
            "ended": self._ended(sum(group["n"] for group in groups)),
            "sums": self._sums(g for g in groups if g["status"] == "resolved"),
            "items": self._items(),
            "failures": self._failures(groups),
            "fallthroughs": self._fallthroughs(groups),
            "outcomes": [self._outcome(stage) for stage in DealStage],
            "causes": self._causes(groups),
            "handovers": self._handovers(groups),
            "answers": list(answers.values()),
            "unanswered": self._waiting("unanswered"),
            "unheard": self._waiting("unheard"),
            "leaders": self._leaders(groups, answers),
            "days": self._days(),
        }

    # of tasks by when they were created

    def _funnel(self) -> Funnel:
        where = self._where("created_at")
        reached = ", ".join(f"ifnull(sum({STAGES[stage]}), 0)" for stage in COHORT)
        sql = f"select count(*), {reached} from tasks indexed by tasks_created where {where.sql}"  # noqa: S608
        created, *counted = self._db.execute(sql, where.values).get

        def count(n: int, stage: TaskStage | None = None) -> Count:
            return Count(n, self._tasks(createdSince=self._span.since, createdUntil=self._span.until, stage=stage))

        stages = {_FIELDS.get(stage, stage.value): count(n, stage) for stage, n in zip(COHORT, counted, strict=True)}
        return Funnel(created=count(created), **stages)

    def _created_before(self) -> int:
        first = self._span.first - (self._span.last - self._span.first + 1)
        where = self._where("created_at", self._calendar.begins(first), self._span.since)
        sql = f"select count(*) from tasks indexed by tasks_created where {where.sql}"  # noqa: S608
        found: int = self._db.execute(sql, where.values).get
        return found

    # of tasks by when they ended

    def _groups(self) -> list[dict[str, Any]]:
        """The tasks that ended in the range, by all that they are counted by."""
        where = self._where("ended_at")
        names = ("status", "caused", "reason", "handed", "talked", "leader", "currency", "deal", "fell")
        sql = (
            f"select status, caused_by, reason, handed, chat is not null, {LED}, currency, deal, deal_reason, "  # noqa: S608
            f"{SUMS}, sum({PLACE}), count({PLACE}) from tasks indexed by tasks_ended where {where.sql} "
            "group by 1, 2, 3, 4, 5, 6, 7, 8, 9"
        )
        columns = (*names, "n", "whole", "rest", "places", "placed")
        return [dict(zip(columns, row, strict=True)) for row in self._db.execute(sql, where.values)]

    def _ended(self, n: int, **narrowed: Any) -> Count:
        return Count(n, self._tasks(endedSince=self._span.since, endedUntil=self._span.until, **narrowed))

    def _sums(self, groups: Iterable[Mapping[str, Any]], **narrowed: Any) -> list[CurrencySum]:
        """What was agreed, by currency, and what has become of it."""
        sums: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for group in groups:
            sums[group["currency"]].append(group)
        found = []
        for number, of in sums.items():
            currency = self._rows.name(number)
            within = {"currency": currency, **narrowed}
            total = agreed_in(of)
            stages: dict[str, Any] = {f"{name}_sum": price_text(agreed_in(came_to(of, name)).units) for name in DEALS}
            found.append(
                CurrencySum(
                    currency=currency,
                    agreed=self._ended(total.count, status="resolved", **within),
                    sum=price_text(total.units),
                    **self._deals(of, **within),
                    **stages,
                )
            )
        return sorted(found, key=lambda one: (-one.agreed.n, one.currency))

    def _deals(self, groups: Iterable[Mapping[str, Any]], **narrowed: Any) -> dict[str, Any]:
        """How many of these tasks' deals have come to each stage: the fields of that name."""
        of = list(groups)
        return {
            name: self._ended(tasks_in(came_to(of, name)), stage=stage, **narrowed)
            for name, (stage, _) in DEALS.items()
        }

    def _failures(self, groups: Iterable[Mapping[str, Any]]) -> list[ReasonCount]:
        failed = tasks_by(groups, "reason", lambda group: group["status"] == "failed")
        found = []
        for number, n in failed.items():
            reason = self._rows.name(number)
            found.append(ReasonCount(reason=reason, tasks=self._ended(n, status="failed", reason=reason or "")))
        return sorted(found, key=lambda one: (-one.tasks.n, one.reason or ""))

    def _fallthroughs(self, groups: Iterable[Mapping[str, Any]]) -> list[ReasonCount]:
        fell = tasks_by(groups, "fell", lambda group: group["deal"] == DealStage.FELL_THROUGH)
        found = []
        for number, n in fell.items():
            reason = self._rows.name(number)
            rows = self._ended(n, stage=TaskStage.FELL_THROUGH, dealReason=reason)
            found.append(ReasonCount(reason=reason, tasks=rows))
        return sorted(found, key=lambda one: (-one.tasks.n, one.reason or ""))

    def _outcome(self, stage: DealStage) -> OutcomeFigures:
        """The deals that came there in the range, whenever they were agreed."""
        column = AT[stage]
        where = self._where(f"{column}_at")
        sql = f"select currency, {SUMS} from tasks indexed by tasks_{column} where {where.sql} group by 1"  # noqa: S608
        sums, narrowed, n = [], between(stage, self._span.since, self._span.until), 0
        for number, count, whole, rest in self._db.execute(sql, where.values):
            currency, total = self._rows.name(number), PriceSum()
            total.add(count, whole, rest)
            n += count
            tasks = Count(count, self._tasks(**{**narrowed, "currency": currency}))
            sums.append(MoneySum(currency=currency, tasks=tasks, sum=price_text(total.units)))
        sums.sort(key=lambda one: (-one.tasks.n, one.currency))
        return OutcomeFigures(kind=stage, tasks=Count(n, self._tasks(**narrowed)), sums=sums)

    def _causes(self, groups: Iterable[Mapping[str, Any]]) -> list[CauseFigures]:
        by: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for group in groups:
            by[group["caused"]].append(group)
        return [
            CauseFigures(
                caused_by=cause,
                ended=self._ended(tasks_in(by[cause]), causedBy=cause),
                **self._ends(by[cause], causedBy=cause),
                **self._deals(by[cause], causedBy=cause),
            )
            for cause in CausedBy
        ]

    def _ends(self, groups: Iterable[Mapping[str, Any]], **narrowed: Any) -> dict[str, Count]:
        """How many of these tasks have ended in each way: the fields of that name."""
        counted = tasks_by(groups, "status")
        return {status: self._ended(counted[status], status=status, **narrowed) for status in sorted(ENDED)}

    def _handovers(self, groups: Iterable[Mapping[str, Any]]) -> list[HandoverCount]:
        by: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for group in groups:
            if group["handed"] is not None:
                by[group["handed"]].append(group)
        found = []
        for number, of in by.items():
            why = AgentOffReason(self._rows.name(number))
            deals = self._deals(of, handedOver=why)
            found.append(
                HandoverCount(
                    why=why,
                    tasks=self._ended(tasks_in(of), handedOver=why),
                    **self._ends(of, handedOver=why),
                    traded=deals["traded"],
                    reversed=deals["reversed"],
                )
            )
        return sorted(found, key=lambda one: (-one.tasks.n, one.why))

    def _leaders(self, groups: list[dict[str, Any]], answers: Mapping[str, AnswerTimes]) -> list[LeaderFigures]:
        led: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
        for group in groups:
            if group["talked"]:
                led[group["leader"]].append(group)
        found = []
        for number, of in led.items():
            who = self._rows.name(number) or ""
            agreed = [group for group in of if group["status"] == "resolved"]
            placed = sum(group["placed"] for group in agreed)
            place = sum(group["places"] or 0.0 for group in agreed) / placed if placed else None
            times = answers.get(who)
            found.append(
                LeaderFigures(
                    who=who,
                    talks=self._ended(sum(group["n"] for group in of), ledBy=who),
                    agreed=self._ended(sum(group["n"] for group in agreed), ledBy=who, status="resolved"),
                    **self._deals(of, ledBy=who),
                    place=round(place, 4) if place is not None else None,
                    sums=self._sums(agreed, ledBy=who),
                    p50_ms=times.p50_ms if times is not None else None,
                    p90_ms=times.p90_ms if times is not None else None,
                )
            )
        return sorted(found, key=lambda one: (-one.talks.n, one.who))

    def _items(self) -> list[ItemFigures]:
        """Counted here rather than by SQL, which would sort the deals three times."""
        where = self._where("ended_at")
        where.add("status = 'resolved'")
        sql = (
            "select item, currency, agreed, price_min, price_max, deal from tasks indexed by tasks_ended "  # noqa: S608
            f"where {where.sql}"
        )
        items: dict[tuple[int, int], ItemDeals] = {}
        for item, currency, agreed, low, high, deal in self._db.execute(sql, where.values):
            deals = items.get((item, currency))
            if deals is None:
                deals = items[item, currency] = ItemDeals(low, high)
            deals.add(agreed, low, high, deal)
        most = sorted(items.items(), key=lambda one: (-one[1].count, one[0]))[:ITEMS_MOST]
        return [self._item(*key, deals) for key, deals in most]

    def _item(self, item: int, currency: int, deals: ItemDeals) -> ItemFigures:
        names = {"item": self._rows.name(item), "currency": self._rows.name(currency)}
        return ItemFigures(
            **names,
            agreed=self._ended(deals.count, status="resolved", **names),
            sum=price_text(sum(deals.agreed)),
            lowest=price_text(deals.lowest),
            highest=price_text(deals.highest),
            median=price_text(round(median(deals.agreed))) if deals.agreed else None,
            place=round(median(deals.places), 4) if deals.places else None,
            places=deals.steps,
            below=deals.below,
            above=deals.above,
            **self._deals(({"deal": deal, "n": n} for deal, n in deals.stages.items()), **names),
        )

    # answers

    def _answer_times(self) -> dict[str, AnswerTimes]:
        """By author, the players first and then those who answered most."""
        buckets: dict[int, dict[int, int]] = defaultdict(dict)
        sums: dict[int, int] = defaultdict(int)
        sql = "select author, bucket, sum(n), sum(sum) from waits where day between ? and ? group by 1, 2 order by 1, 2"
        for author, number, n, spent in self._db.execute(sql, (self._span.first, self._span.last)):
            buckets[author][number] = n
            sums[author] += spent
        wanted = {self._query.agent, self._query.operator} - {None}
        found = []
        for author, counted in buckets.items():
            who = self._rows.name(author)
            if wanted and who not in wanted:
                continue
            n = sum(counted.values())
            since, until = self._span.since, self._span.until
            rows = _link("messages", author=who, answeredSince=since, answeredUntil=until)
            p50, p90, p99 = (_percentile(counted, n, share) for share in (0.5, 0.9, 0.99))
            found.append(
                AnswerTimes(
                    who=who, answers=Count(n, rows), mean_ms=round(sums[author] / n), p50_ms=p50, p90_ms=p90, p99_ms=p99
                )
            )
        found.sort(key=lambda one: (one.who != PLAYER, -one.answers.n, one.who))
        return {one.who: one for one in found}

    def _waiting(self, what: str) -> Count:
        sql = f"select count(*) from chats indexed by chats_{what} where {what}_at >= ? and {what}_at < ?"  # noqa: S608
        since, until = self._span.since, self._span.until
        rows = _link("chats", **{f"{what}Since": since, f"{what}Until": until})
        return Count(self._db.execute(sql, (since, until)).get, rows)

    def _days(self) -> list[DayFigures]:
        if self._span.last - self._span.first >= DAYS_SHOWN:
            return []
        return [self._one_day(day) for day in range(self._span.first, self._span.last + 1)]

    def _one_day(self, day: int) -> DayFigures:
        since, until = self._calendar.begins(day), self._calendar.begins(day + 1)
        created = self._where("created_at", since, until)
        ended = self._where("ended_at", since, until)
        sql = f"select count(*) from tasks indexed by tasks_created where {created.sql}"  # noqa: S608
        begun = self._db.execute(sql, created.values).get
        sql = f"select status, count(*) from tasks indexed by tasks_ended where {ended.sql} group by 1"  # noqa: S608
        by = dict(self._db.execute(sql, ended.values))
        return DayFigures(
            day=str(date_of(day)),
            created=Count(begun, self._tasks(createdSince=since, createdUntil=until)),
            agreed=Count(by.get("resolved", 0), self._tasks(endedSince=since, endedUntil=until, status="resolved")),
            failed=Count(by.get("failed", 0), self._tasks(endedSince=since, endedUntil=until, status="failed")),
            **{name: self._came_on(stage, since, until) for name, (_, stage) in DEALS.items()},
        )

    def _came_on(self, stage: DealStage, since: int, until: int) -> Count:
        """The deals that came there between the two."""
        column = AT[stage]
        where = self._where(f"{column}_at", since, until)
        sql = f"select count(*) from tasks indexed by tasks_{column} where {where.sql}"  # noqa: S608
        return Count(self._db.execute(sql, where.values).get, self._tasks(**between(stage, since, until)))

    # what is asked for

    def _where(self, column: str, since: int | None = None, until: int | None = None) -> Where:
        """Tasks of the range by that column, narrowed as the query says."""
        where = Where()
        where.between(
            column, self._span.since if since is None else since, self._span.until if until is None else until
        )
        query, rows = self._query, self._rows
        for name, kind, wanted in (
            ("item", "item", query.item),
            ("currency", "currency", query.currency),
            ("agent", "actor", query.agent),
            ("operator", "actor", query.operator),
        ):
            where.equal(name, rows.number(kind, wanted) if wanted is not None else None)
        where.equal("bot", rows.number_of("bots", "bot", query.bot) if query.bot is not None else None)
        return where

    def _tasks(self, **narrowed: Any) -> str:
        """Where the rows of a number are."""
        query = self._query
        given = {
            "item": query.item,
            "currency": query.currency,
            "agent": query.agent,
            "operator": query.operator,
            "botId": query.bot,
        }
        return _link("tasks", **{**given, **narrowed})


_quoted: Final = lru_cache(4_096)(quote_plus)
"""A report has hundreds of links, and few values in them."""


def _link(path: str, **query: Any) -> str:
    given = (f"{name}={_quoted(str(value))}" for name, value in query.items() if value is not None)
    return f"/api/history/{path}?{'&'.join(given)}"


def _percentile(counted: Mapping[int, int], n: int, share: float) -> int:
    """The upper end of the bucket in which it lies."""
    wanted, seen = ceil(share * n), 0
    for number in sorted(counted):
        seen += counted[number]
        if seen >= wanted:
            return bucket_end(number)
    return 0
