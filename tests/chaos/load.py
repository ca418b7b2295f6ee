"""The load: bots are added, tasks created, operators write, take over, give back, dispose; players do as they like.

Everything about one chat goes through one hand at a time, so that it is known who had the chat when.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from kernel.ids import SteamId64
from kernel.rows import BotStatus, Chat, TaskStatus
from kernel.rows import Player as Row
from plugins.demo.stage import StagedBot
from plugins.steam_sim.temperament import Temperament
from tests.chaos.driver import Driver
from tests.chaos.ledger import Given
from tests.chaos.steam import Player, Steam

UNINVITED = (TaskStatus.CREATED, TaskStatus.ASSIGNED)
LEFT_ALONE = (Temperament.STOPPER, Temperament.DECLINER, Temperament.NEVER, Temperament.REFUSER)
"""Whom a deed of ours would keep from what they are there for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of each there is. `ahead`: tasks beyond one a bot that wait for an invite."""

    hands: int = 4
    pause_s: float = 0.08
    """Of each hand between two commands."""
    ahead: float = 1.3
    pause_contact_every_s: float = 25.0
    """0: never."""
    chats: float = 2.0
    """Chats a bot that are kept open, as long as there are friends."""
    deeds_every_s: float = 3.0
    newcomers_every_s: float = 0
    """Between two of the bots that are not there from the start; 0: all are."""
    removals_every_s: float = 0
    """Between two bots that are removed and added again; 0: never."""
    wishes: bool = True
    """Whether chats are disposed and players put on the list."""


class Load:
    """All who give commands."""

    def __init__(self, driver: Driver, steam: Steam, random: Random, pace: Pace, friends: int) -> None:
        """`friends`: so many players are friends of every bot already."""
        self.driver = driver
        self._steam = steam
        self._random = random
        self._pace = pace
        self._friends = steam.players[:friends]
        self._strangers = iter(steam.players[friends:])
        self._known = {player.steam_id64: player for player in steam.players}
        self._hold: dict[str, str] = {}
        """Chats that a command is under way for, with the id of that command once it has one."""
        self._newcomers = list(steam.bots[len(steam.bots) // 2 :]) if pace.newcomers_every_s else []
        """Accounts that are not bots yet: the first invite of each waits for no minute."""
        self._latest: Player | None = None
        """The friend with the newest task, which the stream may not have told yet."""

    async def add_bots(self) -> None:
        """Every account of the simulation becomes a bot, or half of them, and the others follow."""
        for bot in self._steam.bots:
            if bot not in self._newcomers:
                await self._add(bot)

    async def _add(self, bot: StagedBot) -> None:
        await self.driver.give(
            "AddBotFromMaFile",
            bot.steam_id64,
            tries=100,
            maFile=bot.ma_file,
            password=bot.password,
            proxyUrl=bot.proxy_url,
            label=bot.login,
        )

    async def all_connected(self, deadline: float = 60) -> None:
        wanted = len(self._steam.bots) - len(self._newcomers)
        await self.driver.until(
            lambda state: state.index.bots_by_status[BotStatus.CONNECTED] >= wanted, deadline, "all bots are connected"
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For the length of the block, until everybody has the answer that they wait for."""
        hands = [self._create_tasks(), self._player_deeds(), self._pause_now_and_then(), self._ask_again()]
        hands += [self._end_chats(), self._think_better(), self._add_newcomers(), self._remove_and_add()]
        hands += [self._operate() for _ in range(self._pace.hands)]
        tasks = [asyncio.create_task(hand) for hand in hands]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def create_task(self, player: Player) -> None:
        """One task for the player; who has said no is asked for again, which is to be refused."""
        await self.driver.give(
            "CreateTask",
            player.steam_id64,
            playerSteamId64=player.steam_id64,
            item=f"knife of {player.steam_id64}",
            priceMin="10.00",
            priceMax="12.50",
            currency="USD",
            language="en",
        )

    async def _create_tasks(self) -> None:
        """For strangers as many as the bots can invite; for friends, so that there are always some chats."""
        bots = len(self._steam.bots)
        while True:
            await asyncio.sleep(0.1)
            index = self.driver.state.index
            waiting = sum(index.tasks_by_status[status] for status in UNINVITED)
            talking = sum(player.steam_id64 in index.open_task_of_player for player in self._friends)
            if waiting < bots * self._pace.ahead and (stranger := next(self._strangers, None)) is not None:
                await self.create_task(stranger)
            if (
                max(talking, len(self._open_chats())) < bots * self._pace.chats
                and (friend := self._friend()) is not None
            ):
                await self.create_task(friend)

    def _friend(self) -> Player | None:
        """One who has no task at the moment and does not mind another."""
        state = self.driver.state
        free = [
            player
            for player in self._friends
            if player is not self._latest
            and player.steam_id64 not in state.index.open_task_of_player
            and not _is_unwilling(state.players.get(SteamId64(player.steam_id64)))
        ]
        self._latest = self._random.choice(free) if free else None
        return self._latest

    async def _operate(self) -> None:
        """One hand: a random thing in a random chat."""
        while True:
            await asyncio.sleep(self._pace.pause_s * self._random.uniform(0.5, 1.5))
            chats = [chat for chat in self._open_chats() if chat.id not in self._hold]
            if not chats or not self.driver.product.up.is_set():
                continue
            await self._do_something_in(self._random.choice(chats))

    def _open_chats(self) -> list[Chat]:
        state = self.driver.state
        return [state.chats[chat_id] for chats in state.index.open_chats_of_bot.values() for chat_id in chats]

    async def _do_something_in(self, chat: Chat) -> None:
        give, dice = self.driver.give, self._random.random()
        if dice < 0.30:
            text = f"operator [{len(self.driver.ledger.given)}] to {chat.id}"
            await self._hold_for(chat, give("SendMessage", chat.id, chatId=chat.id, text=text))
        else:
            enabled = dice < 0.85 and not chat.agent_enabled
            await self._hold_for(chat, give("ToggleAgent", chat.id, chatId=chat.id, enabled=enabled))

    async def _hold_for(self, chat: Chat, giving: Awaitable[Given]) -> None:
        """Nobody else does anything in the chat until it is known what became of the command."""
        self._hold[chat.id] = ""
        given = await giving
        if given.settled:
            del self._hold[chat.id]
        else:
            self._hold[chat.id] = given.id

    async def _ask_again(self) -> None:
        """After a kill: what became of what was not answered?"""
        while True:
            await self.driver.product.up.wait()
            await asyncio.sleep(0.1)
            for given in self.driver.ledger.unsettled():
                if not given.settled and (given.unanswered or given.answers):  # or it was settled meanwhile
                    await self.driver.ask(given)
            self._released()

    def _released(self) -> None:
        """Chats whose command is settled are free again."""
        unsettled = {given.id for given in self.driver.ledger.unsettled()}
        self._hold = {chat: given for chat, given in self._hold.items() if not given or given in unsettled}

    async def _player_deeds(self) -> None:
        """Players remove, block and say stop out of the blue; those of a temperament do what they do besides."""
        while True:
            await asyncio.sleep(self._pace.deeds_every_s * self._random.uniform(0.5, 1.5))
            chats = [c for c in self._open_chats() if self._known[c.player].temperament not in LEFT_ALONE]
            bots = self.driver.state.bots
            if not self._pace.wishes or not chats:
                continue
            chat = self._random.choice(chats)
            if chat.bot_id not in bots:
                continue
            deed = self._random.choice(("remove", "block", "say", "say"))
            text = {"text": self._random.choice(("stop", "стоп", "don't write to me again"))} if deed == "say" else {}
            try:
                await self._steam.order(
                    do="act", player=chat.player, deed=deed, other=bots[chat.bot_id].steam_id64, **text
                )
            except RuntimeError:
                continue  # the two are no friends any more

    async def _end_chats(self) -> None:
        """Now and then the task of a chat is disposed of, or its player listed."""
        while self._pace.wishes:
            await asyncio.sleep(self._pace.deeds_every_s * self._random.uniform(0.5, 1.5))
            await self.driver.product.up.wait()
            chats = [chat for chat in self._open_chats() if chat.id not in self._hold]
            if not chats:
                continue
            chat = self._random.choice(chats)
            if chat.task_id is not None and self._random.random() < 0.5:
                await self._hold_for(chat, self.driver.give("DisposeTask", chat.task_id, taskId=chat.task_id))
            else:
                await self._hold_for(
                    chat, self.driver.give("AddDoNotContact", chat.player, playerSteamId64=chat.player)
                )

    async def _think_better(self) -> None:
        """Now and then a task is disposed of that its player was invited for, or a player listed who is to be."""
        while self._pace.wishes:
            await asyncio.sleep(self._pace.deeds_every_s * self._random.uniform(0.5, 1.5))
            await self.driver.product.up.wait()
            tasks = self.driver.state.tasks.values()
            if invited := [task for task in tasks if task.status is TaskStatus.INVITED]:
                task = self._random.choice(invited)
                await self.driver.give("DisposeTask", task.id, taskId=task.id)
            if waiting := [task for task in tasks if task.status in UNINVITED]:
                task = self._random.choice(waiting)
                await self.driver.give("AddDoNotContact", task.player, playerSteamId64=task.player)
            if unwilling := [player for player in self.driver.state.players.values() if _is_unwilling(player)]:
                await self.create_task(self._known[self._random.choice(unwilling).steam_id64])

    async def _add_newcomers(self) -> None:
        while self._newcomers:
            await asyncio.sleep(self._pace.newcomers_every_s * self._random.uniform(0.5, 1.5))
            await self._add(self._newcomers.pop())

    async def _remove_and_add(self) -> None:
        """The same account goes and comes back, whatever it has under way."""
        while self._pace.removals_every_s:
            await asyncio.sleep(self._pace.removals_every_s * self._random.uniform(0.5, 1.5))
            await self.driver.product.up.wait()
            staged = self._random.choice(self._steam.bots)
            bot_id = self.driver.state.index.bot_of_account.get(staged.steam_id64)
            if bot_id is not None:
                removed = await self.driver.give("RemoveBot", bot_id, tries=100, botId=bot_id)
                if removed.acknowledged is not None:
                    await self._add(staged)

    async def _pause_now_and_then(self) -> None:
        while self._pace.pause_contact_every_s:
            await asyncio.sleep(self._pace.pause_contact_every_s * self._random.uniform(0.5, 1.5))
            await self.driver.give("PauseContact", tries=100)
            await asyncio.sleep(self._random.uniform(0.5, 1.5))
            await self.driver.give("ResumeContact", tries=100)


def _is_unwilling(player: Row | None) -> bool:
    return player is not None and (player.do_not_contact is not None or player.invite_refusal is not None)
