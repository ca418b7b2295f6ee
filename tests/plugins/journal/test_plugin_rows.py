"""Plugins' own rows on disk: the same after every start, however the plugin has come, gone and changed meanwhile."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest

from kernel.codec import CODEC
from kernel.commands import DisablePlugin, EnablePlugin, ReloadPlugin
from kernel.errors import Conflict
from kernel.events import Envelope, ErrorLogged, Event, SystemStarted
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.plugin_tables import PluginTable
from kernel.row import Row
from kernel.rows import PluginStatus
from kernel.tables import Table
from kernel.testing import World
from plugins.journal import Journal
from plugins.journal.snapshots import read


class Tolled(Event, frozen=True, kw_only=True):
    """A bell tolled."""

    kind: ClassVar[str] = "belfry.tolled"
    tower: str


class Tower(Row, frozen=True, kw_only=True):
    """How often the bell of a tower tolled."""

    id: str
    times: int


class Tower2(Row, frozen=True, kw_only=True):
    """The second form of that: its count has another name."""

    id: str
    strokes: int


TOWERS = PluginTable("towers", Tower)


@TOWERS.reduces(Tolled)
def tolled(rows: Table[str, Tower], envelope: Envelope, event: Tolled) -> None:
    before = rows.get(event.tower)
    rows.put(Tower(id=event.tower, times=1 + (before.times if before is not None else 0)))


def second_form(**options: Any) -> PluginTable[Tower2]:
    table = PluginTable("towers", Tower2, version=2, **options)

    @table.reduces(Tolled)
    def tolled(rows: Table[str, Tower2], envelope: Envelope, event: Tolled) -> None:
        before = rows.get(event.tower)
        rows.put(Tower2(id=event.tower, strokes=1 + (before.strokes if before is not None else 0)))

    return table


class Tolling(Plugin[PluginConfig]):
    events: ClassVar[Sequence[type[Event]]] = (Tolled,)


def belfry(*tables: PluginTable[Any]) -> type[Plugin[Any]]:
    """The plugin `belfry` with these tables."""
    return type("Belfry", (Tolling,), {"tables": tables, "__module__": __name__})


BELFRY = belfry(TOWERS)
LIFTED = belfry(second_form(lifts={1: lambda row: {"id": row["id"], "strokes": row["times"]}}))


def toll(world: World, *towers: str) -> None:
    for tower in towers:
        world.system.context("belfry").publish(Tolled(tower=tower))


def rows_in(world: World) -> dict[str, int]:
    rows = world.state.plugin_rows.of("belfry").get("towers", {})
    return {key: row.times if isinstance(row, Tower) else row.strokes for key, row in rows.items()}


async def crashed(world: World, folder: Path) -> Path:
    """What is on disk at this moment, as a crash would leave it."""
    await world.ctx.committed()
    return Path(shutil.copytree(world.data, folder))


def pass_time(world: World) -> None:
    """Something else happens."""
    world.ctx.publish(ErrorLogged(source="test", message="time passes"))


def without_it() -> None:
    """As in a process in which the plugin has never been."""
    CODEC._events.pop("belfry.tolled", None)
    CODEC.learn(())


def snapshots(data: Path) -> list[Path]:
    return sorted(data.glob("**/snapshot-*.zst"))


async def test_a_snapshot_brings_them_back_and_so_does_the_whole_journal(tmp_path: Path) -> None:
    async with World(Journal, BELFRY, data=tmp_path) as world:
        toll(world, "north", "south", "north")
    assert [piece.plugin for piece in read(snapshots(tmp_path)[-1]).plugin_rows] == ["belfry"]
    async with World(Journal, BELFRY, data=tmp_path) as world:
        assert rows_in(world) == {"north": 2, "south": 1}
        from_snapshot = world.state.plugin_rows.of("belfry")
    for path in snapshots(tmp_path):
        path.unlink()
    async with World(Journal, BELFRY, data=tmp_path) as world:
        assert world.state.plugin_rows.of("belfry") == from_snapshot


async def test_a_plugin_that_is_gone_for_a_start_and_back_at_the_next_has_all_its_rows(tmp_path: Path) -> None:
    async with World(Journal, BELFRY, data=tmp_path / "first") as world:
        toll(world, "north")
    async with World(Journal, BELFRY, data=tmp_path / "first") as world:
        toll(world, "north", "south")  # in the journal, and in no snapshot
        left = await crashed(world, tmp_path / "second")
    without_it()
    async with World(Journal, data=left) as world:
        assert rows_in(world) == {}
        pass_time(world)
    async with World(Journal, data=left) as world:
        pass_time(world)
    async with World(Journal, BELFRY, data=left) as world:
        assert rows_in(world) == {"north": 2, "south": 1}
        toll(world, "south")
        assert rows_in(world) == {"north": 2, "south": 2}


async def test_a_table_that_is_new_is_folded_from_all_that_its_plugin_had_told(tmp_path: Path) -> None:
    bare = belfry()
    async with World(Journal, bare, data=tmp_path) as world:
        toll(world, "north", "north")
    async with World(Journal, bare, data=tmp_path) as world:
        toll(world, "south")
        assert isinstance(world.library, StaticLibrary)
        world.library.classes["belfry"] = BELFRY
        await world.execute(ReloadPlugin(name="belfry"))
        assert rows_in(world) == {"north": 2, "south": 1}
        left = await crashed(world, tmp_path / "later")
    async with World(Journal, BELFRY, data=left) as world:
        assert rows_in(world) == {"north": 2, "south": 1}


async def test_rows_of_an_earlier_version_are_lifted_at_the_start(tmp_path: Path) -> None:
    async with World(Journal, BELFRY, data=tmp_path) as world:
        toll(world, "north", "north")
    async with World(Journal, LIFTED, data=tmp_path) as world:
        toll(world, "north")
        assert world.state.plugin_rows.of("belfry") == {"towers": {"north": Tower2(id="north", strokes=3)}}


async def fails(self: Plugin[Any]) -> None:
    raise OSError("no clapper")


async def test_code_that_lifts_them_when_it_is_enabled_and_never_starts_leaves_them_to_that_of_before(
    tmp_path: Path,
) -> None:
    async with World(Journal, BELFRY, data=tmp_path) as world:
        toll(world, "north", "north")
        await world.execute(DisablePlugin(name="belfry"))
        assert isinstance(world.library, StaticLibrary)
        world.library.classes["belfry"] = type("Belfry", (LIFTED,), {"start": fails, "__module__": __name__})
        with pytest.raises(Conflict, match="no clapper"):
            await world.execute(EnablePlugin(name="belfry"))
    async with World(Journal, BELFRY, data=tmp_path) as world:
        await world.execute(EnablePlugin(name="belfry"))
        assert rows_in(world) == {"north": 2}


async def test_a_start_with_code_that_lifts_them_and_fails_leaves_them_to_that_of_before(tmp_path: Path) -> None:
    class Early(LIFTED):  # type: ignore[misc,valid-type]
        async def start(self) -> None:
            self.ctx.publish(Tolled(tower="south"))
            raise OSError("no clapper")

    async with World(Journal, BELFRY, data=tmp_path) as world:
        toll(world, "north", "north")
    async with World(Journal, type("Belfry", (Early,), {"__module__": __name__}), data=tmp_path) as world:
        assert world.state.plugins["belfry"].status is PluginStatus.QUARANTINED
    async with World(Journal, BELFRY, data=tmp_path) as world:
        assert rows_in(world) == {"north": 2, "south": 1}
    async with World(Journal, LIFTED, data=tmp_path) as world:
        assert rows_in(world) == {"north": 2, "south": 1}
    assert {piece.version for piece in read(snapshots(tmp_path)[-1]).plugin_rows} == {2}


async def test_rows_that_the_code_cannot_read_are_kept_until_there_is_code_that_can(tmp_path: Path) -> None:
    async with World(Journal, LIFTED, data=tmp_path) as world:
        toll(world, "north", "north")
    async with World(Journal, BELFRY, data=tmp_path) as world:
        row = world.state.plugins["belfry"]
        assert row.status is PluginStatus.QUARANTINED
        assert "holds rows of version 2, and this code knows 1. They are kept" in (row.detail or "")
        assert world.happened(SystemStarted)
    async with World(Journal, LIFTED, data=tmp_path) as world:
        assert rows_in(world) == {"north": 2}


async def test_a_reducer_that_fails_on_an_old_event_keeps_its_plugin_from_starting_and_nobody_else(
    tmp_path: Path,
) -> None:
    broken = PluginTable("towers", Tower)

    @broken.reduces(Tolled)
    def fails(rows: Table[str, Tower], envelope: Envelope, event: Tolled) -> None:
        tolled(rows, envelope, event)
        if event.tower == "south":
            raise LookupError("no such tower")

    async with World(Journal, BELFRY, data=tmp_path / "first") as world:
        toll(world, "north", "south", "north")
        left = await crashed(world, tmp_path / "second")
    async with World(Journal, belfry(broken), data=left) as world:
        row = world.state.plugins["belfry"]
        assert row.status is PluginStatus.QUARANTINED
        assert "belfry.tolled cannot be folded into its rows" in (row.detail or "")
        assert "no such tower" in (row.detail or "")
        assert rows_in(world) == {"north": 1}  # as before the event that it fails on
        assert world.add_bot() in world.state.bots
    async with World(Journal, BELFRY, data=left) as world:
        assert rows_in(world) == {"north": 2, "south": 1}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_becomes_of_the_plugin_its_rows_are_those_of_all_its_events(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    expected: Counter[str] = Counter()
    data = tmp_path / "0"
    for number in range(1, 7):
        if random.random() < 0.3:  # uninstalled
            without_it()
            async with World(Journal, data=data) as world:
                pass_time(world)
                data = await crashed(world, tmp_path / str(number)) if random.random() < 0.5 else data
            continue
        async with World(Journal, BELFRY, data=data) as world:
            assert rows_in(world) == expected
            for _ in range(random.randrange(8)):
                act = random.choice(("toll", "toll", "toll", "reload", "disable"))
                if act == "toll":
                    tower = random.choice("abc")
                    toll(world, tower)
                    expected[tower] += 1
                elif act == "reload":
                    await world.execute(ReloadPlugin(name="belfry"))
                else:
                    await world.execute(DisablePlugin(name="belfry"))
                    await world.execute(EnablePlugin(name="belfry"))
                assert rows_in(world) == expected
            data = await crashed(world, tmp_path / str(number)) if random.random() < 0.5 else data
        if random.random() < 0.3:
            for path in snapshots(data):
                path.unlink()
    async with World(Journal, BELFRY, data=data) as world:
        assert rows_in(world) == expected
