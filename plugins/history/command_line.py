"""`switchboard history`: the archive of a data folder, built anew, looked at and searched."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec

from kernel.arguments import path
from kernel.errors import SwitchboardError
from kernel.forgetting import ForgottenPersons
from kernel.hosting.library import find
from kernel.ids import parse_steam_id64
from kernel.machine_clock import SystemClock
from kernel.segments import EventsUnreadable, Segments
from plugins.history import exports, schema, words
from plugins.history.days import span_of
from plugins.history.exports import TABLES
from plugins.history.lock import WANTED, WriterLock
from plugins.history.report_types import ReportQuery
from plugins.history.reports import Reporting
from plugins.history.schema import Unusable
from plugins.history.values import unpack
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar

TELL_EVERY_S: Final = 1.0
FOLDER: Final = "history"
NOT_REACHED: Final = (
    "Not reached: backups and exports made before (remove them, or forget again after a restore), logs, browsers that "
    "are offline, and what Steam keeps."
)
log = logging.getLogger("plugins.history")


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `history`."""
    history = subcommands.add_parser("history", help="the archive of what has been: build it anew, count, search")
    actions = history.add_subparsers(title="actions", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="how far it has got", description="Say how far the archive has got.")
    _add_data(status)
    status.set_defaults(run=lambda options: _run(lambda: _status(options.data)))
    rebuild = actions.add_parser(
        "rebuild",
        help="build it anew from the journal",
        description="Build the archive anew from the journal. A system that runs is asked to do it itself, beside its"
        " work, and answers from the new one while it grows. Nothing else is changed.",
    )
    _add_data(rebuild)
    rebuild.add_argument("--zone", help="the house's time zone, where [history] names one (default: the archive's)")
    rebuild.set_defaults(run=lambda options: _run(lambda: _rebuild(options.data, options.zone)))
    report = actions.add_parser(
        "report",
        help="the figures of some days",
        description="Write one table of the report of these days, both included (days of the archive's time zone), as"
        " CSV or NDJSON; without a table the funnel, and what was agreed, traded, settled and reversed.",
    )
    _add_data(report)
    report.add_argument("--first-day", metavar="DAY", help="2026-11-23 (default: the last one)")
    report.add_argument("--last-day", metavar="DAY", help="2026-11-29 (default: today)")
    report.add_argument("--table", choices=TABLES, help="which table")
    report.add_argument("--format", choices=("csv", "ndjson"), default="csv", help="of the table (default: csv)")
    report.set_defaults(run=lambda options: _run(lambda: _report(options)))
    forget = actions.add_parser(
        "forget",
        help="take a person's words and names out of everything that is kept here",
        description="Take a person's words and names out of the journal, its snapshots and the archive, for good. Who"
        " they were stays as a keyed hash, so that nobody contacts them again. The system must not run; while it does,"
        " an admin gives the command ForgetPlayer.",
    )
    forget.add_argument("player", metavar="STEAMID", help="17 digits, such as 76561198000000001")
    _add_data(forget)
    forget.add_argument("--yes", action="store_true", help="do it")
    forget.set_defaults(run=lambda options: _run(lambda: _forget(options.data, options.player, really=options.yes)))
    search = actions.add_parser(
        "search",
        help="find lines by their words",
        description="Find the latest lines that have all of these words, also while the system runs. The last word may"
        " be the beginning of one.",
    )
    _add_data(search)
    search.add_argument("--limit", type=int, default=20, help="how many at most (default: 20)")
    search.add_argument("words", nargs="+", metavar="WORD")
    search.set_defaults(run=lambda options: _run(lambda: _search(options.data, " ".join(options.words), options.limit)))


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")


def _run(action: Callable[[], str]) -> int:
    try:
        said = action()
    except (apsw.Error, SwitchboardError, EventsUnreadable, OSError, Unusable, ValueError) as error:
        sys.stderr.write(f"switchboard history: {error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _archive(data: Path) -> Path:
    """Raises OSError."""
    file = data / FOLDER / schema.FILE
    if not file.exists():
        raise FileNotFoundError(f"{file} is not there: the system makes it, or `switchboard history rebuild`")
    return file


def archived_in(data: Path) -> int | None:
    """The last event that the archive has, brought to disk for good before it is said. Raises OSError."""
    file = data / FOLDER / schema.FILE
    if not file.exists():
        return None
    try:
        db = schema.opened_to_read(file)
        try:
            db.execute("pragma query_only = off")
            db.execute("pragma synchronous = full")
            db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            seq: int = db.execute("select seq from cursor").get
        finally:
            db.close()
    except (apsw.Error, Unusable) as error:
        raise OSError(f"{file}: nobody can say how far the archive has got: {error}") from error
    return seq


def _status(data: Path) -> str:
    file = _archive(data)
    db = schema.opened_to_read(file)
    seq, ts, zone = db.execute("select seq, ts, zone from cursor").get
    counts = {table: db.execute(f"select count(*) from {table}").get for table in ("tasks", "chats", "messages")}  # noqa: S608
    db.close()
    told = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    return f"{file}: up to event {seq:,} of {_time(ts)}; {told}; {schema.size_of(file) / 1e6:,.1f} MB; days of {zone}."


def _rebuild(data: Path, zone: str | None) -> str:
    folder = data / FOLDER
    if not (data / "journal").is_dir():
        raise FileNotFoundError(f"{data} holds no journal")
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = WriterLock(folder)
    if not lock.take():
        (folder / WANTED).touch(mode=0o600)
        return "The system that runs builds it anew; `switchboard history status` says how far it has got."
    try:
        (folder / WANTED).unlink(missing_ok=True)
        file = folder / schema.FILE
        return _built(data, file, Calendar(zone or _zone_of(file)))
    finally:
        lock.release()


def _built(data: Path, file: Path, calendar: Calendar) -> str:
    segments = Segments(data / "journal")
    writer = ArchiveWriter(file.parent, calendar, segments.lines, log)
    began = told = time.monotonic()

    def tell() -> bool:
        nonlocal told
        if sys.stderr.isatty() and time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            sys.stderr.write(f"\rup to event {writer.cursor:,} ")
            sys.stderr.flush()
        return True

    if file.exists():
        schema.put_aside(file)
    writer.open()
    events = writer.catch_up(tell)
    writer.checkpoint()
    writer.close()
    spent = time.monotonic() - began
    return f"{file}: {events:,} events in {spent:,.1f} s, {schema.size_of(file) / 1e6:,.1f} MB."


def _zone_of(file: Path) -> str:
    """The time zone of the archive that is there."""
    try:
        db = schema.opened_to_read(file)
    except (apsw.Error, Unusable):
        return "UTC"
    zone: str = db.execute("select zone from cursor").get
    db.close()
    return zone


def _search(data: Path, text: str, limit: int) -> str:
    db = schema.opened_to_read(_archive(data))
    sql = (
        "select messages.ts, chats.id, names.name, messages.text "
        "from words join messages on messages.seq = words.rowid join chats on chats.no = messages.chat "
        "join names on names.no = messages.author "
        "where words match ? order by words.rowid desc limit ?"
    )
    rows = list(db.execute(sql, (words.query(text), max(1, limit))))
    db.close()
    lines = [f"{_time(ts)}  {unpack('chat', chat)}  {author}: {said!r}" for ts, chat, author, said in rows]
    return "\n".join(lines) if lines else "No line has all of these words."


def _forget(data: Path, text: str, *, really: bool) -> str:
    player = parse_steam_id64(text)
    if not (data / "journal").is_dir():
        raise FileNotFoundError(f"{data} holds no journal")
    if not really:
        return f"The words and names of {player} would be taken out of {data}. {NOT_REACHED} Add --yes to do it."
    plugins = sorted(find().plugins.items(), key=lambda one: one[0] != "journal")  # first, what others are made of
    classes = [plugin for _, plugin in plugins]
    for plugin in classes:
        if (expect_idle := getattr(plugin, "expect_idle", None)) is not None:
            expect_idle(data)
    keeper: Any = next(plugin for plugin in classes if hasattr(plugin, "begin_forgetting_in"))
    pseudonym = keeper.begin_forgetting_in(data, player)
    said: list[str] = []
    for plugin in classes:
        forget_in = getattr(plugin, "forget_in", None)
        said += forget_in(data, {player: pseudonym}) if forget_in is not None else []
    keeper.forgotten_in(data, pseudonym)
    return "\n".join((*said, f"They are known as {pseudonym} from now on, and left alone.", NOT_REACHED))


def forget_in(data: Path, persons: ForgottenPersons) -> list[str]:
    """Take these persons out of an archive that nobody writes to. Raises OSError."""
    folder = data / FOLDER
    file = folder / schema.FILE
    if not file.exists():
        return []
    lock = WriterLock(folder)
    if not lock.take():
        raise OSError(f"{folder}: another process writes the archive")
    try:
        writer = ArchiveWriter(folder, Calendar(_zone_of(file)), Segments(data / "journal").lines, log)
        writer.open()
        writer.forget(persons)
        writer.checkpoint()
        writer.close()
    except apsw.Error as error:
        raise OSError(f"{file}: {error}; `switchboard history rebuild` builds it anew, without them") from error
    finally:
        lock.release()
    return [f"{file}: has them no more."]


def _report(options: argparse.Namespace) -> str:
    db = schema.opened_to_read(_archive(options.data))
    try:
        upto, as_of, zone = db.execute("select seq, ts, zone from cursor").get
        calendar = Calendar(zone)
        query = ReportQuery(first_day=options.first_day, last_day=options.last_day)
        span = span_of(query, calendar, calendar.day(SystemClock().now()))
        report = Reporting(db, query, span, calendar).report(up_to=upto, as_of=as_of)
    finally:
        db.close()
    if options.table is not None:
        return exports.table(report, options.table, options.format).body.decode().rstrip("\n")
    funnel = ", ".join(f"{name} {count.n}" for name, count in msgspec.structs.asdict(report.funnel).items())
    said = [f"{report.first_day} to {report.last_day} ({zone}), up to event {upto:,} of {_time(as_of)}."]
    said.append(f"Of the tasks created then: {funnel.replace('fell_through', 'fell through')}.")
    for one in report.sums:
        stages = (("traded", one.traded_sum), ("settled", one.settled_sum), ("reversed", one.reversed_sum))
        told = ", ".join(f"{name} {total}" for name, total in (*stages, ("fell through", one.fell_through_sum)))
        said.append(f"Agreed then, in {one.currency}: {one.sum} in {one.agreed.n} deals; of these {told}.")
    for cause in report.causes:
        told = f"{cause.resolved.n} agreed, {cause.traded.n} traded, {cause.reversed.n} reversed"
        said.append(f"Caused by {cause.caused_by}: {cause.ended.n} of the {report.ended.n} that ended then; {told}.")
    return "\n".join(said)


def _time(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / 1_000, UTC):%Y-%m-%d %H:%M:%S} UTC" if ts else "none"
