"""Faults: what Steam does on its bad days, for one bot or for all, so often or until switched off."""

from __future__ import annotations

import asyncio

import pytest

from kernel.testing import World
from plugins.steam_protocol import services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.messages import (
    CFriendMessages_GetRecentMessages_Request,
    CFriendsMessages_GetActiveMessageSessions_Request,
    CMsgClientHeartBeat,
)
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import SteamSim
from plugins.steam_sim.faults import Fault, FaultKind, Faults
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamError
from tests.plugins.steam_sim.steam import Steam


async def test_a_logon_is_refused_as_often_as_the_fault_says(steam: Steam) -> None:
    steam.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=48, times=2))
    token = await steam.token()
    for _ in range(2):
        async with await steam.client() as client:
            with pytest.raises(SteamError) as refused:
                await client.log_on(steam.bot().steam_id64, token)
            await client.is_closed()
        assert refused.value.eresult == 48

    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64, token)


async def test_a_sign_in_is_refused_for_one_account_only(steam: Steam) -> None:
    off = steam.simulation.faults.switch_on(Fault(FaultKind.BEGIN_RESULT, eresult=84, account=steam.bot(1).steam_id64))
    async with await steam.client() as client:
        await client.begin(steam.bot(0).login, steam.bot(0).password)
        with pytest.raises(SteamError) as refused:
            await client.begin(steam.bot(1).login, steam.bot(1).password)
        off()
        await client.begin(steam.bot(1).login, steam.bot(1).password)

    assert refused.value.eresult == 84


async def test_an_invite_and_a_message_are_refused_and_nothing_has_changed(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    faults = steam.simulation.faults
    async with await steam.online() as client:
        faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=25))
        assert (await client.add_friend(player.steam_id64)).eresult == 25
        assert not list(steam.simulation.world.relationships(player.steam_id64))

        faults.switch_off(FaultKind.INVITE_RESULT)
        await client.add_friend(player.steam_id64)
        await steam.clock.advance(60_000)
        faults.switch_on(Fault(FaultKind.CHAT_RESULT, eresult=84, times=1))
        with pytest.raises(SteamError) as refused:
            await client.say(player.steam_id64, "hi")
        await client.say(player.steam_id64, "hi again")

    assert refused.value.eresult == 84
    said = steam.simulation.world.conversation(client.steam_id64, player.steam_id64).messages
    assert [message.text for message in said] == ["hi again"]


async def test_a_lying_steam_shows_the_player_what_it_says_it_refused(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    faults = steam.simulation.faults
    async with await steam.online() as client:
        faults.switch_on(Fault(FaultKind.INVITE_LIES, eresult=20, times=1))
        faults.switch_on(Fault(FaultKind.CHAT_LIES, eresult=20, times=1))
        assert (await client.add_friend(player.steam_id64)).eresult == 20
        await client.becomes(player.steam_id64, EFriendRelationship.REQUEST_INITIATOR)
        await steam.clock.advance(60_000)
        with pytest.raises(SteamError) as refused:
            await client.say(player.steam_id64, "hi")

    assert refused.value.eresult == 20
    assert texts(steam, client.steam_id64, player.steam_id64) == ["hi"]


async def test_a_forgetful_steam_answers_ok_and_does_nothing(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    faults = steam.simulation.faults
    async with await steam.online() as client:
        faults.switch_on(Fault(FaultKind.INVITE_LOST, times=1))
        assert (await client.add_friend(player.steam_id64)).eresult == 1
        assert not list(steam.simulation.world.relationships(player.steam_id64))
        await client.add_friend(player.steam_id64)
        await steam.clock.advance(60_000)
        faults.switch_on(Fault(FaultKind.CHAT_LOST, times=1))
        lost = await client.say(player.steam_id64, "lost")
        said = await client.say(player.steam_id64, "said")

    assert (lost.server_timestamp, lost.ordinal) != (said.server_timestamp, said.ordinal)
    assert texts(steam, client.steam_id64, player.steam_id64) == ["said"]


async def test_a_history_that_lags_shows_a_message_late(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    async with await steam.online() as client:
        await client.add_friend(player.steam_id64)
        await steam.clock.advance(60_000)
        await client.say(player.steam_id64, "hi")
        steam.simulation.faults.switch_on(Fault(FaultKind.HISTORY_LAGS, delay_ms=10_000))
        request = CFriendMessages_GetRecentMessages_Request(steamid1=client.steam_id64, steamid2=player.steam_id64)
        early = await client.call(services.GET_RECENT_MESSAGES, request)
        sessions = CFriendsMessages_GetActiveMessageSessions_Request()
        none = await client.call(services.GET_ACTIVE_MESSAGE_SESSIONS, sessions)
        await steam.clock.advance(11_000)
        late = await client.call(services.GET_RECENT_MESSAGES, request)
        one = await client.call(services.GET_ACTIVE_MESSAGE_SESSIONS, sessions)

    assert not early.messages
    assert not none.message_sessions
    assert [message.message for message in late.messages] == ["hi"]
    assert len(one.message_sessions) == 1


def texts(steam: Steam, one: int, other: int) -> list[str]:
    """What the two have said, as Steam and the player have it."""
    return [message.text for message in steam.simulation.world.conversation(one, other).messages]


async def test_a_dropped_socket_ends_without_a_word(steam: Steam) -> None:
    async with await steam.online() as client:
        steam.simulation.faults.switch_on(Fault(FaultKind.DROP_SOCKET, account=client.steam_id64, times=1))
        await client.send(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat(send_reply=True))
        await client.is_closed()

    assert client.socket.close_code == 1006
    assert not [frame for frame in client.unasked if frame.emsg == EMsg.CLIENT_LOGGED_OFF]


async def test_a_bots_connections_can_be_cut_at_once(steam: Steam) -> None:
    async with await steam.online() as client:
        assert steam.simulation.drop(steam.bot().login) == 1
        await client.is_closed()
    assert steam.simulation.drop("nobody") == 0


async def test_a_stalled_connection_stays_open_and_says_nothing(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    async with await steam.online() as client:
        client.forget()
        off = steam.simulation.faults.switch_on(Fault(FaultKind.STALL, account=client.steam_id64))
        await client.send(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat(send_reply=True))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client._next()
        assert not list(steam.simulation.world.relationships(player.steam_id64))

        off()
        await client.send(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat(send_reply=True))
        await client.expect(EMsg.CLIENT_HEART_BEAT)


async def test_notifications_come_twice(steam: Steam) -> None:
    async with await steam.online(0) as first, await steam.online(1) as second:
        await first.add_friend(second.steam_id64)
        await second.add_friend(first.steam_id64)
        await second.becomes(first.steam_id64, EFriendRelationship.FRIEND)
        steam.simulation.faults.switch_on(Fault(FaultKind.DUPLICATE_NOTIFICATIONS, account=second.steam_id64))
        await first.say(second.steam_id64, "once")
        one, two = await second.hears(), await second.hears()

    assert one == two
    assert one.message_no_bbcode == "once"
    assert services.INCOMING_MESSAGE.is_notification


def test_rules_are_used_up_and_taken_out_by_kind_and_account() -> None:
    faults = Faults()
    faults.switch_on(Fault(FaultKind.STALL, account=1, times=2))
    faults.switch_on(Fault(FaultKind.STALL))
    faults.switch_on(Fault(FaultKind.CHAT_RESULT, eresult=2))

    assert faults.take(FaultKind.STALL, 2) == Fault(FaultKind.STALL)
    assert [faults.take(FaultKind.STALL, 1) for _ in range(3)][2] == Fault(FaultKind.STALL)
    faults.switch_off(FaultKind.STALL)
    assert faults.active(FaultKind.STALL, 1) is None
    assert faults.active(FaultKind.CHAT_RESULT, 1) is not None
    faults.switch_off()
    assert faults.active(FaultKind.CHAT_RESULT, 1) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_by_chance_strikes_the_same_times_with_the_same_seed(seed: int) -> None:
    def struck() -> list[bool]:
        faults = Faults(seed)
        faults.switch_on(Fault(FaultKind.DROP_SOCKET, chance=0.3))
        return [faults.take(FaultKind.DROP_SOCKET, 1) is not None for _ in range(200)]

    assert struck() == struck()
    assert 30 < sum(struck()) < 90


async def test_a_fault_of_a_login_that_nobody_has_is_said_when_it_starts(caplog: pytest.LogCaptureFixture) -> None:
    table = {"fault": "stall", "login": "nobody"}
    async with World(SteamSim, config={"steam_sim": {"bots": 1, "players": 0, "faults": [table]}}) as world:
        assert not list(world.data.glob("steam_sim/ready.json"))

    assert "no bot has the login 'nobody'; they are sim_bot_0001" in caplog.text
