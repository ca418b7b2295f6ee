"""Faults that can be switched on, for one account or for all: what Steam does on its bad days.

A place where something can go wrong asks `take` or `active` by the kind; nothing else is needed to add a kind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from random import Random
from typing import Protocol

from msgspec import Struct

from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.session import ToldStanding

MAX_DELAY = 3_600_000  # ms
MAX_AMOUNT = 100_000
MINUTE = 60_000  # ms


class FaultKind(StrEnum):
    """What goes wrong. Those that have a result answer with `eresult`."""

    KEY_RESULT = "key_result"
    """GetPasswordRSAPublicKey has that result."""
    BEGIN_RESULT = "begin_result"
    """BeginAuthSessionViaCredentials has that result."""
    CODE_RESULT = "code_result"
    """UpdateAuthSessionWithSteamGuardCode has that result."""
    POLL_RESULT = "poll_result"
    """PollAuthSessionStatus has that result."""
    POLL_PENDING = "poll_pending"
    """PollAuthSessionStatus is answered OK for ever, and never with a token."""
    EMAIL_GUARD = "email_guard"
    """The account has no mobile authenticator: Steam wants a code that it sends by e-mail."""
    APPROVAL_RESULT = "approval_result"
    """UpdateAuthSessionWithMobileConfirmation has that result."""
    RENEW_RESULT = "renew_result"
    """GenerateAccessTokenForApp has that result."""
    LOGON_RESULT = "logon_result"
    """ClientLogon is answered with that result, and the connection closed."""
    LOGON_STRUCT = "logon_struct"
    """ClientLogon is answered with a struct 751, as by a CM that serves nobody, and the connection closed."""
    INVITE_RESULT = "invite_result"
    """A friend invite, by 791 or Player.AddFriend, has that result."""
    CHAT_RESULT = "chat_result"
    """FriendMessages.SendMessage has that result."""
    HISTORY_RESULT = "history_result"
    """GetRecentMessages and GetActiveMessageSessions have that result."""
    SESSION_RESULT = "session_result"
    """Whatever a session asks for has that result, while its heartbeats are answered (21: not logged on)."""
    INVITE_LIES = "invite_lies"
    """A friend invite is taken, the player sees it, and it is answered with that result all the same."""
    CHAT_LIES = "chat_lies"
    """A message is taken, the player sees it, and it is answered with that result all the same."""
    INVITE_LOST = "invite_lost"
    """A friend invite is answered OK, and nobody ever sees it."""
    CHAT_LOST = "chat_lost"
    """A message is answered OK, and nobody ever sees it."""
    HISTORY_LAGS = "history_lags"
    """What was written within the last `delay_ms` is in no history yet."""

    ACCOUNT_LIMITED = "account_limited"
    """The account is limited, told at the logon or with its next message.

    Its invites are refused with 24 (InsufficientPrivilege), its messages above 1,945 bytes with 25 (LimitExceeded)."""
    ACCOUNT_LOCKED = "account_locked"
    """The account is locked, told at the logon or with its next message."""
    COMMUNITY_BANNED = "community_banned"
    """The account is banned from the community, told at the logon or with its next message."""
    ACCOUNT_DISABLED = "account_disabled"
    """The account's flags say that it is disabled, at the logon or with its next message."""
    VAC_BANNED = "vac_banned"
    """VAC bans the account from a game, told at the logon or with its next message."""
    TRADE_HELD = "trade_held"
    """The account may not trade for seven days, told with its next message as the answer to a trade request."""
    LOGGED_OFF = "logged_off"
    """The account's next message ends its session: ClientLoggedOff with that result (34: session replaced)."""
    LOGGED_OFF_STRUCT = "logged_off_struct"
    """The same with a struct 757."""
    SERVER_UNAVAILABLE = "server_unavailable"
    """The account's next message is answered with the struct 5500."""
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a name of a fault
    """The account's next message ends its session with Revoked, and all its tokens are dead."""

    DROP_SOCKET = "drop_socket"
    """The account's next message is answered with a closed TCP connection."""
    STALL = "stall"
    """The account's connections stay open, and nothing is answered or sent on them."""
    LATE_ANSWERS = "late_answers"
    """Answers, and the burst after a logon, come `delay_ms` late; notifications overtake them."""
    REORDERED_ANSWERS = "reordered_answers"
    """An answer waits until the next one has gone out, at most `delay_ms`."""
    DUPLICATE_NOTIFICATIONS = "duplicate_notifications"
    """Everything that is sent to the account without being asked for is sent twice."""

    FRIENDS_LIST_FULL = "friends_list_full"
    """The friends list says that it is full, and invites are refused for it."""
    HUGE_FRIENDS_LIST = "huge_friends_list"
    """The friends list has `amount` strangers more."""

    STRANGERS_INVITE = "strangers_invite"
    """The friends list has invites of `amount` strangers more."""

    CM_DOWN = "cm_down"
    """The CM (or all, where none is named) closes each connection before it is one."""
    CM_FULL = "cm_full"
    """The CM takes nobody more: it answers the handshake with HTTP 503."""
    CM_SLOW = "cm_slow"
    """The CM answers the handshake `delay_ms` late."""

    PROXY_DENIES = "proxy_denies"
    """The bot's proxy does not know its user name and password."""
    PROXY_REFUSES = "proxy_refuses"
    """The bot's proxy leads nowhere: 502, or "connection refused"."""
    PROXY_SILENT = "proxy_silent"
    """The bot's proxy takes the connection and says nothing."""
    PROXY_CUTS = "proxy_cuts"
    """The bot's proxy closes the tunnel as soon as it has opened it."""

    DIRECTORY_FAILS = "directory_fails"
    """The list of CMs is an HTTP status 500."""
    DIRECTORY_NULL = "directory_null"
    """The list of CMs is `null`."""
    DIRECTORY_ODD = "directory_odd"
    """Before the CMs the list has an entry of every kind that is none (`directory.ODD`), `amount` of them at least."""
    CM_LIST_SENT = "cm_list_sent"
    """With the burst after a logon comes a ClientCMList, which Steam has stopped sending, of CMs that are not there."""
    DIRECTORY_UNDATED = "directory_undated"
    """Answers of the web API have no Date."""
    QUERY_TIME_FAILS = "query_time_fails"
    """QueryTime is an HTTP status 503."""
    CLOCK_AHEAD = "clock_ahead"
    """Steam's clock is `delay_ms` ahead of this machine's, in everything that it says and judges by."""
    CLOCK_BEHIND = "clock_behind"
    """Steam's clock is `delay_ms` behind this machine's."""
    WEB_API_FAILS = "web_api_fails"
    """The Authentication service of the web API is an HTTP status 503."""
    DIRECTORY_EMPTY = "directory_empty"
    """The list of CMs has no CM."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: its kind, whom it concerns (None: everybody), how often (None: until switched off), how likely."""

    kind: FaultKind
    eresult: int = 0
    account: int | None = None
    times: int | None = None
    chance: float = 1.0
    delay_ms: int = 30_000
    amount: int = 2_000
    cm: int | None = None
    """Which CM, counted from 0 as the directory lists them; None: all."""
    player: int | None = None
    """Whom the invite or the message is for (SteamID64), of a fault that befalls those; None: everybody."""
    per_minute: int | None = None
    """How many such requests of an account a minute go well before the fault strikes; None: it strikes at once."""


class FaultRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault as people write it: in a table `[[steam_sim.faults]]`, or in a message to a process of its own."""

    fault: FaultKind
    eresult: int = 2
    login: str | None = None
    """Whom it befalls. Left out: everybody."""
    times: int | None = None
    chance: float = 1.0
    """How often it strikes when it could; the seed decides when."""
    delay_ms: int = 30_000
    amount: int = 2_000
    cm: int | None = None
    player: str | None = None
    """SteamID64 of whom the invite or the message is for. Left out: everybody."""
    per_minute: int | None = None

    def __post_init__(self) -> None:
        self.rule(None)

    def rule(self, account: int | None) -> Fault:
        """The same as a rule for that account."""
        if self.player is not None and not self.player.isdigit():
            raise ValueError("player: give a SteamID64 as a text, or leave the field out")
        return fault_of(self, account)


class WrittenFault(Protocol):
    """What the config, a command and a message to a process of its own have in common."""

    @property
    def fault(self) -> FaultKind: ...
    @property
    def eresult(self) -> int: ...
    @property
    def times(self) -> int | None: ...
    @property
    def chance(self) -> float: ...
    @property
    def delay_ms(self) -> int: ...
    @property
    def amount(self) -> int: ...
    @property
    def cm(self) -> int | None: ...
    @property
    def player(self) -> str | None: ...
    @property
    def per_minute(self) -> int | None: ...


def fault_of(written: WrittenFault, account: int | None) -> Fault:
    """The rule for that account; ValueError says what of it makes no sense."""
    return checked(
        Fault(
            kind=written.fault,
            eresult=written.eresult,
            account=account,
            times=written.times,
            chance=written.chance,
            delay_ms=written.delay_ms,
            amount=written.amount,
            cm=written.cm,
            player=int(written.player) if written.player is not None else None,
            per_minute=written.per_minute,
        )
    )


def checked(fault: Fault) -> Fault:
    """The rule itself; ValueError says what of it makes no sense."""
    if not 0 < fault.eresult < 1_000 or fault.eresult == 1:
        raise ValueError("eresult: give a result of Steam's that is not OK, from 2 to 999")
    if fault.times is not None and fault.times < 1:
        raise ValueError("times: give at least 1, or leave the field out")
    if not 0 < fault.chance <= 1:
        raise ValueError("chance: give a share above 0 and up to 1")
    if fault.per_minute is not None and not 0 < fault.per_minute <= MAX_AMOUNT:
        raise ValueError(f"perMinute: give from 1 to {MAX_AMOUNT}, or leave the field out")
    if fault.cm is not None and fault.cm < 0:
        raise ValueError("cm: give the CM's place in the directory, the first being 0, or leave the field out")
    if not 0 <= fault.delay_ms <= MAX_DELAY or not 0 < fault.amount <= MAX_AMOUNT:
        raise ValueError(f"delayMs: give up to {MAX_DELAY}; amount: from 1 to {MAX_AMOUNT}")
    return fault


class Faults:
    """The rules that are switched on, oldest first; the first that fits decides.

    A rule with a `chance` throws a die of its own seed each time that it is asked, so a run can be repeated.
    """

    def __init__(self, seed: int = 1, now: Callable[[], int] = lambda: 0) -> None:
        """`now`: in milliseconds; what limits by the minute go by."""
        self._left: dict[Fault, int | None] = {}
        self._now = now
        self._went_well: dict[tuple[Fault, int | None], deque[int]] = {}
        self._dice = Random(f"{seed}:faults")

    def switch_on(self, fault: Fault) -> Callable[[], None]:
        """Put a rule in force; call what is returned to take it out again."""
        self._left[fault] = fault.times
        return partial(self._take_out, fault)

    def _take_out(self, fault: Fault) -> None:
        self._left.pop(fault, None)

    def switch_off(self, kind: FaultKind | None = None, account: int | None = None) -> None:
        """Take out every rule of this kind and account; None stands for any."""
        for fault in tuple(self._left):
            if kind in (None, fault.kind) and account in (None, fault.account):
                del self._left[fault]

    def active(self, kind: FaultKind, account: int | None, player: int | None = None) -> Fault | None:
        """The rule in force for this account, and for what it does with that player, without using it up."""
        for fault in self._left:
            if fault.kind is kind and fault.account in (None, account) and fault.player in (None, player):
                if self._is_within(fault, account):
                    return None
                return fault if fault.chance >= 1 or self._dice.random() < fault.chance else None
        return None

    def _is_within(self, fault: Fault, account: int | None) -> bool:
        """Whether the account may do one more of it this minute; then this is that one."""
        if fault.per_minute is None:
            return False
        lately = self._went_well.setdefault((fault, account), deque())
        while lately and lately[0] <= self._now() - MINUTE:
            lately.popleft()
        if len(lately) >= fault.per_minute:
            return False
        lately.append(self._now())
        return True

    def take(self, kind: FaultKind, account: int | None, player: int | None = None) -> Fault | None:
        """The rule in force for this account, and for what it does with that player, used once."""
        fault = self.active(kind, account, player)
        return self._use(fault) if fault is not None else None

    def _use(self, fault: Fault) -> Fault:
        if (left := self._left[fault]) is not None:
            if left <= 1:
                del self._left[fault]
            else:
                self._left[fault] = left - 1
        return fault

    def at_cm(self, kind: FaultKind, cm: int) -> Fault | None:
        """The rule in force for a CM, used once."""
        for fault in self._left:
            if fault.kind is kind and fault.cm in (None, cm):
                return self._use(fault) if fault.chance >= 1 or self._dice.random() < fault.chance else None
        return None

    def standing(self, account: int) -> ToldStanding:
        """What Steam holds against the account."""
        kinds = (
            *(FaultKind.ACCOUNT_LIMITED, FaultKind.ACCOUNT_LOCKED, FaultKind.COMMUNITY_BANNED),
            *(FaultKind.ACCOUNT_DISABLED, FaultKind.VAC_BANNED, FaultKind.TRADE_HELD),
        )
        return ToldStanding(*(self.active(kind, account) is not None for kind in kinds))

    def refuse(self, kind: FaultKind, account: int | None, player: int | None = None) -> None:
        """Raise `SteamRefused` with the result of the rule in force, if there is one."""
        if (fault := self.take(kind, account, player)) is not None:
            raise SteamRefused(fault.eresult, f"the fault {kind} is switched on")
