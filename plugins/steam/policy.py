"""What to do about each result code of Steam, by where it came.

The meanings are those that SteamKit, node-steam-user and ArchiSteamFarm act on; the waits follow the last.
For invites they are known from the web's answers; that a CM means the same by them is likely, not confirmed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.steam_protocol import eresult
from plugins.steam_protocol.eresult import EResult

SECOND = 1_000  # ms
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Context(StrEnum):
    """Where a result came from; the same number means different things in each."""

    SIGN_IN = "sign-in"  # the Authentication service: key, begin, guard code, poll
    LOGON = "logon"  # the answer to ClientLogon
    LOGGED_OFF = "logged-off"  # Steam ended the session
    INVITE = "invite"
    CHAT = "chat"
    REQUEST = "request"  # any other service call of a session
    STANDING = "standing"  # what Steam tells unasked of the account, at the logon and later


class Step(StrEnum):
    """The next thing to do."""

    PROCEED = "proceed"  # no failure: go on
    RETRY = "retry"  # the same again, no sooner than the back-off
    RECONNECT = "reconnect"  # a new connection, to another CM, no sooner than the back-off; of a live session: its end
    NEXT_CODE = "next-code"  # a guard code of the next 30 s window, on the same auth session
    REAUTHENTICATE = "reauthenticate"  # drop the stored token and sign in with the password, once
    HOLD_PROXY = "hold-proxy"  # no sign-in through this proxy until the back-off is over
    HOLD_INVITES = "hold-invites"  # no invite from this bot until the back-off is over
    HOLD_MESSAGES = "hold-messages"  # no message from this bot until the back-off is over
    GIVE_UP = "give-up"  # permanent for this target; the bot itself is well
    STOP = "stop"  # a person has to act first; `advice` says how


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a result means and what to do about it.

    `back_off_ms` is the least wait, to which the caller adds its own growth and jitter. A result that comes
    `strikes` times within `window_ms` becomes `STOP` (0: never), with `last_advice` where that differs; `Strikes`
    counts them, those of one place and advice together. `code` is `advice` for
    programs, a reason of the bot or a refusal of the command; None where the place that it came from
    says enough.
    """

    context: Context
    result: int
    step: Step
    back_off_ms: int = 0
    advice: str = ""
    strikes: int = 0
    window_ms: int = 0
    code: SteamReason | SteamRefusal | None = None
    last_advice: str = ""

    @property
    def reason(self) -> SteamReason | None:
        """Why the bot is off, where that is what it came to."""
        return self.code if isinstance(self.code, SteamReason) else None

    @property
    def refusal(self) -> SteamRefusal | None:
        """What a command is refused for, where that is what it came to."""
        return self.code if isinstance(self.code, SteamRefusal) else None

    @property
    def name(self) -> str:
        return eresult.name(self.result)

    def __str__(self) -> str:
        told = f"Steam answered {self.name} ({self.result}) to the {self.context}"
        if self.context is Context.STANDING:
            told = f"Steam tells of the account: {self.name} ({self.result})"
        if self.context is Context.LOGGED_OFF:
            told = f"Steam ended the session with {self.name} ({self.result})"
        return f"{told}: {self.advice}" if self.advice else told


class Strikes:
    """Counts the results of one bot that are harmless once and not twice."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: deque[tuple[int, Context, str]] = deque(maxlen=16)

    def count(self, verdict: Verdict, now_ms: int) -> Verdict:
        """The verdict itself, or the same with a longer wait, or as a `STOP` where it has come too often."""
        if not verdict.strikes:
            return verdict
        self._seen.append((now_ms, verdict.context, verdict.advice))
        since = now_ms - verdict.window_ms
        kind = verdict.context, verdict.advice
        same = sum(1 for at, context, advice in self._seen if at >= since and (context, advice) == kind)
        if same < verdict.strikes and verdict.last_advice:
            return replace(verdict, back_off_ms=min(verdict.back_off_ms << (same - 1), HOUR))
        if same < verdict.strikes:
            return verdict
        if not verdict.last_advice:
            return replace(verdict, step=Step.STOP)
        return replace(verdict, step=Step.STOP, advice=verdict.last_advice, code=SteamReason.SIGN_IN_GIVEN_UP)

    def forget(self) -> None:
        """A person is called: what comes after their word is counted anew."""
        self._seen.clear()


def judge(context: Context, result: int) -> Verdict:
    """The policy for any number that Steam may send; one that is not in the table is taken as transient."""
    row = _TABLE[context].get(result) or _EVERYWHERE.get(result) or _UNKNOWN[context]
    return replace(row, context=context, result=result)


def _do(
    step: Step,
    back_off_ms: int = 0,
    advice: str = "",
    strikes: int = 0,
    window_ms: int = 0,
    code: SteamReason | SteamRefusal | None = None,
) -> Verdict:
    return Verdict(Context.REQUEST, 0, step, back_off_ms, advice, strikes, window_ms, code)


_PROCEED = _do(Step.PROCEED)
_AGAIN = _do(Step.RETRY, 5 * SECOND)
_RECONNECT = _do(Step.RECONNECT, 5 * SECOND, "this CM does not serve the bot; another one is tried")
_RENEW = _do(Step.RECONNECT, 5 * SECOND, "Steam does not serve this session any more; the bot signs in anew")
_UNEXPLAINED = _do(Step.RECONNECT, 30 * SECOND, "nothing is known to be wrong with the account; it is tried again")
_TRIES = 8  # of a password or a token that Steam refuses without a reason; the fleet's gaps between them grow
_LAST_ADVICE = (
    f"Steam has refused the sign-in {_TRIES} times without a reason; sign in to the account by hand, in a browser and "
    "through the bot's proxy, to see what Steam wants, then connect the bot"
)
_UNEXPLAINED_REFUSAL = replace(_UNEXPLAINED, strikes=_TRIES, window_ms=24 * HOUR, last_advice=_LAST_ADVICE)
_ELSEWHERE = _do(Step.RETRY, MINUTE, "the account is in use somewhere else", code=SteamReason.ACCOUNT_IN_USE)
_REAUTHENTICATE = _do(
    Step.REAUTHENTICATE,
    advice="the stored token is dead; the bot signs in with its password next",
)
_THROTTLED = _do(
    Step.HOLD_PROXY,
    30 * MINUTE,
    "too many sign-ins from this proxy's address; each further try makes the wait longer",
    code=SteamReason.SIGN_IN_THROTTLED,
)
_NOT_FOR_THIS_PLAYER = _do(Step.GIVE_UP)
_LIMITED = _do(
    Step.HOLD_INVITES,
    24 * HOUR,
    "this is a limited account and cannot invite: spend 5 USD on Steam with it, or let another bot invite",
)
_INVITES_SPENT = _do(
    Step.HOLD_INVITES, 24 * HOUR, "too many invites from this account; Steam allows more in a day or two"
)

_WRITTEN_TOO_MUCH = _do(
    Step.HOLD_MESSAGES,
    30 * SECOND,
    "too much was asked of Steam by this account in a short time",
    code=SteamRefusal.MESSAGES_LIMITED,
)

# Results that mean the same wherever they come.
_EVERYWHERE: dict[int, Verdict] = {
    EResult.OK: _PROCEED,
    EResult.NO_CONNECTION: _RECONNECT,
    EResult.NOT_LOGGED_ON: _RECONNECT,
    EResult.SERVICE_UNAVAILABLE: _RECONNECT,
    EResult.TRY_ANOTHER_CM: _RECONNECT,
    EResult.TRY_LATER: _do(Step.RETRY, MINUTE),
    EResult.RATE_LIMIT_EXCEEDED: _do(Step.RETRY, MINUTE),
}

_ACCOUNT_GONE: dict[int, Verdict] = {
    EResult.BANNED: _do(Step.STOP, advice="the account is banned; remove the bot", code=SteamReason.ACCOUNT_BANNED),
    EResult.ACCOUNT_NOT_FOUND: _do(
        Step.STOP,
        advice="Steam knows no account of this name; check the maFile's account_name",
        code=SteamReason.ACCOUNT_UNKNOWN,
    ),
    EResult.ACCOUNT_DISABLED: _do(
        Step.STOP,
        advice="the account is disabled; ask Steam Support, or remove the bot",
        code=SteamReason.ACCOUNT_DISABLED,
    ),
    EResult.ACCOUNT_LOCKED_DOWN: _do(
        Step.STOP,
        advice="the account is locked; unlock it at help.steampowered.com, then connect the bot",
        code=SteamReason.ACCOUNT_LOCKED,
    ),
    EResult.ACCOUNT_DELETED: _do(
        Step.STOP, advice="the account was deleted; remove the bot", code=SteamReason.ACCOUNT_DELETED
    ),
    EResult.IP_BANNED: _do(
        Step.STOP,
        advice="Steam bans this proxy's address; remove the bot and add it again with another proxy",
        code=SteamReason.PROXY_BANNED,
    ),
    EResult.SUSPENDED: _do(
        Step.STOP,
        advice="the account is suspended; ask Steam Support, or remove the bot",
        code=SteamReason.ACCOUNT_SUSPENDED,
    ),
    EResult.MUST_AGREE_TO_SSA: _do(
        Step.STOP,
        advice="Steam wants its Subscriber Agreement accepted; sign in to the account in a browser",
        code=SteamReason.ACCOUNT_AGREEMENT,
    ),
    EResult.COMMUNITY_COOLDOWN: _do(
        Step.RETRY, HOUR, "the account is under a community cooldown", code=SteamReason.ACCOUNT_COOLDOWN
    ),
}

_SIGN_IN: dict[int, Verdict] = {
    EResult.INVALID_PASSWORD: _do(
        Step.STOP,
        advice="the password is wrong; remove the bot and add it again with the right one",
        code=SteamReason.PASSWORD_WRONG,
    ),
    EResult.INVALID_PARAM: _do(
        Step.STOP,
        advice="Steam does not take our request; this version is too old for Steam, or has a bug",
        code=SteamReason.TOO_OLD,
    ),
    EResult.FILE_NOT_FOUND: replace(_UNEXPLAINED_REFUSAL, advice="the sign-in was denied or forgotten"),
    EResult.ACCESS_DENIED: _THROTTLED,
    EResult.DUPLICATE_REQUEST: _do(Step.PROCEED, advice="the sign-in was approved already"),
    EResult.ACCOUNT_LOGON_DENIED: _do(
        Step.STOP,
        advice="Steam wants a code from the account's e-mail; add a mobile authenticator to it",
        code=SteamReason.EMAIL_CODE,
    ),
    EResult.INVALID_LOGIN_AUTH_CODE: _do(
        Step.STOP,
        advice="Steam wants a code from the account's e-mail; add a mobile authenticator to it",
        code=SteamReason.EMAIL_CODE,
    ),
    EResult.EXPIRED_LOGIN_AUTH_CODE: _do(
        Step.STOP,
        advice="Steam wants a code from the account's e-mail; add a mobile authenticator to it",
        code=SteamReason.EMAIL_CODE,
    ),
    EResult.RATE_LIMIT_EXCEEDED: _THROTTLED,
    EResult.ACCOUNT_LOGIN_DENIED_THROTTLE: _THROTTLED,
    EResult.ACCOUNT_LOGIN_DENIED_NEED_TWO_FACTOR: _do(
        Step.STOP,
        advice="Steam wants a mobile code; remove the bot and add it again with the maFile of this account",
        code=SteamReason.MOBILE_CODE_NEEDED,
    ),
    EResult.TWO_FACTOR_CODE_MISMATCH: _do(
        Step.NEXT_CODE,
        advice="the mobile code is wrong; the maFile is of another account or of a removed authenticator: "
        "remove the bot and add it again with the present maFile",
        code=SteamReason.MOBILE_CODE_WRONG,
    ),
    EResult.TIME_NOT_SYNCED: _do(
        Step.NEXT_CODE, advice="this machine's clock differs from Steam's; set it", code=SteamReason.CLOCK_WRONG
    ),
    EResult.NEED_CAPTCHA: _do(
        Step.STOP, advice="Steam wants a captcha; sign in by hand through this proxy", code=SteamReason.CAPTCHA
    ),
    **_ACCOUNT_GONE,
}

_LOGON: dict[int, Verdict] = {
    EResult.INVALID: _RECONNECT,
    EResult.FAIL: replace(_RECONNECT, strikes=_TRIES, window_ms=24 * HOUR, last_advice=_LAST_ADVICE),
    EResult.INVALID_PASSWORD: _REAUTHENTICATE,
    EResult.LOGGED_IN_ELSEWHERE: _ELSEWHERE,
    EResult.INVALID_PROTOCOL_VER: _do(
        Step.STOP,
        advice="Steam does not take our protocol version; this version is too old for Steam",
        code=SteamReason.TOO_OLD,
    ),
    EResult.ACCESS_DENIED: _REAUTHENTICATE,
    EResult.REVOKED: _REAUTHENTICATE,
    EResult.EXPIRED: _REAUTHENTICATE,
    EResult.PASSWORD_REQUIRED_TO_KICK_SESSION: _ELSEWHERE,
    EResult.ALREADY_LOGGED_IN_ELSEWHERE: _ELSEWHERE,
    EResult.BAD_RESPONSE: _RECONNECT,
    EResult.RATE_LIMIT_EXCEEDED: _THROTTLED,
    EResult.ACCOUNT_LOGIN_DENIED_THROTTLE: _THROTTLED,
    EResult.CACHED_CREDENTIAL_INVALID: _REAUTHENTICATE,
    **_ACCOUNT_GONE,
}

_LOGGED_OFF: dict[int, Verdict] = {
    **_LOGON,
    EResult.INVALID_PASSWORD: _REAUTHENTICATE,
    EResult.INVALID_PROTOCOL_VER: _RECONNECT,
    EResult.FAIL: _RECONNECT,
    EResult.LOGON_SESSION_REPLACED: _do(
        Step.RETRY,
        MINUTE,
        "another program signs in to this account from the same address; stop it, then connect the bot again",
        strikes=2,
        window_ms=HOUR,
        code=SteamReason.ACCOUNT_IN_USE,
    ),
}

# What is asked of a live session. `Link` ends it where it is to be signed in anew, or stopped, whatever was asked.
_SESSION: dict[int, Verdict] = {
    EResult.NO_CONNECTION: _RENEW,
    EResult.LOGGED_IN_ELSEWHERE: _RENEW,
    EResult.NOT_LOGGED_ON: _RENEW,
    EResult.REVOKED: _RENEW,
    EResult.EXPIRED: _RENEW,
    EResult.LOGON_SESSION_REPLACED: _RENEW,
    EResult.TRY_ANOTHER_CM: _RENEW,
    EResult.SERVICE_UNAVAILABLE: _AGAIN,
}

# Of our own account alone; to an invite or a message the same may be said of the player's.
_REQUEST: dict[int, Verdict] = {
    **_SESSION,
    EResult.RATE_LIMIT_EXCEEDED: replace(_WRITTEN_TOO_MUCH, code=None),
    EResult.ACCOUNT_DISABLED: _ACCOUNT_GONE[EResult.ACCOUNT_DISABLED],
    EResult.ACCOUNT_LOCKED_DOWN: _ACCOUNT_GONE[EResult.ACCOUNT_LOCKED_DOWN],
    EResult.SUSPENDED: _ACCOUNT_GONE[EResult.SUSPENDED],
    EResult.MUST_AGREE_TO_SSA: _ACCOUNT_GONE[EResult.MUST_AGREE_TO_SSA],
}

_INVITE: dict[int, Verdict] = {
    **_SESSION,
    EResult.SERVICE_UNAVAILABLE: _do(Step.RETRY, MINUTE),
    EResult.INVALID_STATE: replace(
        _NOT_FOR_THIS_PLAYER, advice="this bot blocks the player", code=SteamRefusal.BOT_BLOCKS_PLAYER
    ),
    EResult.ACCESS_DENIED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player's friends list is full", code=SteamRefusal.PLAYER_FRIENDS_FULL
    ),
    EResult.BANNED: replace(_NOT_FOR_THIS_PLAYER, advice="the player is banned", code=SteamRefusal.PLAYER_BANNED),
    EResult.ACCOUNT_NOT_FOUND: replace(
        _NOT_FOR_THIS_PLAYER, advice="there is no such player", code=SteamRefusal.PLAYER_NOT_FOUND
    ),
    EResult.ACCOUNT_DELETED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player's account was deleted", code=SteamRefusal.PLAYER_DELETED
    ),
    EResult.BLOCKED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player blocks this bot", code=SteamRefusal.PLAYER_BLOCKS_BOT
    ),
    EResult.IGNORED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player ignores this bot", code=SteamRefusal.PLAYER_IGNORES_BOT
    ),
    EResult.INSUFFICIENT_PRIVILEGE: _LIMITED,
    EResult.LIMITED_USER_ACCOUNT: _LIMITED,
    EResult.LIMIT_EXCEEDED: _do(
        Step.HOLD_INVITES, HOUR, "this bot's friends list is full; remove friends that it no longer needs"
    ),
    EResult.DUPLICATE_REQUEST: _do(Step.PROCEED, advice="the invite was sent already"),
    EResult.RATE_LIMIT_EXCEEDED: _INVITES_SPENT,
    EResult.TOO_MANY_PENDING: _do(
        Step.HOLD_INVITES, 24 * HOUR, "too many of this bot's invites are unanswered; withdraw old ones"
    ),
    EResult.COMMUNITY_COOLDOWN: _INVITES_SPENT,
}

_CHAT: dict[int, Verdict] = {
    **_SESSION,
    EResult.ACCESS_DENIED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player is no friend of this bot", code=SteamRefusal.NOT_FRIENDS
    ),
    EResult.ACCOUNT_NOT_FRIENDS: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player is no friend of this bot", code=SteamRefusal.NOT_FRIENDS
    ),
    EResult.BLOCKED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player blocks this bot", code=SteamRefusal.PLAYER_BLOCKS_BOT
    ),
    EResult.IGNORED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player ignores this bot", code=SteamRefusal.PLAYER_IGNORES_BOT
    ),
    EResult.ACCOUNT_DELETED: replace(
        _NOT_FOR_THIS_PLAYER, advice="the player's account was deleted", code=SteamRefusal.PLAYER_DELETED
    ),
    EResult.LIMITED_USER_ACCOUNT: replace(
        _NOT_FOR_THIS_PLAYER, advice="Steam does not let this limited account write", code=SteamRefusal.LIMITED_ACCOUNT
    ),
    EResult.LIMIT_EXCEEDED: _WRITTEN_TOO_MUCH,
    EResult.RATE_LIMIT_EXCEEDED: _WRITTEN_TOO_MUCH,
    EResult.COMMUNITY_COOLDOWN: replace(_WRITTEN_TOO_MUCH, back_off_ms=HOUR),
}

BUSY: frozenset[int] = frozenset(
    {
        *_SESSION,
        *(EResult.BUSY, EResult.TIMEOUT, EResult.RATE_LIMIT_EXCEEDED, EResult.TRY_LATER),
    }
)
"""Results by which Steam says that it is not able just now, rather than that it does not want to."""

ENDS_SESSION: frozenset[Step] = frozenset({Step.RECONNECT, Step.REAUTHENTICATE, Step.STOP})
"""What a live session cannot go on after, whichever of its requests was answered so."""

_TABLE: dict[Context, dict[int, Verdict]] = {
    Context.SIGN_IN: _SIGN_IN,
    Context.LOGON: _LOGON,
    Context.LOGGED_OFF: _LOGGED_OFF,
    Context.INVITE: _INVITE,
    Context.CHAT: _CHAT,
    Context.REQUEST: _REQUEST,
    Context.STANDING: _ACCOUNT_GONE,
}

_UNKNOWN: dict[Context, Verdict] = {
    Context.SIGN_IN: _UNEXPLAINED_REFUSAL,
    Context.LOGON: _UNEXPLAINED_REFUSAL,
    Context.LOGGED_OFF: _UNEXPLAINED,
    Context.INVITE: _do(Step.RETRY, MINUTE),
    Context.CHAT: _AGAIN,
    Context.REQUEST: _AGAIN,
    Context.STANDING: _AGAIN,
}
