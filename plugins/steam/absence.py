"""Catching up after an absence: what came in meanwhile is told before anything live, once and in order.

Changed friendships are told by comparing two friends lists, words by reading back the conversations that had any, also
those of friends with whom there is no chat here.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from kernel.ids import BotId, SteamId64
from kernel.rows import Bot, InviteStatus
from kernel.state import State
from plugins.steam.events import MessageArrived, RelationshipChanged, SessionEvent
from plugins.steam.policy import SECOND
from plugins.steam.sessions import BotSession
from plugins.steam_protocol.relationship import EFriendRelationship

OVERLAP_S: Final = 60
"""Seconds before the break that are read again: covers a difference between Steam's clock and ours."""
RECENT: Final = 500
"""Messages of one bot that are remembered at most."""
_FRIEND: Final = int(EFriendRelationship.FRIEND)
_NONE: Final = int(EFriendRelationship.NONE)


class Absence:
    """Holds back what a new session hears until `end`, so that nothing live overtakes what is still to be read.

    What people wrote is kept in `unheard`: a session that ends before its `end` leaves it to the next one, which may
    not be told of it anew, and may not find it in a history that lags.
    """

    def __init__(self, tell: Callable[[SessionEvent], None], unheard: Unheard, bot_id: BotId) -> None:
        self._tell = tell
        self._unheard = unheard
        self._bot_id = bot_id
        self._changes: list[RelationshipChanged] | None = []

    def hear(self, event: SessionEvent) -> None:
        """What the session reports."""
        if isinstance(event, MessageArrived) and self._changes is not None:
            self._unheard.keep(self._bot_id, event)
        elif isinstance(event, RelationshipChanged) and self._changes is not None:
            self._changes.append(event)
        else:  # how the account stands, and who people are, is known before the bot is on
            self._tell(event)

    def end(self, before: Mapping[int, int], after: Mapping[int, int], missed: Iterable[MessageArrived]) -> None:
        """Tell everything: new friendships, then the words, then what has ended; and pass on what comes from now on."""
        held, self._changes = self._changes or [], None
        changes = {change.steam_id64: change for change in held}
        changes |= {change.steam_id64: change for change in changed(before, after)}
        words = in_order((*missed, *self._unheard.take(self._bot_id)))
        for change in changes.values():
            if change.after == _FRIEND:
                self._tell(change)
        for message in words:
            self._tell(message)
        for change in changes.values():
            if change.after != _FRIEND:
                self._tell(change)


class Unheard:
    """What people wrote to bots that are still reading what was before it. Only bots that have such words are here."""

    def __init__(self) -> None:
        self._words: dict[BotId, deque[MessageArrived]] = {}

    def keep(self, bot_id: BotId, message: MessageArrived) -> None:
        self._words.setdefault(bot_id, deque(maxlen=RECENT)).append(message)

    def take(self, bot_id: BotId) -> tuple[MessageArrived, ...]:
        """The bot's, which are told now."""
        return tuple(self._words.pop(bot_id, ()))

    def bot_with_words_of(self, player: int) -> BotId | None:
        """A bot that has words of that player's: one of them may be a stop."""
        for bot_id, words in self._words.items():
            if any(message.steam_id64 == player and not message.echo for message in words):
                return bot_id
        return None


class FriendsLists:
    """The friends lists of bots as they were when each went off, nine bytes a friend."""

    def __init__(self) -> None:
        self._packed: dict[BotId, tuple[array[int], bytes]] = {}

    def keep(self, bot_id: BotId, friends: Mapping[int, int]) -> None:
        self._packed[bot_id] = array("Q", friends), bytes(number & 0xFF for number in friends.values())

    def of(self, bot_id: BotId) -> dict[int, int] | None:
        packed = self._packed.get(bot_id)
        return dict(zip(*packed, strict=True)) if packed is not None else None

    def forget(self, bot_id: BotId) -> None:
        self._packed.pop(bot_id, None)


class Recent:
    """The keys of what was told of late, by bot: what the overlap brings again is known by them."""

    def __init__(self) -> None:
        self._keys: dict[BotId, deque[tuple[int, int, int]]] = {}

    def note(self, bot_id: BotId, message: MessageArrived) -> None:
        keys = self._keys.setdefault(bot_id, deque(maxlen=RECENT))
        while keys and keys[0][0] < message.timestamp - 2 * OVERLAP_S:
            keys.popleft()
        keys.append(_key(message))

    def news(self, bot_id: BotId, messages: Iterable[MessageArrived]) -> list[MessageArrived]:
        """Those that were not told of late."""
        keys = set(self._keys.get(bot_id, ()))
        return [message for message in messages if _key(message) not in keys]

    def forget(self, bot_id: BotId) -> None:
        self._keys.pop(bot_id, None)


def changed(before: Mapping[int, int], after: Mapping[int, int]) -> Iterator[RelationshipChanged]:
    """How one friends list became the other."""
    for friend in before.keys() | after.keys():
        was, now = before.get(friend, _NONE), after.get(friend, _NONE)
        if was != now:
            yield RelationshipChanged(friend, was, now)


def invited(state: State, bot_id: BotId, after: Mapping[int, int]) -> dict[int, int]:
    """The friends list of before, where no process remembers it: as it is now, but for invites that were accepted.

    Other changes are seen by those whom they concern, who compare what they know with the list of a bot that connects.
    """
    before = dict(after)
    for task_id in state.index.invites_of_bot.get(bot_id, ()):
        invite = state.invites[task_id]
        if invite.status is not InviteStatus.QUEUED and after.get(int(invite.player)) == _FRIEND:
            before[int(invite.player)] = int(EFriendRelationship.REQUEST_INITIATOR)
    return before


def last_known(state: State, bot: Bot) -> int:
    """The unix second up to which surely everything is known, where no process remembers when the bot went off.

    That is the latest line of its account's chats that Steam has dated, also if that was another bot then; what was
    said before the account was first ours is none of ours.
    """
    account = bot.steam_id64
    players = state.index.players_of_account.get(account, ())
    chats = [state.chats[state.index.chat_of_account[account, player]] for player in players]
    latest = min([bot.added_at, *(chat.started_at for chat in chats)]) // SECOND
    for chat in chats:
        dated = (m.steam_ts for m in reversed(chat.messages) if m.steam_ts is not None)
        overlap = OVERLAP_S if chat.bot_id == bot.id else 0  # what a removed bot heard is known by its chats alone
        latest = max(latest, next(dated, 0) - overlap)
    return max(latest, archived_until(state, bot))


def archived_until(state: State, bot: Bot) -> int:
    """The unix second up to which surely everything is known by the chats that have left the state.

    Their lines are not there to tell a line that is read back once more by, so nothing is read back from before it.
    """
    return state.met.heard_until(bot.steam_id64) - OVERLAP_S


async def missed(client: BotSession, since: int) -> list[MessageArrived]:
    """What was said from `since` (unix seconds) on, whoever said it. Raises a `RequestFailed`."""
    said: list[MessageArrived] = []
    for talk in await client.active_sessions(since - 1):
        if talk.last_message < since:
            continue
        for line in await client.history(talk.steam_id64, since):
            own = line.sender == client.steam_id64
            said.append(MessageArrived(talk.steam_id64, line.timestamp, line.ordinal, line.text, echo=own))
    return said


def news(state: State, account: SteamId64, said: Iterable[MessageArrived]) -> list[MessageArrived]:
    """Those that the chats here do not have."""
    known: dict[int, set[tuple[int | None, int | None]]] = {}
    fresh = []
    for message in said:
        keys = known.get(message.steam_id64)
        if keys is None:
            chat_id = state.index.chat_of_account.get((account, SteamId64(str(message.steam_id64))))
            lines = state.chats[chat_id].messages if chat_id is not None else ()
            keys = known[message.steam_id64] = {(line.steam_ts, line.ordinal) for line in lines}
        if (message.timestamp, message.ordinal) not in keys:
            fresh.append(message)
    return fresh


def in_order(messages: Iterable[MessageArrived]) -> list[MessageArrived]:
    """Each once, by its key, as they were said."""
    by_key = {_key(message): message for message in messages}
    return [by_key[key] for key in sorted(by_key)]


def _key(message: MessageArrived) -> tuple[int, int, int]:
    return message.timestamp, message.ordinal, message.steam_id64
