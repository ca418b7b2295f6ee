"""What a CM sends after a logon, how it takes odd clients, and when it closes."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from google.protobuf.message import Message
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from plugins.steam_protocol import frames, services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CFriendMessages_SendMessage_Request,
    CMsgClientAccountInfo,
    CMsgClientChangeStatus,
    CMsgClientEmoticonList,
    CMsgClientIsLimitedAccount,
    CMsgClientLoggedOff,
    CMsgClientPersonaState,
    CMsgClientRequestFriendData,
    CMsgClientServerTimestampRequest,
    CMsgClientServerTimestampResponse,
    CMsgPersonaChangeResponse,
    NoResponse,
)
from plugins.steam_protocol.services import Method
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamClient, SteamError
from tests.plugins.steam_sim.steam import NOON, Steam

BURST = [5501, 751, 768, 5456, 767, 5553, 5587, 780, 798, 5528, 779, 850, 5430, 5480, 9600, 782, 766]


async def test_a_logon_is_greeted_with_one_multi_in_steams_order(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as client:
        response = await client.log_on(steam.bot().steam_id64, token)
        (burst,) = client.batches

    assert [frame.emsg for frame in burst] == BURST
    assert {(frame.header.steamid, frame.header.client_sessionid) for frame in burst} == {
        (steam.bot().steam_id64, client.session_id)
    }
    assert client.session_id > 0
    assert response.client_supplied_steamid == steam.bot().steam_id64
    assert response.rtime32_server_time == NOON


async def test_the_same_client_a_second_time_replaces_its_first_session(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as first, await steam.client() as second:
        await first.log_on(steam.bot().steam_id64, token, login_id=1242)
        await second.log_on(steam.bot().steam_id64, token, login_id=1242)

        goodbye = (await first.expect(EMsg.CLIENT_LOGGED_OFF)).parse(CMsgClientLoggedOff)
        await first.is_closed()
        assert goodbye.eresult == EResult.LOGON_SESSION_REPLACED
        assert len(steam.simulation.sessions) == 1


async def test_two_clients_of_one_account_stay_side_by_side(steam: Steam) -> None:
    token = await steam.token()
    async with await steam.client() as first, await steam.client() as second:
        await first.log_on(steam.bot().steam_id64, token, login_id=1)
        await second.log_on(steam.bot().steam_id64, token, login_id=2)

        assert len(steam.simulation.sessions) == 2
        assert first.session_id != second.session_id


async def test_going_online_is_seen_and_friends_are_shown(steam: Steam) -> None:
    player = steam.player(Temperament.SILENT)
    async with await steam.online() as client:
        await client.add_friend(player.steam_id64)
        await steam.clock.advance(60_000)
        await client.becomes(player.steam_id64, 3)
        client.forget()
        await client.expect(EMsg.CLIENT_PERSONA_STATE)  # the new friend's

        status = CMsgClientChangeStatus(persona_state=1, need_persona_response=True)
        await client.send(EMsg.CLIENT_CHANGE_STATUS, status, jobid_source=9)
        answer = await client.expect(EMsg.CLIENT_PERSONA_CHANGE_RESPONSE)
        shown = [await client.expect(EMsg.CLIENT_PERSONA_STATE) for _ in range(2)]

    own, friends = (frame.parse(CMsgClientPersonaState) for frame in shown)
    assert (answer.header.jobid_target, answer.parse(CMsgPersonaChangeResponse).result) == (9, 1)
    assert [(f.friendid, f.persona_state) for f in own.friends] == [(steam.bot().steam_id64, 1)]
    assert [(f.friendid, f.player_name) for f in friends.friends] == [(player.steam_id64, player.name)]


async def test_names_are_given_for_the_accounts_that_exist(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER)
    async with await steam.online() as client:
        client.forget()
        await client.send(
            EMsg.CLIENT_REQUEST_FRIEND_DATA,
            CMsgClientRequestFriendData(persona_state_requested=83, friends=[player.steam_id64, 42]),
        )
        state = (await client.expect(EMsg.CLIENT_PERSONA_STATE)).parse(CMsgClientPersonaState)

    assert state.status_flags == 83
    assert [(f.friendid, f.player_name, len(f.avatar_hash)) for f in state.friends] == [
        (player.steam_id64, player.name, 20)
    ]


async def test_a_method_that_steam_does_not_have_fails_and_a_known_one_needs_a_session(steam: Steam) -> None:
    unknown: Method[Message, Message] = Method("Nobody.Knows#1", NoResponse, NoResponse)
    async with await steam.client() as client:
        with pytest.raises(SteamError) as refused:
            await client.call(unknown, NoResponse())
        assert refused.value.eresult == EResult.FAIL
        with pytest.raises(SteamError) as refused:
            await client.call(services.SEND_MESSAGE, CFriendMessages_SendMessage_Request(steamid=1))

    assert refused.value.eresult == EResult.NOT_LOGGED_ON


async def test_what_independent_clients_ask_for_after_a_logon_is_answered(steam: Steam) -> None:
    groups: Method[Message, Message] = Method("ChatRoom.GetMyChatRoomGroups#1", NoResponse, NoResponse)
    async with await steam.online() as client:
        for emsg in (5577, 5583, 7524, 123456):
            await client.send(emsg, b"")

        await client.call(groups, NoResponse())
        await client.send(EMsg.CLIENT_GET_EMOTICON_LIST, b"", jobid_source=3)
        emoticons = await client.expect(EMsg.CLIENT_EMOTICON_LIST)
        asked = CMsgClientServerTimestampRequest(client_request_timestamp=5)
        await client.send(EMsg.CLIENT_SERVER_TIMESTAMP_REQUEST, asked, jobid_source=4)
        timed = await client.expect(EMsg.CLIENT_SERVER_TIMESTAMP_RESPONSE)

    assert emoticons.header.jobid_target == 3
    assert [one.name for one in emoticons.parse(CMsgClientEmoticonList).emoticons] == [":steamhappy:"]
    assert timed.header.jobid_target == 4
    answer = timed.parse(CMsgClientServerTimestampResponse)
    assert (answer.client_request_timestamp, answer.server_timestamp_ms) == (5, NOON * 1_000)


async def test_a_limited_and_a_locked_account_are_told_so_in_every_place_where_steam_says_it(steam: Steam) -> None:
    token = await steam.token()
    for kind, bit in ((FaultKind.ACCOUNT_LIMITED, 4096), (FaultKind.ACCOUNT_LOCKED, 8388608)):
        steam.simulation.faults.switch_off()
        steam.simulation.faults.switch_on(Fault(kind))
        async with await steam.client() as client:
            response = await client.log_on(steam.bot().steam_id64, token)
            (burst,) = client.batches
        (told,) = [frame.parse(CMsgClientIsLimitedAccount) for frame in burst if frame.emsg == 5430]
        (info,) = [frame.parse(CMsgClientAccountInfo) for frame in burst if frame.emsg == 768]

        assert (response.account_flags, info.account_flags) == (16384 | bit, 16384 | bit)
        limited = kind is FaultKind.ACCOUNT_LIMITED
        assert (told.bis_limited_account, told.bis_locked_account) == (limited, not limited)


async def test_bytes_that_are_no_message_end_one_connection_and_no_other(steam: Steam) -> None:
    async with await steam.online() as good, await steam.client() as bad:
        await bad.socket.send(b"\x01\x02")
        await bad.is_closed()

        await good.send(EMsg.CLIENT_REQUEST_FRIEND_DATA, CMsgClientRequestFriendData(friends=[good.steam_id64]))
        await good.expect(EMsg.CLIENT_PERSONA_STATE)


async def test_a_text_message_ends_the_connection(steam: Steam) -> None:
    async with await steam.client() as client:
        await client.socket.send("hello")
        await client.is_closed()


async def test_messages_in_a_multi_are_taken_one_after_the_other(steam: Steam) -> None:
    async with await steam.online() as client:
        beat = frames.encode(EMsg.CLIENT_HEART_BEAT, b"\x08\x01")
        await client.socket.send(frames.pack_multi([beat, beat]))

        await client.expect(EMsg.CLIENT_HEART_BEAT)
        await client.expect(EMsg.CLIENT_HEART_BEAT)


async def test_a_client_that_goes_silent_is_cut_off(steam: Steam) -> None:
    async with await steam.online() as client:
        steam.simulation.sweep(asyncio.get_running_loop().time() + 3 * 9 - 1)
        assert len(steam.simulation.sessions) == 1

        steam.simulation.sweep(asyncio.get_running_loop().time() + 3 * 9 + 1)
        await client.is_closed()


async def test_a_client_that_never_logs_on_is_sent_away(steam: Steam) -> None:
    async with await steam.client() as client:
        await client.call(services.GET_PASSWORD_RSA_PUBLIC_KEY, services.GET_PASSWORD_RSA_PUBLIC_KEY.request_class())
        steam.simulation.sweep(asyncio.get_running_loop().time() + 61)

        goodbye = await client.expect(EMsg.CLIENT_LOGGED_OFF)
        await client.is_closed()
    assert not goodbye.is_protobuf
    assert goodbye.body[:4] == b"\x02\x00\x00\x00"


async def test_only_the_socket_and_the_ping_are_served(steam: Steam) -> None:
    context = ssl.create_default_context(cafile=steam.ready.ca_file)
    for path, status in (("/", 404), ("/cmping/", 200)):
        with pytest.raises(InvalidStatus) as answer:
            await connect(steam.ready.cm_url.replace("/cmsocket/", path), ssl=context, proxy=None)
        assert answer.value.response.status_code == status
    assert answer.value.response.headers["X-Steam-CMLoad"] == "0"


async def test_the_certificate_holds_for_localhost_too(steam: Steam) -> None:
    url = steam.ready.cm_url.replace("127.0.0.1", "localhost")
    async with await SteamClient.open(url, steam.ready.ca_file) as client:
        await client.begin(steam.bot().login, steam.bot().password)


async def test_who_does_not_know_the_ca_does_not_connect(steam: Steam) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(steam.ready.cm_url, ssl=ssl.create_default_context(), proxy=None)
