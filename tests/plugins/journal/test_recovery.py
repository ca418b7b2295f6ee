"""What is on disk comes back, whole and only once; what cannot come back is said with its place."""

import logging
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import lifts
from kernel.errors import PluginFailed
from kernel.events import KINDS, Envelope
from kernel.lifts import Fields
from kernel.rows import Row
from plugins.journal import snapshots
from plugins.journal.errors import JournalDamaged, JournalTooNew, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.snapshots import read
from tests.histories import fold, histories, history
from tests.plugins.journal.folders import Folder, contents


@pytest.fixture
def disk(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_histories_hold_every_kind_of_event() -> None:
    assert {envelope.kind for envelope in history(Random(1), 8_000)} == set(KINDS)


@settings(deadline=None)
@given(histories(), st.data())
def test_a_history_cut_anywhere_into_snapshot_and_tail_is_the_fold_of_all(
    past: list[Envelope], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(past)), label="events in the snapshot")
    with tempfile.TemporaryDirectory() as folder:
        disk = Folder(Path(folder))
        disk.write(past)
        if cut:
            disk.snapshot(fold(past[:cut]))

        state = disk.recovered()

        assert contents(state) == contents(fold(past))


@settings(deadline=None)
@given(histories())
def test_a_snapshot_read_back_holds_the_very_rows_that_were_written(past: list[Envelope]) -> None:
    state = fold(past)
    with tempfile.TemporaryDirectory() as folder:
        path = Folder(Path(folder)).snapshot(state, 0)

        snapshot = read(path)

    rows: dict[str, list[Row]] = {table.name: [] for table in state.tables}
    for table, some in snapshot.tables:
        rows[table] += some
    assert rows == {table.name: table.rows() for table in state.tables}
    assert (snapshot.header.seq, snapshot.header.ts) == (state.seq, state.ts)


def test_a_broken_snapshot_gives_way_to_the_one_before_and_the_log_says_so(
    disk: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    past = history(Random(2), 300)
    disk.write(past)
    disk.snapshot(fold(past[:100]))
    broken = disk.snapshot(fold(past[:200]))
    flipped = bytearray(broken.read_bytes())
    flipped[len(flipped) // 2] ^= 0x40
    broken.write_bytes(flipped)

    with caplog.at_level(logging.INFO):
        state = disk.recovered()

    assert contents(state) == contents(fold(past))
    assert f"{broken} is not used: it" in caplog.text
    assert "200 events in" in caplog.text, "the events after the older snapshot were not all folded"


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b + b"x"])
def test_without_a_good_snapshot_the_whole_journal_is_folded(
    disk: Folder, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    past = history(Random(3), 200)
    disk.write(past)
    path = disk.snapshot(fold(past[:150]))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

    with caplog.at_level(logging.INFO):
        state = disk.recovered()

    assert contents(state) == contents(fold(past))
    assert "no snapshot can be used" in caplog.text
    with pytest.raises(SnapshotUnfit):
        read(path)


def test_a_snapshot_of_earlier_rows_is_lifted_table_by_table_and_folds_nothing_again(
    disk: Folder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = (history(Random(seed), 500) for seed in range(2, 40))
    past, state = next((past, state) for past in drawn if len((state := fold(past)).replies) and len(state.tasks))
    disk.write(past)
    disk.snapshot(state)
    seen: list[str] = []

    def renamed(row: Fields) -> Fields:
        seen.append(row["id"])
        return {**row, "title": row["title"].upper()}

    monkeypatch.setattr(lifts, "LIFTS", {("replies", 1): renamed})
    for module in (lifts, snapshots):
        monkeypatch.setattr(module, "VERSIONS", {**lifts.VERSIONS, "replies": 2, "tasks": 2})
    with caplog.at_level(logging.INFO):
        later = disk.recovered()

    assert "and 0 events in" in caplog.text
    assert seen == [reply.id for reply in state.replies.values()]
    assert [r.title for r in later.replies.values()] == [r.title.upper() for r in state.replies.values()]
    assert later.tasks.rows() == state.tasks.rows(), "a raised number alone changes nothing"
    assert later.chats.rows() == state.chats.rows()


def test_a_snapshot_of_a_newer_version_keeps_the_system_from_starting(
    disk: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = history(Random(3), 100)
    disk.write(past)
    with monkeypatch.context() as newer:
        newer.setattr(snapshots, "VERSIONS", {**lifts.VERSIONS, "tasks": lifts.VERSIONS["tasks"] + 1})
        disk.snapshot(fold(past))

    with pytest.raises(PluginFailed, match=r"its tasks are of a newer version than this one\. Start that one again"):
        disk.recovered()


def test_a_snapshot_that_does_not_stand_where_it_says_is_not_used(
    disk: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    past = history(Random(4), 120)
    disk.write(past)
    state = fold(past[:60])
    disk.snapshot(state, disk.offset(60) + 1)

    recovered = disk.recovered()

    assert contents(recovered) == contents(fold(past))
    assert "event 60 does not end at byte" in caplog.text


def test_only_the_newest_two_snapshots_are_kept(disk: Folder) -> None:
    past = history(Random(5), 40)
    disk.write(past)
    for seq in (10, 20, 30, 40):
        disk.snapshot(fold(past[:seq]))

    assert [seq for seq, _ in disk.snapshots.found()] == [40, 30]


def test_a_missing_event_stops_the_start_with_its_place(disk: Folder) -> None:
    past = history(Random(6), 50)
    disk.write(past[:20] + past[21:])

    with pytest.raises(JournalDamaged) as damaged:
        disk.recovered()

    message = str(damaged.value)
    assert f"{disk.events}, line 21 (byte {disk.offset(20)}): event 21 belongs here, and this is event 22." in message
    assert f"switchboard journal repair --data {disk.path.parent}" in message
    assert isinstance(damaged.value, PluginFailed)


def test_an_event_that_stands_twice_stops_the_start(disk: Folder) -> None:
    past = history(Random(6), 50)
    disk.write(past[:20] + past[19:])

    with pytest.raises(JournalDamaged, match=r"line 21 .*event 21 belongs here, and this is event 20"):
        disk.recovered()


@pytest.mark.parametrize("snapshot_at", [None, 10])
def test_a_broken_line_in_the_middle_stops_the_start_with_its_place(disk: Folder, snapshot_at: int | None) -> None:
    past = history(Random(7), 50)
    disk.write(past)
    if snapshot_at:
        disk.snapshot(fold(past[:snapshot_at]))
    place = disk.offset(30)
    broken = bytearray(disk.events.read_bytes())
    broken[place + 3] = 0
    disk.events.write_bytes(broken)

    with pytest.raises(JournalDamaged) as damaged:
        disk.recovered()

    assert f"{disk.events}, line 31 (byte {place}): cannot be read: " in str(damaged.value)
    assert disk.events.read_bytes() == broken, "the file was changed"


def test_a_broken_line_before_the_snapshot_does_not_stop_the_start(disk: Folder) -> None:
    past = history(Random(7), 50)
    disk.write(past)
    disk.snapshot(fold(past[:40]))
    broken = bytearray(disk.events.read_bytes())
    broken[disk.offset(30) + 3] = 0
    disk.events.write_bytes(broken)

    assert contents(disk.recovered()) == contents(fold(past))


def test_an_event_of_a_newer_version_is_named_and_stops_the_start(disk: Folder) -> None:
    past = history(Random(8), 10)
    disk.write(past)
    with disk.events.open("ab") as file:
        file.write(b'{"seq":11,"ts":1,"actor":"kernel","cause":null,"kind":"bot.teleported","payload":{"botId":"b"}}\n')

    with pytest.raises(JournalTooNew, match=r"line 11 .*no event 'bot.teleported' in this version"):
        disk.recovered()


def test_an_event_that_the_state_does_not_allow_stops_the_start(disk: Folder) -> None:
    past = history(Random(8), 10)
    disk.write(past)
    with disk.events.open("ab") as file:
        file.write(b'{"seq":11,"ts":1,"actor":"k","cause":null,"kind":"bot.connected","payload":{"botId":"bot_no"}}\n')

    with pytest.raises(JournalDamaged, match=r"line 11 .*bot.connected cannot follow .*there is no bot bot_no"):
        disk.recovered()


def test_a_journal_that_ends_before_its_snapshot_has_lost_events_and_stops_the_start(disk: Folder) -> None:
    past = history(Random(9), 60)
    disk.write(past)
    disk.snapshot(fold(past[:50]))
    disk.write(past[:45])

    with pytest.raises(
        JournalDamaged, match=r"ends with event 45, and yet snapshot-0*50.ndjson.zst stands at event 50"
    ):
        disk.recovered()


def test_fields_that_a_newer_version_added_are_passed_over(disk: Folder) -> None:
    disk.events.write_bytes(
        b'{"seq":1,"ts":5,"actor":"kernel","cause":null,"kind":"contact.paused","payload":{"reason":"x","scope":"all"}}\n'
    )

    assert disk.recovered().contact.paused


@given(st.binary(max_size=300).filter(lambda b: b"\n" not in b), st.integers(0, 5))
@settings(deadline=None)
def test_a_torn_last_line_is_cut_off_and_kept_beside(torn: bytes, whole: int) -> None:
    past = history(Random(10), whole)
    with tempfile.TemporaryDirectory() as folder:
        disk = Folder(Path(folder))
        disk.write(past)
        good = disk.events.read_bytes()
        disk.events.write_bytes(good + torn)
        found = History(disk.events)

        assert contents(disk.recovered()) == contents(fold(past))
        aside = found.cut_torn_end()

        assert disk.events.read_bytes() == good
        assert (aside.read_bytes() if aside else b"") == torn


def test_an_event_is_found_by_the_end_of_its_line_however_long_the_lines_are(disk: Folder) -> None:
    lines = [
        b'{"seq":%d,"ts":5,"actor":"kernel","cause":null,"kind":"contact.paused","payload":{"reason":"%s"}}\n'
        % (seq, b"x" * length)
        for seq, length in enumerate((0, 100_000, 5_000, 0, 4_000), start=1)
    ]
    disk.events.write_bytes(b"".join(lines))
    found = History(disk.events)

    ends = [sum(map(len, lines[:seq])) for seq in range(1, 6)]
    assert [found.seq_before(end) for end in ends] == [1, 2, 3, 4, 5]
    assert [found.seq_before(end - 1) for end in ends] == [None] * 5
    assert found.seq_before(0) is None
    assert found.seq_before(ends[-1] + 1) is None
