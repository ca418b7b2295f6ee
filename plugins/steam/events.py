"""What a session tells its owner: plain records, in the order in which Steam said it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from plugins.steam_protocol.frames import Frame


class OwnPersonaState(IntEnum):
    """How a bot shows itself (EPersonaState)."""

    OFFLINE = 0
    ONLINE = 1
    INVISIBLE = 7


class LoggedOn(NamedTuple):
    """Steam took the token."""

    steam_id64: int
    server_time: int  # unix seconds
    public_ip: int | None  # IPv4 as a number: the proxy's far end, as Steam sees it
    account_flags: int


class LogonRefused(NamedTuple):
    """Steam did not take the token; it closes the connection."""

    result: int


class LoggedOff(NamedTuple):
    """Steam ended the session, or the CM said that it serves no longer; the connection is of no more use."""

    result: int


class Restricted(NamedTuple):
    """What the account may not do."""

    limited: bool
    banned: bool
    locked: bool
    may_invite: bool


class FlagsTold(NamedTuple):
    """The account's EAccountFlags, told in a session."""

    account_flags: int


class VacTold(NamedTuple):
    """From how many games, or ranges of games, VAC bans the account."""

    games: int


class TradeAnswered(NamedTuple):
    """What became of a trade request: whether our account may not trade, and for how many days, where that is said."""

    held: bool
    days: int


class FriendsListed(NamedTuple):
    """The whole friends list, once after logon: SteamID64 to relationship."""

    relationships: Mapping[int, int]
    list_full: bool


class RelationshipChanged(NamedTuple):
    """One entry of the friends list has become another; a notification that changes nothing is no event."""

    steam_id64: int
    before: int
    after: int


class MessageArrived(NamedTuple):
    """A chat message, which (friend, timestamp, ordinal) names for good, in live, history and echo alike."""

    steam_id64: int  # the friend, whoever of the two wrote
    timestamp: int  # unix seconds
    ordinal: int  # among the messages of that second
    text: str
    echo: bool  # written by this account, in another session


class PersonaTold(NamedTuple):
    """What Steam tells of one person, as it tells it; None: not said this time."""

    steam_id64: int
    name: str | None = None
    avatar: bytes | None = None
    state: int | None = None  # EPersonaState
    app: int | None = None  # 0: no game, or one that is not Steam's
    game: str | None = None


class Answered(NamedTuple):
    """The answer to a request of ours."""

    job: int
    result: int
    frame: Frame  # its body is the response


class Unanswered(NamedTuple):
    """No answer came within the time; what was asked may have been done."""

    job: int


class FellSilent(NamedTuple):
    """Steam said nothing for too long, though it was asked."""

    silent_ms: int


SessionEvent = (
    LoggedOn
    | LogonRefused
    | LoggedOff
    | Restricted
    | FlagsTold
    | VacTold
    | TradeAnswered
    | FriendsListed
    | RelationshipChanged
    | MessageArrived
    | PersonaTold
    | Answered
    | Unanswered
    | FellSilent
)


class Said(NamedTuple):
    """One message of a conversation's history; (timestamp, ordinal) is its key, as in `MessageArrived`."""

    timestamp: int  # unix seconds
    ordinal: int
    sender: int  # SteamID64
    text: str


class Talked(NamedTuple):
    """A conversation that had a message since the time asked for."""

    steam_id64: int  # the friend
    last_message: int  # unix seconds
    last_view: int
    unread: int


class Sent(NamedTuple):
    """A message as Steam took it; the pair is its key in the history."""

    timestamp: int  # unix seconds
    ordinal: int
