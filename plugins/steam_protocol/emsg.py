"""EMsg: the number that says what a Steam message is.

Messages carry it as a plain int, for Steam sends numbers that nobody here knows; `EMsg(n)` is never called
on a received number. `steam.enums` is no help, because it lacks 9804 and 9805.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class EMsg(IntEnum):
    """The messages that we send, read, or expect and pass over; (struct) ones are not protobuf."""

    MULTI = 1
    SERVICE_METHOD = 146
    SERVICE_METHOD_RESPONSE = 147
    SERVICE_METHOD_CALL_FROM_CLIENT = 151
    SERVICE_METHOD_SEND_TO_CLIENT = 152
    CLIENT_HEART_BEAT = 703
    CLIENT_LOG_OFF = 706
    CLIENT_REMOVE_FRIEND = 714
    CLIENT_CHANGE_STATUS = 716
    CLIENT_FRIEND_MSG = 718
    CLIENT_LOG_ON_RESPONSE = 751
    CLIENT_LOGGED_OFF = 757
    CLIENT_PERSONA_STATE = 766
    CLIENT_FRIENDS_LIST = 767
    CLIENT_ACCOUNT_INFO = 768
    CLIENT_GAME_CONNECT_TOKENS = 779
    CLIENT_LICENSE_LIST = 780
    CLIENT_VAC_BAN_STATUS = 782  # struct
    CLIENT_ADD_FRIEND = 791
    CLIENT_ADD_FRIEND_RESPONSE = 792
    CLIENT_UPDATE_GUEST_PASSES_LIST = 798  # struct
    CLIENT_REQUEST_FRIEND_DATA = 815
    CLIENT_CLAN_STATE = 822
    CLIENT_SESSION_TOKEN = 850
    CLIENT_FRIEND_MSG_INCOMING = 5427
    CLIENT_IS_LIMITED_ACCOUNT = 5430
    CLIENT_EMAIL_ADDR_INFO = 5456
    CLIENT_REQUESTED_CLIENT_STATS = 5480
    CLIENT_SERVER_UNAVAILABLE = 5500  # struct
    CLIENT_SERVERS_AVAILABLE = 5501
    CLIENT_MARKETING_MESSAGE_UPDATE2 = 5510  # struct
    CLIENT_LOGON = 5514
    CLIENT_WALLET_INFO_UPDATE = 5528
    CLIENT_FRIEND_PROFILE_INFO = 5535
    CLIENT_FRIEND_PROFILE_INFO_RESPONSE = 5536
    CLIENT_FRIENDS_GROUPS_LIST = 5553
    CLIENT_REQUEST_ITEM_ANNOUNCEMENTS = 5577
    CLIENT_FRIEND_MSG_ECHO_TO_SENDER = 5578
    CLIENT_REQUEST_COMMENT_NOTIFICATIONS = 5583
    CLIENT_PERSONA_CHANGE_RESPONSE = 5584
    CLIENT_PLAYER_NICKNAME_LIST = 5587
    CLIENT_CURRENT_UI_MODE = 5597
    CLIENT_USER_NOTIFICATIONS = 5599
    CLIENT_PLAYING_SESSION_STATE = 9600
    SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED = 9804
    CLIENT_HELLO = 9805


_NAMES = {int(member): member.name.title().replace("_", "") for member in EMsg}


def name(emsg: int) -> str:
    """What to call a message in a log line; any number has a name."""
    return _NAMES.get(emsg, f"EMsg {emsg}")
