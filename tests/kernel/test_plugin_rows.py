"""A plugin's own rows: folded from its own events, read by it alone, refused whole, and never in anybody's way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from kernel import plugin_rows
from kernel.commands import DisablePlugin, EnablePlugin, ReloadPlugin
from kernel.errors import Conflict, IllegalTransition, PluginFailed
from kernel.events import BotAdded, Envelope, Event, PluginRolledBack
from kernel.hosting import host
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.plugin_tables import PluginTable
from kernel.row import Row
from kernel.rows import PluginStatus
from kernel.snapshot import Snapshot
from kernel.tables import Table
from kernel.testing import FakeTransport, World, idle
from tests.restart import history, replay


class Rang(Event, frozen=True, kw_only=True):
    """A bell rang."""

    kind: ClassVar[str] = "bell.rang"
    tower: str
    times: int


class Silenced(Event, frozen=True, kw_only=True):
    """A bell was taken down."""

    kind: ClassVar[str] = "bell.silenced"
    tower: str


class Tower(Row, frozen=True, kw_only=True):
    """How often the bell of a tower rang."""

    id: str
    times: int


TOWERS = PluginTable("towers", Tower)


@TOWERS.reduces(Rang)
def rang(rows: Table[str, Tower], envelope: Envelope, event: Rang) -> None:
    before = rows.get(event.tower)
    rows.put(Tower(id=event.tower, times=event.times + (before.times if before is not None else 0)))
    if event.times < 0:
        raise ZeroDivisionError("no bell rings less than never")


@TOWERS.reduces(Silenced)
def silenced(rows: Table[str, Tower], envelope: Envelope, event: Silenced) -> None:
    if event.tower not in rows:
        raise IllegalTransition(f"there is no bell in {event.tower}")
    rows.drop(event.tower)


class Bell(Plugin[PluginConfig]):
    events: ClassVar[Sequence[type[Event]]] = (Rang, Silenced)
    tables: ClassVar[Sequence[PluginTable[Any]]] = (TOWERS,)

    def ring(self, tower: str, times: int = 1) -> None:
        self.ctx.publish(Rang(tower=tower, times=times))

    def rung(self) -> dict[str, int]:
        return {tower: row.times for tower, row in self.ctx.rows(TOWERS).items()}


def rung(world: World) -> dict[str, int]:
    return world.plugin(Bell).rung()


async def test_a_plugins_rows_are_folded_from_its_events_and_read_through_its_context() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north")
        world.plugin(Bell).ring("south", 2)
        world.plugin(Bell).ring("north")
        assert rung(world) == {"north": 2, "south": 2}
        world.ctx.publish(Silenced(tower="south"))

        assert rung(world) == {"north": 2}
        assert world.state.plugin_rows.of("bell") == {"towers": {"north": Tower(id="north", times=2)}}


async def test_a_restart_folds_them_from_the_events_before_any_plugin_starts() -> None:
    class Early(Bell):
        async def start(self) -> None:
            self.found = self.rung()

    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north", 3)
        past = history(world)
    early = type("Bell", (Early,), {"__module__": __name__})
    async with World(replay(past), FakeTransport, early) as later:
        assert later.plugin(Early).found == {"north": 3}


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Rang(tower="north", times=-1), r"bell: bell\.rang cannot be folded .*ZeroDivisionError.*less than never"),
        (Silenced(tower="west"), "bell: .*there is no bell in west"),
        (Rang(tower="north", times="many"), "cannot be read back"),  # type: ignore[arg-type]
    ],
)
async def test_an_event_that_a_reducer_refuses_or_fails_on_has_not_happened(event: Event, why: str) -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north")
        seq = world.state.seq
        with pytest.raises(Exception, match=why):
            world.ctx.publish(event)

        assert rung(world) == {"north": 1}
        assert world.state.seq == seq
        world.plugin(Bell).ring("north")
        assert rung(world) == {"north": 2}


class Chime(Tower, frozen=True, kw_only=True):
    """What a table of towers does not hold."""

    tone: str = "c"


async def test_an_event_that_would_put_a_row_of_another_type_has_not_happened_and_the_plugin_loads_again() -> None:
    odd = PluginTable("towers", Tower)
    odd.reduces(Rang)(lambda rows, envelope, event: rows.put(Chime(id=event.tower, times=event.times)))
    async with World(FakeTransport, bell_of(odd)) as world:
        seq = world.state.seq
        with pytest.raises(IllegalTransition, match="the row north of towers is a Chime, and its rows are of Tower"):
            world.ctx.publish(Rang(tower="north", times=1))
        assert world.state.seq == seq
        await world.execute(ReloadPlugin(name="bell"))

        assert world.state.plugins["bell"].status is PluginStatus.RUNNING


async def test_a_refused_event_is_not_waited_for_when_a_new_table_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "START_DEADLINE", 1)
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north")
        with pytest.raises(IllegalTransition):
            world.ctx.publish(Silenced(tower="west"))
        shelf(world)["bell"] = type("Bell", (Bell,), {"tables": (TOWERS, second("strokes")), "__module__": __name__})
        await world.execute(ReloadPlugin(name="bell"))

        assert rung(world) == {"north": 1}
        assert "strokes" in world.state.plugin_rows.of("bell")


async def test_a_plugin_whose_reducer_keeps_failing_is_switched_off_and_the_others_go_on() -> None:
    class Mistaken(Bell):
        async def start(self) -> None:
            self.ctx.subscribe(BotAdded, lambda *_: self.ring("north", -1))

    bell = type("Bell", (Mistaken,), {"__module__": __name__})
    async with World(FakeTransport, bell, config={"kernel": {"error_budget": 5}}) as world:
        world.plugin(bell).ring("north")
        for _ in range(5):
            bot = world.add_bot()
        await idle()

        row = world.state.plugins["bell"]
        assert row.status is PluginStatus.QUARANTINED
        assert "bell.rang cannot be folded" in (row.last_error or "")
        assert bot in world.state.bots
        assert world.state.plugin_rows.of("bell")["towers"] == {"north": Tower(id="north", times=1)}


async def test_only_a_reducer_writes_them() -> None:
    async with World(FakeTransport, Bell) as world:
        rows = world.ctx.state.plugin_rows.of("bell")["towers"]
        assert isinstance(rows, Table)
        with pytest.raises(RuntimeError, match="only a reducer writes rows"):
            rows.put(Tower(id="north", times=1))


async def test_a_stream_has_none_of_them() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("a very own tower")
        parts = b"".join(Snapshot.of(world.state).encoded())

        assert b"a very own tower" not in parts


async def test_rows_beyond_the_limit_are_refused_and_fewer_are_always_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin_rows, "OWN_ROWS_MOST", 3)
    async with World(FakeTransport, Bell) as world:
        for tower in "abc":
            world.plugin(Bell).ring(tower)
        with pytest.raises(IllegalTransition, match="it would have 4 rows of its own, and 3 are the most"):
            world.plugin(Bell).ring("d")
        world.plugin(Bell).ring("a")
        monkeypatch.setattr(plugin_rows, "OWN_ROWS_MOST", 1)
        world.ctx.publish(Silenced(tower="a"))

        assert rung(world) == {"b": 1, "c": 1}


async def test_bytes_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin_rows, "OWN_BYTES_MOST", 200)
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("a" * 100)
        with pytest.raises(IllegalTransition, match=r"come to 2\d\d bytes, and 200 are the most"):
            world.plugin(Bell).ring("b" * 100)

        assert rung(world) == {"a" * 100: 1}


def shelf(world: World) -> dict[str, type[Plugin[Any]]]:
    assert isinstance(world.library, StaticLibrary)
    return world.library.classes


class Tower2(Row, frozen=True, kw_only=True):
    """The second form: the count has another name, and the bell a tone."""

    id: str
    strokes: int
    tone: str = "c"


def bell_of(table: PluginTable[Any], **more: Any) -> type[Plugin[Any]]:
    return type("Bell", (Bell,), {"tables": (table,), "__module__": __name__, **more})


def second(name: str = "towers", **options: Any) -> PluginTable[Tower2]:
    table = PluginTable(name, Tower2, version=2, **options)

    @table.reduces(Rang)
    def rang(rows: Table[str, Tower2], envelope: Envelope, event: Rang) -> None:
        before = rows.get(event.tower)
        rows.put(Tower2(id=event.tower, strokes=event.times + (before.strokes if before is not None else 0)))

    return table


def renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "strokes": row["times"]}


LIFTED = second(lifts={1: renamed})


async def test_a_reload_lifts_them_to_their_new_form() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north", 2)
        shelf(world)["bell"] = bell_of(LIFTED)
        await world.execute(ReloadPlugin(name="bell"))
        world.ctx.publish(Rang(tower="north", times=1))

        assert world.state.plugin_rows.of("bell") == {"towers": {"north": Tower2(id="north", strokes=3)}}


async def test_a_reload_whose_rows_do_not_fit_is_rolled_back_and_they_are_as_they_were() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north", 2)
        shelf(world)["bell"] = bell_of(second())
        with pytest.raises(Conflict, match="towers holds rows of version 1 that do not become 2"):
            await world.ctx.execute(ReloadPlugin(name="bell"))
        world.plugin(Bell).ring("north", 1)

        assert rung(world) == {"north": 3}
        assert world.state.plugins["bell"].status is PluginStatus.RUNNING


async def test_code_that_lifts_them_and_does_not_start_gives_them_back() -> None:
    async def fails(self: Plugin[Any]) -> None:
        raise OSError("no clapper")

    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north", 2)
        shelf(world)["bell"] = bell_of(LIFTED, start=fails)
        with pytest.raises(Conflict, match="no clapper"):
            await world.ctx.execute(ReloadPlugin(name="bell"))

        assert world.happened(PluginRolledBack)
        assert rung(world) == {"north": 2}


async def test_while_the_plugin_is_disabled_they_stand_still_and_are_there_when_it_is_enabled() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring("north", 2)
        await world.execute(DisablePlugin(name="bell"))
        await world.execute(EnablePlugin(name="bell"))
        world.plugin(Bell).ring("north")

        assert rung(world) == {"north": 3}


class Nameless(Row, frozen=True, kw_only=True):
    times: int


class Foreign(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "clock.rang"


def reducing(event: type[Event]) -> PluginTable[Tower]:
    table = PluginTable("towers", Tower)
    table.reduces(event)(lambda rows, envelope, event: None)
    return table


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ((PluginTable("towers", Nameless),), "must be a subclass of Row with an `id`"),
        ((PluginTable("towers", int),), "must be a subclass of Row with an `id`"),  # type: ignore[type-var]
        ((TOWERS, PluginTable("towers", Tower)), "two of its tables are called towers"),
        ((reducing(Foreign),), r"towers reduces 'clock\.rang', which is not in its `events`"),
    ],
)
async def test_tables_that_cannot_be_are_told_and_the_plugin_does_not_start(
    tables: Sequence[PluginTable[Any]], why: str
) -> None:
    plugin = type("Bell", (Bell,), {"tables": tables, "essential": True, "__module__": __name__})
    with pytest.raises(PluginFailed, match=why):
        async with World(FakeTransport, plugin):
            pass


async def test_a_table_that_is_not_declared_cannot_be_read() -> None:
    async with World(FakeTransport, Bell) as world:
        with pytest.raises(RuntimeError, match="bell: others is not in its `tables`"):
            world.plugin(Bell).ctx.rows(PluginTable("others", Tower))
