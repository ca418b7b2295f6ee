"""The demo's day of work: every bot and every task once, however often it begins anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from kernel import commands as c
from kernel.errors import Conflict
from kernel.events import BotAdded, TaskCreated
from kernel.ids import BotId, TaskId, new_bot_id, new_task_id
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import World, idle
from plugins.demo import stage
from plugins.demo.feeder import ACTOR, Feeder
from plugins.steam.codes import SteamRefusal
from tests.plugins.demo.test_stage import BOTS, set_up
from tests.restart import history, replay


class Office(Plugin[PluginConfig]):
    """Takes the seats of the transport and of the tasks; refuses the bots whose logins are in `refused`."""

    refused: frozenset[str] = frozenset()

    async def start(self) -> None:
        self.ctx.handle(c.AddBotFromMaFile, self.add)
        self.ctx.handle(c.CreateTask, self.create)

    def add(self, command: c.AddBotFromMaFile) -> BotId:
        login = command.label or ""
        if login in self.refused:
            raise Conflict(SteamRefusal.PROXY_TAKEN, "The proxy is another bot's.")
        bot_id, account = new_bot_id(), dict(zip(("bot0", "bot1"), BOTS, strict=True))[login]
        self.ctx.publish(BotAdded(bot_id=bot_id, steam_id64=account, proxy_url="socks5h://127.0.0.1:1", label=login))  # type: ignore[arg-type]
        return bot_id

    def create(self, command: c.CreateTask) -> TaskId:
        task_id = new_task_id()
        self.ctx.publish(
            TaskCreated(
                task_id=task_id,
                player=command.player,
                item=command.item,
                price_min=command.price_min,
                price_max=command.price_max,
                currency=command.currency,
                language=command.language,
            )
        )
        return task_id


@asynccontextmanager
async def fed(world: World, folder: Path, *, tasks: int = 60) -> AsyncIterator[World]:
    feeder = Feeder(world.ctx, stage.read(folder), task_every=6_000, tasks=tasks)
    async with world:
        world.ctx.spawn(feeder.feed(), "feed")
        await idle()
        yield world


async def test_bots_come_first_then_one_task_a_player_at_its_pace(tmp_path: Path) -> None:
    async with fed(World(Office), set_up(tmp_path)) as world:
        assert [bot.label for bot in world.state.bots.values()] == ["bot0", "bot1"]
        assert len(world.state.tasks) == 1
        await world.clock.advance(5_999)
        assert len(world.state.tasks) == 1
        await world.clock.advance(1)
        assert [task.language for task in world.state.tasks.values()] == ["en", "ru"]
        await world.clock.advance(600_000)
        assert len(world.state.tasks) == 2

        assert {event.actor for event in world.events if event.kind in {"bot.added", "task.created"}} == {ACTOR}


async def test_a_second_run_adds_what_is_missing_and_nothing_twice(tmp_path: Path) -> None:
    async with fed(World(Office), set_up(tmp_path)) as world:
        past = history(world)  # killed after the first task
        offered = {task.player: (task.item, task.price_min) for task in world.state.tasks.values()}
        async with fed(World(replay(past), Office, clock=world.clock), tmp_path) as later:
            await later.clock.advance(600_000)
            whole = history(later)
            async with fed(World(replay(whole), Office, clock=later.clock), tmp_path) as last:
                await last.clock.advance(600_000)
                assert [*last.happened(BotAdded), *last.happened(TaskCreated)] == []

            assert later.happened(BotAdded) == []
            assert Counter(event.kind for event in whole)["task.created"] == 2
            assert offered.items() <= {t.player: (t.item, t.price_min) for t in later.state.tasks.values()}.items()


async def test_what_is_refused_does_not_keep_the_rest_from_coming(tmp_path: Path) -> None:
    Office.refused = frozenset({"bot0"})
    try:
        async with fed(World(Office), set_up(tmp_path), tasks=1) as world:
            await world.clock.advance(600_000)

            assert [bot.label for bot in world.state.bots.values()] == ["bot1"]
            (task,) = world.state.tasks.values()
            assert Decimal(0) < task.price_min < task.price_max
    finally:
        Office.refused = frozenset()
