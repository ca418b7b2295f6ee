"""Frames: bytes to messages and back, and nothing but a FrameError for the rest."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.steam_protocol import emsg, frames
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.errors import FrameError, Malformed, Oversized, Truncated
from plugins.steam_protocol.messages import (
    CAuthentication_GetPasswordRSAPublicKey_Request,
    CAuthentication_GetPasswordRSAPublicKey_Response,
    CFriendMessages_IncomingMessage_Notification,
    CMsgClientFriendsList,
    CMsgClientHeartBeat,
    CMsgClientHello,
    CMsgClientLogon,
    CMsgClientLogonResponse,
    CMsgClientPersonaState,
    CMsgIPAddress,
    CMsgMulti,
    CMsgProtoBufHeader,
)

ALICE = 76561197960265729
BOB = 76561197960265730
SESSION = 0x1234
LOGGED_ON = CMsgProtoBufHeader(steamid=ALICE, client_sessionid=SESSION)
RSA_METHOD = "Authentication.GetPasswordRSAPublicKey#1"

# Bytes made by reference clients and by steam's own descriptors.
GOLDEN = {
    "hello without a header": (
        frames.encode(EMsg.CLIENT_HELLO, CMsgClientHello(protocol_version=65580)),
        "4d2600800000000008ac8004",
    ),
    "hello with an explicit zero": (
        frames.encode(
            EMsg.CLIENT_HELLO,
            CMsgClientHello(protocol_version=65580),
            CMsgProtoBufHeader(steamid=0, client_sessionid=0),
        ),
        "4d2600800b000000090000000000000000100008ac8004",
    ),
    "call before logon": (
        frames.encode(
            EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED,
            CAuthentication_GetPasswordRSAPublicKey_Request(account_name="alice"),
            CMsgProtoBufHeader(steamid=0, client_sessionid=0, jobid_source=1, target_job_name=RSA_METHOD, realm=1),
        ),
        "4c260080410000000900000000000000001000510100000000000000622841757468656e7469636174696f6e2e4765745061"
        "7373776f72645253415075626c69634b657923318002010a05616c696365",
    ),
    "its reply": (
        frames.encode(
            EMsg.SERVICE_METHOD_RESPONSE,
            CAuthentication_GetPasswordRSAPublicKey_Response(
                publickey_mod="C0FFEE", publickey_exp="010001", timestamp=123456
            ),
            CMsgProtoBufHeader(jobid_target=1, target_job_name=RSA_METHOD, eresult=1),
        ),
        "9300008035000000590100000000000000622841757468656e7469636174696f6e2e47657450617373776f72645253415075"
        "626c69634b6579233168010a06433046464545120630313030303118c0c407",
    ),
    "logon": (
        frames.encode(
            EMsg.CLIENT_LOGON,
            CMsgClientLogon(
                protocol_version=65580,
                client_language="english",
                client_os_type=16,
                should_remember_password=True,
                obfuscated_private_ip=CMsgIPAddress(v4=0x01020304),
                chat_mode=2,
                account_name="alice",
                supports_rate_limit_response=True,
                access_token="TOKEN",
            ),
            CMsgProtoBufHeader(steamid=ALICE, client_sessionid=0),
        ),
        "8a1500800b000000090100000001001001100008ac80043207656e676c697368381040015a050d0403020188020292030561"
        "6c696365b00601e20605544f4b454e",
    ),
    "logon response": (
        frames.encode(
            EMsg.CLIENT_LOG_ON_RESPONSE,
            CMsgClientLogonResponse(
                eresult=1,
                legacy_out_of_game_heartbeat_seconds=9,
                heartbeat_seconds=9,
                rtime32_server_time=1700000000,
                cell_id=5,
                client_supplied_steamid=ALICE,
            ),
            LOGGED_ON,
        ),
        "ef0200800c00000009010000000100100110b4240801100918092d00f153653805a1010100000001001001",
    ),
    "friends list": (
        frames.encode(
            EMsg.CLIENT_FRIENDS_LIST,
            CMsgClientFriendsList(
                bincremental=False,
                friends=[CMsgClientFriendsList.Friend(ulfriendid=BOB, efriendrelationship=3)],
                max_friend_count=250,
            ),
            LOGGED_ON,
        ),
        "ff0200800c00000009010000000100100110b4240800120b090200000001001001100318fa01",
    ),
    "heartbeat": (
        frames.encode(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat(send_reply=True), LOGGED_ON),
        "bf0200800c00000009010000000100100110b4240801",
    ),
    "incoming message": (
        frames.encode(
            EMsg.SERVICE_METHOD,
            CFriendMessages_IncomingMessage_Notification(
                steamid_friend=BOB,
                chat_entry_type=1,
                message="hi",
                rtime32_server_timestamp=1700000000,
                message_no_bbcode="hi",
            ),
            CMsgProtoBufHeader(
                steamid=ALICE,
                client_sessionid=SESSION,
                target_job_name="FriendMessagesClient.IncomingMessage#1",
            ),
        ),
        "920000803400000009010000000100100110b4246226467269656e644d65737361676573436c69656e742e496e636f6d696e"
        "674d65737361676523310902000000010010011001220268692d00f1536542026869",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_message_is_encoded_to_the_bytes_that_reference_clients_send(name: str) -> None:
    encoded, golden = GOLDEN[name]

    assert encoded.hex() == golden


@pytest.mark.parametrize("name", GOLDEN)
def test_what_is_encoded_is_decoded_to_the_same(name: str) -> None:
    encoded, _ = GOLDEN[name]
    frame = frames.decode(encoded)

    assert frames.encode(frame.emsg, frame.body, frame.header) == encoded


def test_a_friends_list_from_the_wire_is_read() -> None:
    golden = "ff0200800c00000009010000000100100110b4240800120b090200000001001001100318fa01"
    frame = frames.decode(bytes.fromhex(golden))
    listed = frame.parse(CMsgClientFriendsList)

    assert (frame.emsg, frame.header.steamid, frame.header.client_sessionid) == (767, ALICE, SESSION)
    assert [(friend.ulfriendid, friend.efriendrelationship) for friend in listed.friends] == [(BOB, 3)]
    assert listed.max_friend_count == 250


def test_a_struct_message_keeps_jobs_steamid_session_and_body() -> None:
    header = CMsgProtoBufHeader(steamid=ALICE, client_sessionid=-7, jobid_source=3)
    frame = frames.decode(frames.encode_struct(EMsg.CLIENT_SERVER_UNAVAILABLE, b"body", header))

    assert not frame.is_protobuf
    assert frame.emsg == EMsg.CLIENT_SERVER_UNAVAILABLE
    assert (frame.header.steamid, frame.header.client_sessionid) == (ALICE, -7)
    assert (frame.header.jobid_source, frame.header.jobid_target) == (3, frames.NO_JOB)
    assert frame.body == b"body"


@pytest.mark.parametrize("gzip", [True, False])
def test_a_multi_is_unpacked_in_order_however_it_nests(gzip: bool) -> None:
    inner = frames.pack_multi([frames.encode(2, b"b"), frames.encode(3, b"c")], gzip=gzip)
    outer = frames.pack_multi([frames.encode(5001, b"a"), inner, frames.encode(4, b"d")], gzip=gzip)

    assert [(frame.emsg, frame.body) for frame in frames.unpack(outer)] == [
        (5001, b"a"),
        (2, b"b"),
        (3, b"c"),
        (4, b"d"),
    ]


def test_a_message_that_nobody_knows_is_a_frame_like_any_other() -> None:
    (frame,) = frames.unpack(frames.encode(123456, b"?"))

    assert frame.emsg == 123456
    assert emsg.name(frame.emsg) == "EMsg 123456"


def test_a_frame_does_not_show_the_token_it_carries() -> None:
    encoded, _ = GOLDEN["logon"]

    assert repr(frames.decode(encoded)) == f"<Frame ClientLogon, {len(encoded) - 8 - 11} bytes>"


def multi(body: bytes, size: int) -> bytes:
    return frames.encode(EMsg.MULTI, CMsgMulti(size_unzipped=size, message_body=body))


def gzip_of(payload: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(payload) + packer.flush()


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip_of(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(Malformed, match="promises"):
            list(frames.unpack(multi(bomb, 1000)))
        with pytest.raises(Oversized):
            list(frames.unpack(multi(bomb, 64 * 1024 * 1024)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1024 * 1024


def test_multis_share_one_allowance_however_many_they_are() -> None:
    megabyte = frames.encode(1000, bytes(1024 * 1024))
    many = frames.pack_multi([frames.pack_multi([megabyte]) for _ in range(40)])

    with pytest.raises(Oversized):
        for _ in frames.unpack(many):
            pass


def test_multis_nested_without_end_are_refused() -> None:
    data = frames.encode(1000)
    for _ in range(frames.MAX_DEPTH + 1):
        data = frames.pack_multi([data])

    with pytest.raises(Oversized, match="nested"):
        list(frames.unpack(data))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Truncated),
        (b"\x01\x00\x00\x80", Truncated),
        (struct.pack("<II", 5514 | 0x80000000, 100) + b"short", Truncated),
        (struct.pack("<II", 5514 | 0x80000000, 2) + b"\xff\xff", Malformed),
        (struct.pack("<II", 5500, 36), Truncated),
        (struct.pack("<I", 5500) + bytes(40), Malformed),
        (multi(b"not gzip", 8), Malformed),
        (multi(gzip_of(b"abcd"), 3), Malformed),
        (multi(gzip_of(b"abcd"), 5), Malformed),
        (multi(gzip_of(bytes(100))[:-4], 100), Malformed),
        (multi(b"\x01", 0), Truncated),
        (multi(struct.pack("<I", 9) + b"too short", 0), Truncated),
        (multi(struct.pack("<I", 90) + b"too short", 0), Truncated),
        (multi(struct.pack("<I", 0), 0), Truncated),
        (frames.encode(EMsg.MULTI, b"\xff"), Malformed),
    ],
)
def test_bytes_that_are_no_message_are_refused_by_kind(data: bytes, error: type[FrameError]) -> None:
    with pytest.raises(error):
        list(frames.unpack(data))


def test_text_that_is_not_utf8_is_malformed_and_never_given_as_bytes() -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        frames.decode(struct.pack("<II", 146 | 0x80000000, 4) + b"\x62\x02\xff\xfe")

    body = CFriendMessages_IncomingMessage_Notification(message="ab").SerializeToString()
    with pytest.raises(Malformed, match="UTF-8"):
        frames.decode(frames.encode(146, body.replace(b"ab", b"\xff\xfe"))).parse(
            CFriendMessages_IncomingMessage_Notification
        )


def test_broken_text_is_found_inside_nested_messages_too() -> None:
    friend = CMsgClientPersonaState.Friend(friendid=BOB, player_name="ab")
    body = CMsgClientPersonaState(friends=[friend]).SerializeToString()
    frame = frames.decode(frames.encode(EMsg.CLIENT_PERSONA_STATE, body.replace(b"ab", b"\xff\xfe")))

    with pytest.raises(Malformed, match="UTF-8"):
        frame.parse(CMsgClientPersonaState)


@given(st.binary(max_size=300))
def test_any_bytes_give_frames_or_a_frame_error(data: bytes) -> None:
    try:
        for frame in frames.unpack(data):
            assert isinstance(frame.header.target_job_name, str)
    except FrameError:
        pass


bodies = st.binary(max_size=60)
singles = st.builds(frames.encode, st.sampled_from([146, 147, 766, 767, 9999]), bodies)
trees = st.recursive(
    singles | bodies,
    lambda inner: st.builds(frames.pack_multi, st.lists(inner, max_size=4), gzip=st.booleans()),
    max_leaves=12,
)


@given(trees, st.data())
def test_a_damaged_multi_gives_frames_or_a_frame_error(tree: bytes, data: st.DataObject) -> None:
    damaged = bytearray(tree)
    if damaged and data.draw(st.booleans()):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        for frame in frames.unpack(bytes(damaged)):
            frame.parse(CFriendMessages_IncomingMessage_Notification)
    except FrameError:
        pass


@given(st.lists(st.tuples(st.integers(2, 0x7FFFFFFF), st.binary(max_size=40)), max_size=8), st.booleans())
def test_whatever_is_packed_is_unpacked(packed: list[tuple[int, bytes]], gzip: bool) -> None:
    data = frames.pack_multi([frames.encode(number, body) for number, body in packed], gzip=gzip)

    assert [(frame.emsg, frame.body) for frame in frames.unpack(data)] == packed
