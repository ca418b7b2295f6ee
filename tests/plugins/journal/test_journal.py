"""The journal in a running system: what it is told by, asked about, and given back."""

import asyncio
import errno
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Event
from typing import ClassVar, Final

import pytest

from kernel.commands import CreateTask
from kernel.errors import CommitFailed, PluginFailed, Unconfirmed
from kernel.events import ErrorLogged, PluginStarted, TaskCreated
from kernel.ids import CommandId, TaskId, new_task_id
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import ManualClock, World
from plugins.journal import Journal
from plugins.journal.appender import Appender
from plugins.journal.snapshots import read
from tests.histories import history
from tests.plugins.journal.folders import Folder, contents

DEADLINE_S: Final = 20
MINUTES_5: Final = 5 * 60_000


class Desk(Plugin[PluginConfig]):
    """Takes tasks on."""

    async def start(self) -> None:
        self.ctx.handle(CreateTask, self.create)

    def create(self, command: CreateTask) -> TaskId:
        task_id = new_task_id()
        self.ctx.publish(
            TaskCreated(
                task_id=task_id,
                player=command.player,
                item=command.item,
                price_min=command.price_min,
                price_max=command.price_max,
                currency=command.currency,
            )
        )
        return task_id


def a_task(world: World) -> CreateTask:
    """A command that the desk takes."""
    low, high = Decimal("10.00"), Decimal("12.50")
    return CreateTask(player=world.player(), item="AK-47", price_min=low, price_max=high, currency="USD")


async def until(condition: Callable[[], object]) -> None:
    """Return when a thread has brought it about."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


def live(world: World, seed: int, length: int) -> None:
    """Have that much happen in the world."""
    for envelope in history(Random(seed), length):
        world.ctx.publish(envelope.payload, actor=envelope.actor)


def folder(world: World) -> Folder:
    return Folder(world.data / "journal")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(Journal, Desk) as world:
        yield world


async def test_a_world_that_stops_and_starts_again_is_the_same(tmp_path: Path) -> None:
    async with World(Journal, Desk, data=tmp_path) as world:
        live(world, 1, 400)
    before = contents(world.state)

    async with World(Journal, Desk, data=tmp_path) as again:
        began = [e.seq for e in again.events]

    assert contents(await Folder(tmp_path / "journal").recover()) == contents(again.state)
    assert began[0] == before["seq"] + 1  # type: ignore[operator]
    assert [e.kind for e in again.events if e.kind in {"plugin.started", "system.started"}] == [
        "plugin.started",
        "plugin.started",
        "system.started",
    ]
    rows = {name: value for name, value in contents(again.state).items() if name not in {"seq", "ts", "plugins"}}
    assert rows == {name: before[name] for name in rows}


async def test_after_a_crash_everything_that_was_answered_ok_is_there(world: World, tmp_path: Path) -> None:
    tasks = [await world.create_task() for _ in range(5)]

    state = await folder(world).recover()  # as a start would find it now

    assert [task in state.tasks for task in tasks] == [True] * 5
    assert contents(state)["tasks"] == contents(world.state)["tasks"]


async def test_the_lines_of_the_file_are_the_envelopes_of_the_stream(world: World) -> None:
    lines: list[bytes] = []
    world.ctx.tap(lambda _, line: lines.append(line))
    live(world, 2, 100)
    await world.ctx.committed()

    assert folder(world).events.read_bytes().split(b"\n")[-101:-1] == lines
    assert list(json.loads(lines[0])) == ["seq", "ts", "actor", "cause", "kind", "payload"]


async def test_a_clean_stop_leaves_a_snapshot_of_the_last_event(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with World(Journal, data=tmp_path) as world:
        live(world, 3, 100)

    seq, path = Folder(tmp_path / "journal").snapshots.found()[0]
    assert seq == world.state.seq == read(path).header.seq
    with caplog.at_level(logging.INFO):
        await Folder(tmp_path / "journal").recover()
    assert "and 0 events in" in caplog.text


async def test_a_snapshot_is_taken_after_so_many_events() -> None:
    async with World(Journal, config={"journal": {"snapshot_events": 50}}) as world:
        journal = world.plugin(Journal)
        live(world, 4, 49 - world.state.seq)
        await world.ctx.committed()
        assert journal.stats.snapshots == 0

        live(world, 5, 1)
        await until(lambda: journal.stats.snapshots == 1)

        assert journal.stats.snapshot_seq == 50
        assert contents(await folder(world).recover()) == contents(world.state)


async def test_a_snapshot_is_taken_after_five_minutes_in_which_something_happened(world: World) -> None:
    journal = world.plugin(Journal)
    await world.clock.advance(MINUTES_5)
    await until(lambda: journal.stats.snapshots == 1)

    await world.clock.advance(3 * MINUTES_5)
    await world.create_task()
    assert journal.stats.snapshots == 1, "nothing had happened"

    await world.clock.advance(MINUTES_5)
    await until(lambda: journal.stats.snapshots == 2)
    assert journal.stats.snapshot_seq == world.state.seq


async def test_a_snapshot_that_cannot_be_written_is_said_and_harms_nothing(world: World) -> None:
    journal = world.plugin(Journal)
    (folder(world).path / f"snapshot-{world.state.seq:015}.ndjson.zst.tmp").mkdir()

    await world.clock.advance(MINUTES_5)
    await until(lambda: world.happened(ErrorLogged))

    [said] = world.happened(ErrorLogged)
    assert (said.source, said.message) == ("journal", "snapshot")
    await world.create_task()
    assert journal.stats.snapshots == 0
    assert contents(await folder(world).recover()) == contents(world.state)


async def test_what_a_crash_left_of_a_snapshot_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / "journal" / "snapshot-000000000000007.ndjson.zst.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")

    async with World(Journal, data=tmp_path):
        assert not left.exists()


async def test_a_line_torn_by_a_crash_is_cut_kept_and_mentioned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with World(Journal, data=tmp_path) as world:
        live(world, 6, 20)
    events = Folder(tmp_path / "journal").events
    whole = events.read_bytes()
    events.write_bytes(whole + b'{"seq":99,"ts":17')

    async with World(Journal, data=tmp_path) as again:
        await again.ctx.committed()
        [aside] = events.parent.glob("torn-*.bin")

    assert f"17 bytes were moved to {aside}" in caplog.text
    assert aside.read_bytes() == b'{"seq":99,"ts":17'
    assert events.read_bytes().startswith(whole + b'{"seq":%d,' % (world.state.seq + 1))


async def test_a_second_system_on_the_same_folder_is_refused_and_the_first_goes_on(world: World) -> None:
    with pytest.raises(PluginFailed, match=rf"is in use by another Switchboard \(process {os.getpid()}\)"):
        async with World(Journal, data=world.data):
            pass

    await world.create_task()
    assert contents(await folder(world).recover()) == contents(world.state)


async def test_the_folder_is_free_again_after_a_stop_and_after_a_failed_start(tmp_path: Path) -> None:
    events = tmp_path / "journal" / "events.ndjson"
    async with World(Journal, data=tmp_path):
        pass
    good = events.read_bytes()
    events.write_bytes(good[:-1])
    with pytest.raises(PluginFailed, match="1 event is gone"):
        async with World(Journal, data=tmp_path):
            pass
    assert events.read_bytes() == good[:-1], "a refused start changed the file"

    events.write_bytes(good)
    async with World(Journal, data=tmp_path) as world:
        await world.ctx.committed()


async def test_a_folder_that_cannot_be_written_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "journal" / "events.ndjson").mkdir(parents=True)

    with pytest.raises(PluginFailed, match=r"events.ndjson: Is a directory"):
        async with World(Journal, data=tmp_path):
            pass


async def test_after_the_stop_nothing_can_be_made_durable(tmp_path: Path) -> None:
    async with World(Journal, data=tmp_path) as world:
        pass

    world.ctx.publish(PluginStarted(name="late"))
    with pytest.raises(CommitFailed, match="the journal has stopped"):
        await world.ctx.committed()


async def test_health_says_that_the_journal_keeps_up(world: World) -> None:
    await world.create_task()

    [health] = [health for health in world.ctx.hooks.health() if health.name == "journal"]

    assert (health.ok, health.detail) == (True, "0 events wait for the disk")


async def test_statistics_count_what_came_to_disk(world: World) -> None:
    await world.create_task()
    stats = world.plugin(Journal).stats

    assert stats.events == world.state.seq
    assert stats.bytes == folder(world).events.stat().st_size
    assert 0 < stats.commits <= stats.commit.count <= stats.events
    assert stats.commit.sum > 0
    told = {measure.name: measure.samples[()] for measure in world.ctx.hooks.measures()}
    assert told["journal_size_bytes"] == told["journal_written_bytes"] == stats.bytes
    assert told["journal_commit_seconds"] is stats.commit
    assert told["journal_unfolded_events"] == world.state.seq - stats.snapshot_seq


class FullDisk(Appender):
    """A file on a disk that is full whenever a test says so."""

    full: ClassVar[bool] = False

    def __init__(self, path: Path, end: int) -> None:
        super().__init__(path, end, write=self._write_if_there_is_room)

    def _write_if_there_is_room(self, descriptor: int, data: memoryview) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, data)


class JournalOnAFullDisk(Journal):
    appender = FullDisk


async def test_while_the_disk_is_full_commands_are_refused_and_then_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with World(JournalOnAFullDisk, Desk) as world:
        await world.create_task()
        monkeypatch.setattr(FullDisk, "full", True)
        with pytest.raises(Unconfirmed, match="No space left on device"):
            await world.create_task()  # caught in the middle
        await until(lambda: world.happened(ErrorLogged))
        health = world.ctx.hooks.health()[0]
        refused = await world.refusal(a_task(world))
        await world.clock.advance(MINUTES_5)
        await until(lambda: "no snapshot while the journal cannot write" in caplog.text)
        monkeypatch.setattr(FullDisk, "full", False)

        assert (refused.code, refused.status) == ("notDurable", 503)
        assert "No space left on device" in refused.message
        assert not health.ok
        assert "No space left on device" in health.detail
        [said] = world.happened(ErrorLogged)
        assert (said.source, said.message) == (
            "journalonafulldisk",
            "Events do not come to disk, so commands are refused.",
        )

        await until(lambda: world.ctx.hooks.health()[0].ok)
        await world.create_task()
        on_disk = await Folder(world.data / "journalonafulldisk").recover()
        assert contents(on_disk) == contents(world.state)


class ImpatientJournal(Journal):
    stall_s = 0.04


async def test_a_data_folder_that_is_renamed_makes_the_system_unready_before_anybody_asks_for_anything(
    tmp_path: Path,
) -> None:
    home = tmp_path / "data"
    async with World(ImpatientJournal, Desk, data=home) as world:
        await world.create_task()
        await world.ctx.committed()

        away = home.rename(tmp_path / "elsewhere")
        await until(lambda: not world.ctx.hooks.health()[0].ok)
        health = world.ctx.hooks.health()[0]
        assert f"it is now {away}/" in health.detail
        refused = await world.refusal(a_task(world))
        assert (refused.code, refused.status) == ("notDurable", 503)

        away.rename(home)
        await until(lambda: world.ctx.hooks.health()[0].ok)
        await world.create_task()


class HangingDisk(Appender):
    """A file on a disk whose syncs do not come back until a test says so."""

    answers: ClassVar[Event] = Event()

    def __init__(self, path: Path, end: int) -> None:
        super().__init__(path, end, sync=lambda _: self._hang())

    def _hang(self) -> None:
        assert self.answers.wait(DEADLINE_S)


class JournalOnAHangingDisk(ImpatientJournal):
    appender = HangingDisk


async def test_a_disk_that_hangs_leaves_nobody_waiting_refuses_all_who_come_and_then_goes_on() -> None:
    HangingDisk.answers.set()
    async with World(JournalOnAHangingDisk, Desk) as world:
        await world.create_task()
        HangingDisk.answers.clear()
        try:
            once = CommandId("cmd_once")
            command = a_task(world)
            with pytest.raises(Unconfirmed, match="has not answered"):
                await world.ctx.execute(command, actor="operator:anna", command_id=once)
            assert (await world.refusal(a_task(world))).code == "notDurable"
            assert not world.ctx.hooks.health()[0].ok
        finally:
            HangingDisk.answers.set()

        await until(lambda: world.system.commits.failure is None)
        made = await world.ctx.execute(command, actor="operator:anna", command_id=once)
        assert len(world.state.tasks) == 2, "the same id was carried out twice"
        on_disk = await Folder(world.data / "journalonahangingdisk").recover()
        assert made in on_disk.tasks


async def test_time_does_not_go_back_over_a_restart(tmp_path: Path) -> None:
    async with World(Journal, data=tmp_path) as world:
        await world.clock.advance(MINUTES_5)
        world.ctx.publish(PluginStarted(name="x"))

    async with World(Journal, data=tmp_path, clock=ManualClock()) as again:
        assert min(e.ts for e in again.events) >= world.state.ts
