"""What every transport has to keep, as tests that its author runs: subclass `TransportContract`, set up the other side.

```python
from kernel.transport_contract import TransportContract, TransportStage

class TestContract(TransportContract):
    @asynccontextmanager
    async def staged(self, tmp_path: Path) -> AsyncIterator[TransportStage]:
        async with World(MyTransport) as world:
            yield MyStage(world)      # five short methods: what people do on the other side
```

pytest (with pytest-asyncio in its `auto` mode) finds the tests. `tests/kernel/memory_transport.py` of Switchboard
is a small transport that keeps them.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kernel import commands as c
from kernel.errors import CommandError
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ErrorLogged,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendInviteSent,
    FriendMessageArrived,
    FriendRelationshipChanged,
    TaskAssigned,
    TaskCreated,
)
from kernel.ids import BotId, SteamId64, new_bot_id, new_chat_id, new_message_id, new_task_id
from kernel.rows import BotStatus
from kernel.testing import World

PATIENCE_S: Final = 30.0
"""By the machine's clock, since bytes may be on their way: what has not come by then never will."""
STEP_MS: Final = 250
SECONDS: Final = range(1_000_000_000, 100_000_000_000)
"""What a time in seconds looks like; one in milliseconds is beyond."""
ODD: Final = (
    "Hello [there] [b]you[/b]", "a\nb", "🙂 привет مرحبا", "<b>&amp;</b>", "\\[x] {item} %s", " two  spaces ",
    "x" * 2_000,
)  # fmt: skip
"""What people write, and what has to arrive as it was written."""


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

    @abstractmethod
    async def accept(self, bot_id: BotId, player: SteamId64) -> None:
        """The player accepts the invite; it may also be that they do so by themselves."""

    @abstractmethod
    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        """The player, who is a friend, writes to the bot."""

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
            lambda: self.standing(bot_id, player) == "friend", "accepted, and `relationship` never says `friend`"
        )
        return bot_id, player

    async def deliver(self, bot_id: BotId, player: SteamId64, text: str) -> c.Delivered:
        return await self.world.execute(_message(bot_id, player, text))

    async def history(self, bot_id: BotId, player: SteamId64, since: int = 0) -> tuple[c.HistoryLine, ...]:
        return await self.world.execute(c.ReadHistory(bot_id=bot_id, player=player, since=since))

    def standing(self, bot_id: BotId, player: SteamId64) -> str | None:
        return self.world.ctx.ask.relationship(bot_id, player)


class TransportContract(ABC):
    """Say in `staged` how a stage is set up; each test has one of its own."""

    @abstractmethod
    def staged(self, tmp_path: Path) -> AbstractAsyncContextManager[TransportStage]:
        """A running world with the transport, and whatever it speaks to."""

    async def test_a_bot_is_usable_when_the_command_returns_and_each_step_is_told(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id = await stage.online()
            status = stage.world.state.bots[bot_id].status
            assert status == BotStatus.CONNECTED, f"ConnectBot has returned, and the bot is {status}"
            steps = [e.kind for e in stage.world.events if isinstance(e.payload, BotConnecting | BotConnected)]
            assert steps == ["bot.connecting", "bot.connected"], f"what was told: {steps}"

    async def test_a_bot_that_is_connected_already_stays_as_it_is(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id = await stage.online()
            seq = stage.world.state.seq
            await _bear(stage, c.ConnectBot(bot_id=bot_id))
            told = [e.kind for e in stage.world.events if e.seq > seq]
            assert not told, f"nothing has changed, and yet it tells {told}"

    async def test_a_bot_is_logged_off_for_the_reason_that_was_given(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id = await stage.online()
            await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason="rotation"))
            await stage.until(lambda: stage.world.happened(BotDisconnected), "logged off, and nobody is told")
            assert [e.reason for e in stage.world.happened(BotDisconnected)] == ["rotation"]
            assert stage.world.state.bots[bot_id].status == BotStatus.DISCONNECTED
            await _bear(stage, c.DisconnectBot(bot_id=bot_id, reason="rotation"))
            await stage.world.execute(c.ConnectBot(bot_id=bot_id))
            assert stage.world.state.bots[bot_id].status == BotStatus.CONNECTED, "it can be connected again"

    async def test_a_bot_that_is_not_connected_sends_nothing_and_the_answer_says_so(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.add_bot(), stage.player()
            for command in (stage.invite(bot_id, player), _message(bot_id, player, "hi")):
                refused = await _bear(stage, command)
                assert refused is not None, f"{command.kind} of a bot that is off was carried out"
            assert not stage.world.happened(FriendInviteSent)

    async def test_a_bot_that_nobody_knows_is_refused_in_words(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            assert await _bear(stage, _message(new_bot_id(), stage.player(), "hi")) is not None
            await _bear(stage, c.ConnectBot(bot_id=new_bot_id()))

    async def test_an_invite_is_told_of_as_sent_before_its_command_returns(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.online(), stage.player()
            assert stage.standing(bot_id, player) == "none", "two who never met"
            command = stage.invite(bot_id, player)
            await stage.world.ctx.execute(command)
            (sent,) = stage.world.happened(FriendInviteSent)
            assert (sent.task_id, sent.bot_id, sent.player) == (command.task_id, bot_id, player)
            assert stage.standing(bot_id, player) in ("invited", "friend")

    async def test_it_is_told_that_the_two_are_friends(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            last = stage.world.happened(FriendRelationshipChanged)[-1]
            assert (last.bot_id, last.player, last.relationship) == (bot_id, player, "friend")

    async def test_an_invite_that_is_not_there_is_withdrawn_without_a_word(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.online(), stage.player()
            assert await _bear(stage, c.WithdrawInvite(bot_id=bot_id, player=player)) is None
            assert stage.standing(bot_id, player) == "none"

    async def test_what_is_delivered_is_found_in_the_history_as_it_was_written(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            identities = [await stage.deliver(bot_id, player, text) for text in ODD]
            found = {(line.steam_ts, line.ordinal): line for line in await stage.history(bot_id, player)}
            for text, one in zip(ODD, identities, strict=True):
                assert one.steam_ts in SECONDS, f"{one.steam_ts} is no time in seconds since 1970"
                line = found.get((one.steam_ts, one.ordinal))
                assert line is not None, f"{text[:30]!r} was delivered as {one}, and the history does not have it"
                assert (line.from_bot, line.text) == (True, text), f"{text[:60]!r} has become {line.text[:60]!r}"

    async def test_the_same_words_twice_are_two_messages(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            first, second = [await stage.deliver(bot_id, player, "hello?") for _ in range(2)]
            assert first != second, "two messages have one identity"

    async def test_what_a_player_writes_arrives_in_their_name_and_is_in_the_history(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            for text in ODD:
                await stage.say(bot_id, player, text)
            told = stage.world.happened(FriendMessageArrived)
            await stage.until(
                lambda: {e.text for e in _from(stage, player)} >= set(ODD), f"not all has arrived as written: {told}"
            )
            actors = {e.actor for e in stage.world.events if isinstance(e.payload, FriendMessageArrived)}
            assert actors == {f"player:{player}"}, f"whose words: {actors}"
            lines = {(line.steam_ts, line.ordinal): line for line in await stage.history(bot_id, player)}
            for arrived in _from(stage, player):
                line = lines.get((arrived.steam_ts, arrived.ordinal))
                assert line is not None and (line.from_bot, line.text) == (False, arrived.text), f"{arrived}: {line}"

    async def test_the_history_is_in_order_and_begins_where_it_is_asked_to(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            await stage.deliver(bot_id, player, "early")
            await stage.world.clock.advance(5_000)
            late = await stage.deliver(bot_id, player, "late")
            order = [(line.steam_ts, line.ordinal) for line in await stage.history(bot_id, player)]
            assert order == sorted(order), "the oldest line comes first"
            since = await stage.history(bot_id, player, late.steam_ts)
            assert "late" in [line.text for line in since], "`since` is included"
            assert all(line.steam_ts >= late.steam_ts for line in since), "lines from before `since`"


def _message(bot_id: BotId, player: SteamId64, text: str) -> c.DeliverMessage:
    return c.DeliverMessage(chat_id=new_chat_id(), message_id=new_message_id(), bot_id=bot_id, player=player, text=text)


def _from(stage: TransportStage, player: SteamId64) -> list[FriendMessageArrived]:
    return [e for e in stage.world.happened(FriendMessageArrived) if e.player == player and not e.from_bot]


async def _bear(stage: TransportStage, command: c.LeavesToSteam[Any]) -> CommandError | None:
    """What became of the request, if it did not succeed; a failure of the transport's own code is no answer."""
    outcome: CommandError | None = None
    try:
        await stage.world.execute(command)
    except CommandError as error:
        outcome = error
    failed = [e for e in stage.world.happened(ErrorLogged) if e.message == f"handler of {command.kind}"]
    assert not failed, f"{command.kind} failed in place of an answer: {failed[0].message}"
    return outcome
