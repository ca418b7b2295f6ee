"""The rules of friendship: who may invite whom, and what accepting, removing and ignoring do."""

from __future__ import annotations

from collections.abc import Container

from plugins.steam_protocol import steam_id
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.errors import Refused
from plugins.steam_sim.world import IGNORING, FriendshipChanged, Relationship

MAX_FRIENDS = 250
"""Steam's limit for an account of level 0; pending invites count too."""


class Friendships:
    """What an account may do to another; each returns how the actor sees the other afterwards."""

    def __init__(self, backend: Backend, accounts: Container[int]) -> None:
        self._backend = backend
        self._accounts = accounts

    def add(self, actor: int, target: int, origin: object = None) -> Relationship:
        """Invite, or accept the invite of, `target`. Harmless where it is done already, as on Steam.

        Raises `Refused` with the results that Steam's own web page is known to give: 11 we block them, 41 they
        ignore us, 25 our list is full, 15 theirs is.
        """
        self._known(actor, target)
        world = self._backend.world
        sees, seen = world.relationship(actor, target), world.relationship(target, actor)
        if sees in (Relationship.FRIEND, Relationship.REQUEST_INITIATOR):
            return sees
        if sees in IGNORING:
            raise Refused(EResult.INVALID_STATE, "the inviting account blocks the other")
        if seen in IGNORING:
            raise Refused(EResult.IGNORED, "the other account ignores the inviting one")
        if sees is not Relationship.REQUEST_RECIPIENT:
            if self._full(actor):
                raise Refused(EResult.LIMIT_EXCEEDED, "the inviting account's friends list is full")
            if self._full(target):
                raise Refused(EResult.ACCESS_DENIED, "the other account's friends list is full")
            return self._set(actor, target, Relationship.REQUEST_INITIATOR, Relationship.REQUEST_RECIPIENT, origin)
        return self._set(actor, target, Relationship.FRIEND, Relationship.FRIEND, origin)

    def remove(self, actor: int, target: int, origin: object = None) -> Relationship:
        """Remove a friend, take back an invite, or decline one; whom the other ignores stays ignored."""
        self._known(actor, target)
        sees = self._backend.world.relationship(actor, target)
        if sees is Relationship.NONE or sees in IGNORING:
            return sees
        return self._set(actor, target, Relationship.NONE, self._left_to(target, actor), origin)

    def ignore(self, actor: int, target: int, *, undo: bool = False, origin: object = None) -> Relationship:
        """Block all communication with `target`, which also ends a friendship; or stop blocking."""
        self._known(actor, target)
        ignoring = self._backend.world.relationship(actor, target) in IGNORING
        if ignoring is not undo:
            return self._backend.world.relationship(actor, target)
        becomes = Relationship.NONE if undo else Relationship.IGNORED
        return self._set(actor, target, becomes, self._left_to(target, actor), origin)

    def _left_to(self, account: int, other: int) -> Relationship:
        """What remains of how `account` sees `other` when the other turns away."""
        sees = self._backend.world.relationship(account, other)
        return sees if sees in IGNORING else Relationship.NONE

    def _set(
        self, actor: int, target: int, actor_sees: Relationship, target_sees: Relationship, origin: object
    ) -> Relationship:
        self._backend.commit(FriendshipChanged(actor, target, actor_sees, target_sees), origin)
        return actor_sees

    def _full(self, account: int) -> bool:
        known = self._backend.world.relationships(account)
        return sum(relationship not in IGNORING for _, relationship in known) >= MAX_FRIENDS

    def _known(self, actor: int, target: int) -> None:
        if not steam_id.is_individual(target) or actor == target:
            raise Refused(EResult.INVALID_PARAM, f"{target} is nobody that {actor} can be friends with")
        if target not in self._accounts:
            raise Refused(EResult.ACCOUNT_NOT_FOUND, f"no account has the SteamID {target}")
