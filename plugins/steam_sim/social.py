"""Friends and chat as clients ask for them: the Player and FriendMessages services, and the older messages."""

from __future__ import annotations

from plugins.steam_protocol import services, steam_id
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CFriendMessages_AckMessage_Notification,
    CFriendMessages_GetRecentMessages_Request,
    CFriendMessages_GetRecentMessages_Response,
    CFriendMessages_SendMessage_Request,
    CFriendMessages_SendMessage_Response,
    CFriendsMessages_GetActiveMessageSessions_Request,
    CFriendsMessages_GetActiveMessageSessions_Response,
    CMsgClientAddFriend,
    CMsgClientAddFriendResponse,
    CMsgClientFriendsList,
    CMsgClientRemoveFriend,
    CPlayer_AddFriend_Request,
    CPlayer_AddFriend_Response,
    CPlayer_IgnoreFriend_Request,
    CPlayer_IgnoreFriend_Response,
    CPlayer_RemoveFriend_Request,
    CPlayer_RemoveFriend_Response,
    NoResponse,
)
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.accounts import Accounts
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.chat import MAX_BYTES, MAX_BYTES_LIMITED, FriendChats, escape
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.friendship import MAX_FRIENDS, Friendships
from plugins.steam_sim.notifications import CHAT_MESSAGE, TYPING
from plugins.steam_sim.persona import Personas
from plugins.steam_sim.service_table import ServiceCaller, ServiceTable
from plugins.steam_sim.session import LogonSession

DEFAULT_HISTORY, MAX_HISTORY = 50, 250
END_OF_TIME = 0x7FFF_FFFF
LOST_ORDINAL = 1_000


class Social:
    """Answers for friends and chat, with the faults that are switched on for either."""

    def __init__(
        self,
        accounts: Accounts,
        backend: Backend,
        friendships: Friendships,
        chats: FriendChats,
        personas: Personas,
        faults: Faults,
    ) -> None:
        self._accounts = accounts
        self._backend = backend
        self.friendships = friendships
        self.chats = chats
        self._personas = personas
        self._faults = faults

    def serve(self, table: ServiceTable) -> None:
        """Put these services' methods into the table."""
        table.answer(services.ADD_FRIEND, self._add)
        table.answer(services.REMOVE_FRIEND, self._remove)
        table.answer(services.IGNORE_FRIEND, self._ignore)
        table.answer(services.SEND_MESSAGE, self._send)
        table.answer(services.ACK_MESSAGE, self._acknowledge)
        table.answer(services.GET_RECENT_MESSAGES, self._recent)
        table.answer(services.GET_ACTIVE_MESSAGE_SESSIONS, self._active)

    def friends_list(self, account: int) -> CMsgClientFriendsList:
        """The whole list, as it follows a logon."""
        friends = [
            CMsgClientFriendsList.Friend(ulfriendid=other, efriendrelationship=relationship)
            for other, relationship in self._backend.world.relationships(account)
        ]
        if (huge := self._faults.active(FaultKind.HUGE_FRIENDS_LIST, account)) is not None:
            friends += [
                CMsgClientFriendsList.Friend(ulfriendid=stranger, efriendrelationship=EFriendRelationship.FRIEND)
                for stranger in map(steam_id.to_steam_id64, range(1, huge.amount + 1))
            ]
        if (asking := self._faults.active(FaultKind.STRANGERS_INVITE, account)) is not None:
            friends += [
                CMsgClientFriendsList.Friend(
                    ulfriendid=stranger, efriendrelationship=EFriendRelationship.REQUEST_RECIPIENT
                )
                for stranger in map(steam_id.to_steam_id64, range(1, asking.amount + 1))
            ]
        full = self._faults.active(FaultKind.FRIENDS_LIST_FULL, account) is not None
        return CMsgClientFriendsList(
            bincremental=False, friends=friends, max_friend_count=MAX_FRIENDS, friends_limit_hit=full
        )

    def add_friend(self, session: LogonSession, request: CMsgClientAddFriend) -> CMsgClientAddFriendResponse:
        """ClientAddFriend, whose answer always is a message with a result."""
        target = request.steamid_to_add
        if not target and (named := self._accounts.by_login(request.accountname_or_email_to_add)):
            target = named.steam_id64
        try:
            self._faults.refuse(FaultKind.SESSION_RESULT, session.steam_id64)
            self._invite(session, target)
        except SteamRefused as refused:
            return CMsgClientAddFriendResponse(eresult=refused.eresult, steam_id_added=target)
        return CMsgClientAddFriendResponse(
            eresult=EResult.OK, steam_id_added=target, persona_name_added=self._personas.name(target)
        )

    def remove_friend(self, session: LogonSession, request: CMsgClientRemoveFriend) -> None:
        """ClientRemoveFriend, which nobody answers."""
        try:
            self.friendships.remove(session.steam_id64, request.friendid, session)
        except SteamRefused:
            return

    def ignore_friend(self, session: LogonSession, target: int, *, undo: bool) -> int:
        """ClientSetIgnoreFriend; gives the result to answer with."""
        try:
            self.friendships.ignore(session.steam_id64, target, undo=undo, origin=session)
        except SteamRefused as refused:
            return refused.eresult
        return EResult.OK

    def _invite(self, session: LogonSession, target: int) -> EFriendRelationship:
        self._faults.refuse(FaultKind.INVITE_RESULT, session.steam_id64, target)
        if session.standing.limited:
            raise SteamRefused(EResult.INSUFFICIENT_PRIVILEGE, "a limited account invites nobody")
        if self._faults.active(FaultKind.FRIENDS_LIST_FULL, session.steam_id64) is not None:
            raise SteamRefused(EResult.LIMIT_EXCEEDED, "the inviting account's friends list is full")
        if self._faults.take(FaultKind.INVITE_LOST, session.steam_id64, target) is not None:
            return EFriendRelationship.REQUEST_INITIATOR
        relationship = self.friendships.add(session.steam_id64, target, session)
        self._faults.refuse(FaultKind.INVITE_LIES, session.steam_id64, target)
        return relationship

    def _add(self, caller: ServiceCaller, request: CPlayer_AddFriend_Request) -> CPlayer_AddFriend_Response:
        relationship = self._invite(caller.logged_on(), request.steamid)
        return CPlayer_AddFriend_Response(
            invite_sent=relationship is EFriendRelationship.REQUEST_INITIATOR,
            friend_relationship=relationship,
            result=EResult.OK,
        )

    def _remove(self, caller: ServiceCaller, request: CPlayer_RemoveFriend_Request) -> CPlayer_RemoveFriend_Response:
        session = caller.logged_on()
        relationship = self.friendships.remove(session.steam_id64, request.steamid, session)
        return CPlayer_RemoveFriend_Response(friend_relationship=relationship)

    def _ignore(self, caller: ServiceCaller, request: CPlayer_IgnoreFriend_Request) -> CPlayer_IgnoreFriend_Response:
        session = caller.logged_on()
        relationship = self.friendships.ignore(
            session.steam_id64, request.steamid, undo=request.unignore, origin=session
        )
        return CPlayer_IgnoreFriend_Response(friend_relationship=relationship)

    def _send(
        self, caller: ServiceCaller, request: CFriendMessages_SendMessage_Request
    ) -> CFriendMessages_SendMessage_Response:
        session = caller.logged_on()
        self._faults.refuse(FaultKind.CHAT_RESULT, session.steam_id64, request.steamid)
        if request.chat_entry_type == TYPING:
            self.chats.type(session.steam_id64, request.steamid, session)
            return CFriendMessages_SendMessage_Response(server_timestamp=self._backend.seconds())
        if request.chat_entry_type != CHAT_MESSAGE:
            raise SteamRefused(EResult.INVALID_PARAM, "only messages and typing are known here")
        if self._faults.take(FaultKind.CHAT_LOST, session.steam_id64, request.steamid) is not None:
            return self._forgotten(session, request)
        sent = self.chats.say(
            session.steam_id64,
            request.steamid,
            request.message,
            bbcode=request.contains_bbcode,
            most=MAX_BYTES_LIMITED if session.standing.limited else MAX_BYTES,
            origin=session,
        )
        self._faults.refuse(FaultKind.CHAT_LIES, session.steam_id64, request.steamid)
        return CFriendMessages_SendMessage_Response(
            modified_message=sent.bbcode or escape(sent.text),
            server_timestamp=sent.timestamp,
            ordinal=sent.ordinal,
            message_without_bb_code=sent.text,
        )

    def _forgotten(
        self, session: LogonSession, request: CFriendMessages_SendMessage_Request
    ) -> CFriendMessages_SendMessage_Response:
        """The answer to a message that nobody will ever see, with a place that no other message takes."""
        conversation = self._backend.world.conversation(session.steam_id64, request.steamid)
        timestamp, ordinal = conversation.next_position(self._backend.seconds())
        return CFriendMessages_SendMessage_Response(server_timestamp=timestamp, ordinal=ordinal + LOST_ORDINAL)

    def _acknowledge(self, caller: ServiceCaller, request: CFriendMessages_AckMessage_Notification) -> NoResponse:
        session = caller.logged_on()
        self.chats.view(session.steam_id64, request.steamid_partner, request.timestamp, session)
        return NoResponse()

    def _recent(
        self, caller: ServiceCaller, request: CFriendMessages_GetRecentMessages_Request
    ) -> CFriendMessages_GetRecentMessages_Response:
        """Newest first, as a page: a client asks on by the time and ordinal of the oldest that it got."""
        session = caller.logged_on()
        self._faults.refuse(FaultKind.HISTORY_RESULT, session.steam_id64)
        if request.steamid1 != session.steam_id64:
            raise SteamRefused(EResult.ACCESS_DENIED, "somebody else's conversation")
        messages, more = self.chats.recent(
            session.steam_id64,
            request.steamid2,
            start=(request.rtime32_start_time, request.start_ordinal),
            before=min((request.time_last or END_OF_TIME, request.ordinal_last), self._written(session.steam_id64)),
            count=min(request.count or DEFAULT_HISTORY, MAX_HISTORY),
        )
        return CFriendMessages_GetRecentMessages_Response(
            messages=[
                CFriendMessages_GetRecentMessages_Response.FriendMessage(
                    accountid=steam_id.to_account_id(message.sender),
                    timestamp=message.timestamp,
                    message=(message.bbcode or escape(message.text)) if request.bbcode_format else message.text,
                    ordinal=message.ordinal,
                )
                for message in messages
            ],
            more_available=more,
        )

    def _active(
        self, caller: ServiceCaller, request: CFriendsMessages_GetActiveMessageSessions_Request
    ) -> CFriendsMessages_GetActiveMessageSessions_Response:
        account = caller.logged_on().steam_id64
        self._faults.refuse(FaultKind.HISTORY_RESULT, account)
        active = self.chats.active(account, request.lastmessage_since, self._written(account))
        response = CFriendsMessages_GetActiveMessageSessions_Response
        return response(
            message_sessions=[
                response.FriendMessageSession(
                    accountid_friend=steam_id.to_account_id(friend),
                    last_message=last,
                    last_view=viewed,
                    unread_message_count=unread,
                )
                for friend, last, viewed, unread in active
            ],
            timestamp=self._backend.seconds(),
        )

    def _written(self, account: int) -> tuple[int, int]:
        """Up to where histories show what was said."""
        lag = self._faults.active(FaultKind.HISTORY_LAGS, account)
        return (self._backend.seconds() - lag.delay_ms // 1_000, 0) if lag is not None else (END_OF_TIME, 0)
