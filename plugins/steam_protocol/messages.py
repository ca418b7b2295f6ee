"""The messages of Steam's schema that we build or read, by Steam's own names.

The classes are made at import from the descriptors; `messages.pyi` beside this file tells the type
checker what is in them. After a change here write it anew: `python -m plugins.steam_protocol.stubs`.
"""

from __future__ import annotations

from plugins.steam_protocol.schema import message_class

CMsgProtoBufHeader = message_class("CMsgProtoBufHeader")
CMsgMulti = message_class("CMsgMulti")
CMsgIPAddress = message_class("CMsgIPAddress")
NoResponse = message_class("NoResponse")

CMsgClientHello = message_class("CMsgClientHello")
CMsgClientLogon = message_class("CMsgClientLogon")
CMsgClientLogonResponse = message_class("CMsgClientLogonResponse")
CMsgClientHeartBeat = message_class("CMsgClientHeartBeat")
CMsgClientLogOff = message_class("CMsgClientLogOff")
CMsgClientLoggedOff = message_class("CMsgClientLoggedOff")
CMsgClientAccountInfo = message_class("CMsgClientAccountInfo")
CMsgClientEmailAddrInfo = message_class("CMsgClientEmailAddrInfo")
CMsgClientIsLimitedAccount = message_class("CMsgClientIsLimitedAccount")
CMsgClientCMList = message_class("CMsgClientCMList")
CMsgClientServersAvailable = message_class("CMsgClientServersAvailable")
CMsgClientServerTimestampRequest = message_class("CMsgClientServerTimestampRequest")
CMsgClientServerTimestampResponse = message_class("CMsgClientServerTimestampResponse")
CMsgClientLicenseList = message_class("CMsgClientLicenseList")
CMsgClientWalletInfoUpdate = message_class("CMsgClientWalletInfoUpdate")
CMsgClientGameConnectTokens = message_class("CMsgClientGameConnectTokens")
CMsgClientSessionToken = message_class("CMsgClientSessionToken")
CMsgClientRequestedClientStats = message_class("CMsgClientRequestedClientStats")
CMsgClientPlayingSessionState = message_class("CMsgClientPlayingSessionState")

CMsgTrading_InitiateTradeResponse = message_class("CMsgTrading_InitiateTradeResponse")

CMsgClientFriendsList = message_class("CMsgClientFriendsList")
CMsgClientFriendsGroupsList = message_class("CMsgClientFriendsGroupsList")
CMsgClientPlayerNicknameList = message_class("CMsgClientPlayerNicknameList")
CMsgClientEmoticonList = message_class("CMsgClientEmoticonList")
CMsgClientPersonaState = message_class("CMsgClientPersonaState")
CMsgClientAddFriend = message_class("CMsgClientAddFriend")
CMsgClientAddFriendResponse = message_class("CMsgClientAddFriendResponse")
CMsgClientRemoveFriend = message_class("CMsgClientRemoveFriend")
CMsgClientChangeStatus = message_class("CMsgClientChangeStatus")
CMsgPersonaChangeResponse = message_class("CMsgPersonaChangeResponse")
CMsgClientRequestFriendData = message_class("CMsgClientRequestFriendData")

CAuthentication_DeviceDetails = message_class("CAuthentication_DeviceDetails")
CAuthentication_AllowedConfirmation = message_class("CAuthentication_AllowedConfirmation")
CAuthentication_GetPasswordRSAPublicKey_Request = message_class("CAuthentication_GetPasswordRSAPublicKey_Request")
CAuthentication_GetPasswordRSAPublicKey_Response = message_class("CAuthentication_GetPasswordRSAPublicKey_Response")
CAuthentication_BeginAuthSessionViaCredentials_Request = message_class(
    "CAuthentication_BeginAuthSessionViaCredentials_Request"
)
CAuthentication_BeginAuthSessionViaCredentials_Response = message_class(
    "CAuthentication_BeginAuthSessionViaCredentials_Response"
)
CAuthentication_BeginAuthSessionViaQR_Request = message_class("CAuthentication_BeginAuthSessionViaQR_Request")
CAuthentication_BeginAuthSessionViaQR_Response = message_class("CAuthentication_BeginAuthSessionViaQR_Response")
CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request = message_class(
    "CAuthentication_UpdateAuthSessionWithMobileConfirmation_Request"
)
CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response = message_class(
    "CAuthentication_UpdateAuthSessionWithMobileConfirmation_Response"
)
CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request = message_class(
    "CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request"
)
CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response = message_class(
    "CAuthentication_UpdateAuthSessionWithSteamGuardCode_Response"
)
CAuthentication_PollAuthSessionStatus_Request = message_class("CAuthentication_PollAuthSessionStatus_Request")
CAuthentication_PollAuthSessionStatus_Response = message_class("CAuthentication_PollAuthSessionStatus_Response")
CAuthentication_AccessToken_GenerateForApp_Request = message_class("CAuthentication_AccessToken_GenerateForApp_Request")
CAuthentication_AccessToken_GenerateForApp_Response = message_class(
    "CAuthentication_AccessToken_GenerateForApp_Response"
)

CPlayer_AddFriend_Request = message_class("CPlayer_AddFriend_Request")
CPlayer_AddFriend_Response = message_class("CPlayer_AddFriend_Response")
CPlayer_RemoveFriend_Request = message_class("CPlayer_RemoveFriend_Request")
CPlayer_RemoveFriend_Response = message_class("CPlayer_RemoveFriend_Response")
CPlayer_IgnoreFriend_Request = message_class("CPlayer_IgnoreFriend_Request")
CPlayer_IgnoreFriend_Response = message_class("CPlayer_IgnoreFriend_Response")

CFriendMessages_SendMessage_Request = message_class("CFriendMessages_SendMessage_Request")
CFriendMessages_SendMessage_Response = message_class("CFriendMessages_SendMessage_Response")
CFriendMessages_AckMessage_Notification = message_class("CFriendMessages_AckMessage_Notification")
CFriendMessages_IncomingMessage_Notification = message_class("CFriendMessages_IncomingMessage_Notification")
CFriendMessages_GetRecentMessages_Request = message_class("CFriendMessages_GetRecentMessages_Request")
CFriendMessages_GetRecentMessages_Response = message_class("CFriendMessages_GetRecentMessages_Response")
CFriendsMessages_GetActiveMessageSessions_Request = message_class("CFriendsMessages_GetActiveMessageSessions_Request")
CFriendsMessages_GetActiveMessageSessions_Response = message_class("CFriendsMessages_GetActiveMessageSessions_Response")
