"""The state: rows that nobody but a reducer writes, whole events or none, and a cut that is exact."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import count

import msgspec
import pytest

from kernel import reducers
from kernel.codec import encode
from kernel.errors import IllegalTransition
from kernel.events import BotAdded, BotRemoved, ContactPaused, Envelope, Event, TaskAssigned, TaskCreated
from kernel.ids import BotId, SteamId64, TaskId, new_id, parse_steam_id64
from kernel.machine_clock import SystemClock
from kernel.reducers import reduce
from kernel.rows import Bot
from kernel.snapshot import Snapshot
from kernel.state import State
from kernel.stream import Overflow
from kernel.testing import FakeTransport, ManualClock, World


def fold(state: State, *events: Event) -> None:
    for event in events:
        reduce(state, Envelope.of(state.seq + 1, 1_000, "test", None, event))  # type: ignore[arg-type]


TASK = TaskCreated(
    task_id=TaskId("task_1"),
    player=SteamId64("76561198000000001"),
    item="x",
    price_min=Decimal(1),
    price_max=Decimal(2),
    currency="USD",
)


def bot_added(number: int) -> BotAdded:
    account = SteamId64(str(76561199000000000 + number))
    return BotAdded(bot_id=BotId(f"bot_{number}"), steam_id64=account, proxy_url="http://127.0.0.1:1")


def test_nobody_but_a_reducer_writes_a_row() -> None:
    state = State()
    fold(state, bot_added(1))

    with pytest.raises(RuntimeError, match="only a reducer writes rows"):
        state.bots.update("bot_1", label="mine")
    with pytest.raises(AttributeError):
        state.bots["bot_1"].label = "mine"  # type: ignore[misc]


def test_an_event_that_fails_halfway_is_undone_whole() -> None:
    state = State()
    fold(state, bot_added(1), TASK)
    before = encode(next(Snapshot.of(state).parts()))

    class Broken(ContactPaused, frozen=True, kw_only=True):
        pass

    def write_then_fail(state: State, envelope: Envelope, event: Broken) -> None:
        state.contacts.update("contact", paused=True)
        state.bots.drop("bot_1")
        raise IllegalTransition("halfway")

    reducers.REDUCERS[Broken] = write_then_fail
    try:
        with pytest.raises(IllegalTransition, match="halfway"):
            fold(state, Broken())
    finally:
        del reducers.REDUCERS[Broken]

    assert encode(next(Snapshot.of(state).parts())) == before
    assert state.index.bot_of_account == {SteamId64("76561199000000001"): "bot_1"}


def test_a_bot_with_open_work_cannot_be_removed_from_under_it() -> None:
    state = State()
    fold(state, bot_added(1), TASK, TaskAssigned(task_id=TaskId("task_1"), bot_id=BotId("bot_1")))

    with pytest.raises(IllegalTransition, match="still has an open task or chat"):
        fold(state, BotRemoved(bot_id=BotId("bot_1")))


def test_a_cut_keeps_its_moment_while_the_state_moves_on() -> None:
    state = State()
    fold(state, bot_added(1))
    cut = Snapshot.of(state)
    fold(state, bot_added(2), ContactPaused())

    (part,) = cut.parts()
    assert (part.seq, [bot.id for bot in part.state["bots"]]) == (1, ["bot_1"])  # type: ignore[attr-defined]


def test_a_large_state_comes_in_parts_of_one_seq_that_hold_every_row_once() -> None:
    state = State()
    fold(state, *(bot_added(number) for number in range(1, 1_235)))
    parts = list(Snapshot.of(state).parts(rows=100))

    assert {(p.seq, p.parts) for p in parts} == {(1_234, len(parts))}
    assert [p.part for p in parts] == list(range(1, len(parts) + 1))
    assert set(parts[0].state) == {table.name for table in state.tables}, "an empty table is named too"
    rows = [row for p in parts for row in p.state.get("bots", [])]
    assert rows == list(state.bots.values())
    assert max(sum(map(len, p.state.values())) for p in parts) <= 100


def test_rows_survive_their_way_through_json() -> None:
    state = State()
    fold(state, bot_added(1))
    (row,) = state.bots.values()

    assert msgspec.json.decode(encode(row), type=Bot) == row


def test_ids_are_typed_and_sort_by_time() -> None:
    made = [new_id("bot") for _ in range(100)]

    assert all(one.startswith("bot_") and len(one) == 30 for one in made)
    assert len(set(made)) == 100
    assert [one[:14] for one in made] == sorted(one[:14] for one in made)


@pytest.mark.parametrize(
    "bad", ["", "7656119800000000", "103582791429521408", "٧٦٥٦١١٩٨٠٠٠٠٠٠٠٠١", "76561197960265728"]
)
def test_only_an_individuals_steam_id_is_one(bad: str) -> None:
    with pytest.raises(ValueError, match="SteamID"):
        parse_steam_id64(bad)


async def test_a_fast_clock_says_its_rate_and_sleeps_accordingly() -> None:
    clock = SystemClock(rate=600)
    began = clock.now()
    await clock.sleep(6_000)

    assert clock.rate == 600
    assert 6_000 <= clock.now() - began < 600_000


def test_a_fast_clock_goes_on_where_an_earlier_run_had_outpaced_the_wall_and_the_walls_does_not() -> None:
    fast, wall = SystemClock(rate=20), SystemClock()
    future = wall.now() + 3_600_000
    fast.resume(future)
    wall.resume(future)

    assert fast.now() >= future
    assert wall.now() < future


async def test_a_day_passes_in_no_time_and_in_order() -> None:
    clock = ManualClock()
    woken: list[int] = []

    async def sleeper(hours: int) -> None:
        await clock.sleep(hours * 3_600_000)
        woken.append(clock.now() // 3_600_000 % 24)

    async with asyncio.TaskGroup() as group:
        for hours in (9, 3, 6):
            group.create_task(sleeper(hours))
        await clock.advance(86_400_000)

    assert woken == [15, 18, 21]


async def test_a_slow_reader_of_a_stream_misses_the_oldest_or_is_told_that_it_ended() -> None:
    async with World(FakeTransport) as world:
        dropping = world.ctx.stream(BotAdded, size=2)
        closing = world.ctx.stream(BotAdded, size=2, overflow=Overflow.CLOSE)
        for number, _ in zip(count(1), range(3), strict=False):
            world.ctx.publish(bot_added(number))
        dropping.close()

        assert [e.payload.bot_id async for e in dropping] == ["bot_2", "bot_3"]  # type: ignore[attr-defined]
        assert dropping.missed == 1
        assert [e.payload.bot_id async for e in closing] == ["bot_1", "bot_2"]  # type: ignore[attr-defined]
        assert closing.overflowed
