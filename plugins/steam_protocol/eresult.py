"""EResult: the number with which Steam says how something went.

Received results stay plain ints: Steam adds numbers, so `EResult(n)` is never called on one.
"""

from __future__ import annotations

from enum import IntEnum, unique

from steam.enums.common import EResult as _Published


@unique
class EResult(IntEnum):
    """The results that some behaviour of ours depends on."""

    INVALID = 0
    OK = 1
    FAIL = 2
    NO_CONNECTION = 3
    INVALID_PASSWORD = 5
    LOGGED_IN_ELSEWHERE = 6
    INVALID_PROTOCOL_VER = 7
    INVALID_PARAM = 8
    FILE_NOT_FOUND = 9
    BUSY = 10
    INVALID_STATE = 11
    ACCESS_DENIED = 15
    TIMEOUT = 16
    BANNED = 17
    ACCOUNT_NOT_FOUND = 18
    SERVICE_UNAVAILABLE = 20
    NOT_LOGGED_ON = 21
    INSUFFICIENT_PRIVILEGE = 24
    LIMIT_EXCEEDED = 25
    REVOKED = 26
    EXPIRED = 27
    DUPLICATE_REQUEST = 29
    LOGON_SESSION_REPLACED = 34
    BLOCKED = 40
    IGNORED = 41
    ACCOUNT_DISABLED = 43
    TRY_ANOTHER_CM = 48
    PASSWORD_REQUIRED_TO_KICK_SESSION = 49
    ALREADY_LOGGED_IN_ELSEWHERE = 50
    SUSPENDED = 51
    ACCOUNT_LOGON_DENIED = 63
    INVALID_LOGIN_AUTH_CODE = 65
    EXPIRED_LOGIN_AUTH_CODE = 71
    ACCOUNT_LOCKED_DOWN = 73
    BAD_RESPONSE = 76
    RATE_LIMIT_EXCEEDED = 84
    ACCOUNT_LOGIN_DENIED_NEED_TWO_FACTOR = 85
    ACCOUNT_LOGIN_DENIED_THROTTLE = 87
    TWO_FACTOR_CODE_MISMATCH = 88
    TIME_NOT_SYNCED = 93
    NEED_CAPTCHA = 101
    IP_BANNED = 105
    TOO_MANY_PENDING = 108
    ACCOUNT_NOT_FRIENDS = 111
    LIMITED_USER_ACCOUNT = 112
    ACCOUNT_DELETED = 114
    COMMUNITY_COOLDOWN = 116
    MUST_AGREE_TO_SSA = 118
    CACHED_CREDENTIAL_INVALID = 126
    TRY_LATER = 131


# `steam` ends at 115; the rest is from SteamKit's and node-steam-user's lists.
_NAMES: dict[int, str] = {int(member): member.name for member in _Published} | {
    116: "CommunityCooldown",
    117: "NoLauncherSpecified",
    118: "MustAgreeToSSA",
    119: "LauncherMigrated",
    120: "SteamRealmMismatch",
    121: "InvalidSignature",
    122: "ParseFailure",
    123: "NoVerifiedPhone",
    124: "InsufficientBattery",
    125: "ChargerRequired",
    126: "CachedCredentialInvalid",
    127: "PhoneNumberIsVOIP",
    128: "NotSupported",
    129: "FamilySizeLimitExceeded",
    130: "OfflineAppCacheInvalid",
    131: "TryLater",
}


def name(eresult: int) -> str:
    """Steam's own name of a result, as operators find it on the web; any number has a name."""
    return _NAMES.get(eresult, f"EResult {eresult}")
