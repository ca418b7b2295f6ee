"""A machine's clock that is set, wrongly or rightly, while the system runs or before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.events import ClockResumed, ClockStepped, ContactPaused, ContactResumed, Envelope, ErrorLogged
from kernel.hookspecs import Health
from kernel.snapshot import Snapshot
from kernel.testing import NOON, FakeTransport, ManualClock, World
from tests.histories import fold
from tests.restart import history, replay


def health(world: World) -> Health:
    return next(health for health in world.ctx.hooks.health() if health.name == "clock")


def measured(world: World) -> dict[str, object]:
    return {m.name: m.samples[()] for m in world.ctx.hooks.measures() if m.name.startswith("clock_")}


def backwards(events: Sequence[Envelope]) -> list[str]:
    """The kinds of events with which the time went back."""
    return [later.kind for earlier, later in pairwise(events) if later.ts < earlier.ts]


async def test_a_day_ahead_for_five_seconds_moves_nothing_and_is_told_once_it_is_over() -> None:
    async with World(FakeTransport) as world:
        world.clock.set_wall(DAY)
        await world.clock.advance(5 * SECOND)
        during = health(world)
        world.clock.set_wall(0)
        await world.clock.advance(MINUTE)

        assert world.clock.now() == NOON + MINUTE + 5 * SECOND
        assert not world.happened(ClockStepped)
        assert (during.ok, "1 d ahead of the system's" in during.detail) == (True, True)
        assert health(world) == Health("clock", ok=True, detail="")
        [told] = world.happened(ErrorLogged)
        assert told.message == (
            "The machine's clock was 1 d ahead of the system's for 5 s, and is right again: nothing went by it."
        )
        assert measured(world) == {"clock_offset_seconds": 0, "clock_steps_total": 0, "clock_glitches_total": 1}


@pytest.mark.parametrize("by", [DAY, 15 * DAY, HOUR, -HOUR, -15 * DAY])
async def test_a_clock_that_stays_where_it_was_set_is_followed_within_a_minute_and_time_goes_back_only_there(
    by: int,
) -> None:
    async with World(FakeTransport) as world:
        bot_id = world.add_bot()
        await world.clock.advance(MINUTE)
        since = world.state.bots[bot_id].status_since
        world.clock.set_wall(by)
        await world.clock.advance(30 * SECOND)
        world.ctx.publish(ContactPaused())

        [stepped] = world.happened(ClockStepped)
        assert stepped.by_ms == by
        assert world.clock.now() == NOON + 90 * SECOND + by
        assert world.state.ts == world.clock.now()
        assert world.state.bots[bot_id].status_since == since + by, "it stands there as long as before"
        assert backwards(world.events) == (["clock.stepped"] if by < 0 else [])
        assert world.clock.steady() < 20 * SECOND
        assert "steps of the machine's clock followed in this run: 1" in health(world).detail
        assert measured(world) == {"clock_offset_seconds": 0, "clock_steps_total": 1, "clock_glitches_total": 0}
        assert Snapshot.of(fold(world.events)).tables == Snapshot.of(world.state).tables


async def test_a_clock_that_finds_no_place_is_never_followed_and_people_hear_of_it() -> None:
    async with World(FakeTransport) as world:
        for number in range(1, 100):
            world.clock.set_wall(number * HOUR)
            await world.clock.advance(2 * SECOND)
        world.clock.set_wall(0)
        await world.clock.advance(2 * SECOND)

        assert world.clock.now() == NOON + 200 * SECOND
        assert not world.happened(ClockStepped)
        [told] = world.happened(ErrorLogged)
        assert "finds no place" in told.message


async def test_a_clock_that_is_wrong_again_and_again_does_not_flood_those_who_read_of_it() -> None:
    async with World(FakeTransport) as world:
        for _ in range(100):
            world.clock.set_wall(DAY)
            await world.clock.advance(2 * SECOND)
            world.clock.set_wall(0)
            await world.clock.advance(10 * SECOND)

        assert len(world.happened(ErrorLogged)) == 2
        assert measured(world)["clock_glitches_total"] == 100


async def test_a_small_difference_is_left_alone_until_others_add_to_it() -> None:
    async with World(FakeTransport) as world:
        world.clock.set_wall(3 * SECOND)
        await world.clock.advance(10 * MINUTE)
        assert world.clock.now() == NOON + 10 * MINUTE
        assert [e.kind for e in world.events if e.kind.startswith(("clock", "error"))] == []

        world.clock.set_wall(4 * SECOND)
        await world.clock.advance(MINUTE)
        assert world.clock.now() == NOON + 11 * MINUTE + 4 * SECOND
        assert [event.by_ms for event in world.happened(ClockStepped)] == [4 * SECOND]


async def test_a_start_behind_the_last_event_moves_the_times_back_says_so_and_stays_ready() -> None:
    ahead = ManualClock(NOON + DAY)
    async with World(FakeTransport, clock=ahead) as world:
        bot_id = world.add_bot()
        await world.clock.advance(MINUTE)
        world.ctx.publish(ContactPaused())
        past = history(world)

    async with World(replay(past), FakeTransport, clock=ManualClock(NOON, resumes=False)) as world:
        world.ctx.publish(ContactResumed())

        [resumed] = world.happened(ClockResumed)
        assert resumed.gap_ms == -DAY - MINUTE
        assert world.state.ts == NOON
        assert world.state.bots[bot_id].added_at == NOON - MINUTE
        told = health(world)
        assert (told.ok, "1 d 1 min behind the last event" in told.detail) == (True, True)
        assert backwards(history(world)) == ["clock.resumed"]
        assert Snapshot.of(fold(history(world))).tables == Snapshot.of(world.state).tables


async def test_a_start_three_hours_ahead_that_is_put_right_leaves_what_is_older_as_it_was() -> None:
    async with World(FakeTransport) as world:
        older = world.add_bot()
        past = history(world)

    async with World(replay(past), FakeTransport, clock=ManualClock(NOON + 3 * HOUR, resumes=False)) as world:
        world.player()  # the account after the one that is known
        younger = world.add_bot()
        await world.clock.advance(MINUTE)
        world.clock.set_wall(-3 * HOUR)
        await world.clock.advance(MINUTE)

        assert world.clock.now() == NOON + 2 * MINUTE
        assert world.state.bots[older].added_at == NOON
        assert world.state.bots[younger].added_at == NOON


async def test_a_clock_set_back_while_running_moves_what_is_older_too_but_for_the_time_between_the_runs() -> None:
    async with World(FakeTransport) as world:
        older = world.add_bot()
        past = history(world)

    async with World(replay(past), FakeTransport, clock=ManualClock(NOON + MINUTE, resumes=False)) as world:
        for by in (-HOUR, 0, -HOUR, 0):
            world.clock.set_wall(by)
            await world.clock.advance(MINUTE)

        age = world.clock.now() - world.state.bots[older].added_at
        assert age == 4 * MINUTE, "as if the system had not been down"
