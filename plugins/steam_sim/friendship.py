"""The rules of friendship: who may invite whom, and what accepting, removing and ignoring do."""

from __future__ import annotations

from collections.abc import Container

from plugins.steam_protocol import steam_id
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.world import IGNORING, FriendshipChanged

MAX_FRIENDS = 250
"""Steam's limit for an account of level 0; pending invites count too."""


class Friendships:
    """What an account may do to another; each returns how the actor sees the other afterwards."""

    def __init__(self, backend: Backend, accounts: Container[int]) -> None:
        self._backend = backend
        self._accounts = accounts

    def add(self, actor: int, target: int, origin: object = None) -> EFriendRelationship:
        """Invite, or accept the invite of, `target`. Harmless where it is done already, as on Steam.

        Raises `SteamRefused` with the results that Steam's own web page is known to give: 11 we block them, 41 they
        ignore us, 25 our list is full, 15 theirs is.
        """
        self._known(actor, target)
        world = self._backend.world
        sees, seen = world.relationship(actor, target), world.relationship(target, actor)
        if sees in (EFriendRelationship.FRIEND, EFriendRelationship.REQUEST_INITIATOR):
            return sees
        if sees in IGNORING:
            raise SteamRefused(EResult.INVALID_STATE, "the inviting account blocks the other")
        if seen in IGNORING:
            raise SteamRefused(EResult.IGNORED, "the other account ignores the inviting one")
        if sees is not EFriendRelationship.REQUEST_RECIPIENT:
            if self._full(actor):
                raise SteamRefused(EResult.LIMIT_EXCEEDED, "the inviting account's friends list is full")
            if self._full(target):
                raise SteamRefused(EResult.ACCESS_DENIED, "the other account's friends list is full")
            return self._set(
                actor, target, EFriendRelationship.REQUEST_INITIATOR, EFriendRelationship.REQUEST_RECIPIENT, origin
            )
        return self._set(actor, target, EFriendRelationship.FRIEND, EFriendRelationship.FRIEND, origin)

    def remove(self, actor: int, target: int, origin: object = None) -> EFriendRelationship:
        """Remove a friend, take back an invite, or decline one; whom the other ignores stays ignored."""
        self._known(actor, target)
        sees = self._backend.world.relationship(actor, target)
        if sees is EFriendRelationship.NONE or sees in IGNORING:
            return sees
        return self._set(actor, target, EFriendRelationship.NONE, self._left_to(target, actor), origin)

    def ignore(self, actor: int, target: int, *, undo: bool = False, origin: object = None) -> EFriendRelationship:
        """Block all communication with `target`, which also ends a friendship; or stop blocking."""
        self._known(actor, target)
        ignoring = self._backend.world.relationship(actor, target) in IGNORING
        if ignoring is not undo:
            return self._backend.world.relationship(actor, target)
        becomes = EFriendRelationship.NONE if undo else EFriendRelationship.IGNORED
        return self._set(actor, target, becomes, self._left_to(target, actor), origin)

    def _left_to(self, account: int, other: int) -> EFriendRelationship:
        """What remains of how `account` sees `other` when the other turns away."""
        sees = self._backend.world.relationship(account, other)
        return sees if sees in IGNORING else EFriendRelationship.NONE

    def _set(
        self, actor: int, target: int, actor_sees: EFriendRelationship, target_sees: EFriendRelationship, origin: object
    ) -> EFriendRelationship:
        self._backend.commit(FriendshipChanged(actor, target, actor_sees, target_sees), origin)
        return actor_sees

    def _full(self, account: int) -> bool:
        known = self._backend.world.relationships(account)
        return sum(relationship not in IGNORING for _, relationship in known) >= MAX_FRIENDS

    def _known(self, actor: int, target: int) -> None:
        if not steam_id.is_individual(target) or actor == target:
            raise SteamRefused(EResult.INVALID_PARAM, f"{target} is nobody that {actor} can be friends with")
        if target not in self._accounts:
            raise SteamRefused(EResult.ACCOUNT_NOT_FOUND, f"no account has the SteamID {target}")
