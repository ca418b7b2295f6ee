"""What sessions are told without having asked: changed friends, messages, what their other sessions did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from google.protobuf.message import Message

from plugins.steam_protocol import frames, services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.messages import (
    CFriendMessages_AckMessage_Notification,
    CFriendMessages_IncomingMessage_Notification,
    CMsgClientFriendsList,
    NoResponse,
)
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_protocol.services import Method
from plugins.steam_sim.backend import Occurrence, Typed
from plugins.steam_sim.chat import escape
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.persona import Personas
from plugins.steam_sim.session import LogonSession, LogonSessions
from plugins.steam_sim.world import FriendshipChanged, MessageSent, MessagesViewed, PersonaShown

CHAT_MESSAGE, TYPING = 1, 2
"""EChatEntryType."""

Body = TypeVar("Body", bound=Message)
FriendsOf: TypeAlias = Callable[[int], Iterator[tuple[int, EFriendRelationship]]]


class Notifications:
    """Turns what happens in the world into messages to the sessions of those concerned."""

    def __init__(self, sessions: LogonSessions, personas: Personas, friends: FriendsOf, faults: Faults) -> None:
        self._sessions = sessions
        self._personas = personas
        self._friends = friends
        self._faults = faults

    def __call__(self, occurrence: Occurrence, origin: object) -> None:
        match occurrence:
            case FriendshipChanged(actor, target, actor_sees, target_sees):
                self._friend(actor, target, actor_sees)
                self._friend(target, actor, target_sees)
            case PersonaShown(account):
                self._persona(account)
            case MessageSent():
                self._message(occurrence, origin)
            case Typed(sender, recipient, timestamp):
                typing = CFriendMessages_IncomingMessage_Notification(
                    steamid_friend=sender, chat_entry_type=TYPING, rtime32_server_timestamp=timestamp
                )
                self._notify(recipient, services.INCOMING_MESSAGE, typing)
            case MessagesViewed(viewer, friend, timestamp):
                echo = CFriendMessages_AckMessage_Notification(steamid_partner=friend, timestamp=timestamp)
                self._notify(viewer, services.NOTIFY_ACK_MESSAGE_ECHO, echo, but=origin)
            case _:
                pass

    def _friend(self, account: int, other: int, sees: EFriendRelationship) -> None:
        friend = CMsgClientFriendsList.Friend(ulfriendid=other, efriendrelationship=sees)
        self._send(account, EMsg.CLIENT_FRIENDS_LIST, CMsgClientFriendsList(bincremental=True, friends=[friend]))
        if sees is not EFriendRelationship.NONE:
            self._send(account, EMsg.CLIENT_PERSONA_STATE, self._personas.states([other]))

    def _persona(self, account: int) -> None:
        """To all friends that are online."""
        for friend, sees in self._friends(account):
            if sees is EFriendRelationship.FRIEND:
                self._send(friend, EMsg.CLIENT_PERSONA_STATE, self._personas.states([account]))

    def _message(self, sent: MessageSent, origin: object) -> None:
        """To the recipient as a message, to the sender's other sessions as an echo of their own."""
        for account, friend, echo in ((sent.recipient, sent.sender, False), (sent.sender, sent.recipient, True)):
            incoming = CFriendMessages_IncomingMessage_Notification(
                steamid_friend=friend,
                chat_entry_type=CHAT_MESSAGE,
                from_limited_account=self._faults.standing(sent.sender)[0],
                message=sent.bbcode or escape(sent.text),
                rtime32_server_timestamp=sent.timestamp,
                ordinal=sent.ordinal,
                local_echo=echo,
                message_no_bbcode="" if sent.markup_only else sent.text,
            )
            self._notify(account, services.INCOMING_MESSAGE, incoming, but=origin)

    def _send(self, account: int, emsg: int, body: Message) -> None:
        for session in self._awake(account):
            session.send(emsg, body)

    def _notify(self, account: int, method: Method[Body, NoResponse], body: Body, *, but: object = None) -> None:
        for session in self._awake(account):
            if session is not but:
                header = session.header()
                header.target_job_name = method.name
                session.line.send(frames.encode(EMsg.SERVICE_METHOD, body, header))

    def _awake(self, account: int) -> tuple[LogonSession, ...]:
        """The sessions to send to; each twice while the fault of duplicates is on, none while it stalls."""
        sessions = self._sessions.of(account)
        if not sessions or self._faults.active(FaultKind.STALL, account):
            return ()
        return sessions * 2 if self._faults.take(FaultKind.DUPLICATE_NOTIFICATIONS, account) else sessions
