"""The stage on which a transport is tried: a world in which it runs, and the hands of those on the other side."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Final
from unittest import SkipTest

from kernel import commands as c
from kernel.events import (
    FriendInviteQueued,
    FriendInviteRequested,
    Relationship,
    TaskAssigned,
    TaskCreated,
)
from kernel.ids import BotId, SteamId64, new_chat_id, new_message_id, new_task_id
from kernel.testing import World

PATIENCE_S: Final = 30.0
"""By the machine's clock, since bytes may be on their way: what has not come by then never will."""
STEP_MS: Final = 250


INVITE: Final = "an invite"
"""What a player gets who is invited."""

Request = c.SendInvite | c.DeliverMessage


class Unsupported(SkipTest):
    """This stage cannot bring that about, so the tests that need it are skipped, and say so."""


class TransportStage(ABC):
    """A world in which the transport runs, and the hands of those on the other side."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    async def add_bot(self) -> BotId:
        """A bot that is not connected, and can be."""

    @abstractmethod
    def player(self) -> SteamId64:
        """Somebody who has to do with none of the bots; another one each time."""

    def stranger(self) -> SteamId64:
        """Somebody who, beyond that, leaves an invite unanswered."""
        return self.player()

    @abstractmethod
    async def accept(self, bot_id: BotId, player: SteamId64) -> None:
        """The player accepts the invite; it may also be that they do so by themselves."""

    @abstractmethod
    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        """The player, who is a friend, writes to the bot."""

    def got(self, bot_id: BotId, player: SteamId64) -> list[str]:
        """By the other side's own record, what the player has got of the bot: `INVITE`, and the texts of messages."""
        raise Unsupported("the stage does not say what players get (TransportStage.got)")

    def refusing(self, request: Request) -> AbstractAsyncContextManager[None]:
        """While it lasts, the other side answers such a request with a refusal, and the player gets nothing."""
        raise Unsupported("the stage cannot make the other side refuse (TransportStage.refusing)")

    def losing_the_answer(self, request: Request) -> AbstractAsyncContextManager[None]:
        """While it lasts, the other side takes such a request, and its answer never comes."""
        raise Unsupported("the stage cannot lose an answer (TransportStage.losing_the_answer)")

    def taking_nothing(self, request: Request) -> AbstractAsyncContextManager[None]:
        """While it lasts, the other side neither takes such a request nor says so."""
        raise Unsupported("the stage cannot make the other side take nothing (TransportStage.taking_nothing)")

    async def breathe(self) -> None:
        """Let bytes pass, where there are any."""
        await asyncio.sleep(0)

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Let bytes and the world's time pass until it is so."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    await self.world.clock.advance(STEP_MS)
                    await self.breathe()
        except TimeoutError:
            raise AssertionError(what) from None

    async def online(self) -> BotId:
        bot_id = await self.add_bot()
        await self.world.execute(c.ConnectBot(bot_id=bot_id))
        return bot_id

    def invite(self, bot_id: BotId, player: SteamId64) -> c.SendInvite:
        """An invite as the queue has decided it."""
        task_id, publish, price = new_task_id(), self.world.ctx.publish, Decimal("10.00")
        created = TaskCreated(
            task_id=task_id, player=player, item="x", price_min=price, price_max=price, currency="USD"
        )
        publish(created)
        publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        publish(FriendInviteQueued(task_id=task_id, bot_id=bot_id, player=player))
        publish(FriendInviteRequested(task_id=task_id, bot_id=bot_id, player=player))
        return c.SendInvite(task_id=task_id, bot_id=bot_id, player=player)

    async def friends(self) -> tuple[BotId, SteamId64]:
        """A connected bot, and a player who has accepted its invite."""
        bot_id, player = await self.online(), self.player()
        await self.world.execute(self.invite(bot_id, player))
        await self.accept(bot_id, player)
        await self.until(
            lambda: self.standing(bot_id, player) is Relationship.FRIEND,
            "accepted, and `relationship` never says `friend`",
        )
        return bot_id, player

    async def deliver(self, bot_id: BotId, player: SteamId64, text: str) -> c.Delivered:
        return await self.world.execute(message(bot_id, player, text))

    async def history(self, bot_id: BotId, player: SteamId64, since: int = 0) -> tuple[c.HistoryLine, ...]:
        return await self.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=since))

    def standing(self, bot_id: BotId, player: SteamId64) -> Relationship | None:
        return self.world.ctx.hooks.relationship(bot_id, player)


def message(bot_id: BotId, player: SteamId64, text: str) -> c.DeliverMessage:
    return c.DeliverMessage(chat_id=new_chat_id(), message_id=new_message_id(), bot_id=bot_id, player=player, text=text)
