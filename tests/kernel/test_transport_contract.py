"""The contract of transports holds a small one, and names what is wrong with another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.events import FriendMessageArrived
from kernel.ids import BotId, SteamId64
from kernel.testing import World
from kernel.transport_contract import TransportContract, TransportStage
from tests.kernel.memory_transport import MemoryTransport


class MemoryStage(TransportStage):
    @property
    def steam(self) -> MemoryTransport:
        return self.world.plugin(MemoryTransport)

    async def add_bot(self) -> BotId:
        return self.world.add_bot(connected=False)

    def player(self) -> SteamId64:
        return self.world.player()

    async def accept(self, bot_id: BotId, player: SteamId64) -> None:
        self.steam.relate(bot_id, player, "friend")

    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        self.steam.say(bot_id, player, text)


@asynccontextmanager
async def stage(transport: type[MemoryTransport]) -> AsyncIterator[TransportStage]:
    async with World(transport) as world:
        yield MemoryStage(world)


class TestASmallTransportKeepsTheContract(TransportContract):
    def staged(self, tmp_path: Path) -> AbstractAsyncContextManager[TransportStage]:
        return stage(MemoryTransport)


class TellsTooLate(MemoryTransport):
    def connect(self, command: c.ConnectBot) -> None:
        self.ctx.call_later(1_000, lambda: MemoryTransport.connect(self, command), "sign in")


class SendsWhatever(MemoryTransport):
    def _expect_online(self, bot_id: BotId) -> None:
        pass


class InMilliseconds(MemoryTransport):
    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        delivered = super().deliver(command)
        return c.Delivered(delivered.steam_ts * 1_000, delivered.ordinal)


class Trims(MemoryTransport):
    def _keep(self, bot_id: BotId, player: SteamId64, text: str, *, from_bot: bool) -> c.HistoryLine:
        return super()._keep(bot_id, player, text.strip(), from_bot=from_bot)


class Nameless(MemoryTransport):
    def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        line = self._keep(bot_id, player, text, from_bot=False)
        self.ctx.publish(
            FriendMessageArrived(bot_id=bot_id, player=player, text=text, steam_ts=line.steam_ts, ordinal=line.ordinal)
        )


class Stumbles(MemoryTransport):
    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        if command.bot_id not in self.ctx.state.bots:
            raise KeyError(command.bot_id)
        return super().deliver(command)


@pytest.mark.parametrize(
    ("wrong", "test", "said"),
    [
        (
            TellsTooLate,
            "test_a_bot_is_usable_when_the_command_returns_and_each_step_is_told",
            "the bot is disconnected",
        ),
        (SendsWhatever, "test_a_bot_that_is_not_connected_sends_nothing_and_the_answer_says_so", "was carried out"),
        (InMilliseconds, "test_what_is_delivered_is_found_in_the_history_as_it_was_written", "no time in seconds"),
        (Trims, "test_what_is_delivered_is_found_in_the_history_as_it_was_written", "has become"),
        (Nameless, "test_what_a_player_writes_arrives_in_their_name_and_is_in_the_history", "whose words"),
        (Stumbles, "test_a_bot_that_nobody_knows_is_refused_in_words", "failed in place of an answer"),
    ],
)
async def test_the_contract_names_what_is_wrong_with_a_transport(
    wrong: type[MemoryTransport], test: str, said: str, tmp_path: Path
) -> None:
    class Contract(TransportContract):
        def staged(self, tmp_path: Path) -> AbstractAsyncContextManager[TransportStage]:
            return stage(wrong)

    with pytest.raises(AssertionError, match=said):
        await getattr(Contract(), test)(tmp_path)
