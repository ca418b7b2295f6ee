"""The archive: what a deal takes on disk, how fast it is built anew, and what questions take while it is written.

`python -m tests.bench.history [DEALS | FOLDER]`: how many deals (20,000 unless said), or a data folder whose journal
`tests.bench.growth` has made.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any, Final

import apsw
import msgspec

from kernel.codec import encode
from kernel.segments import Segments
from kernel.testing import NOON
from plugins.history import queries, schema, timeline
from plugins.history.days import span_of
from plugins.history.questions import LineQuery, TaskQuery
from plugins.history.readers import Readers
from plugins.history.report_types import ReportQuery
from plugins.history.reports import Reporting
from plugins.history.values import unpack
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar, date_of
from tests.bench.figures import Figure, Target, held, report
from tests.bench.growth import Growth, write

DEALS: Final = 20_000
ASKED: Final = 300
"""Times that each question is asked."""
REPORTS: Final = 40
RATE: Final = 500
"""Events a second that come meanwhile."""
BATCH_S: Final = 0.5
SIZE_MOST: Final = 1_800.0
REBUILD_MOST: Final = 14.0
"""Times the floor: a decode of each line's envelope by msgspec alone, in the same run."""
SOON_MS: Final = 20.0
WEEK_MS: Final = 150.0
COMMON: Final = ("offer", "привет", "price")
BEGINNINGS: Final = ("off", "при", "kni")
Question = Callable[[apsw.Connection], Any]
LOG: Final = logging.getLogger("bench")


class _Envelope(msgspec.Struct, gc=False):
    """What the floor decodes: the envelope, typed, and the payload as dicts."""

    seq: int
    ts: int
    actor: str
    kind: str
    payload: dict[str, Any]


def floor(journal: Segments) -> float:
    """Seconds to read and decode every line."""
    decoder = msgspec.json.Decoder(_Envelope)
    began = perf_counter()
    for chunk in journal.lines():
        decoder.decode_lines(chunk)
    return perf_counter() - began


class Coming:
    """Events behind those of the journal, that go on coming while questions are asked; and a thread that takes them."""

    def __init__(self, writer: ArchiveWriter, journal: Segments) -> None:
        self.batches: list[float] = []
        self._writer = writer
        self._journal = journal
        self._lines: list[bytes] = []
        self._stopped = threading.Event()
        self._first = writer.cursor
        self._thread = threading.Thread(target=self._run, daemon=True)

    def after(self, seq: int) -> Iterator[bytes]:
        if seq < self._first:
            yield from self._journal.lines(seq)
        yield from self._lines[max(0, seq - self._first) :]

    def __enter__(self) -> Coming:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        """Another system's deals, numbered behind ours."""
        source = Growth(seed=99).events(10_000)
        while not self._stopped.is_set():
            for _ in range(round(RATE * BATCH_S)):
                envelope = next(source)
                envelope = msgspec.structs.replace(envelope, seq=self._first + len(self._lines) + 1)
                self._lines.append(encode(envelope) + b"\n")
            began = perf_counter()
            self._writer.catch_up()
            self.batches.append((perf_counter() - began) * 1_000)
            sleep(BATCH_S)


async def asked(readers: Readers, times: int, question: Callable[[], Question]) -> list[float]:
    """Milliseconds of each."""
    costs = []
    for _ in range(times):
        query = question()
        began = perf_counter()
        await readers.ask(query)
        costs.append((perf_counter() - began) * 1_000)
    return costs


def percentile(costs: list[float], of: int) -> float:
    return quantiles(costs, n=100, method="inclusive")[of - 1]


async def questions(path: Path, calendar: Calendar, days: tuple[int, int]) -> dict[str, list[float]]:
    """What each kind takes."""
    readers, random = Readers(path, 2, 30.0, lambda: 1), Random(3)
    db = schema.opened_to_read(path)
    players = [player for (player,) in db.execute("select player from tasks order by random() limit 200")]
    chats = [chat for (chat,) in db.execute("select id from chats order by random() limit 200")]
    db.close()
    first, last = days

    def figures(length: int) -> Callable[[], Question]:
        def make() -> Question:
            begin = random.randint(first, max(first, last - length + 1))
            query = ReportQuery(first_day=str(date_of(begin)), last_day=str(date_of(begin + length - 1)))
            span = span_of(query, calendar, last)
            return lambda db: Reporting(db, query, span, calendar).figures()

        return make

    found = {
        "search, a rare word": await asked(readers, ASKED, lambda: search(f"{random.randrange(100_000)}")),
        "search, a common word": await asked(readers, ASKED, lambda: search(random.choice(COMMON))),
        "search, a phrase": await asked(readers, ASKED, lambda: search('"ak-47 | redline"')),
        "search, three letters": await asked(readers, ASKED, lambda: search(random.choice(BEGINNINGS))),
        "a player's timeline": await asked(readers, ASKED, lambda: of_player(random.choice(players))),
        "a chat": await asked(readers, ASKED, lambda: opened(random.choice(chats))),
        "tasks of an item": await asked(readers, ASKED, lambda: of_item("redline")),
        "a week's report": await asked(readers, REPORTS, figures(7)),
        "the report of all days": await asked(readers, 5, figures(last - first + 1)),
    }
    await readers.close()
    return found


def search(words: str) -> Question:
    query = LineQuery(words=words)
    return lambda db: queries.lines(db, query, 50)


def of_player(player: int) -> Question:
    return lambda db: timeline.timeline(db, player, None, 200)


def opened(packed: bytes) -> Question:
    return lambda db: timeline.chat(db, unpack("chat", packed), None, 200)


def of_item(part: str) -> Question:
    query = TaskQuery(item_like=part)
    return lambda db: queries.tasks(db, query, 50)


def main(arguments: list[str] | None = None) -> list[str]:
    """Returns the targets that were missed."""
    given = arguments or [str(DEALS)]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given[0]) if not given[0].isdecimal() else Path(made)
        if given[0].isdecimal():
            write(folder, int(given[0]))
        return measured(folder, Path(made) / "history")


def measured(data: Path, folder: Path) -> list[str]:
    folder.mkdir()
    journal, calendar = Segments(data / "journal"), Calendar("Europe/Berlin")
    least = min(floor(journal) for _ in range(3))
    writer = ArchiveWriter(folder, calendar, journal.lines, LOG)
    writer.open()
    began = perf_counter()
    events = writer.catch_up()
    built = perf_counter() - began
    writer.checkpoint()
    db = schema.opened_to_read(writer.path)
    deals, lines = db.execute("select (select count(*) from tasks), (select count(*) from messages)").get
    size = db.execute("select page_count * page_size from pragma_page_count(), pragma_page_size()").get
    days = calendar.day(NOON), calendar.day(writer.cursor_ts)
    db.close()
    coming = Coming(writer, journal)
    writer._events = coming.after
    with coming:
        costs = asyncio.run(questions(writer.path, calendar, days))
    writer.close()
    title = f"the archive of {deals:,} deals, {lines:,} lines, {events:,} events, {days[1] - days[0] + 1} days"
    report(
        title,
        [
            Figure("built anew", [events / built], "events/s"),
            Figure("the same", [deals / built], "deals/s"),
            Figure("on disk", [size / deals], "bytes/deal"),
            Figure("the floor: a decode by msgspec", [events / least], "events/s"),
        ],
    )
    report(
        f"questions while {RATE} events/s come (p50; p99 beside)",
        [
            Figure(f"{name}, p99 {percentile(found, 99):,.2f} ms", [percentile(found, 50)], "ms")
            for name, found in costs.items()
        ]
        + [Figure("writing half a second's events", [percentile(coming.batches, 50)], "ms")],
    )
    soon = [name for name in costs if name.startswith(("search", "a player", "a chat"))]
    return held(
        [
            Target("bytes a deal on disk", size / deals, SIZE_MOST),
            Target("times the floor to build it anew", built / least, REBUILD_MOST),
            *(Target(f"ms p99 of {name}", percentile(costs[name], 99), SOON_MS) for name in soon),
            Target("ms p99 of a week's report", percentile(costs["a week's report"], 99), WEEK_MS),
        ]
    )


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
