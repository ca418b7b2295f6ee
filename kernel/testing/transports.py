"""What every transport has to keep, as tests that its author runs: subclass `TransportContract`, set up the other side.

```python
from kernel.testing.transports import TransportContract, TransportStage

class TestContract(TransportContract):
    @asynccontextmanager
    async def staged(self, tmp_path: Path) -> AsyncIterator[TransportStage]:
        async with World(MyTransport) as world:
            yield MyStage(world)      # short methods: what people, and Steam, do on the other side
```

pytest (with pytest-asyncio in its `auto` mode) finds the tests. `tests/kernel/memory_transport.py` of Switchboard
is a small transport that keeps them. How each request ends is half of it: a transport that calls what may have arrived
"not sent" contacts people twice. A stage that cannot do one of the bad days has the tests about it skipped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

from kernel import commands as c
from kernel.codes import OffReason
from kernel.errors import Binds, CommandError, NotSent, RefusedBySteam
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ErrorLogged,
    FriendInviteSent,
    FriendMessageArrived,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.ids import SteamId64, new_bot_id
from kernel.outcomes import Fate, judge
from kernel.rows import BotStatus
from kernel.testing.transport_stage import INVITE as INVITE
from kernel.testing.transport_stage import Request as Request
from kernel.testing.transport_stage import TransportStage as TransportStage
from kernel.testing.transport_stage import Unsupported as Unsupported
from kernel.testing.transport_stage import message

SECONDS: Final = range(1_000_000_000, 100_000_000_000)
"""What a time in seconds looks like; one in milliseconds is beyond."""
ODD: Final = (
    "Hello [there] [b]you[/b]", "a\nb", "🙂 привет مرحبا", "<b>&amp;</b>", "\\[x] {item} %s", " two  spaces ",
    "x" * 2_000,
)  # fmt: skip
"""What people write, and what has to arrive as it was written."""


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
            await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=OffReason.STOPPED))
            await stage.until(lambda: stage.world.happened(BotDisconnected), "logged off, and nobody is told")
            assert [e.reason for e in stage.world.happened(BotDisconnected)] == [OffReason.STOPPED]
            assert stage.world.state.bots[bot_id].status == BotStatus.DISCONNECTED
            await _bear(stage, c.DisconnectBot(bot_id=bot_id, reason=OffReason.STOPPED))
            await stage.world.execute(c.ConnectBot(bot_id=bot_id))
            assert stage.world.state.bots[bot_id].status == BotStatus.CONNECTED, "it can be connected again"

    async def test_a_bot_that_is_not_connected_sends_nothing_and_the_answer_says_so(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.add_bot(), stage.player()
            for command in (stage.invite(bot_id, player), message(bot_id, player, "hi")):
                outcome = await _bear(stage, command)
                assert outcome is not None, f"{command.kind} of a bot that is off was carried out"
                assert isinstance(outcome, NotSent), f"it surely never left, and is told as {type(outcome).__name__}"
                assert outcome.again, "it may be made again once the bot is online"
            assert not stage.world.happened(FriendInviteSent)

    async def test_an_invite_that_is_refused_is_told_as_an_attempt_that_counts(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _refused(stage, await _an_invite(stage))
            assert not stage.world.happened(FriendInviteSent), "an invite that was refused is told of as sent"

    async def test_a_message_that_is_refused_is_told_as_an_attempt_that_counts(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _refused(stage, await _amessage(stage))

    async def test_an_invite_whose_answer_is_lost_is_in_doubt_and_not_made_twice(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _unanswered(stage, await _an_invite(stage))

    async def test_a_message_whose_answer_is_lost_is_in_doubt_and_not_made_twice(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _unanswered(stage, await _amessage(stage))

    async def test_an_invite_that_nobody_takes_is_not_told_as_taken(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _untaken(stage, await _an_invite(stage))
            assert not stage.world.happened(FriendInviteSent), "an invite that nobody took is told of as sent"

    async def test_a_message_that_nobody_takes_is_not_told_as_taken(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            await _untaken(stage, await _amessage(stage))

    async def test_after_a_refusal_the_next_request_goes_through(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            request = message(bot_id, player, "hi")
            async with stage.refusing(request):
                assert isinstance(await _bear(stage, request), RefusedBySteam)
            assert await _bear(stage, request) is None, "one refusal, and nothing goes out any more"
            assert _got(stage, request) == 1

    async def test_an_invite_is_withdrawn_when_the_command_returns(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.online(), stage.stranger()
            await stage.world.execute(stage.invite(bot_id, player))
            await stage.until(
                lambda: stage.standing(bot_id, player) is Relationship.REQUEST_INITIATOR, "never listed as `invited`"
            )
            outcome = await _bear(stage, c.WithdrawInvite(bot_id=bot_id, player=player))
            assert outcome is None and stage.standing(bot_id, player) is Relationship.NONE, (
                "it has returned, and the invite stands"
            )

    async def test_a_bot_that_nobody_knows_is_refused_in_words(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            assert await _bear(stage, message(new_bot_id(), stage.player(), "hi")) is not None
            await _bear(stage, c.ConnectBot(bot_id=new_bot_id()))

    async def test_an_invite_is_told_of_as_sent_before_its_command_returns(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.online(), stage.player()
            assert stage.standing(bot_id, player) is Relationship.NONE, "two who never met"
            command = stage.invite(bot_id, player)
            await stage.world.ctx.execute(command)
            (sent,) = stage.world.happened(FriendInviteSent)
            assert (sent.task_id, sent.bot_id, sent.player) == (command.task_id, bot_id, player)
            assert stage.standing(bot_id, player) in (Relationship.REQUEST_INITIATOR, Relationship.FRIEND)

    async def test_it_is_told_that_the_two_are_friends(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.friends()
            last = stage.world.happened(FriendRelationshipChanged)[-1]
            assert (last.bot_id, last.player, last.relationship) == (bot_id, player, Relationship.FRIEND)

    async def test_an_invite_that_is_not_there_is_withdrawn_without_a_word(self, tmp_path: Path) -> None:
        async with self.staged(tmp_path) as stage:
            bot_id, player = await stage.online(), stage.player()
            assert await _bear(stage, c.WithdrawInvite(bot_id=bot_id, player=player)) is None
            assert stage.standing(bot_id, player) is Relationship.NONE

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


async def _an_invite(stage: TransportStage) -> Request:
    """Of a connected bot, to somebody who does not answer it."""
    return stage.invite(await stage.online(), stage.stranger())


async def _amessage(stage: TransportStage) -> Request:
    """Between two who are friends, whose like has not been said."""
    bot_id, player = await stage.friends()
    return message(bot_id, player, "Are you there?")


async def _refused(stage: TransportStage, request: Request) -> None:
    async with stage.refusing(request):
        outcome = await _bear(stage, request)
    told = type(outcome).__name__ if outcome is not None else "success"
    assert isinstance(outcome, RefusedBySteam), f"the other side has refused {request.kind}, and it is told as {told}"
    assert outcome.binds in Binds
    assert _got(stage, request) == 0, "the player has got what was refused"


async def _unanswered(stage: TransportStage, request: Request) -> None:
    async with stage.losing_the_answer(request):
        outcome = await _bear(stage, request)
        assert _got(stage, request), "the stage has lost the request, and not its answer"
        told = type(outcome).__name__ if outcome is not None else "success"
        in_doubt = outcome is not None and judge(outcome).fate is Fate.IN_DOUBT
        assert in_doubt, f"{request.kind} has arrived and its answer was lost, and it is told as {told}"
        times = _got(stage, request)
        assert times == 1, f"the player has got it {times} times"


async def _untaken(stage: TransportStage, request: Request) -> None:
    async with stage.taking_nothing(request):
        outcome = await _bear(stage, request)
        assert outcome is not None, f"nobody has taken {request.kind}, and it is told as done"
        assert judge(outcome).fate is not Fate.REFUSED, f"nobody has refused {request.kind}, and it is told so"
    if judge(outcome).fate is Fate.NOT_SENT:
        await stage.world.clock.advance(60_000)
        await stage.breathe()
        assert _got(stage, request) == 0, "it is told as not sent, and the player has got it all the same"


def _got(stage: TransportStage, request: Request) -> int:
    """How often the player has got it."""
    what = INVITE if isinstance(request, c.SendInvite) else request.text
    return stage.got(request.bot_id, request.player).count(what)


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
