"""What truly happened, by Steam's own record: what reached it, what it answered, what players got and did.

Times are the loop's, in seconds since the history began; our machine's clock may say something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from plugins.steam_protocol import frames
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import name as eresult_name
from plugins.steam_protocol.errors import FrameError
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_protocol.services import INCOMING_MESSAGE, SEND_MESSAGE
from plugins.steam_sim.backend import Occurrence
from plugins.steam_sim.world import FriendshipChanged, MessageSent


class What(StrEnum):
    """Kinds of entries. Those of the first group are requests of ours, as they come to Steam."""

    ADD_FRIEND = "AddFriend"
    REMOVE_FRIEND = "RemoveFriend"
    SEND_MESSAGE = "SendMessage"

    ANSWERED = "answered"
    LOGGED_ON = "logged on"
    LOGGED_OFF = "went off"

    INVITED = "got an invite"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN_BACK = "had an invite taken back"
    REMOVED = "removed"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    ASKED_US = "invited"
    WAS_ACCEPTED = "had their own invite accepted"
    WAS_REMOVED = "was removed by"
    GOT = "got"
    SAID = "said"

    HEARD_WORDS = "heard of words of"
    HEARD_RELATION = "heard how it stands with"


REQUESTS = frozenset({What.ADD_FRIEND, What.REMOVE_FRIEND, What.SEND_MESSAGE})
DEEDS = frozenset({What.ACCEPTED, What.DECLINED, What.REMOVED, What.BLOCKED, What.UNBLOCKED, What.ASKED_US, What.SAID})


class Entry(Struct, frozen=True):
    """One thing. `bot` and `player` are numbers of the history; `sent_at` is when a request left us."""

    at: float
    what: What
    bot: int
    player: int = -1
    text: str = ""
    sent_at: float = 0.0
    run: int = 0
    """Which run of ours sent or heard it, counted from 1."""
    session: int = 0
    """Over which connection."""

    def __str__(self) -> str:
        moment, text = clock(self.at), f' "{self.text}"' if self.text else ""
        if self.what in REQUESTS:
            return f"{moment}  bot {self.bot} → Steam: {self.what} player {self.player}{text}"
        if self.what is What.ANSWERED:
            return f"{moment}  Steam → bot {self.bot}: {self.text}"
        if self.what in {What.LOGGED_ON, What.LOGGED_OFF}:
            return f"{moment}  bot {self.bot} {self.what}"
        if self.what in {What.HEARD_WORDS, What.HEARD_RELATION}:
            return f"{moment}  bot {self.bot} {self.what} player {self.player}{text}"
        return f"{moment}  player {self.player} {self.what} (bot {self.bot}){text}"


def clock(at: float) -> str:
    """`1:02:03.456`, since the history began."""
    minutes, seconds = divmod(at, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{seconds:06.3f}"


class Record:
    """All entries, in their order."""

    def __init__(self, bots: dict[int, int], players: dict[int, int]) -> None:
        """Numbers of the history by SteamID64."""
        self.entries: list[Entry] = []
        self._bots = bots
        self._players = players
        self._request: Entry | None = None
        """The request that Steam is just carrying out."""
        self._seen: dict[tuple[int, int], EFriendRelationship] = {}
        """How each player saw each bot when we last looked."""

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def note(self, at: float, what: What, bot: int, player: int = -1, text: str = "", **more: Any) -> Entry:
        """Add an entry; bot and player by SteamID64."""
        entry = Entry(at, what, self._bots.get(bot, -1), self._players.get(player, -1), text, **more)
        self.entries.append(entry)
        return entry

    def arrived(self, at: float, account: int, data: bytes, **more: Any) -> Entry | None:
        """A message of ours has come to Steam, whatever Steam makes of it. Returns the entry that it is worth."""
        self._request = self._requested(at, account, data, more)
        return self._request

    def _requested(self, at: float, account: int, data: bytes, more: dict[str, Any]) -> Entry | None:
        for frame in _frames(data):
            if frame.emsg == EMsg.CLIENT_ADD_FRIEND:
                target = frame.parse(m.CMsgClientAddFriend).steamid_to_add
                return self.note(at, What.ADD_FRIEND, account, target, **more)
            if frame.emsg == EMsg.CLIENT_REMOVE_FRIEND:
                target = frame.parse(m.CMsgClientRemoveFriend).friendid
                return self.note(at, What.REMOVE_FRIEND, account, target, **more)
            if frame.header.target_job_name == SEND_MESSAGE.name:
                said = frame.parse(m.CFriendMessages_SendMessage_Request)
                return self.note(at, What.SEND_MESSAGE, account, said.steamid, plain(said.message), **more)
        return None

    def heard(self, at: float, account: int, data: bytes, **more: Any) -> None:
        """A message of Steam's has come to us."""
        for frame in _frames(data):
            if frame.emsg == EMsg.CLIENT_ADD_FRIEND_RESPONSE:
                answer = frame.parse(m.CMsgClientAddFriendResponse)
                text = f"AddFriend answered {eresult_name(answer.eresult)}"
                self.note(at, What.ANSWERED, account, answer.steam_id_added, text, **more)
            elif frame.emsg == EMsg.SERVICE_METHOD_RESPONSE and frame.header.target_job_name == SEND_MESSAGE.name:
                text = f"SendMessage answered {eresult_name(frame.header.eresult)}"
                self.note(at, What.ANSWERED, account, text=text, **more)
            elif frame.emsg == EMsg.CLIENT_FRIENDS_LIST:
                for friend in frame.parse(m.CMsgClientFriendsList).friends:
                    text = EFriendRelationship(friend.efriendrelationship).name
                    self.note(at, What.HEARD_RELATION, account, friend.ulfriendid, text, **more)
            elif frame.header.target_job_name == INCOMING_MESSAGE.name:
                said = frame.parse(m.CFriendMessages_IncomingMessage_Notification)
                if said.chat_entry_type == 1 and not said.local_echo:
                    self.note(at, What.HEARD_WORDS, account, said.steamid_friend, said.message_no_bbcode, **more)

    def happened(self, at: float, occurrence: Occurrence) -> None:
        """Something has changed in the world."""
        match occurrence:
            case FriendshipChanged(actor, target, actor_sees, target_sees) if actor in self._bots:
                before = self._look(target, actor, target_sees)
                self.note(at, _done_by_bot(actor_sees, before), actor, target, **self._marks(at, actor, target))
            case FriendshipChanged(actor, target, actor_sees):
                before = self._look(actor, target, actor_sees)
                self.note(at, _done_by_player(actor_sees, before), target, actor)
            case MessageSent(sender, recipient, text) if sender in self._bots:
                self.note(at, What.GOT, sender, recipient, text, **self._marks(at, sender, recipient))
            case MessageSent(sender, recipient, text):
                self.note(at, What.SAID, recipient, sender, text)
            case _:
                pass

    def _marks(self, at: float, bot: int, player: int) -> dict[str, Any]:
        """When, by which run and over which connection the request was sent that has caused this."""
        cause = self._request
        if cause is None or (cause.at, cause.bot, cause.player) != (at, self._bots[bot], self._players.get(player, -1)):
            return {"sent_at": at}
        return {"sent_at": cause.sent_at, "run": cause.run, "session": cause.session}

    def _look(self, player: int, bot: int, now: EFriendRelationship) -> EFriendRelationship:
        """How the player saw the bot before."""
        before = self._seen.get((player, bot), EFriendRelationship.NONE)
        self._seen[player, bot] = now
        return before


def plain(bbcode: str) -> str:
    return bbcode.replace("\\[", "[").replace("\\\\", "\\")


def _done_by_bot(sees: EFriendRelationship, before: EFriendRelationship) -> What:
    """What has happened to a player whom the bot sees so from now on; `before` is how the player saw the bot."""
    if sees is EFriendRelationship.REQUEST_INITIATOR:
        return What.INVITED
    if sees is EFriendRelationship.FRIEND:
        return What.WAS_ACCEPTED
    return What.TAKEN_BACK if before is EFriendRelationship.REQUEST_RECIPIENT else What.WAS_REMOVED


def _done_by_player(sees: EFriendRelationship, before: EFriendRelationship) -> What:
    """What a player has done who sees the bot so from now on."""
    if sees is EFriendRelationship.FRIEND:
        return What.ACCEPTED
    if sees is EFriendRelationship.REQUEST_INITIATOR:
        return What.ASKED_US
    if sees is EFriendRelationship.IGNORED:
        return What.BLOCKED
    if before is EFriendRelationship.REQUEST_RECIPIENT:
        return What.DECLINED
    return What.UNBLOCKED if before is EFriendRelationship.IGNORED else What.REMOVED


def _frames(data: bytes) -> Iterator[frames.Frame]:
    try:
        yield from frames.unpack(data)
    except FrameError:
        return
