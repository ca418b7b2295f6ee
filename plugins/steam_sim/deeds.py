"""What players do when they are told to, beside what their temperaments have them do."""

from __future__ import annotations

from enum import StrEnum

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.accounts import Accounts, PlayerAccount
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.chat import FriendChats
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.friendship import Friendships


class Deed(StrEnum):
    """What a player can do about another account."""

    INVITE = "invite"
    """Or accept its invite."""
    REMOVE = "remove"
    """Or decline its invite."""
    BLOCK = "block"
    SAY = "say"


class Deeds:
    """Has a player do one thing, at once, under the same rules as everybody."""

    def __init__(self, accounts: Accounts, backend: Backend, friendships: Friendships, chats: FriendChats) -> None:
        self._accounts = accounts
        self._backend = backend
        self._friendships = friendships
        self._chats = chats

    def do(self, player: int, deed: Deed, other: int, text: str = "") -> None:
        """Raises `SteamRefused` where Steam says no, or `player` is none."""
        if not isinstance(self._accounts.get(player), PlayerAccount):
            raise SteamRefused(EResult.ACCOUNT_NOT_FOUND, f"{player} is no player")
        try:
            match deed:
                case Deed.INVITE:
                    self._friendships.add(player, other)
                case Deed.REMOVE:
                    self._friendships.remove(player, other)
                case Deed.BLOCK:
                    self._friendships.ignore(player, other)
                case Deed.SAY:
                    self._chats.say(player, other, text)
        finally:
            self._backend.announce()
