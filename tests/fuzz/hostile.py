"""Hostile input, drawn by Hypothesis: frames that are almost Steam's, maFiles that are almost an authenticator's."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from plugins.steam_protocol import frames, services
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.services import INCOMING_MESSAGE

BOT = 76561197960265729
FRIEND = BOT + 1
SECRET = base64.b64encode(bytes(range(20))).decode()

Damage = tuple[str, int, int]


def _header(**fields: Any) -> m.CMsgProtoBufHeader:
    return m.CMsgProtoBufHeader(steamid=BOT, client_sessionid=7, **fields)


def _corpus() -> list[bytes]:
    """One good message of each kind that either side reads, before and after a logon."""
    incoming = m.CFriendMessages_IncomingMessage_Notification(
        steamid_friend=FRIEND, chat_entry_type=1, message="hi", rtime32_server_timestamp=100, ordinal=1
    )
    friend = m.CMsgClientFriendsList.Friend(ulfriendid=FRIEND, efriendrelationship=3)
    bodies: list[tuple[int, Any, dict[str, Any]]] = [
        (EMsg.CLIENT_HELLO, m.CMsgClientHello(protocol_version=65580), {}),
        (EMsg.CLIENT_LOGON, m.CMsgClientLogon(access_token="a.b.c", account_name="alice"), {}),
        (EMsg.CLIENT_LOG_ON_RESPONSE, m.CMsgClientLogonResponse(eresult=1, heartbeat_seconds=9), {}),
        (EMsg.CLIENT_LOGGED_OFF, m.CMsgClientLoggedOff(eresult=34), {}),
        (EMsg.CLIENT_FRIENDS_LIST, m.CMsgClientFriendsList(bincremental=False, friends=[friend] * 3), {}),
        (EMsg.CLIENT_FRIENDS_LIST, m.CMsgClientFriendsList(bincremental=True, friends=[friend]), {}),
        (EMsg.CLIENT_IS_LIMITED_ACCOUNT, m.CMsgClientIsLimitedAccount(bis_limited_account=True), {}),
        (EMsg.CLIENT_ADD_FRIEND_RESPONSE, m.CMsgClientAddFriendResponse(eresult=1), {"jobid_target": 1}),
        (EMsg.CLIENT_HEART_BEAT, m.CMsgClientHeartBeat(send_reply=True), {}),
        (EMsg.CLIENT_ADD_FRIEND, m.CMsgClientAddFriend(steamid_to_add=FRIEND), {"jobid_source": 4}),
        (EMsg.CLIENT_REMOVE_FRIEND, m.CMsgClientRemoveFriend(friendid=FRIEND), {}),
        (EMsg.CLIENT_REQUEST_FRIEND_DATA, m.CMsgClientRequestFriendData(friends=[FRIEND]), {}),
        (EMsg.SERVICE_METHOD, incoming, {"target_job_name": INCOMING_MESSAGE.name}),
        (EMsg.SERVICE_METHOD_RESPONSE, b"", {"jobid_target": 1, "eresult": 1}),
    ]
    for emsg in (EMsg.SERVICE_METHOD_CALL_FROM_CLIENT, EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED):
        for method in (services.SEND_MESSAGE, services.GET_RECENT_MESSAGES, services.GET_PASSWORD_RSA_PUBLIC_KEY):
            bodies.append((emsg, method.request_class(), {"target_job_name": method.name, "jobid_source": 3}))
    good = [frames.encode(emsg, body, _header(**header)) for emsg, body, header in bodies]
    structs = [EMsg.CLIENT_SERVER_UNAVAILABLE, EMsg.CLIENT_LOG_ON_RESPONSE, EMsg.CLIENT_SET_IGNORE_FRIEND]
    good += [frames.encode_struct(emsg, bytes(range(17)), _header()) for emsg in structs]
    return [*good, frames.pack_multi(good[:5]), frames.pack_multi(good, gzip=False), frames.pack_multi([])]


CORPUS = _corpus()

_DAMAGES: dict[str, Callable[[bytes, int, int], bytes]] = {
    "cut": lambda data, place, byte: data[:place],
    "flip": lambda data, place, byte: data[:place] + bytes([data[place] ^ (byte or 1)]) + data[place + 1 :],
    "insert": lambda data, place, byte: data[:place] + bytes([byte]) * (byte % 9 + 1) + data[place:],
    "drop": lambda data, place, byte: data[:place] + data[place + byte % 9 + 1 :],
    "number": lambda data, place, byte: bytes([byte]) + data[1:],  # another EMsg
    "type": lambda data, place, byte: data[:3] + bytes([data[3] ^ 0x80]) + data[4:] if len(data) > 3 else data,
    "repeat": lambda data, place, byte: data[:place] * (byte % 5 + 1) + data[place:],
    "pack": lambda data, place, byte: frames.pack_multi([data] * (byte % 7), gzip=bool(byte & 8)),
    "claim": lambda data, place, byte: frames.encode(
        EMsg.MULTI, m.CMsgMulti(size_unzipped=1 << byte % 32, message_body=data)
    ),
}


def damaged(base: int, damages: list[Damage]) -> bytes:
    """A good message after some accidents, a Multi around it among them."""
    data = CORPUS[base]
    for kind, place, byte in damages:
        if data:
            data = _DAMAGES[kind](data, place % len(data), byte)
    return data


_damages = st.lists(
    st.tuples(st.sampled_from(sorted(_DAMAGES)), st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=3
)
_damaged = st.builds(damaged, st.integers(0, len(CORPUS) - 1), _damages)

streams = st.lists(st.one_of(_damaged, _damaged, _damaged, st.binary(max_size=60)), min_size=25, max_size=25)
"""What a hostile other side sends on one connection; 25 messages, so that their number is known."""

_KEYS = st.sampled_from(
    [
        "shared_secret",
        "SharedSecret",
        "account_name",
        "Session",
        "SessionData",
        "SteamID",
        "steamid",
        "RefreshToken",
        "serial_number",
        "uri",
        "identity_secret",
        "device_id",
        "SteamLoginSecure",
        "Password",
        "wild",
    ]
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([SECRET, str(BOT), BOT, "otpauth://totp/Steam:alice?secret=A", "otpauth://[", "a.e30.c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)
_objects = st.dictionaries(_KEYS | st.text(max_size=5), _VALUES, max_size=8)


def _written(content: dict[str, Any], cut: int | None, encoding: str) -> bytes:
    text = json.dumps(content)
    return (text if cut is None else text[:cut]).encode(encoding, "surrogatepass")


mafiles = st.one_of(
    st.builds(
        _written, _objects, st.none() | st.integers(0, 200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    ),
    st.binary(max_size=200),
    st.builds(lambda depth: b'{"Session":' * depth, st.integers(0, 20_000)),
    st.builds(lambda depth: b"[" * depth, st.integers(0, 60_000)),
)
"""Files of which few are maFiles."""
