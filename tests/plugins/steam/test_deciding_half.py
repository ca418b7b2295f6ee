"""What decides about bots, alone: no socket, no simulator, and sessions that do what a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.errors import Binds, InDoubt, RefusedBySteam
from kernel.events import BotFriendRequestsListed, FriendMessageArrived, FriendRelationshipChanged, Relationship
from kernel.ids import BotId, SteamId64, TaskId, new_chat_id, new_message_id
from kernel.rows import BotStatus
from kernel.testing import World, idle
from plugins.steam import Steam
from plugins.steam.errors import Disconnected, ProxyUnreachable, RequestInDoubt, RequestRefused
from plugins.steam.events import MessageArrived, RelationshipChanged, Restricted
from plugins.steam.policy import Context, judge
from plugins.steam_protocol.eresult import EResult
from tests.plugins.steam.fake_sessions import FakeSession, FakeSessions

PLAYER = SteamId64("76561197960265999")
ACCOUNT = 76561198650290044


class Half:
    """The world with one bot."""

    def __init__(self, world: World, sessions: FakeSessions) -> None:
        self.world = world
        self.sessions = sessions

    async def added(self) -> BotId:
        document = {
            "account_name": "sim_bot_0001",
            "shared_secret": "zvIayp3JPvtvX/QGHqsqKBk/44s=",
            "Session": {"SteamID": ACCOUNT},
        }
        return await self.world.execute(
            c.AddBotFromMaFile(ma_file=json.dumps(document), proxy_url="socks5://u:p@127.0.0.1:1080", password="pw")
        )

    async def online(self) -> tuple[BotId, FakeSession]:
        bot_id = await self.added()
        await self.world.execute(c.ConnectBot(bot_id=bot_id))
        assert self.world.state.bots[bot_id].status is BotStatus.CONNECTED
        return bot_id, self.sessions.opened[-1]


@pytest.fixture
async def half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Half]:
    sessions = FakeSessions()
    monkeypatch.setattr(Steam, "_sessions", lambda steam, network: sessions)
    (tmp_path / "data").mkdir()
    async with World(Steam, config={"steam": {"unseen_s": 0.0}}, data=tmp_path / "data") as world:
        yield Half(world, sessions)


async def test_a_bot_is_online_for_as_long_as_its_session_is_and_its_token_is_kept(half: Half) -> None:
    bot_id, session = await half.online()
    assert (session.bot, session.secrets.password) == (bot_id, "pw")

    session.end(Disconnected("the proxy went away"))
    await idle()

    bot = half.world.state.bots[bot_id]
    assert (bot.status, bot.detail) == (BotStatus.DISCONNECTED, "the proxy went away")
    await half.world.execute(c.ConnectBot(bot_id=bot_id))
    assert half.sessions.opened[-1].secrets.refresh_token == "a token of Steam's"


async def test_a_way_that_is_no_way_is_told_and_tried_again(half: Half) -> None:
    bot_id = await half.added()
    half.sessions.refuses = ProxyUnreachable("nobody listens there")

    await half.world.execute(c.ConnectBot(bot_id=bot_id))

    bot = half.world.state.bots[bot_id]
    assert (bot.status, bot.reason) == (BotStatus.DISCONNECTED, ProxyUnreachable.code)
    assert bot.retry_at is not None


async def test_what_a_session_hears_becomes_the_kernels_events(half: Half) -> None:
    bot_id, session = await half.online()

    session.tell(RelationshipChanged(int(PLAYER), 0, 2))
    assert half.world.ctx.hooks.relationship(bot_id, PLAYER) is Relationship.REQUEST_RECIPIENT
    assert [event.players for event in half.world.happened(BotFriendRequestsListed)] == [(PLAYER,)]
    session.tell(RelationshipChanged(int(PLAYER), 2, 3))
    session.tell(MessageArrived(int(PLAYER), 100, 1, "hello", echo=False))
    await idle()

    assert half.world.ctx.hooks.relationship(bot_id, PLAYER) is Relationship.FRIEND
    assert [event.players for event in half.world.happened(BotFriendRequestsListed)] == [(PLAYER,), ()]
    (changed,) = half.world.happened(FriendRelationshipChanged)
    assert changed.relationship is Relationship.FRIEND
    (arrived,) = half.world.happened(FriendMessageArrived)
    assert (arrived.player, arrived.text) == (PLAYER, "hello")


@pytest.mark.parametrize(
    ("fails", "error"),
    [
        (RequestInDoubt("no answer"), InDoubt),
        (RequestRefused(judge(Context.CHAT, EResult.RATE_LIMIT_EXCEEDED)), RefusedBySteam),
    ],
)
async def test_what_comes_of_a_message_is_one_of_the_kernels_outcomes(
    half: Half, fails: RequestInDoubt | RequestRefused, error: type[InDoubt | RefusedBySteam]
) -> None:
    bot_id, session = await half.online()
    session.fails = fails
    line = c.DeliverMessage(
        chat_id=new_chat_id(), bot_id=bot_id, player=PLAYER, message_id=new_message_id(), text="hello"
    )

    with pytest.raises(error) as raised:
        await half.world.execute(line)

    assert session.asked == [("send_message", int(PLAYER), "hello")]
    if isinstance(raised.value, RefusedBySteam):
        assert raised.value.binds is Binds.ACCOUNT


async def test_a_limited_accounts_invites_are_blocked_by_what_the_session_tells(half: Half) -> None:
    bot_id, session = await half.online()

    session.tell(Restricted(limited=True, banned=False, locked=False, may_invite=False))
    await idle()

    assert half.world.state.bots[bot_id].invites_blocked_until is not None
    assert session.asked == []


async def test_an_invite_is_asked_of_the_bots_own_session_alone(half: Half) -> None:
    bot_id, session = await half.online()

    await half.world.execute(c.SendInvite(task_id=TaskId("task_1"), bot_id=bot_id, player=PLAYER))

    assert session.asked == [("invite", int(PLAYER), "")]
