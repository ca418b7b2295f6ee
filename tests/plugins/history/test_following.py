"""The archive is a projection of the journal: whatever it is stopped by, it comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random

import apsw
import pytest

from kernel.codec import encode
from kernel.events import KINDS, Envelope, SystemStarted
from kernel.hookspecs import Health
from kernel.ids import new_task_id
from kernel.segments import EventsUnreadable
from kernel.testing import World
from plugins.history import History, schema
from plugins.history.config import HistoryConfig
from plugins.history.lock import WriterLock
from plugins.history.values import bucket, bucket_end, pack, price, price_text, unpack
from plugins.history.wire import FACTS
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar, number_of
from plugins.journal import Journal
from tests.histories import history
from tests.plugins.history.archives import LOG, Lines, archived, content, integrity, rows, writer


@cache
def drawn() -> list[Envelope]:
    """The same history for all tests, made when one of them needs it and not by whoever only collects."""
    return history(Random(11), 2_500)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of that history, made at one go."""
    return archived(tmp_path_factory.mktemp("whole"), drawn(), batch_events=1_000_000)


def test_words_and_lines_agree_and_every_line_of_the_journal_is_there(whole: Path) -> None:
    said = {
        e.seq: e.payload.message.text
        for e in drawn()
        if e.kind.startswith("chat.message") and hasattr(e.payload, "message")
    }

    assert len(said) > 50
    assert dict(rows(whole, "select seq, text from messages")) == said
    integrity(whole)


def test_small_batches_and_restarts_anywhere_come_to_the_same(tmp_path: Path, whole: Path) -> None:
    journal, random = Lines(), Random(5)
    lines = Lines(drawn()).lines
    while len(journal.lines) < len(lines):
        journal.lines = lines[: len(journal.lines) + random.randrange(1, 260)]
        journal.piece = random.choice((1, 9, 50))
        one = writer(tmp_path, journal, batch_events=random.choice((1, 40, 5_000)))
        assert not one.building or one.cursor == 0
        one.catch_up(lambda: random.random() > 0.1)
        one.catch_up()
        one.close()

    assert content(tmp_path / schema.FILE) == content(whole)
    integrity(tmp_path / schema.FILE)


def test_a_batch_that_fails_has_not_happened_and_is_made_again(tmp_path: Path, whole: Path) -> None:
    journal = Lines(drawn())
    one = writer(tmp_path, journal)
    good, journal.lines = journal.lines, [*journal.lines[:700], b"{no event\n", *journal.lines[701:]]

    with pytest.raises(Exception, match="JSON"):
        one.catch_up()
    assert one.cursor == 504  # the batch before
    journal.lines = good
    one.catch_up()
    one.close()

    assert content(one.path) == content(whole)


def test_kinds_and_forms_that_are_not_known_are_passed_over(tmp_path: Path) -> None:
    strange = [
        b'{"seq":1,"ts":5,"actor":"x","cause":null,"kind":"task.pawned","payload":{"taskId":"task_1","offer":["a"]}}\n',
        b'{"seq":2,"ts":5,"actor":"x","cause":null,"kind":"flood_alarm.raised","payload":{"lines":6},"v":3}\n',
        b'{"seq":3,"ts":5,"actor":"x","cause":null,"kind":"task.created","payload":{"taskId":7}}\n',
        b'{"seq":4,"ts":5,"actor":"x","cause":null,"kind":"bot.added","payload":{"botId":"bot_1","steamId64":"me"}}\n',
    ]
    journal = Lines()
    journal.lines = [*strange, encode(Envelope.of(5, 6, "kernel", None, SystemStarted(version="9"))) + b"\n"]  # type: ignore[arg-type]

    one = writer(tmp_path, journal)
    one.catch_up()

    assert (one.cursor, one.cursor_ts, one.passed_over) == (5, 6, 2)


def test_every_kind_that_is_kept_is_one_of_the_kernels() -> None:
    assert FACTS.keys() <= KINDS.keys()


def test_an_event_in_an_earlier_form_is_read_in_todays(tmp_path: Path) -> None:
    head = b'"ts":5,"actor":"operator:anna","cause":null,"kind":"chat.'
    journal = Lines()
    journal.lines = [
        b'{"seq":1,' + head + b'started","payload":{"chatId":"chat_1","botId":"bot_1","playerSteamId64":"765"}}\n',
        b'{"seq":2,'
        + head
        + b'agentToggled","payload":{"chatId":"chat_1","enabled":false,"epoch":2,"reason":"agentSilent"}}\n',
    ]

    one = writer(tmp_path, journal)
    one.catch_up()
    one.close()

    assert rows(one.path, "select name from handovers join names on no = why") == [("agentSilent",)]


@pytest.mark.parametrize("fault", ["version", "garbage", "zone", "ahead", "another journal", "torn"])
def test_a_file_that_does_not_fit_is_put_aside_and_built_anew(fault: str, tmp_path: Path, whole: Path) -> None:
    path = archived(tmp_path, drawn())
    before = path.stat().st_ino
    journal, zone = Lines(drawn()), "UTC"
    if fault == "version":
        db = apsw.Connection(str(path))
        db.execute("pragma user_version = 99")
        db.close()
    elif fault == "garbage":
        path.write_bytes(b"no database at all " * 1_000)
    elif fault == "torn":
        path.write_bytes(path.read_bytes()[:20_000])
    elif fault == "zone":
        zone = "Asia/Kathmandu"
    elif fault == "ahead":
        journal.lines = journal.lines[:2_000]
    else:
        journal.lines[-1] = journal.lines[-1].replace(b'"ts":1', b'"ts":2', 1)

    one = ArchiveWriter(tmp_path, Calendar(zone), journal.after, LOG)
    try:
        one.open()
        assert one.building or fault == "torn"
        one.catch_up()
    except apsw.CorruptError as error:  # found while it is written: the thread does the same
        one.begin_anew(str(error))
        one.catch_up()

    assert (one.cursor, one.building) == (len(journal.lines), False)
    assert path.stat().st_ino != before
    assert not (tmp_path / schema.ASIDE).exists(), "what was put aside is dropped once its successor is whole"
    one.close()
    if fault in {"version", "garbage", "torn"}:
        assert content(path) == content(whole)


def test_an_archive_of_the_version_before_is_built_anew_or_kept_where_the_journal_was_pruned(
    tmp_path: Path, whole: Path
) -> None:
    journal = Lines(drawn())

    def pruned(after: int) -> Iterator[bytes]:
        if after < 100:
            raise EventsUnreadable("pruned")
        return journal.after(after)

    for source, keeps in ((journal.after, False), (pruned, True)):
        folder = tmp_path / str(keeps)
        folder.mkdir()
        path = archived(folder, drawn())
        as_version_2(path)
        one = ArchiveWriter(folder, Calendar("UTC"), source, LOG)
        one.open()
        assert one.building is not keeps
        one.catch_up()
        one.close()
        found, expected = content(path), content(whole)
        if keeps:
            found["tasks"] = [task[:27] for task in found["tasks"]]
            expected["tasks"] = [task[:27] for task in expected["tasks"]]
        assert (found["tasks"], found["messages"]) == (expected["tasks"], expected["messages"])
        assert rows(path, "select * from pragma_table_info('tasks')") == rows(
            whole, "select * from pragma_table_info('tasks')"
        )
        made = "select name from sqlite_schema where type = 'index' order by name"
        assert rows(path, made) == rows(whole, made)


def as_version_2(path: Path) -> None:
    """As the version before left it."""
    db = apsw.Connection(str(path))
    for stage in ("traded", "settled", "reversed", "fell"):
        db.execute(f"drop index tasks_{stage}")
    for table, columns in schema.LIFTED.items():
        for column in columns:
            db.execute(f"alter table {table} drop column {column.split()[0]}")
    db.execute("pragma user_version = 2")
    db.close()


async def test_it_follows_a_running_system_and_says_what_is_on_disk_for_good(tmp_path: Path) -> None:
    async with World(Journal, History, data=tmp_path) as world:
        plugin = world.plugin(History)
        bot_id = world.add_bot()
        await plugin.caught_up()

        status = plugin.status()
        assert (status.up_to, status.behind, status.trouble) == (world.state.seq, 0, None)
        assert rows(plugin.follower.writer.path, "select id from bots") == [(pack("bot", bot_id),)]
        assert plugin.health() == Health("history", ok=True, detail="0 events behind")
        assert {m.name for m in plugin.measures()} >= {"history_cursor_seq", "history_batch_seconds"}
        reached = status.up_to
    assert world.ctx.hooks.archived_upto() is None
    assert oct((tmp_path / "history" / schema.FILE).stat().st_mode & 0o777) == "0o600"

    async with World(Journal, History, data=tmp_path) as world:
        await world.plugin(History).caught_up()
        durable = world.plugin(History).archived_upto()
        assert durable is None or durable >= reached


async def test_another_writer_of_the_same_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    lock = WriterLock(tmp_path / "history")
    assert lock.take()

    async with World(Journal, History, data=tmp_path) as world:
        assert world.state.plugins["history"].status == "quarantined"
    lock.release()


def test_ids_and_prices_come_back_as_they_were() -> None:
    for one in (
        new_task_id(),
        "task_00000000000000000000000001",
        "task_1",
        "sixteen_letters_",
        "x",
        "task_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "task_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "task_0ABCDEFGHJKMNPQRSTVWXYZABC",
        "task_0éééééééééééééééééééééééééé"[:31],
        "task_zzzzzzzzzzzzzzzzzzzzzzzzzz",
    ):
        assert unpack("task", pack("task", one)) == one
    for text in ("0", "0.01", "10.00", "12.5", "999999999.99999999", "1E+3"):
        assert float(price_text(price(text))) == float(text)
    assert [price_text(n) for n in (1_250_000_000, -5, 0)] == ["12.50", "-0.00000005", "0.00"]


def test_a_bucket_holds_what_is_at_most_a_fifth_shorter_than_its_end() -> None:
    for span in [*range(3_000), *(3**n for n in range(8, 25))]:
        end = bucket_end(bucket(span))
        assert span <= end <= max(span * 1.19, span + 1)


def test_a_day_begins_at_midnight_in_the_house_whatever_the_clock_does_there() -> None:
    berlin = Calendar("Europe/Berlin")
    spring, autumn = number_of(date(2026, 3, 29)), number_of(date(2026, 10, 25))

    assert [berlin.begins(day + 1) - berlin.begins(day) for day in (spring, autumn)] == [23 * 3_600_000, 25 * 3_600_000]
    assert datetime.fromtimestamp(berlin.begins(spring) / 1_000, UTC).isoformat() == "2026-03-28T23:00:00+00:00"
    for day in (spring, autumn, number_of(date(2026, 1, 1))):
        assert (berlin.day(berlin.begins(day)), berlin.day(berlin.begins(day) - 1)) == (day, day - 1)


@pytest.mark.parametrize(
    "table",
    [{"zone": "Mars/Olympus"}, {"readers": 0}, {"batch_seconds": 0.0}, {"query_seconds": 99.0}, {"export_rows": 0}],
)
def test_a_setting_out_of_its_bounds_is_refused_by_name(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(table))):
        HistoryConfig(**table)  # type: ignore[arg-type]


def test_a_prune_of_the_journal_is_told_how_far_the_archive_of_a_stopped_system_has_got(tmp_path: Path) -> None:
    assert History.archived_in(tmp_path) is None
    (tmp_path / "history").mkdir()
    archived(tmp_path / "history", drawn()[:200])

    assert History.archived_in(tmp_path) == drawn()[199].seq
    (tmp_path / "history" / schema.FILE).write_bytes(b"no archive")
    with pytest.raises(OSError, match="nobody can say how far the archive has got"):
        History.archived_in(tmp_path)
