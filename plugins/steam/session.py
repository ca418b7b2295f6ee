"""One session with a CM: Steam messages in, typed events out; requests in, Steam messages out.

No socket and no clock: times are milliseconds of any monotonic clock, given as arguments. Whatever bytes come in, no
exception goes out; what cannot be read is counted in `malformed`, what nobody needs in `ignored`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from plugins.steam import bbcode, persona_messages, standing_messages
from plugins.steam.events import (
    Answered,
    FellSilent,
    FlagsTold,
    FriendsListed,
    LoggedOff,
    LoggedOn,
    LogonRefused,
    MessageArrived,
    OwnPersonaState,
    RelationshipChanged,
    Restricted,
    SessionEvent,
    Unanswered,
)
from plugins.steam.machine import LOGIN_ID, WINDOWS_10, machine_id, machine_name
from plugins.steam.policy import SECOND
from plugins.steam_protocol import messages as m
from plugins.steam_protocol import steam_id
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import FrameError
from plugins.steam_protocol.frames import NO_JOB, Frame, encode, unpack
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_protocol.services import ACK_MESSAGE, INCOMING_MESSAGE, SEND_MESSAGE, Method

PROTOCOL_VERSION = 65580
NEW_CHAT = 2  # chat_mode; without it there are no message notifications
SILENCE = 8 * SECOND  # without a word from Steam after a heartbeat, which asks for one: the connection is dead
SILENT_PERIODS = 3  # heartbeats' periods, where those are shorter
SOONER = 3 * SECOND  # a request that nobody answers brings the next question forward to so long after it
ASLEEP = SECOND  # so late a timer means that this process did not listen, so Steam's word may lie unread
DEFAULT_HEARTBEAT = 9  # seconds, where Steam names none
MAX_HEARTBEAT = 120
MAX_FRIENDS = 10_000  # Steam's own limit is 2,000
MAX_BBCODE = 2 * 20_000  # every character of it may be escaped
MAX_TEXT = 20_000  # characters of a message that are kept; Steam's limit is below 6,400 bytes

_CHAT_MESSAGE = 1  # EChatEntryType
_STEAM_GLOBAL = 1  # realm
_NEVER: Final = (1 << 63) - 1
_SPECIAL = re.compile(r"[\\\[]")


class Session:
    """The state of one connection. Methods that return bytes expect the caller to send them, in order."""

    __slots__ = (
        "_beat_at",
        "_early_at",
        "_friends",
        "_heard_at",
        "_jobs",
        "_last_job",
        "_listed",
        "_period",
        "_session_id",
        "_silent_at",
        "ignored",
        "limited",
        "malformed",
        "steam_id64",
    )

    def __init__(self, now_ms: int) -> None:
        self.steam_id64 = 0  # 0 until Steam has taken a token
        self.limited = False
        self.ignored = 0
        self.malformed = 0
        self._session_id = 0
        self._friends: dict[int, int] = {}
        self._listed = False
        self._jobs: dict[int, int] = {}  # job id: deadline, ms
        self._last_job = 0
        self._period = DEFAULT_HEARTBEAT * SECOND
        self._beat_at = _NEVER
        self._heard_at = now_ms
        self._early_at = _NEVER  # a heartbeat before its time, because a request is without an answer
        self._silent_at = _NEVER  # when Steam counts as silent, while a heartbeat is without an answer

    @property
    def friends(self) -> Mapping[int, int]:
        """The friends list as it stands: SteamID64 to relationship."""
        return MappingProxyType(self._friends)

    @property
    def listed(self) -> bool:
        """Whether the whole friends list has come."""
        return self._listed

    @property
    def due_ms(self) -> int:
        """When `tick` has something to do, the far future where it has nothing."""
        return min(self._beat_at, self._early_at, self._silent_at, min(self._jobs.values(), default=_NEVER))

    def hello(self) -> bytes:
        """The first message on a connection."""
        return encode(EMsg.CLIENT_HELLO, m.CMsgClientHello(protocol_version=PROTOCOL_VERSION))

    def log_on(self, token: str, account_name: str, steam_id64: int) -> bytes:
        """ClientLogon with a client refresh token. The answer is `LoggedOn` or `LogonRefused`."""
        return encode(
            EMsg.CLIENT_LOGON,
            m.CMsgClientLogon(
                protocol_version=PROTOCOL_VERSION,
                client_language="english",
                client_os_type=WINDOWS_10,
                should_remember_password=True,
                obfuscated_private_ip=m.CMsgIPAddress(v4=LOGIN_ID),
                machine_id=machine_id(account_name),
                machine_name=machine_name(account_name),
                chat_mode=NEW_CHAT,
                account_name=account_name,
                supports_rate_limit_response=True,
                access_token=token,
            ),
            m.CMsgProtoBufHeader(steamid=steam_id64, client_sessionid=0),
        )

    def call(self, method: Method[Any, Any], request: Message, deadline_ms: int) -> tuple[int, bytes]:
        """A service call as job id and bytes. `Answered` or `Unanswered` follows with that job id."""
        authed = self.steam_id64 != 0
        header = self._header(deadline_ms)
        header.target_job_name = method.name
        if not authed:
            header.realm = _STEAM_GLOBAL
        kind = EMsg.SERVICE_METHOD_CALL_FROM_CLIENT if authed else EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED
        return header.jobid_source, encode(kind, request, header)

    def invite(self, steam_id64: int, deadline_ms: int) -> tuple[int, bytes]:
        """An invite, or the acceptance of theirs: to Steam the two are one. Answered as a call is."""
        header = self._header(deadline_ms)
        body = m.CMsgClientAddFriend(steamid_to_add=steam_id64)
        return header.jobid_source, encode(EMsg.CLIENT_ADD_FRIEND, body, header)

    def send_message(self, steam_id64: int, text: str, deadline_ms: int) -> tuple[int, bytes]:
        """A chat message; the text goes as BBCode with nothing in it that would be markup."""
        request = m.CFriendMessages_SendMessage_Request(
            steamid=steam_id64,
            chat_entry_type=_CHAT_MESSAGE,
            message=escaped(text),
            contains_bbcode=True,
        )
        return self.call(SEND_MESSAGE, request, deadline_ms)

    def acknowledge(self, steam_id64: int, timestamp: int) -> bytes:
        """Mark a friend's messages as read up to `timestamp`; a notification, so without a job."""
        header = self._header(None)
        header.target_job_name = ACK_MESSAGE.name
        body = m.CFriendMessages_AckMessage_Notification(steamid_partner=steam_id64, timestamp=timestamp)
        return encode(EMsg.SERVICE_METHOD_CALL_FROM_CLIENT, body, header)

    def remove_friend(self, steam_id64: int) -> bytes:
        """End a friendship, decline or withdraw an invite; Steam answers with the changed relationship only."""
        return encode(EMsg.CLIENT_REMOVE_FRIEND, m.CMsgClientRemoveFriend(friendid=steam_id64), self._header(None))

    def show(self, persona: OwnPersonaState) -> bytes:
        """Set how the bot shows itself."""
        return encode(EMsg.CLIENT_CHANGE_STATUS, m.CMsgClientChangeStatus(persona_state=persona), self._header(None))

    def ask_for_personas(self, steam_ids: list[int]) -> bytes:
        """ClientRequestFriendData; what Steam answers comes as a `PersonaTold` each."""
        return encode(EMsg.CLIENT_REQUEST_FRIEND_DATA, persona_messages.request(steam_ids), self._header(None))

    def expect(self, now_ms: int) -> None:
        """A request was sent: if Steam then says nothing at all, ask it sooner than by the next heartbeat."""
        if self._silent_at == _NEVER and now_ms + SOONER < self._beat_at < _NEVER:
            self._early_at = min(self._early_at, now_ms + SOONER)

    def log_off(self) -> bytes:
        """The last message; Steam closes the connection upon it."""
        self._rest()
        return encode(EMsg.CLIENT_LOG_OFF, m.CMsgClientLogOff(), self._header(None))

    def tick(self, now_ms: int) -> tuple[list[bytes], list[SessionEvent]]:
        """What time alone brings: heartbeats to send, requests that nobody answered, a Steam that fell silent."""
        frames: list[bytes] = []
        events: list[SessionEvent] = []
        for job in [job for job, deadline in self._jobs.items() if deadline <= now_ms]:
            del self._jobs[job]
            events.append(Unanswered(job))
        if now_ms >= self._silent_at and now_ms < self._silent_at + ASLEEP:
            self._rest()
            events.append(FellSilent(now_ms - self._heard_at))
        elif now_ms >= min(self._beat_at, self._early_at, self._silent_at):
            if now_ms >= self._beat_at:
                self._beat_at = now_ms + self._period
            if now_ms >= self._silent_at:
                self._silent_at = _NEVER  # it passed while this process was asleep: ask anew
            self._early_at = _NEVER
            self._silent_at = min(self._silent_at, now_ms + min(SILENCE, SILENT_PERIODS * self._period))
            frames.append(encode(EMsg.CLIENT_HEART_BEAT, m.CMsgClientHeartBeat(send_reply=True), self._header(None)))
        return frames, events

    def receive(self, data: bytes, now_ms: int) -> list[SessionEvent]:
        """What one WebSocket message says, in its order."""
        self._heard_at = now_ms
        self._early_at = self._silent_at = _NEVER
        events: list[SessionEvent] = []
        try:
            for frame in unpack(data):
                self._take(frame, now_ms, events)
        except FrameError:
            self.malformed += 1
        return events

    def _rest(self) -> None:
        """The session is over: nothing more is to be asked."""
        self._beat_at = self._early_at = self._silent_at = _NEVER

    def _take(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        handler = _HANDLERS.get(frame.emsg)
        if handler is None:
            self.ignored += 1
            return
        try:
            handler(self, frame, now_ms, events)
        except FrameError:
            self.malformed += 1

    def _header(self, deadline_ms: int | None) -> m.CMsgProtoBufHeader:
        """A header of this session, with a job id of its own where an answer is expected."""
        header = m.CMsgProtoBufHeader(steamid=self.steam_id64, client_sessionid=self._session_id)
        if deadline_ms is not None:
            self._last_job += 1
            self._jobs[self._last_job] = deadline_ms
            header.jobid_source = self._last_job
        return header

    def _logon_answered(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        if not frame.is_protobuf:  # Steam's way to say that this CM serves nobody
            self._closed(EResult.SERVICE_UNAVAILABLE, events)
            return
        answer = frame.parse(m.CMsgClientLogonResponse)
        if self.steam_id64 and answer.eresult == EResult.OK:
            self.ignored += 1  # we are logged on already
            return
        steam_id64 = frame.header.steamid or answer.client_supplied_steamid
        if answer.eresult != EResult.OK or not steam_id.is_individual(steam_id64):
            result = EResult.BAD_RESPONSE if answer.eresult == EResult.OK else answer.eresult
            self._closed(result, events)
            return
        self.steam_id64, self._session_id = steam_id64, frame.header.client_sessionid
        seconds = answer.heartbeat_seconds or answer.legacy_out_of_game_heartbeat_seconds
        self._period = min(seconds, MAX_HEARTBEAT) * SECOND if seconds > 0 else DEFAULT_HEARTBEAT * SECOND
        # A fleet that came online together does not beat together: each account has its own place in the period.
        self._beat_at = now_ms + self._period // 2 + steam_id64 % (self._period // 2)
        address = answer.public_ip.v4 if answer.HasField("public_ip") else None
        events.append(LoggedOn(steam_id64, answer.rtime32_server_time, address or None, answer.account_flags))

    def _closed(self, result: int, events: list[SessionEvent]) -> None:
        events.append(LoggedOff(result) if self.steam_id64 else LogonRefused(result))
        self._rest()

    def _logged_off(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        if frame.is_protobuf:
            self._closed(frame.parse(m.CMsgClientLoggedOff).eresult, events)
        else:
            self._closed(int.from_bytes(frame.body[:4], "little", signed=True), events)

    def _server_gone(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        self._closed(EResult.TRY_ANOTHER_CM, events)

    def _friends_came(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        update = frame.parse(m.CMsgClientFriendsList)
        changed = {
            friend.ulfriendid: friend.efriendrelationship
            for friend in update.friends[:MAX_FRIENDS]
            if steam_id.is_individual(friend.ulfriendid)
        }
        if not update.bincremental:
            changed = dict.fromkeys(self._friends, int(EFriendRelationship.NONE)) | changed
        first = not self._listed and not update.bincremental
        for steam_id64, after in changed.items():
            before = self._friends.get(steam_id64, int(EFriendRelationship.NONE))
            if after == before:
                continue
            if after == EFriendRelationship.NONE:
                del self._friends[steam_id64]
            elif steam_id64 in self._friends or len(self._friends) < MAX_FRIENDS:
                self._friends[steam_id64] = after
            if not first:
                events.append(RelationshipChanged(steam_id64, before, after))
        if first:
            self._listed = True
            events.append(FriendsListed(dict(self._friends), update.friends_limit_hit))

    def _restricted(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        limits = frame.parse(m.CMsgClientIsLimitedAccount)
        self.limited = limits.bis_limited_account
        events.append(
            Restricted(
                limited=limits.bis_limited_account,
                banned=limits.bis_community_banned,
                locked=limits.bis_locked_account,
                may_invite=not limits.bis_limited_account or limits.bis_limited_account_allowed_to_invite_friends,
            )
        )

    def _flags_came(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        events.append(FlagsTold(frame.parse(m.CMsgClientAccountInfo).account_flags))

    def _vac_bans_came(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        events.append(standing_messages.vac_told(frame))

    def _trade_answered(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        events.append(standing_messages.trade_answered(frame))

    def _personas_came(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        events.extend(persona_messages.told(frame))

    def _friend_added(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        self._answered(frame, frame.parse(m.CMsgClientAddFriendResponse).eresult, events)

    def _call_answered(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        self._answered(frame, frame.header.eresult, events)

    def _answered(self, frame: Frame, result: int, events: list[SessionEvent]) -> None:
        job = frame.header.jobid_target
        if self._jobs.pop(job, None) is None:
            self.ignored += 1
            return
        events.append(Answered(job, result, frame))

    def _notified(self, frame: Frame, now_ms: int, events: list[SessionEvent]) -> None:
        if frame.header.jobid_target != NO_JOB:
            self._call_answered(frame, now_ms, events)
            return
        if frame.header.target_job_name != INCOMING_MESSAGE.name:
            self.ignored += 1
            return
        message = frame.parse(INCOMING_MESSAGE.request_class)
        if message.chat_entry_type != _CHAT_MESSAGE or not steam_id.is_individual(message.steamid_friend):
            self.ignored += 1
            return
        events.append(
            MessageArrived(
                steam_id64=message.steamid_friend,
                timestamp=message.rtime32_server_timestamp,
                ordinal=message.ordinal,
                text=bbcode.shown(message.message[:MAX_BBCODE], message.message_no_bbcode[:MAX_TEXT])[:MAX_TEXT],
                echo=message.local_echo,
            )
        )


def escaped(text: str) -> str:
    """Plain text as BBCode with nothing in it that would be markup: what is sent, and weighed by Steam."""
    return _SPECIAL.sub(r"\\\g<0>", text)


_HANDLERS: Mapping[int, Callable[[Session, Frame, int, list[SessionEvent]], None]] = {
    EMsg.CLIENT_LOG_ON_RESPONSE: Session._logon_answered,
    EMsg.CLIENT_LOGGED_OFF: Session._logged_off,
    EMsg.CLIENT_SERVER_UNAVAILABLE: Session._server_gone,
    EMsg.CLIENT_FRIENDS_LIST: Session._friends_came,
    EMsg.CLIENT_IS_LIMITED_ACCOUNT: Session._restricted,
    EMsg.CLIENT_ACCOUNT_INFO: Session._flags_came,
    EMsg.CLIENT_VAC_BAN_STATUS: Session._vac_bans_came,
    EMsg.ECON_TRADING_INITIATE_TRADE_RESULT: Session._trade_answered,
    EMsg.CLIENT_PERSONA_STATE: Session._personas_came,
    EMsg.CLIENT_ADD_FRIEND_RESPONSE: Session._friend_added,
    EMsg.SERVICE_METHOD_RESPONSE: Session._call_answered,
    EMsg.SERVICE_METHOD: Session._notified,
    EMsg.SERVICE_METHOD_SEND_TO_CLIENT: Session._notified,
}
