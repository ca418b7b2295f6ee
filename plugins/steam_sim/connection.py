"""One client's connection: what it may say before and after its logon, and how it is answered.

Knows no socket: bytes come in through `receive`, and what is answered goes out over a `ClientChannel`.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import Message

from plugins.steam_protocol import emsg as emsgs
from plugins.steam_protocol import frames
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import FrameError
from plugins.steam_protocol.frames import NO_JOB, Frame
from plugins.steam_protocol.messages import (
    CMsgClientAddFriend,
    CMsgClientChangeStatus,
    CMsgClientHeartBeat,
    CMsgClientLoggedOff,
    CMsgClientLogon,
    CMsgClientLogonResponse,
    CMsgClientRemoveFriend,
    CMsgClientRequestFriendData,
    CMsgClientServerTimestampRequest,
    CMsgClientServerTimestampResponse,
    CMsgPersonaChangeResponse,
    CMsgProtoBufHeader,
)
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import greeting
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.logon import Logon
from plugins.steam_sim.mishaps import Mishaps
from plugins.steam_sim.persona import OFFLINE, STATUS_FLAGS, Personas
from plugins.steam_sim.record import Record
from plugins.steam_sim.service_table import ServiceCaller, ServiceTable
from plugins.steam_sim.session import ClientChannel, LogonSession, LogonSessions
from plugins.steam_sim.social import Social

_log = logging.getLogger(__name__)

_IGNORE_FRIEND = struct.Struct("<QQB")
_IGNORE_FRIEND_RESPONSE = struct.Struct("<QI")


@dataclass(frozen=True, slots=True)
class ConnectionServices:
    """What every connection is served by."""

    backend: Backend
    sessions: LogonSessions
    table: ServiceTable
    logon: Logon
    social: Social
    personas: Personas
    faults: Faults
    mishaps: Mishaps
    record: Record


class CmConnection:
    """A connection to the CM from `address`: nobody's until a logon, then one session's."""

    def __init__(self, desk: ConnectionServices, line: ClientChannel, address: str) -> None:
        self.session: LogonSession | None = None
        self.address = address
        self._desk = desk
        self._line = line
        self._asked = 0
        """The number in the record of the request that is being handled."""
        self._handlers: dict[int, Callable[[Frame], None]] = {
            EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED: self._call_before_logon,
            EMsg.SERVICE_METHOD_CALL_FROM_CLIENT: self._call,
            EMsg.CLIENT_LOGON: self._logon,
        }
        self._session_handlers: dict[int, Callable[[LogonSession, Frame], None]] = {
            EMsg.CLIENT_HEART_BEAT: self._heart_beat,
            EMsg.CLIENT_LOG_OFF: self._log_off,
            EMsg.CLIENT_ADD_FRIEND: self._add_friend,
            EMsg.CLIENT_REMOVE_FRIEND: self._remove_friend,
            EMsg.CLIENT_SET_IGNORE_FRIEND: self._ignore_friend,
            EMsg.CLIENT_CHANGE_STATUS: self._change_status,
            EMsg.CLIENT_REQUEST_FRIEND_DATA: self._request_friend_data,
            EMsg.CLIENT_GET_EMOTICON_LIST: self._emoticons,
            EMsg.CLIENT_SERVER_TIMESTAMP_REQUEST: self._server_time,
        }

    def receive(self, data: bytes) -> None:
        """Take one WebSocket message; whatever it is, the connection and the server outlive it."""
        try:
            for frame in frames.unpack(data):
                self._handle(frame)
        except FrameError as error:
            _log.debug("a client sent what is no Steam message: %s", error)
            self._say_goodbye(EResult.INVALID_PROTOCOL_VER)
        finally:
            self._desk.backend.announce()

    def closed(self) -> None:
        """The socket is gone."""
        if self.session is not None:
            self._desk.sessions.remove(self.session)
            self.session = None

    def give_up(self) -> None:
        """Close a connection that never logged on; Steam sends a struct message first."""
        self._line.send(frames.encode_struct(EMsg.CLIENT_LOGGED_OFF, EResult.FAIL.to_bytes(4, "little") + bytes(8)))
        self._line.hang_up()

    def _handle(self, frame: Frame) -> None:
        self._asked = self._desk.record.asked(self.session, frame)
        if self._desk.mishaps.befalls(self._line, self.session):
            return
        if self.session is not None and self.session not in self._desk.sessions:
            return  # another logon has replaced it, and the socket is about to close
        if handler := self._handlers.get(frame.emsg):
            handler(frame)
        elif self.session is not None and (for_session := self._session_handlers.get(frame.emsg)):
            for_session(self.session, frame)
        else:
            _log.debug("passed over %s", emsgs.name(frame.emsg))

    def _call_before_logon(self, frame: Frame) -> None:
        """Only the sign-in itself can be called without a session, and this message never means one."""
        self._answer_call(frame, ServiceCaller(self.address))

    def _call(self, frame: Frame) -> None:
        self._answer_call(frame, ServiceCaller(self.address, self.session))

    def _answer_call(self, frame: Frame, caller: ServiceCaller) -> None:
        header = self._reply_header(frame)
        header.target_job_name = frame.header.target_job_name
        header.eresult = EResult.OK
        body = b""
        try:
            if self.session is not None:
                self._desk.faults.refuse(FaultKind.SESSION_RESULT, self.session.steam_id64)
            body = self._desk.table.call(caller, frame)
        except SteamRefused as refused:
            header.eresult = refused.eresult
            header.error_message = refused.reason
        self._desk.record.answered(self._asked, header.eresult)
        if header.jobid_target != NO_JOB:
            self._answer(frames.encode(EMsg.SERVICE_METHOD_RESPONSE, body, header))

    def _logon(self, frame: Frame) -> None:
        request = frame.parse(CMsgClientLogon)
        if self.session is not None:
            self._say_goodbye(EResult.LOGGED_IN_ELSEWHERE)
            return
        if self._desk.faults.take(FaultKind.LOGON_STRUCT, self._desk.logon.account(request)):
            self._line.send(frames.encode_struct(EMsg.CLIENT_LOG_ON_RESPONSE, bytes(4)))
            self._line.hang_up()
            return
        try:
            session = self._desk.logon.admit(request, frame.header, self._line, self.address)
        except SteamRefused as refused:
            answer = CMsgClientLogonResponse(eresult=refused.eresult)
            self._line.send(frames.encode(EMsg.CLIENT_LOG_ON_RESPONSE, answer, self._reply_header(frame)))
            self._line.hang_up()
            return
        self.session = session
        self._answer(self._desk.logon.welcome(session))

    def _heart_beat(self, session: LogonSession, frame: Frame) -> None:
        if frame.parse(CMsgClientHeartBeat).send_reply:
            session.send(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat())

    def _log_off(self, session: LogonSession, _: Frame) -> None:
        self._say_goodbye(EResult.OK)

    def _add_friend(self, session: LogonSession, frame: Frame) -> None:
        answer = self._desk.social.add_friend(session, frame.parse(CMsgClientAddFriend))
        self._desk.record.answered(self._asked, answer.eresult)
        self._reply(frame, EMsg.CLIENT_ADD_FRIEND_RESPONSE, answer)

    def _remove_friend(self, session: LogonSession, frame: Frame) -> None:
        self._desk.social.remove_friend(session, frame.parse(CMsgClientRemoveFriend))

    def _ignore_friend(self, session: LogonSession, frame: Frame) -> None:
        """Of the old kind, a struct: u64 who asks, u64 whom, u8 block or not; answered with u64, u32 result."""
        result = int(EResult.INVALID_PARAM)
        if not frame.is_protobuf and len(frame.body) >= _IGNORE_FRIEND.size:
            _, friend, block = _IGNORE_FRIEND.unpack_from(frame.body)
            result = self._desk.social.ignore_friend(session, friend, undo=not block)
        answer = _IGNORE_FRIEND_RESPONSE.pack(session.steam_id64, result)
        header = self._reply_header(frame)
        self._line.send(frames.encode_struct(EMsg.CLIENT_SET_IGNORE_FRIEND_RESPONSE, answer, header))

    def _change_status(self, session: LogonSession, frame: Frame) -> None:
        """Show the new state to the account's own sessions and to friends; and friends to the account."""
        request = frame.parse(CMsgClientChangeStatus)
        session.persona_state = request.persona_state
        if request.need_persona_response:
            answer = CMsgPersonaChangeResponse(result=EResult.OK, player_name=request.player_name)
            self._reply(frame, EMsg.CLIENT_PERSONA_CHANGE_RESPONSE, answer)
        own = self._desk.personas.states([session.steam_id64])
        friends = [
            other
            for other, relationship in self._desk.backend.world.relationships(session.steam_id64)
            if relationship is EFriendRelationship.FRIEND and self._desk.personas.state(other) != OFFLINE
        ]
        for account in (session.steam_id64, *friends):
            for shown_to in self._desk.sessions.of(account):
                shown_to.send(EMsg.CLIENT_PERSONA_STATE, own)
        if friends:
            session.send(EMsg.CLIENT_PERSONA_STATE, self._desk.personas.states(friends))

    def _request_friend_data(self, session: LogonSession, frame: Frame) -> None:
        request = frame.parse(CMsgClientRequestFriendData)
        flags = request.persona_state_requested or STATUS_FLAGS
        session.send(EMsg.CLIENT_PERSONA_STATE, self._desk.personas.states(request.friends, flags))

    def _emoticons(self, _: LogonSession, frame: Frame) -> None:
        self._reply(frame, EMsg.CLIENT_EMOTICON_LIST, greeting.emoticons())

    def _server_time(self, _: LogonSession, frame: Frame) -> None:
        """Steam's own time in milliseconds, beside the client's."""
        asked = frame.parse(CMsgClientServerTimestampRequest).client_request_timestamp
        answer = CMsgClientServerTimestampResponse(
            client_request_timestamp=asked, server_timestamp_ms=self._desk.logon.now_ms()
        )
        self._reply(frame, EMsg.CLIENT_SERVER_TIMESTAMP_RESPONSE, answer)

    def _reply(self, frame: Frame, emsg: int, body: Message) -> None:
        self._answer(frames.encode(emsg, body, self._reply_header(frame)))

    def _answer(self, data: bytes) -> None:
        self._desk.mishaps.answer(self._line, self.session, data)

    def _reply_header(self, frame: Frame) -> CMsgProtoBufHeader:
        """The header of an answer: to the job that asked, in the name of the session if there is one."""
        header = self.session.header() if self.session else CMsgProtoBufHeader()
        if frame.header.jobid_source != NO_JOB:
            header.jobid_target = frame.header.jobid_source
        return header

    def _say_goodbye(self, eresult: int) -> None:
        """ClientLoggedOff where there is a session, then the end of the connection."""
        if self.session is not None:
            self.session.send(EMsg.CLIENT_LOGGED_OFF, CMsgClientLoggedOff(eresult=eresult))
        self.closed()
        self._line.hang_up()
