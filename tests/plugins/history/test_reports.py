"""A report's numbers are those of an independent count over the journal, and each leads to its rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import apsw
import msgspec
import pytest

from kernel.errors import Malformed
from plugins.history import queries, schema
from plugins.history.days import Span, span_of
from plugins.history.questions import ChatQuery, LineQuery, TaskQuery
from plugins.history.report_types import Count, ReportQuery
from plugins.history.reports import Reporting
from plugins.history.values import bucket, bucket_end
from plugins.history.zones import Calendar, date_of, number_of
from tests.histories import history
from tests.plugins.history.archives import Lines, archived
from tests.plugins.history.reckoning import by_jq, counted

SEEDS = (1, 2)
LISTS: dict[str, tuple[type[Any], Any]] = {
    "tasks": (TaskQuery, queries.tasks),
    "chats": (ChatQuery, queries.chats),
    "messages": (LineQuery, queries.lines),
}


DEALS = ("traded", "settled", "reversed", "fell_through")


def deals_of(figures: Any) -> dict[str, int]:
    return {name: getattr(figures, name).n for name in DEALS}


class Made:
    """An archive of a random history, in a zone of its own."""

    def __init__(self, folder: Path, seed: int, zone: str) -> None:
        self.random = Random(seed)
        events = history(self.random, 3_000)
        self.lines = Lines(events).lines
        self.calendar = Calendar(zone)
        self.db = schema.opened_to_read(archived(folder, events, zone=zone))
        days = [self.calendar.day(msgspec.json.decode(line)["ts"]) for line in self.lines]
        self.days = min(days), max(days)

    def report(self, first: int, last: int, **narrowed: Any) -> tuple[dict[str, Any], Span]:
        query = ReportQuery(first_day=str(date_of(first)), last_day=str(date_of(last)), **narrowed)
        span = span_of(query, self.calendar, first)
        return Reporting(self.db, query, span, self.calendar).figures(), span


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    zone = ("Europe/Berlin", "America/St_Johns")[SEEDS.index(request.param)]
    found = Made(tmp_path_factory.mktemp("made"), request.param, zone)
    yield found
    found.db.close()


def ranges(made: Made) -> list[tuple[int, int]]:
    first, last = made.days
    some = [sorted((made.random.randint(first, last), made.random.randint(first, last))) for _ in range(4)]
    return [(first, last), (last + 5, last + 6), *((one, other) for one, other in some)]


def test_each_number_is_that_of_an_independent_count(made: Made) -> None:
    for first, last in ranges(made):
        found, span = made.report(first, last)
        expected = counted(made.lines, span.since, span.until)

        funnel = found["funnel"]
        for stage in ("created", "invited", "accepted", "already", "talked", "agreed", "open", *DEALS):
            assert getattr(funnel, stage).n == expected[stage], stage
        assert found["ended"].n == expected["ended"]
        assert {s.currency: Decimal(s.sum) for s in found["sums"]} == expected["sums"]
        assert {f.reason: f.tasks.n for f in found["failures"]} == expected["failures"]
        causes = {
            (c.caused_by, s): getattr(c, s).n for c in found["causes"] for s in ("resolved", "failed", "disposed")
        }
        assert {key: n for key, n in causes.items() if n} == expected["causes"]
        assert sum(c.ended.n for c in found["causes"]) == found["ended"].n, "one denominator"
        assert {h.why: h.tasks.n for h in found["handovers"]} == expected["handovers"]
        for h in found["handovers"]:
            ends = {status: getattr(h, status).n for status in ("resolved", "failed", "disposed")}
            assert {status: n for status, n in ends.items() if n} == expected["handedEnds"][h.why]
            came = expected["handedDeals"][h.why]
            assert (h.traded.n, h.reversed.n) == (came["traded"], came["reversed"])
        assert {c.caused_by: deals_of(c) for c in found["causes"]} == expected["causeDeals"]
        assert {one.who: deals_of(one) for one in found["leaders"]} == expected["leaderDeals"]
        assert {(i.item, i.currency): deals_of(i) for i in found["items"]} == expected["itemDeals"]
        for name in DEALS:
            sums = {s.currency: Decimal(getattr(s, f"{name}_sum")) for s in found["sums"] if getattr(s, name).n}
            assert sums == expected["dealSums"][name], name
        assert {f.reason: f.tasks.n for f in found["fallthroughs"]} == expected["fallthroughs"]
        outcomes = {o.kind: (o.tasks.n, {s.currency: Decimal(s.sum) for s in o.sums}) for o in found["outcomes"]}
        assert {kind: told for kind, told in outcomes.items() if told[0]} == expected["outcomes"]
        for outcome in found["outcomes"]:
            name = "fell_through" if outcome.kind == "fellThrough" else outcome.kind
            assert sum(getattr(day, name).n for day in found["days"]) == outcome.tasks.n
        assert {leader.who: leader.talks.n for leader in found["leaders"]} == expected["leaders"]
        items = {
            (i.item, i.currency): (i.agreed.n, Decimal(i.sum), {step: n for step, n in enumerate(i.places) if n})
            for i in found["items"]
        }
        assert items == expected["items"]
        assert (found["unanswered"].n, found["unheard"].n) == (expected["unanswered"], expected["unheard"])
        days = found["days"]
        assert sum(day.created.n for day in days) == funnel.created.n
        assert sum(day.failed.n for day in days) == sum(expected["failures"].values())


def test_answer_times_are_exact_in_count_and_mean_and_nearly_so_in_their_percentiles(made: Made) -> None:
    for first, last in ranges(made):
        found, span = made.report(first, last)
        expected = counted(made.lines, span.since, span.until)["answers"]

        assert {a.who for a in found["answers"]} == expected.keys()
        for a in found["answers"]:
            spans = sorted(expected[a.who])
            assert (a.answers.n, a.mean_ms) == (len(spans), round(sum(spans) / len(spans)))
            median = spans[-(-len(spans) // 2) - 1]
            assert a.p50_ms == bucket_end(bucket(median)) and a.p50_ms >= median


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed here")
def test_jq_counts_the_same(made: Made) -> None:
    found, span = made.report(*made.days)

    by = by_jq(made.lines, span.since, span.until)

    funnel = found["funnel"]
    assert (funnel.created.n, funnel.invited.n, funnel.talked.n) == (by["created"], by["invited"], by["talked"])
    assert {f.reason or "": f.tasks.n for f in found["failures"]} == by["failures"]
    was = by["deals"]
    assert funnel.traded.n == sum(n for stage, n in was.items() if stage != "fellThrough")
    found_deals = {"settled": funnel.settled.n, "reversed": funnel.reversed.n, "fellThrough": funnel.fell_through.n}
    assert found_deals == {stage: was.get(stage, 0) for stage in found_deals}


def rows_of(db: apsw.Connection, count: Count) -> int:
    """How many rows the number's own query has."""
    place = urlsplit(count.rows)
    form, find = LISTS[place.path.removeprefix("/api/history/")]
    query = msgspec.convert(dict(parse_qsl(place.query, keep_blank_values=True)), form, strict=False)
    return len(find(db, query, 10_000).records)


def counts_in(figures: Any) -> Iterator[Count]:
    if isinstance(figures, Count):
        yield figures
    elif isinstance(figures, dict):
        for value in figures.values():
            yield from counts_in(value)
    elif isinstance(figures, list):
        for value in figures:
            yield from counts_in(value)
    elif isinstance(figures, msgspec.Struct):
        yield from counts_in({name: getattr(figures, name) for name in figures.__struct_fields__})


def test_each_number_leads_to_as_many_rows_narrowed_or_not(made: Made) -> None:
    whole, _ = made.report(*made.days)
    narrowed = [{}, {"item": whole["items"][0].item}, {"agent": "agent:scripted_agent"}, {"currency": "EUR"}]
    narrowed += [{"operator": one.who} for one in whole["leaders"] if one.who.startswith("operator:")]
    for narrow in narrowed:
        found, _ = made.report(*made.days, **narrow)
        checked = list(counts_in(found))
        assert len(checked) > 20
        for count in checked:
            assert rows_of(made.db, count) == count.n, count.rows


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-30", "2026-11-29"),
        ("2026-02-30", None),
        ("yesterday", None),
        ("1999-01-01", "2026-01-01"),
        ("20261130", None),
    ],
)
def test_days_that_are_none_are_refused_by_name(first: str, last: str | None) -> None:
    query = ReportQuery(first_day=first, last_day=last)

    with pytest.raises(Malformed) as refused:
        span_of(query, Calendar("UTC"), 20_000)

    assert refused.value.field in {"firstDay", "lastDay"}


def test_a_report_without_days_is_of_today() -> None:
    calendar = Calendar("Europe/Berlin")
    day = number_of(date(2026, 10, 25))

    span = span_of(ReportQuery(), calendar, day)

    assert span.until - span.since == 25 * 3_600_000
