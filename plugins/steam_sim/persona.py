"""What accounts show of themselves to others: name, picture, whether they are online, and what they play."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha1
from typing import Final

from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import CMsgClientPersonaState
from plugins.steam_sim.accounts import Accounts, PlayerAccount
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.session import LogonSessions
from plugins.steam_sim.world import PersonaShown

OFFLINE, ONLINE, INVISIBLE = 0, 1, 7
STATUS, NAME, PRESENCE, LAST_SEEN, GAME = 1, 2, 16, 64, 256
"""EClientPersonaStateFlag: which fields are asked for, or come."""
STATUS_FLAGS: Final = STATUS | NAME | PRESENCE | LAST_SEEN | GAME
"""What Steam sends of friends by itself."""
AVATAR_BYTES: Final = 20
HOSTILE_NAMES: Final = (
    "\u202egnp.exe",
    "\u200b\u200b",
    "",
    "a" * 2_000,
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031ealgo",
    "76561198000000001",
    "line\nbreak\ttab\r",
    "\x00nul\x1b[31mred\x07",
    "<script>alert(1)</script>",
    "'; DROP TABLE players; --",
    "{item} %s {0}",
    "👨‍👩‍👧‍👦" * 20,
    "ad\u200dmin",
    "مرحبا",
    "\u3164",
    "[url=https://example.com]look[/url]",
)
"""Names as people have who mean no good, or write in another direction."""


class Personas:
    """Builds ClientPersonaState. Players are online unless they show otherwise."""

    def __init__(self, accounts: Accounts, sessions: LogonSessions, backend: Backend) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._backend = backend

    def name(self, account: int) -> str:
        known = self._accounts.get(account)
        shown = self._backend.world.persona(account)
        return shown.name if shown is not None else known.name if known else ""

    def show(
        self,
        account: int,
        *,
        name: str | None = None,
        avatar: str | None = None,
        state: int | None = None,
        app: int | None = None,
        game: str | None = None,
    ) -> None:
        """Have a player show themselves otherwise; what is left out stays. Their friends are told by `announce`.

        Raises `SteamRefused` where there is no such player, or no such picture or state.
        """
        if not isinstance(self._accounts.get(account), PlayerAccount):
            raise SteamRefused(EResult.ACCOUNT_NOT_FOUND, f"{account} is no player")
        if avatar is not None and re.fullmatch(r"[0-9a-fA-F]{40}", avatar) is None:
            raise SteamRefused(EResult.INVALID_PARAM, "avatar: give 40 hexadecimal digits")
        if not 0 <= (state or 0) <= INVISIBLE or not 0 <= (app or 0) <= 0xFFFF_FFFF:
            raise SteamRefused(EResult.INVALID_PARAM, "state is from 0 to 7, and app a number of 32 bits")
        now = self.shown(account)
        change = PersonaShown(
            account,
            name=now.name if name is None else name,
            avatar=now.avatar if avatar is None else avatar,
            state=now.state if state is None else state,
            app=now.app if app is None else app,
            game=now.game if game is None else game,
        )
        self._backend.commit(change)
        self._backend.announce()

    def shown(self, account: int) -> PersonaShown:
        """What an account shows now."""
        persona = self._backend.world.persona(account)
        if persona is None:
            avatar = bytes(AVATAR_BYTES).hex()
            if isinstance(self._accounts.get(account), PlayerAccount):
                avatar = sha1(f"{account}".encode(), usedforsecurity=False).hexdigest()
            persona = PersonaShown(account, name=self.name(account), avatar=avatar, state=ONLINE)
        return persona

    def states(self, accounts: Iterable[int], flags: int = STATUS_FLAGS) -> CMsgClientPersonaState:
        """The personas of those of `accounts` that exist, as far as `flags` ask for them."""
        return CMsgClientPersonaState(
            status_flags=flags,
            friends=[self._state(account, flags) for account in accounts if account in self._accounts],
        )

    def _state(self, account: int, flags: int) -> CMsgClientPersonaState.Friend:
        shown = self.shown(account)
        told = CMsgClientPersonaState.Friend(friendid=account)
        state = self.state(account)
        playing = state not in (OFFLINE, INVISIBLE)
        if flags & STATUS:
            told.persona_state = state
            told.game_played_app_id = shown.app if playing else 0
        if flags & NAME:
            told.player_name = shown.name
        if flags & PRESENCE:
            told.avatar_hash = bytes.fromhex(shown.avatar)
        if flags & GAME:
            told.game_name = shown.game if playing else ""
        return told

    def state(self, account: int) -> int:
        """EPersonaState as others see it."""
        if isinstance(self._accounts.get(account), PlayerAccount):
            state = self.shown(account).state
            return OFFLINE if state == INVISIBLE else state
        shown = (session.persona_state for session in self._sessions.of(account))
        return next((state for state in shown if state not in (OFFLINE, INVISIBLE)), OFFLINE)
