"""Steam's service methods ("unified messages") that we call, answer or hear: name, request and response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from plugins.steam_protocol import messages as m
from plugins.steam_protocol.errors import SchemaError
from plugins.steam_protocol.schema import service_classes

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True)
class Method(Generic[Request, Response]):
    """A service method by the job name in its messages' headers; notifications give `NoResponse`."""

    name: str
    request_class: type[Request]
    response_class: type[Response]

    @property
    def is_notification(self) -> bool:
        """Nobody answers it, and a client must send it without a `jobid_source`, or Steam rejects it."""
        return self.response_class.DESCRIPTOR.full_name == "NoResponse"


def _method(name: str, request: type[Request], response: type[Response]) -> Method[Request, Response]:
    """Declare a method for the type checker, held to what the schema says of it."""
    if service_classes(name) != (request, response):
        raise SchemaError(f"the schema's {name} takes and gives other messages than {request} and {response}")
    return Method(name, request, response)


def service_method(name: str) -> Method[Message, Message]:
    """Any method of the schema by its job name; `SchemaError` where there is none of that name."""
    return Method(name, *service_classes(name))


GET_PASSWORD_RSA_PUBLIC_KEY = _method(
    "Authentication.GetPasswordRSAPublicKey#1",
    m.CAuthentication_GetPasswordRSAPublicKey_Request,
    m.CAuthentication_GetPasswordRSAPublicKey_Response,
)
BEGIN_AUTH_SESSION_VIA_CREDENTIALS = _method(
    "Authentication.BeginAuthSessionViaCredentials#1",
    m.CAuthentication_BeginAuthSessionViaCredentials_Request,
    m.CAuthentication_BeginAuthSessionViaCredentials_Response,
)
BEGIN_AUTH_SESSION_VIA_QR = _method(
    "Authentication.BeginAuthSessionViaQR#1",
    m.CAuthentication_BeginAuthSessionViaQR_Request,
    m.CAuthentication_BeginAuthSessionViaQR_Response,
)
UPDATE_AUTH_SESSION_WITH_MOBILE_CONFIRMATION = _method(
    "Authentication.UpdateAuthSessionWithMobileConfirmation#1",
    m.CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request,
    m.CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response,
)
UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE = _method(
    "Authentication.UpdateAuthSessionWithSteamGuardCode#1",
    m.CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request,
    m.CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response,
)
POLL_AUTH_SESSION_STATUS = _method(
    "Authentication.PollAuthSessionStatus#1",
    m.CAuthentication_PollAuthSessionStatus_Request,
    m.CAuthentication_PollAuthSessionStatus_Response,
)
GENERATE_ACCESS_TOKEN_FOR_APP = _method(
    "Authentication.GenerateAccessTokenForApp#1",
    m.CAuthentication_AccessToken_GenerateForApp_Request,
    m.CAuthentication_AccessToken_GenerateForApp_Response,
)

ADD_FRIEND = _method("Player.AddFriend#1", m.CPlayer_AddFriend_Request, m.CPlayer_AddFriend_Response)
REMOVE_FRIEND = _method("Player.RemoveFriend#1", m.CPlayer_RemoveFriend_Request, m.CPlayer_RemoveFriend_Response)
IGNORE_FRIEND = _method("Player.IgnoreFriend#1", m.CPlayer_IgnoreFriend_Request, m.CPlayer_IgnoreFriend_Response)

SEND_MESSAGE = _method(
    "FriendMessages.SendMessage#1",
    m.CFriendMessages_SendMessage_Request,
    m.CFriendMessages_SendMessage_Response,
)
ACK_MESSAGE = _method("FriendMessages.AckMessage#1", m.CFriendMessages_AckMessage_Notification, m.NoResponse)
GET_RECENT_MESSAGES = _method(
    "FriendMessages.GetRecentMessages#1",
    m.CFriendMessages_GetRecentMessages_Request,
    m.CFriendMessages_GetRecentMessages_Response,
)
GET_ACTIVE_MESSAGE_SESSIONS = _method(
    "FriendMessages.GetActiveMessageSessions#1",
    m.CFriendsMessages_GetActiveMessageSessions_Request,
    m.CFriendsMessages_GetActiveMessageSessions_Response,
)
INCOMING_MESSAGE = _method(
    "FriendMessagesClient.IncomingMessage#1",
    m.CFriendMessages_IncomingMessage_Notification,
    m.NoResponse,
)
NOTIFY_ACK_MESSAGE_ECHO = _method(
    "FriendMessagesClient.NotifyAckMessageEcho#1", m.CFriendMessages_AckMessage_Notification, m.NoResponse
)
