"""What players do when they are told to, beside what their temperaments have them do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

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
    MARKUP = "markup"
    """Send what a client puts in: `text` is a name of MARKUP."""
    MARKUP_ONLY = "markupOnly"
    """The same, without `message_no_bbcode`."""


MARKUP: Final[Mapping[str, str]] = {
    "sticker": '[sticker type="Sticker_Wave" limit="0"][/sticker]',
    "emoticon": "[emoticon]steamhappy[/emoticon]",
    "tradeOffer": "[tradeoffer sender=46143802 id=1234567890][/tradeoffer]",
    "gameInvite": '[gameinvite appid="730" steamid="76561198000000001"][/gameinvite]',
    "image": '[img src="https://example.com/15.png" thumbnail_src="https://example.com/15s.png"][/img]',
    "link": "[url=https://example.com/15]look[/url]",
    "preview": '[og url="https://example.com/15" img="15.png" title="15"]https://example.com/15[/og]',
    "dice": '[random result="12" min="1" max="100"][/random]',
    "coin": '[flip result="heads"][/flip]',
}
"""What Steam's own client sends for each, as BBCode."""


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
                case Deed.MARKUP | Deed.MARKUP_ONLY:
                    if text not in MARKUP:
                        known = ", ".join(MARKUP)
                        raise SteamRefused(EResult.INVALID_PARAM, f"no markup {text!r}; there are: {known}")
                    only = deed is Deed.MARKUP_ONLY
                    self._chats.say(player, other, MARKUP[text], bbcode=True, markup_only=only)
        finally:
            self._backend.announce()
