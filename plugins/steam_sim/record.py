"""What reached the simulated Steam and what it made of it, line by line with times: a record to judge a client by.

One JSON object a line in `record.ndjson`, in the order of events. Off unless asked for (`SimOptions.record`), since it
grows for as long as the simulation is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, cast

import msgspec
from google.protobuf.message import Message
from msgspec import Struct

from plugins.steam_protocol import messages as m
from plugins.steam_protocol import services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.errors import FrameError
from plugins.steam_protocol.frames import Frame
from plugins.steam_sim.backend import Occurrence
from plugins.steam_sim.chat import unescape
from plugins.steam_sim.clock import Clock
from plugins.steam_sim.notifications import CHAT_MESSAGE
from plugins.steam_sim.session import LogonSession
from plugins.steam_sim.world import FriendshipChanged, MessageSent

FILE = "record.ndjson"


class Request(StrEnum):
    """What a client asks of Steam that concerns a player."""

    ADD_FRIEND = "addFriend"
    REMOVE_FRIEND = "removeFriend"
    IGNORE_FRIEND = "ignoreFriend"
    SEND_MESSAGE = "sendMessage"
    READ_HISTORY = "readHistory"


class Asked(Struct, frozen=True, tag="asked", omit_defaults=True):
    """A request came in on the account's session, whatever becomes of it. `at` is in ms, here and below; `text` is as
    its reader would see it."""

    number: int
    at: int
    account: int
    request: Request
    target: int
    text: str = ""


class RequestAnswered(Struct, frozen=True, tag="answered"):
    """The result that Steam gave the request of that number. A fault may keep the answer from its client."""

    number: int
    at: int
    eresult: int


class Changed(Struct, frozen=True, tag="changed"):
    """What Steam and its players know from now on: a friendship or a message."""

    at: int
    change: FriendshipChanged | MessageSent


class Started(Struct, frozen=True, tag="started"):
    """A run of the simulation began."""

    at: int


ClientChannel: TypeAlias = Asked | RequestAnswered | Changed | Started

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[ClientChannel] = msgspec.json.Decoder(ClientChannel)

_Parts: TypeAlias = tuple[Request, int, str]


def _message(request: Message) -> _Parts | None:
    sent = cast("m.CFriendMessages_SendMessage_Request", request)
    text = unescape(sent.message) if sent.contains_bbcode else sent.message
    return (Request.SEND_MESSAGE, sent.steamid, text) if sent.chat_entry_type == CHAT_MESSAGE else None


_CALLS: Mapping[str, tuple[type[Message], Callable[[Message], _Parts | None]]] = {
    services.ADD_FRIEND.name: (
        m.CPlayer_AddFriend_Request,
        lambda r: (Request.ADD_FRIEND, cast("m.CPlayer_AddFriend_Request", r).steamid, ""),
    ),
    services.REMOVE_FRIEND.name: (
        m.CPlayer_RemoveFriend_Request,
        lambda r: (Request.REMOVE_FRIEND, cast("m.CPlayer_RemoveFriend_Request", r).steamid, ""),
    ),
    services.IGNORE_FRIEND.name: (
        m.CPlayer_IgnoreFriend_Request,
        lambda r: (Request.IGNORE_FRIEND, cast("m.CPlayer_IgnoreFriend_Request", r).steamid, ""),
    ),
    services.SEND_MESSAGE.name: (m.CFriendMessages_SendMessage_Request, _message),
    services.GET_RECENT_MESSAGES.name: (
        m.CFriendMessages_GetRecentMessages_Request,
        lambda r: (Request.READ_HISTORY, cast("m.CFriendMessages_GetRecentMessages_Request", r).steamid2, ""),
    ),
}
"""Service methods by name."""

_MESSAGES: Mapping[int, tuple[type[Message], Callable[[Message], _Parts]]] = {
    EMsg.CLIENT_ADD_FRIEND: (
        m.CMsgClientAddFriend,
        lambda r: (Request.ADD_FRIEND, cast("m.CMsgClientAddFriend", r).steamid_to_add, ""),
    ),
    EMsg.CLIENT_REMOVE_FRIEND: (
        m.CMsgClientRemoveFriend,
        lambda r: (Request.REMOVE_FRIEND, cast("m.CMsgClientRemoveFriend", r).friendid, ""),
    ),
}


class Record:
    """Writes the record, if there is a file to write to; every line is with the system before the request goes on."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._file = -1
        self._number = 0

    def open(self) -> None:
        """Go on with the file, after the last whole line of an earlier run."""
        if self._path is None:
            return
        self._number = max((line.number for line in read(self._path) if isinstance(line, Asked)), default=0)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self._file, self._path.read_bytes().rfind(b"\n") + 1)
        self._write(Started(self._clock.now()))

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def asked(self, session: LogonSession | None, frame: Frame) -> int:
        """Write a request down; gives its number, or 0 for what is none of those that are kept."""
        if self._file < 0 or session is None or (parts := _parts(frame)) is None:
            return 0
        self._number += 1
        self._write(Asked(self._number, self._clock.now(), session.steam_id64, *parts))
        return self._number

    def answered(self, number: int, eresult: int) -> None:
        """Write down what the request of that number got."""
        if number and self._file >= 0:
            self._write(RequestAnswered(number, self._clock.now(), int(eresult)))

    def changed(self, occurrence: Occurrence, _: object) -> None:
        """A listener of the backend."""
        if self._file >= 0 and isinstance(occurrence, FriendshipChanged | MessageSent):
            self._write(Changed(self._clock.now(), occurrence))

    def _write(self, line: ClientChannel) -> None:
        os.write(self._file, _encoder.encode(line) + b"\n")


def read(path: Path) -> Iterator[ClientChannel]:
    """The whole lines of a record, oldest first; none where there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content[: content.rfind(b"\n") + 1].splitlines():
        yield _decoder.decode(line)


def _parts(frame: Frame) -> _Parts | None:
    """Which request it is, whom it concerns, and its text."""
    try:
        if frame.emsg == EMsg.SERVICE_METHOD_CALL_FROM_CLIENT:
            call = _CALLS.get(frame.header.target_job_name)
            return call[1](frame.parse(call[0])) if call is not None else None
        message = _MESSAGES.get(frame.emsg)
        return message[1](frame.parse(message[0])) if message is not None else None
    except FrameError:
        return None
