"""What accounts show of themselves to others: name and whether they are online."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.steam_protocol.messages import CMsgClientPersonaState
from plugins.steam_sim.accounts import Accounts, PlayerAccount
from plugins.steam_sim.session import Sessions

OFFLINE, ONLINE, INVISIBLE = 0, 1, 7
STATUS_FLAGS = 1 | 2 | 16 | 64
"""Status, name, presence and last seen: what clients ask of friends."""


class Personas:
    """Builds ClientPersonaState; players are always online."""

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions

    def name(self, account: int) -> str:
        known = self._accounts.get(account)
        return known.name if known else ""

    def states(self, accounts: Iterable[int], flags: int = STATUS_FLAGS) -> CMsgClientPersonaState:
        """The personas of those of `accounts` that exist."""
        return CMsgClientPersonaState(
            status_flags=flags,
            friends=[self._state(account) for account in accounts if account in self._accounts],
        )

    def _state(self, account: int) -> CMsgClientPersonaState.Friend:
        return CMsgClientPersonaState.Friend(
            friendid=account,
            persona_state=self._online(account),
            player_name=self.name(account),
            avatar_hash=bytes(20),
        )

    def _online(self, account: int) -> int:
        if isinstance(self._accounts.get(account), PlayerAccount):
            return ONLINE
        shown = (session.persona_state for session in self._sessions.of(account))
        return next((state for state in shown if state not in (OFFLINE, INVISIBLE)), OFFLINE)
