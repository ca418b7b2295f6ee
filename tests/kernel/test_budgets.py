"""What a plugin costs the others, and when it is switched off for it: errors, hangs, a loop that it holds."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from kernel import commands as c
from kernel.clock import MINUTE
from kernel.codes import DialogueOutcome
from kernel.config import KernelConfig
from kernel.errors import HandlerFailed
from kernel.events import KINDS, BotConnected, ContactPaused, ErrorLogged, PluginQuarantined, Relationship, TaskCreated
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.hosting.budgets import Budgets
from kernel.ids import SteamId64
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from kernel.testing import FakeTransport, ManualClock, World, idle
from plugins.assigner import Assigner
from plugins.dialogue import Dialogue
from plugins.invites import Invites
from plugins.tasks import Tasks

DEALS = 20


class Raiser(Plugin[PluginConfig]):
    """Raises on every event."""

    async def start(self) -> None:
        for event in KINDS.values():
            self.ctx.subscribe(event, self.fail)

    def fail(self, *_: object) -> None:
        raise ValueError("as always")


class Blocker(Plugin[PluginConfig]):
    """Keeps everything else from running for two seconds with each task."""

    async def start(self) -> None:
        self.ctx.subscribe(TaskCreated, lambda *_: self.block())

    def block(self) -> None:
        time.sleep(2)


class Endless(Plugin[PluginConfig]):
    """Never gives the loop back."""

    async def start(self) -> None:
        self.ctx.subscribe(BotConnected, self.turn_round)

    def turn_round(self, *_: object) -> None:
        while True:
            pass


class Thinker(Plugin[PluginConfig]):
    """An agent that never answers."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        await asyncio.Event().wait()
        return None


class Quitter(Plugin[PluginConfig]):
    """Tries to end the process, in an event, a hook and a task of its own."""

    async def start(self) -> None:
        self.ctx.subscribe(TaskCreated, lambda *_: sys.exit("bye"))
        self.ctx.spawn(self.quit(), "quit")

    async def quit(self) -> None:
        sys.exit("bye")

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        sys.exit("bye")


class Dealer(Plugin[PluginConfig]):
    """An agent that is content with the first answer."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        if turn.trigger is Trigger.STARTED:
            return Reply(step="asked", texts=("Deal?",), wait=3_600_000)
        return Reply(step="agreed", outcome=TaskStatus.RESOLVED, reason=DialogueOutcome.AGREED)


CULPRITS = (Raiser, Blocker, Endless, Thinker, Quitter)
CONFIG: dict[str, dict[str, object]] = {
    "kernel": {"error_budget": 5, "respond_deadline_s": 0.02, "hang_limit_s": 2.5},
    "dialogue": {"reading_ms": 0, "typing_ms_per_character": 0, "typing_least_ms": 0},
}


async def test_plugins_that_raise_block_hang_or_exit_are_each_switched_off_while_twenty_deals_go_through() -> None:
    world = World(*CULPRITS, Tasks, Assigner, Invites, FakeTransport, Dialogue, Dealer, config=CONFIG, watched=True)
    async with world:
        for _ in range(DEALS):
            world.add_bot()
            await idle()
        players = [world.player() for _ in range(DEALS)]
        tasks = [await world.create_task(player) for player in players]
        for _ in range(DEALS):  # the guard allows each bot an invite a minute
            await world.clock.advance(MINUTE)
        for player in players:
            await _deal(world, player)

        assert [world.state.tasks[task].status for task in tasks] == [TaskStatus.RESOLVED] * DEALS
        reasons = {e.name: e.detail for e in world.happened(PluginQuarantined)}
        assert reasons["raiser"] == "failed 5 times within a minute"
        assert sum(e.source == "endless" for e in world.happened(ErrorLogged)) == 2, "interrupted once, and named"
        assert reasons["blocker"].startswith("blocked the event loop for ")
        assert reasons["endless"].startswith("blocked the event loop for ")
        assert reasons["thinker"] == "did not come back 3 times within 10 minutes"
        assert reasons["quitter"] == "failed 5 times within a minute"
        assert len(reasons) == len(CULPRITS)
        places = {e.source: str(e.detail) for e in world.happened(ErrorLogged) if "blocked the event loop" in e.message}
        assert places["blocker"].endswith("in Blocker.block")
        assert "kernel/test_budgets.py, line " in places["endless"]


async def _deal(world: World, player: SteamId64) -> None:
    invite = next(command for command in world.transport.invited if command.player == player)
    world.transport.relate(invite.bot_id, player, Relationship.FRIEND)
    for _ in range(5):  # the agents before the one that answers have their deadlines, by the machine's own time
        await asyncio.sleep(0.03)
        await idle()
    world.transport.say(invite.bot_id, player, "Yes")
    for _ in range(5):
        await asyncio.sleep(0.03)
        await idle()


async def test_a_command_that_never_ends_is_answered_at_its_deadline_and_counts_as_a_hang() -> None:
    class Stuck(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.handle(c.PauseContact, lambda _: asyncio.Event().wait())

    config = {"kernel": {"command_deadline_s": 0.01, "hang_budget": 2}}
    async with World(Stuck, FakeTransport, config=config) as world:
        for _ in range(2):
            with pytest.raises(HandlerFailed):
                await world.ctx.execute(c.PauseContact())
        await idle()

        assert world.state.plugins["stuck"].status == "quarantined"


async def test_what_nothing_runs_without_is_named_for_holding_the_loop_and_goes_on() -> None:
    class Essential(Plugin[PluginConfig]):
        essential = True

        async def start(self) -> None:
            self.ctx.subscribe(ContactPaused, lambda *_: time.sleep(0.4))

    config = {"kernel": {"hold_limit_ms": 100, "hold_budget_ms": 100}}
    async with World(Essential, FakeTransport, config=config, watched=True) as world:
        logged = asyncio.Event()
        world.ctx.subscribe(ErrorLogged, lambda *_: logged.set())
        world.ctx.publish(ContactPaused())
        await logged.wait()

        assert world.happened(ErrorLogged)[0].source == "essential"
        assert world.state.plugins["essential"].status == "running"


async def test_a_test_that_holds_the_loop_itself_blames_no_plugin() -> None:
    async with World(FakeTransport, config={"kernel": {"hold_limit_ms": 100}}, watched=True) as world:
        time.sleep(0.4)  # noqa: ASYNC251 - what is tried
        await asyncio.sleep(0.25)

        assert world.happened(ErrorLogged) == []


async def test_a_task_that_does_not_end_when_its_plugin_stops_is_a_failure_of_the_plugin() -> None:
    free = asyncio.Event()

    class Clinging(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.spawn(self.cling(), "cling")

        async def cling(self) -> None:
            while not free.is_set():
                try:
                    await free.wait()
                except asyncio.CancelledError:
                    continue

    async with World(Clinging, FakeTransport, config={"kernel": {"stop_deadline_s": 0.01}}) as world:
        await world.execute(c.DisablePlugin(name="clinging"))

        assert world.state.plugins["clinging"].last_error is not None
        assert "clinging: cling: Hung: did not end within 0.01 s" in str(world.state.plugins["clinging"].last_error)
        free.set()
        await idle()


async def test_budgets_are_of_a_span_of_time_and_begin_anew_with_it() -> None:
    clock = ManualClock()
    budgets = Budgets(KernelConfig(plugins=("a",), error_budget=2, hang_budget=2, hold_budget_ms=1_000), clock)
    assert budgets.failed("a") is None
    assert budgets.hung("a") is None
    assert budgets.blocked_loop("a", 999) is None
    assert (budgets.failed("b"), budgets.hung("b"), budgets.blocked_loop("b", 1)) == (None, None, None)
    await clock.advance(MINUTE)
    assert budgets.failed("a") is None
    assert budgets.blocked_loop("a", 999) is None
    assert budgets.hung("a") == "did not come back 2 times within 10 minutes"
    assert budgets.failed("a") == "failed 2 times within a minute"
    assert budgets.blocked_loop("a", 1) == "blocked the event loop for 1.0 s within a minute"
