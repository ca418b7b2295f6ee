"""A session, played by hand: frames in, events out; requests in, frames out; and a clock that is a number."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam.events import (
    Answered,
    FellSilent,
    FriendsListed,
    LoggedOff,
    LoggedOn,
    LogonRefused,
    MessageArrived,
    OwnPersonaState,
    RelationshipChanged,
    Restricted,
    Unanswered,
)
from plugins.steam.session import Session
from plugins.steam_protocol import messages as m
from plugins.steam_protocol import services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.frames import NO_JOB, decode, encode, encode_struct, pack_multi
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import greeting
from plugins.steam_sim.session import ClientChannel, LogonSession

BOT = 76561197960265729
ANNA, BORIS, CLAN = BOT + 1, BOT + 2, 103582791429521409
MINUTE = 60_000

Body = TypeVar("Body", bound=Message)


def frame(emsg: int, body: Message | bytes = b"", **header: Any) -> bytes:
    return encode(emsg, body, m.CMsgProtoBufHeader(steamid=BOT, client_sessionid=7, **header))


def logged_on_frame(heartbeat: int = 9, eresult: int = 1, **fields: Any) -> bytes:
    return frame(
        EMsg.CLIENT_LOG_ON_RESPONSE,
        m.CMsgClientLogonResponse(eresult=eresult, heartbeat_seconds=heartbeat, **fields),
    )


def friends_frame(*friends: tuple[int, int], incremental: bool = False, **fields: Any) -> bytes:
    entries = [
        m.CMsgClientFriendsList.Friend(ulfriendid=steam_id64, efriendrelationship=relationship)
        for steam_id64, relationship in friends
    ]
    return frame(EMsg.CLIENT_FRIENDS_LIST, m.CMsgClientFriendsList(bincremental=incremental, friends=entries, **fields))


def message_frame(**fields: Any) -> bytes:
    body = m.CFriendMessages_IncomingMessage_Notification(
        **({"steamid_friend": ANNA, "chat_entry_type": 1, "rtime32_server_timestamp": 100, "ordinal": 2} | fields)
    )
    return frame(EMsg.SERVICE_METHOD, body, target_job_name=services.INCOMING_MESSAGE.name)


def session(*friends: tuple[int, int], heartbeat: int = 9) -> Session:
    """A session that is logged on at 0 ms, with these friends."""
    made = Session(0)
    made.receive(logged_on_frame(heartbeat), 0)
    made.receive(friends_frame(*friends), 0)
    return made


def read(data: bytes, body_class: type[Body]) -> tuple[int, m.CMsgProtoBufHeader, Body]:
    sent = decode(data)
    return sent.emsg, sent.header, sent.parse(body_class)


def test_the_burst_after_a_logon_is_told_in_its_order() -> None:
    burst = pack_multi(
        [
            frame(EMsg.CLIENT_SERVERS_AVAILABLE),
            logged_on_frame(rtime32_server_time=1_700_000_000, public_ip=m.CMsgIPAddress(v4=0x7F000001)),
            friends_frame((ANNA, 3), (BORIS, 2), (CLAN, 3), friends_limit_hit=True),
            frame(EMsg.CLIENT_IS_LIMITED_ACCOUNT, m.CMsgClientIsLimitedAccount(bis_limited_account=True)),
        ]
    )
    made = Session(0)

    events = made.receive(burst, 0)

    assert events == [
        LoggedOn(BOT, 1_700_000_000, 0x7F000001, 0),
        FriendsListed({ANNA: 3, BORIS: 2}, list_full=True),
        Restricted(limited=True, banned=False, locked=False, may_invite=False),
    ]
    assert (made.steam_id64, dict(made.friends), made.limited) == (BOT, {ANNA: 3, BORIS: 2}, True)


def test_a_logon_carries_the_token_and_nothing_that_valve_has_abolished() -> None:
    emsg, header, logon = read(Session(0).log_on("TOKEN", "alice", BOT), m.CMsgClientLogon)

    assert (emsg, header.steamid, header.client_sessionid) == (EMsg.CLIENT_LOGON, BOT, 0)
    assert (logon.access_token, logon.account_name, logon.chat_mode) == ("TOKEN", "alice", 2)
    assert logon.supports_rate_limit_response
    assert not any(logon.HasField(field) for field in ("password", "login_key", "two_factor_code", "sha_sentryfile"))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (logged_on_frame(eresult=5), 5),
        (frame(EMsg.CLIENT_LOG_ON_RESPONSE), 2),
        (encode_struct(EMsg.CLIENT_LOG_ON_RESPONSE, b"\x02\0\0\0"), 20),
        (encode_struct(EMsg.CLIENT_LOGGED_OFF, b"\x02\0\0\0"), 2),
        (encode_struct(EMsg.CLIENT_SERVER_UNAVAILABLE, bytes(16)), 48),
        (encode(EMsg.CLIENT_LOG_ON_RESPONSE, m.CMsgClientLogonResponse(eresult=1)), 76),
    ],
)
def test_a_logon_that_steam_refuses_is_told_with_its_result(answer: bytes, result: int) -> None:
    made = Session(0)

    assert made.receive(answer, 0) == [LogonRefused(result)]
    assert made.steam_id64 == 0


def test_a_logon_answer_without_an_id_in_its_header_is_taken_by_its_body() -> None:
    answer = encode(EMsg.CLIENT_LOG_ON_RESPONSE, m.CMsgClientLogonResponse(eresult=1, client_supplied_steamid=BOT))

    assert Session(0).receive(answer, 0) == [LoggedOn(BOT, 0, None, 0)]


def test_a_session_that_steam_ends_is_told_with_the_reason() -> None:
    off = frame(EMsg.CLIENT_LOGGED_OFF, m.CMsgClientLoggedOff(eresult=EResult.LOGON_SESSION_REPLACED))

    assert session().receive(off, 0) == [LoggedOff(34)]


def test_after_the_logon_every_message_carries_account_and_session() -> None:
    made = session()
    deadline = MINUTE

    sent = [
        made.call(services.GET_ACTIVE_MESSAGE_SESSIONS, b_request(), deadline)[1],
        made.invite(ANNA, deadline)[1],
        made.send_message(ANNA, "hi", deadline)[1],
        made.remove_friend(ANNA),
        made.acknowledge(ANNA, 5),
        made.show(OwnPersonaState.ONLINE),
        made.log_off(),
    ]

    assert {(decode(data).header.steamid, decode(data).header.client_sessionid) for data in sent} == {(BOT, 7)}


def b_request() -> Message:
    return m.CFriendsMessages_GetActiveMessageSessions_Request(lastmessage_since=1)


def test_calls_before_the_logon_go_the_way_without_authentication() -> None:
    request = m.CAuthentication_GetPasswordRSAPublicKey_Request(account_name="alice")

    job, data = Session(0).call(services.GET_PASSWORD_RSA_PUBLIC_KEY, request, MINUTE)

    emsg, header, _ = read(data, m.CAuthentication_GetPasswordRSAPublicKey_Request)
    assert emsg == EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED
    assert (header.jobid_source, header.realm) == (job, 1)
    assert header.target_job_name == "Authentication.GetPasswordRSAPublicKey#1"


def test_an_acknowledgement_has_no_job_because_steam_rejects_one() -> None:
    _, header, body = read(session().acknowledge(ANNA, 5), m.CFriendMessages_AckMessage_Notification)

    assert not header.HasField("jobid_source")
    assert (body.steamid_partner, body.timestamp) == (ANNA, 5)


def test_answers_find_their_requests_in_whatever_order_they_come() -> None:
    made = session()
    invite, _ = made.invite(ANNA, MINUTE)
    message, _ = made.send_message(BORIS, "hi", MINUTE)
    sent = m.CFriendMessages_SendMessage_Response(server_timestamp=9, ordinal=1)

    first = made.receive(frame(EMsg.SERVICE_METHOD_RESPONSE, sent, jobid_target=message, eresult=1), 0)
    second = made.receive(
        frame(EMsg.CLIENT_ADD_FRIEND_RESPONSE, m.CMsgClientAddFriendResponse(eresult=25), jobid_target=invite), 0
    )
    again = made.receive(frame(EMsg.SERVICE_METHOD_RESPONSE, sent, jobid_target=message, eresult=1), 0)

    (answer,) = first
    assert isinstance(answer, Answered)
    assert (answer.job, answer.result, answer.frame.body) == (message, 1, sent.SerializeToString())
    assert [(event.job, event.result) for event in second if isinstance(event, Answered)] == [(invite, 25)]
    assert again == []


def test_an_answer_that_says_nothing_of_its_result_is_a_failure() -> None:
    made = session()
    job, _ = made.send_message(ANNA, "hi", MINUTE)

    (event,) = made.receive(frame(EMsg.SERVICE_METHOD_RESPONSE, jobid_target=job), 0)

    assert isinstance(event, Answered)
    assert (event.job, event.result) == (job, EResult.FAIL)


def test_a_request_that_nobody_answers_is_told_at_its_deadline_and_not_again() -> None:
    made = session()
    early, _ = made.invite(ANNA, 1_000)
    late, _ = made.invite(BORIS, 2_000)

    assert made.due_ms == 1_000
    assert made.tick(999)[1] == []
    assert made.tick(1_000)[1] == [Unanswered(early)]
    assert made.tick(5_000)[1] == [Unanswered(late)]
    answer = frame(EMsg.CLIENT_ADD_FRIEND_RESPONSE, m.CMsgClientAddFriendResponse(eresult=1), jobid_target=late)
    assert made.receive(answer, 5_000) == []


@pytest.mark.parametrize("text", ["hi", "[b]bold[/b]", "C:\\new [x]", "10.00–12.50 € \\[", "привет", "a\nb"])
def test_a_text_arrives_as_it_was_written_whatever_markup_it_looks_like(text: str) -> None:
    _, data = session().send_message(ANNA, text, MINUTE)
    sent = read(data, m.CFriendMessages_SendMessage_Request)[2]

    (event,) = session().receive(message_frame(message=sent.message), 0)

    assert sent.contains_bbcode
    assert "[" not in sent.message.replace("\\[", "")
    assert isinstance(event, MessageArrived)
    assert event.text == text


def test_a_message_is_told_with_its_key_and_steams_plain_text() -> None:
    (event,) = session().receive(message_frame(message="[b]x[/b]", message_no_bbcode="x", local_echo=True), 0)

    assert event == MessageArrived(ANNA, 100, 2, "x", echo=True)


def test_typing_clans_and_other_notifications_are_nothing_to_tell() -> None:
    made = session()

    events = [
        *made.receive(message_frame(chat_entry_type=2), 0),
        *made.receive(message_frame(steamid_friend=CLAN, message="x"), 0),
        *made.receive(frame(EMsg.SERVICE_METHOD, b"", target_job_name="FriendMessagesClient.MessageReaction#1"), 0),
        *made.receive(frame(99_999), 0),
    ]

    assert events == []
    assert (made.ignored, made.malformed) == (4, 0)


def test_what_else_steam_sends_after_a_logon_is_passed_over() -> None:
    made = session()
    told = LogonSession(BOT, 7, 0, "", cast(ClientChannel, None))
    standing = {EMsg.CLIENT_IS_LIMITED_ACCOUNT, EMsg.CLIENT_VAC_BAN_STATUS}
    burst = [one for one in greeting.messages(told, 100) if one[0] not in standing]

    events = [event for emsg, body in burst for event in made.receive(greeting.frame(told, emsg, body), 0)]

    assert events == []
    assert (made.ignored, made.malformed, len(burst)) == (9, 0, 9)


def test_friendships_are_followed_and_a_notification_that_changes_nothing_is_none() -> None:
    made = session((ANNA, EFriendRelationship.REQUEST_INITIATOR), (BORIS, EFriendRelationship.FRIEND))
    accepted = friends_frame((ANNA, 3), incremental=True)

    assert made.receive(accepted, 0) == [RelationshipChanged(ANNA, 4, 3)]
    assert made.receive(accepted, 0) == []
    assert made.receive(friends_frame((BORIS, 0), incremental=True), 0) == [RelationshipChanged(BORIS, 3, 0)]
    assert dict(made.friends) == {ANNA: 3}


def test_a_second_whole_list_is_told_as_what_it_changes() -> None:
    made = session((ANNA, 4), (BORIS, 3))

    events = made.receive(friends_frame((ANNA, 3)), 0)

    assert sorted(events) == [RelationshipChanged(ANNA, 4, 3), RelationshipChanged(BORIS, 3, 0)]


def test_an_account_beats_once_a_period_at_a_place_of_its_own() -> None:
    made, other = session(heartbeat=10), Session(0)
    other.receive(
        encode(
            EMsg.CLIENT_LOG_ON_RESPONSE,
            m.CMsgClientLogonResponse(eresult=1, heartbeat_seconds=10, client_supplied_steamid=BOT + 1234),
        ),
        0,
    )
    first = made.due_ms

    beats, _ = made.tick(first)

    assert 5_000 <= first < 10_000
    assert other.due_ms != first
    assert [decode(beat).emsg for beat in beats] == [EMsg.CLIENT_HEART_BEAT]
    made.receive(frame(EMsg.CLIENT_HEART_BEAT), first + 50)
    assert made.due_ms == first + 10_000


@pytest.mark.parametrize(("said", "period"), [(0, 9_000), (-5, 9_000), (30, 30_000), (2**31 - 1, 120_000)])
def test_a_heartbeat_that_makes_no_sense_is_not_obeyed(said: int, period: int) -> None:
    made = session(heartbeat=said)
    first = made.due_ms

    made.tick(first)
    made.receive(frame(EMsg.CLIENT_HEART_BEAT), first + 50)

    assert made.due_ms == first + period


def falls_silent(made: Session) -> tuple[int, list[int]]:
    """When a session gives a Steam up that says nothing any more, and when it asked before."""
    asked: list[int] = []
    while True:
        now = made.due_ms
        beats, told = made.tick(now)
        asked += [now for beat in beats if read(beat, m.CMsgClientHeartBeat)[2].send_reply]
        if any(isinstance(event, FellSilent) for event in told):
            return now, asked


@pytest.mark.parametrize("heard_after_the_beat", [1, 4_000, 8_999])
def test_a_steam_that_falls_silent_is_given_up_within_seventeen_seconds(heard_after_the_beat: int) -> None:
    made = session(heartbeat=9)
    beat = made.due_ms
    made.tick(beat)
    last = beat + heard_after_the_beat
    made.receive(frame(EMsg.CLIENT_HEART_BEAT), last)

    given_up, asked = falls_silent(made)

    assert made.due_ms > 10**15
    assert asked == [beat + 9_000]
    assert 8_000 <= given_up - last <= 17_000


def test_a_request_without_an_answer_brings_the_question_forward_and_an_answer_takes_it_back() -> None:
    made = session(heartbeat=9)
    beat = made.due_ms
    made.tick(beat)
    made.receive(frame(EMsg.CLIENT_HEART_BEAT), beat + 50)
    made.send_message(BOT + 1, "hi", beat + 100 + 20_000)
    made.expect(beat + 100)
    made.receive(frame(EMsg.CLIENT_HEART_BEAT), beat + 200)
    assert made.due_ms == beat + 9_000, "Steam is there, so it is asked at its usual time"

    made.send_message(BOT + 1, "hi", beat + 300 + 20_000)
    made.expect(beat + 300)
    given_up, asked = falls_silent(made)

    assert asked == [beat + 3_300, beat + 9_000]
    assert given_up == beat + 300 + 11_000, "the heartbeat between gives it no more time"


def test_a_process_that_was_asleep_asks_before_it_gives_steam_up() -> None:
    made = session(heartbeat=10)
    made.tick(made.due_ms)

    beats, told = made.tick(made.due_ms + 60 * MINUTE)

    assert told == []
    assert len(beats) == 1


def test_a_steam_that_answers_lives_and_costs_one_heartbeat_a_period() -> None:
    made = session(heartbeat=10)
    first = made.due_ms

    for _ in range(100):
        now = made.due_ms
        beats, told = made.tick(now)
        assert told == []
        assert len(beats) == 1
        made.receive(frame(EMsg.CLIENT_HEART_BEAT), now + 50)

    assert made.due_ms == first + 100 * 10_000


def test_one_bad_message_in_a_multi_does_not_take_the_others_with_it() -> None:
    made = session()
    torn = frame(EMsg.CLIENT_FRIENDS_LIST, b"\xff\xff")

    events = made.receive(pack_multi([torn, message_frame(message="hi")]), 0)

    assert events == [MessageArrived(ANNA, 100, 2, "hi", echo=False)]
    assert made.malformed == 1


def test_a_text_that_is_not_utf_8_is_malformed_and_nothing_worse() -> None:
    body = m.CFriendMessages_IncomingMessage_Notification(steamid_friend=ANNA, chat_entry_type=1)
    bad = body.SerializeToString() + b"\x22\x03a\xff\xfe"
    made = session()

    assert made.receive(frame(EMsg.SERVICE_METHOD, bad, target_job_name=services.INCOMING_MESSAGE.name), 0) == []
    assert made.malformed == 1


HANDLED = st.sampled_from([1, 146, 147, 152, 751, 757, 767, 792, 5430, 5500])


@given(st.lists(st.binary(max_size=60) | st.tuples(HANDLED, st.binary(max_size=60), st.booleans()), max_size=8))
def test_no_bytes_from_the_other_side_make_it_raise(pieces: list[bytes | tuple[int, bytes, bool]]) -> None:
    made = session()
    made.invite(ANNA, MINUTE)
    for piece in pieces:
        if isinstance(piece, bytes):
            made.receive(piece, 0)
        else:
            emsg, body, is_protobuf = piece
            whole = frame(emsg, body, jobid_target=1, target_job_name=services.INCOMING_MESSAGE.name)
            made.receive(whole if is_protobuf else encode_struct(emsg, body), 0)
            made.receive(frame(emsg, body, jobid_target=NO_JOB, target_job_name=services.INCOMING_MESSAGE.name), 0)
    made.tick(MINUTE)


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.dictionaries(st.sampled_from([ANNA, BORIS, BOT + 3, CLAN]), st.integers(0, 7), max_size=4),
        ),
        max_size=10,
    )
)
def test_whoever_folds_the_changes_has_the_friends_list_that_steam_has(
    updates: list[tuple[bool, dict[int, int]]],
) -> None:
    made = session((ANNA, 3))
    folded = {ANNA: 3}
    truth = {ANNA: 3}
    for incremental, entries in updates:
        truth = (truth if incremental else {}) | entries
        truth = {who: what for who, what in truth.items() if what and who != CLAN}
        for event in made.receive(friends_frame(*entries.items(), incremental=incremental), 0):
            assert isinstance(event, RelationshipChanged)
            assert folded.get(event.steam_id64, 0) == event.before != event.after
            folded[event.steam_id64] = event.after

    assert {who: what for who, what in folded.items() if what} == truth == dict(made.friends)
