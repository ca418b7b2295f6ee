"""Chat: delivery, echoes, order, history, and what Steam does not take."""

from __future__ import annotations

import pytest

from plugins.steam_protocol import services, steam_id
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CFriendMessages_AckMessage_Notification,
    CFriendMessages_GetRecentMessages_Request,
    CFriendMessages_GetRecentMessages_Response,
    CFriendMessages_SendMessage_Request,
    CFriendsMessages_GetActiveMessageSessions_Request,
)
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamClient, SteamError
from tests.plugins.steam_sim.steam import Steam

History = CFriendMessages_GetRecentMessages_Response


async def friends(steam: Steam) -> tuple[SteamClient, SteamClient]:
    """Two bots that are online and friends."""
    first, second = await steam.online(0), await steam.online(1)
    await first.add_friend(second.steam_id64)
    await second.add_friend(first.steam_id64)
    return first, second


async def history(client: SteamClient, friend: int, **request: int | bool) -> History:
    asked = CFriendMessages_GetRecentMessages_Request(steamid1=client.steam_id64, steamid2=friend)
    for name, value in request.items():
        setattr(asked, name, value)
    return await client.call(services.GET_RECENT_MESSAGES, asked)


async def test_a_message_reaches_the_friend_with_the_identity_that_its_sender_was_told(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        sent = await first.say(second.steam_id64, "привет [b] \\o/")
        heard = await second.hears()

    assert sent.message_without_bb_code == heard.message_no_bbcode == "привет [b] \\o/"
    assert sent.modified_message == heard.message == "привет \\[b] \\\\o/"
    assert (heard.steamid_friend, heard.local_echo, heard.chat_entry_type) == (first.steam_id64, False, 1)
    assert (heard.rtime32_server_timestamp, heard.ordinal) == (sent.server_timestamp, sent.ordinal)


async def test_the_senders_other_sessions_hear_an_echo_and_the_sending_one_does_not(steam: Steam) -> None:
    first, second = await friends(steam)
    steam.wall += 30
    token = await steam.token()
    async with first, second, await steam.client() as phone:
        await phone.log_on(first.steam_id64, token, login_id=99)
        await first.say(second.steam_id64, "hi")

        echo = await phone.hears()
        await first.say(second.steam_id64, "again")
    assert (echo.steamid_friend, echo.local_echo, echo.message_no_bbcode) == (second.steam_id64, True, "hi")
    assert not [f for f in first.unasked if f.header.target_job_name == services.INCOMING_MESSAGE.name]


async def test_messages_of_one_second_are_told_apart_by_their_ordinals(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        one = await first.say(second.steam_id64, "1")
        two = await second.say(first.steam_id64, "2")
        await steam.clock.advance(1_000)
        three = await first.say(second.steam_id64, "3")

    start = one.server_timestamp
    assert [(m.server_timestamp, m.ordinal) for m in (one, two, three)] == [(start, 0), (start, 1), (start + 1, 0)]


async def test_history_comes_newest_first_and_in_pages(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        for number in range(5):
            await first.say(second.steam_id64, str(number))
            await steam.clock.advance(500)
        page = await history(second, first.steam_id64, count=3, time_last=2147483647)
        oldest = page.messages[-1]
        rest = await history(second, first.steam_id64, count=3, time_last=oldest.timestamp, ordinal_last=oldest.ordinal)
        late = await history(second, first.steam_id64, rtime32_start_time=page.messages[0].timestamp)

    assert [m.message for m in page.messages] == ["4", "3", "2"]
    assert page.more_available
    assert [m.message for m in rest.messages] == ["1", "0"]
    assert not rest.more_available
    assert {m.accountid for m in rest.messages} == {steam_id.to_account_id(first.steam_id64)}
    assert [m.message for m in late.messages] == ["4"]


async def test_nobody_reads_the_history_of_others(steam: Steam) -> None:
    async with await steam.online() as client:
        with pytest.raises(SteamError) as refused:
            await client.call(
                services.GET_RECENT_MESSAGES,
                CFriendMessages_GetRecentMessages_Request(steamid1=steam.bot(1).steam_id64, steamid2=client.steam_id64),
            )

    assert refused.value.eresult == EResult.ACCESS_DENIED


async def test_what_was_written_while_away_is_found_by_its_unread_count(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        sent = await first.say(second.steam_id64, "are you there?")
        since = CFriendsMessages_GetActiveMessageSessions_Request
        active = await second.call(services.GET_ACTIVE_MESSAGE_SESSIONS, since(lastmessage_since=0))
        later = await second.call(services.GET_ACTIVE_MESSAGE_SESSIONS, since(lastmessage_since=sent.server_timestamp))

    (session,) = active.message_sessions
    assert session.accountid_friend == steam_id.to_account_id(first.steam_id64)
    assert (session.last_message, session.unread_message_count) == (sent.server_timestamp, 1)
    assert not later.message_sessions


async def test_an_acknowledgement_is_not_answered_but_echoed_to_the_other_sessions(steam: Steam) -> None:
    first, second = await friends(steam)
    steam.wall += 30
    token = await steam.token(1)
    async with first, second, await steam.client() as phone:
        await phone.log_on(second.steam_id64, token, login_id=99)
        sent = await first.say(second.steam_id64, "read me")
        ack = CFriendMessages_AckMessage_Notification(steamid_partner=first.steam_id64, timestamp=sent.server_timestamp)
        await second.send(EMsg.SERVICE_METHOD_CALL_FROM_CLIENT, ack, target_job_name=services.ACK_MESSAGE.name)

        name = services.NOTIFY_ACK_MESSAGE_ECHO.name
        echo = await phone.expect(EMsg.SERVICE_METHOD, lambda frame: frame.header.target_job_name == name)
        active = await second.call(
            services.GET_ACTIVE_MESSAGE_SESSIONS, CFriendsMessages_GetActiveMessageSessions_Request()
        )
    assert echo.parse(CFriendMessages_AckMessage_Notification) == ack
    assert [(s.last_view, s.unread_message_count) for s in active.message_sessions] == [(sent.server_timestamp, 0)]
    assert not [frame for frame in second.unasked if frame.emsg == EMsg.SERVICE_METHOD_RESPONSE]


async def test_typing_is_shown_and_not_kept(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        await first.call(
            services.SEND_MESSAGE,
            CFriendMessages_SendMessage_Request(steamid=second.steam_id64, chat_entry_type=2),
        )

        assert (await second.hears()).chat_entry_type == 2
        assert not (await history(second, first.steam_id64)).messages


async def test_bbcode_from_a_client_is_shown_without_its_escapes(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        request = CFriendMessages_SendMessage_Request(
            steamid=second.steam_id64, chat_entry_type=1, message="a \\[b] \\\\ c:\\d", contains_bbcode=True
        )
        await first.call(services.SEND_MESSAGE, request)
        heard = await second.hears()
        formatted = await history(second, first.steam_id64, bbcode_format=True)

    assert heard.message_no_bbcode == "a [b] \\ c:\\d"
    assert heard.message == "a \\[b] \\\\ c:\\d"
    assert formatted.messages[0].message == heard.message


@pytest.mark.parametrize(
    ("text", "kind", "eresult"),
    [
        ("", 1, EResult.INVALID_PARAM),
        ("я" * 3171, 1, EResult.LIMIT_EXCEEDED),
        ("\n" * 104, 1, EResult.LIMIT_EXCEEDED),
        ("let's play", 3, EResult.INVALID_PARAM),
    ],
)
async def test_no_text_too_much_text_and_other_kinds_are_refused(
    steam: Steam, text: str, kind: int, eresult: EResult
) -> None:
    first, second = await friends(steam)
    async with first, second:
        with pytest.raises(SteamError) as refused:
            await first.call(
                services.SEND_MESSAGE,
                CFriendMessages_SendMessage_Request(steamid=second.steam_id64, chat_entry_type=kind, message=text),
            )

    assert refused.value.eresult == eresult


async def test_a_limited_account_may_say_less_at_once_and_is_shown_to_be_one(steam: Steam) -> None:
    first, second = await friends(steam)
    steam.simulation.faults.switch_on(Fault(FaultKind.ACCOUNT_LIMITED, account=first.steam_id64))
    async with first, second:
        with pytest.raises(SteamError) as refused:
            await first.say(second.steam_id64, "x" * 1946)
        await first.say(second.steam_id64, "x" * 1945)
        heard = await second.hears()
        await second.say(first.steam_id64, "x" * 1946)

        assert not (await first.hears()).from_limited_account
    assert refused.value.eresult == EResult.LIMIT_EXCEEDED
    assert (heard.from_limited_account, len(heard.message)) == (True, 1945)


async def test_only_friends_can_be_written_to(steam: Steam) -> None:
    async with await steam.online() as client:
        with pytest.raises(SteamError) as refused:
            await client.say(steam.player(Temperament.EAGER).steam_id64, "hello stranger")

    assert refused.value.eresult == EResult.ACCESS_DENIED


async def test_messages_outlive_a_restart(steam: Steam) -> None:
    first, second = await friends(steam)
    async with first, second:
        sent = await first.say(second.steam_id64, "do you remember?")
    await steam.restart()
    steam.wall += 30

    async with await steam.online(1) as second:
        kept = await history(second, first.steam_id64)
    assert [(m.message, m.timestamp, m.ordinal) for m in kept.messages] == [
        ("do you remember?", sent.server_timestamp, sent.ordinal)
    ]
