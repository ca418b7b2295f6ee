"""A day's work, made up: adds the staged bots, then creates one task after another until every player has had one."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final

from kernel.commands import AddBotFromMaFile, CreateTask
from kernel.context import Context
from kernel.errors import CommandError
from plugins.demo.stage import Stage, StagedBot, StagedPlayer

ACTOR: Final = "operator:demo"
ITEMS: Final = (
    ("AK-47 | Redline (Field-Tested)", Decimal("14.00")),
    ("AWP | Asiimov (Battle-Scarred)", Decimal("62.50")),
    ("M4A1-S | Printstream (Minimal Wear)", Decimal("118.00")),
    ("Sport Gloves | Vice (Field-Tested)", Decimal("1240.00")),
    ("Butterfly Knife | Fade (Factory New)", Decimal("1985.00")),
    ("Desert Eagle | Blaze (Factory New)", Decimal("540.00")),
    ("Mann Co. Supply Crate Key", Decimal("2.10")),
    ("Unusual Team Captain", Decimal("780.00")),
)


class Feeder:
    """Does what a developer and a salesperson would do by hand; what an earlier run has done it leaves alone."""

    def __init__(self, ctx: Context, stage: Stage, *, task_every: int, tasks: int) -> None:
        """`task_every` in milliseconds of the clock; `tasks` at most, one a player."""
        self._ctx = ctx
        self._stage = stage
        self._task_every = task_every
        self._players = stage.players[:tasks]

    @property
    def wanted_tasks(self) -> int:
        """How many tasks there will be in the end."""
        return len(self._players)

    async def feed(self) -> None:
        """Bots first, then the tasks at their pace."""
        for bot in self._stage.bots:
            if bot.steam_id64 not in self._ctx.state.index.bot_of_account:
                await self._add(bot)
        served = {task.player for task in self._ctx.state.tasks.values()}
        for player in self._players:
            if player.steam_id64 not in served:
                await self._create_task(player)
                await self._ctx.clock.sleep(self._task_every)

    async def _add(self, bot: StagedBot) -> None:
        command = AddBotFromMaFile(ma_file=bot.ma_file, proxy_url=bot.proxy_url, password=bot.password, label=bot.login)
        try:
            await self._ctx.execute(command, actor=ACTOR)
        except CommandError as refused:
            self._ctx.log.warning("bot %s was not added: %s", bot.login, refused.message)

    async def _create_task(self, player: StagedPlayer) -> None:
        choice = Random(player.steam_id64)  # the same offer for the same player, in every run
        item, price = choice.choice(ITEMS)
        command = CreateTask(
            player=player.steam_id64,
            item=item,
            price_min=(price * Decimal("0.90")).quantize(Decimal("0.01")),
            price_max=(price * Decimal("1.10")).quantize(Decimal("0.01")),
            currency="USD",
            language=player.language,
        )
        try:
            await self._ctx.execute(command, actor=ACTOR)
        except CommandError as refused:
            self._ctx.log.warning("no task for %s: %s", player.steam_id64, refused.message)
