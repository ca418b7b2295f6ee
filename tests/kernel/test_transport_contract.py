"""The contract of transports holds a small one, and names what is wrong with another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from unittest import SkipTest

import pytest

from kernel import commands as c
from kernel.codes import KernelRefusal, Open, Undeclared
from kernel.errors import InDoubt, NotSent, RefusedBySteam
from kernel.events import FriendInviteSent, FriendMessageArrived, Relationship
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64
from kernel.testing import World
from kernel.testing.transports import INVITE, Request, TransportContract, TransportStage
from plugins.steam.codes import SteamRefusal
from tests.kernel import memory_transport as memory
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
        self.steam.relate(bot_id, player, Relationship.FRIEND)

    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        self.steam.say(bot_id, player, text)

    def got(self, bot_id: BotId, player: SteamId64) -> list[str]:
        words = [line.text for line in self.steam.lines.get((bot_id, player), []) if line.from_bot]
        return [INVITE] * self.steam.invited.count((bot_id, player)) + words

    @asynccontextmanager
    async def _in(self, mood: str) -> AsyncIterator[None]:
        self.steam.mood = mood
        yield
        self.steam.mood = memory.TAKES

    def refusing(self, request: Request) -> AbstractAsyncContextManager[None]:
        return self._in(memory.REFUSES)

    def losing_the_answer(self, request: Request) -> AbstractAsyncContextManager[None]:
        return self._in(memory.LOSES_THE_ANSWER)

    def taking_nothing(self, request: Request) -> AbstractAsyncContextManager[None]:
        return self._in(memory.TAKES_NOTHING)


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


class TimesOut(MemoryTransport):
    """Calls what has arrived, but was not answered, a request that can be made again."""

    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        try:
            return super().deliver(command)
        except InDoubt as error:
            raise NotSent(Undeclared("timeout"), "Steam did not answer in time.", retry_after=1_000) from error


class RaisesATimeOut(MemoryTransport):
    """The same, as the libraries do it."""

    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        try:
            return super().deliver(command)
        except InDoubt as error:
            raise TimeoutError from error


class BooksRefusalsAsNeverMade(MemoryTransport):
    def invite(self, command: c.SendInvite) -> None:
        try:
            super().invite(command)
        except RefusedBySteam as error:
            raise NotSent(SteamRefusal.STEAM_BUSY, "Steam is busy.", retry_after=5_000) from error


class DoubtsRefusals(MemoryTransport):
    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        try:
            return super().deliver(command)
        except RefusedBySteam as error:
            raise InDoubt(KernelRefusal.IN_DOUBT, "Something was wrong.") from error


class AsksOnceMore(MemoryTransport):
    """Makes a request again by itself that was not answered."""

    def invite(self, command: c.SendInvite) -> None:
        try:
            super().invite(command)
        except InDoubt:
            super().invite(command)


class FiresAndForgets(MemoryTransport):
    """Waits for no answer."""

    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        try:
            return super().deliver(command)
        except InDoubt:
            return c.Delivered(self.ctx.clock.now() // 1_000, 0)


class TellsTooSoon(MemoryTransport):
    """Tells of an invite as sent before it is known what Steam makes of it."""

    def invite(self, command: c.SendInvite) -> None:
        self.ctx.publish(FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player))
        super().invite(command)


class TakesBackLater(MemoryTransport):
    def withdraw(self, command: c.WithdrawInvite) -> None:
        self.ctx.call_later(1_000, lambda: MemoryTransport.withdraw(self, command), "take back")


class OfflineIsADoubt(MemoryTransport):
    def _expect_online(self, bot_id: BotId) -> None:
        try:
            super()._expect_online(bot_id)
        except NotSent as error:
            raise InDoubt(KernelRefusal.IN_DOUBT, "The bot is not connected.") from error


class StaysRefused(MemoryTransport):
    """Once refused, nothing goes out any more."""

    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        if getattr(self, "_refused", False):
            raise NotSent(Undeclared("refused"), "Steam has refused this before.")
        try:
            return super().deliver(command)
        except RefusedBySteam:
            self._refused = True
            raise


class HasItsOwnWords(MemoryTransport):
    """It says how the two stand in words that the kernel does not declare."""

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> Open[Relationship] | None:
        standing = super().relationship(bot_id, player)
        return Undeclared(standing.title()) if standing is not None else None


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
        (
            TimesOut,
            "test_a_message_whose_answer_is_lost_is_in_doubt_and_not_made_twice",
            "has arrived and its answer was lost, and it is told as NotSent",
        ),
        (
            RaisesATimeOut,
            "test_a_message_whose_answer_is_lost_is_in_doubt_and_not_made_twice",
            "failed in place of an answer",
        ),
        (
            BooksRefusalsAsNeverMade,
            "test_an_invite_that_is_refused_is_told_as_an_attempt_that_counts",
            "has refused SendInvite, and it is told as NotSent",
        ),
        (
            DoubtsRefusals,
            "test_a_message_that_is_refused_is_told_as_an_attempt_that_counts",
            "has refused DeliverMessage, and it is told as InDoubt",
        ),
        (
            AsksOnceMore,
            "test_an_invite_whose_answer_is_lost_is_in_doubt_and_not_made_twice",
            "the player has got it 2 times",
        ),
        (
            FiresAndForgets,
            "test_a_message_that_nobody_takes_is_not_told_as_taken",
            "nobody has taken DeliverMessage, and it is told as done",
        ),
        (
            TellsTooSoon,
            "test_an_invite_that_is_refused_is_told_as_an_attempt_that_counts",
            "an invite that was refused is told of as sent",
        ),
        (TakesBackLater, "test_an_invite_is_withdrawn_when_the_command_returns", "the invite stands"),
        (
            OfflineIsADoubt,
            "test_a_bot_that_is_not_connected_sends_nothing_and_the_answer_says_so",
            "it surely never left, and is told as InDoubt",
        ),
        (
            HasItsOwnWords,
            "test_it_is_told_that_the_two_are_friends",
            "accepted, and `relationship` never says `friend`",
        ),
        (StaysRefused, "test_after_a_refusal_the_next_request_goes_through", "nothing goes out any more"),
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


async def test_a_stage_that_cannot_do_a_bad_day_has_its_tests_skipped_and_says_so(tmp_path: Path) -> None:
    class Plain(MemoryStage):
        refusing = TransportStage.refusing
        got = TransportStage.got

    class Contract(TransportContract):
        @asynccontextmanager
        async def staged(self, tmp_path: Path) -> AsyncIterator[TransportStage]:
            async with World(MemoryTransport) as world:
                yield Plain(world)

    for test, said in (
        ("test_an_invite_that_is_refused_is_told_as_an_attempt_that_counts", "refusing"),
        ("test_an_invite_whose_answer_is_lost_is_in_doubt_and_not_made_twice", "got"),
    ):
        with pytest.raises(SkipTest, match=rf"TransportStage\.{said}"):
            await getattr(Contract(), test)(tmp_path)
