"""The players: what each does about invites and messages, after a delay of their own.

A player keeps no state. What is still to be done follows from the world (an invite without a decision, a message
without an answer), so after a restart everybody goes on where they were. Every random choice comes from the seed,
the two accounts and the turn, whatever else happens at the same time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from itertools import pairwise
from random import Random

from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.accounts import Accounts, PlayerAccount
from plugins.steam_sim.backend import Backend, Occurrence
from plugins.steam_sim.chat import FriendChats
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.friendship import Friendships
from plugins.steam_sim.phrases import phrase
from plugins.steam_sim.temperament import CONDUCT, Conduct, InviteDecision, Meaning
from plugins.steam_sim.world import FriendshipChanged, MessageSent

_log = logging.getLogger(__name__)

BETWEEN_MESSAGES = 1_500
"""Milliseconds between two messages of one turn."""


class Players:
    """Plays every player account; at most one thing at a time is under way between a player and a friend."""

    def __init__(
        self, accounts: Accounts, backend: Backend, friendships: Friendships, chats: FriendChats, haste: float = 1.0
    ) -> None:
        """`haste`: how many times as fast as their temperaments say the players decide and answer."""
        self._haste = haste
        self._accounts = accounts
        self._backend = backend
        self._friendships = friendships
        self._chats = chats
        self._under_way: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Take up everything that is undecided or unanswered, and listen from now on."""
        self._unsubscribe = self._backend.subscribe(self._heard)
        for player in self._accounts.players:
            for other, _ in self._backend.world.relationships(player.steam_id64):
                self._consider(player, other)

    async def stop(self) -> None:
        """Put down everything that is under way; `start` would take it up again."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _heard(self, occurrence: Occurrence, _: object) -> None:
        match occurrence:
            case FriendshipChanged(actor, target, _, EFriendRelationship.REQUEST_RECIPIENT):
                if player := self._player(target):
                    self._consider_invite(player, actor)
            case MessageSent(sender, recipient):
                if player := self._player(recipient):
                    self._consider_message(player, sender)
            case _:
                pass

    def _player(self, steam_id64: int) -> PlayerAccount | None:
        account = self._accounts.get(steam_id64)
        return account if isinstance(account, PlayerAccount) else None

    def _consider(self, player: PlayerAccount, other: int) -> None:
        """Take up whatever there is between the two."""
        relationship = self._backend.world.relationship(player.steam_id64, other)
        if relationship is EFriendRelationship.REQUEST_RECIPIENT:
            self._consider_invite(player, other)
        elif relationship is EFriendRelationship.FRIEND:
            self._consider_message(player, other)

    def _consider_invite(self, player: PlayerAccount, other: int) -> None:
        conduct = CONDUCT[player.temperament]
        if conduct.decision is not InviteDecision.WAIT:
            self._undertake(player, other, lambda: self._decide(player, other, conduct))

    def _consider_message(self, player: PlayerAccount, other: int) -> None:
        conduct = CONDUCT[player.temperament]
        turn = self._turn(player, other)
        if turn is not None and (conduct.blocks or conduct.tireless or turn < len(conduct.plan)):
            self._undertake(player, other, lambda: self._answer(player, other, conduct, turn))

    def _undertake(self, player: PlayerAccount, other: int, deed: Callable[[], Coroutine[None, None, None]]) -> None:
        pair = (player.steam_id64, other)
        if pair in self._under_way:
            return
        task = asyncio.create_task(deed(), name=f"steam_sim: {player.name} and {other}")
        self._under_way[pair] = task
        task.add_done_callback(lambda done: self._finished(pair, done))

    def _finished(self, pair: tuple[int, int], task: asyncio.Task[None]) -> None:
        del self._under_way[pair]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s failed", task.get_name(), exc_info=error)
        elif not task.cancelled() and (player := self._player(pair[0])) is not None:
            self._consider(player, pair[1])  # what came in the meantime

    async def _decide(self, player: PlayerAccount, other: int, conduct: Conduct) -> None:
        await self._pause(conduct.decides_after.pick(self._random(player, other, "invite")))
        if self._backend.world.relationship(player.steam_id64, other) is not EFriendRelationship.REQUEST_RECIPIENT:
            return
        if conduct.decision is InviteDecision.ACCEPT:
            self._act(lambda: self._friendships.add(player.steam_id64, other))
        else:
            self._act(lambda: self._friendships.remove(player.steam_id64, other))

    async def _answer(self, player: PlayerAccount, other: int, conduct: Conduct, turn: int) -> None:
        random = self._random(player, other, f"turn {turn}")
        await self._pause(conduct.answers_after.pick(random))
        if conduct.blocks:
            self._act(lambda: self._friendships.ignore(player.steam_id64, other))
            return
        for place, meaning in enumerate(conduct.plan[turn % len(conduct.plan)]):
            if place:
                await self._pause(BETWEEN_MESSAGES)
            self._say(player, other, meaning, random)

    async def _pause(self, span: int) -> None:
        await self._backend.clock.sleep(int(span / self._haste))

    def _say(self, player: PlayerAccount, other: int, meaning: Meaning, random: Random) -> None:
        text = phrase(meaning, player.language, self._texts_of(player, other), random)
        self._act(lambda: self._chats.say(player.steam_id64, other, text))

    def _act(self, deed: Callable[[], object]) -> None:
        """Do it and tell everybody; what Steam refuses (the other has gone in the meantime) is let be."""
        try:
            deed()
        except SteamRefused as refused:
            _log.debug("a player was refused: %s", refused)
        self._backend.announce()

    def _turn(self, player: PlayerAccount, other: int) -> int | None:
        """How many turns the player has had with `other`; None where it is not theirs now."""
        world = self._backend.world
        if world.relationship(player.steam_id64, other) is not EFriendRelationship.FRIEND:
            return None
        senders = [message.sender for message in world.conversation(player.steam_id64, other).messages]
        if not senders or senders[-1] != other:
            return None
        return sum(earlier == player.steam_id64 != later for earlier, later in pairwise(senders))

    def _texts_of(self, player: PlayerAccount, other: int) -> Iterator[str]:
        for message in self._backend.world.conversation(player.steam_id64, other).messages:
            if message.sender == other:
                yield message.text

    def _random(self, player: PlayerAccount, other: int, occasion: str) -> Random:
        return Random(f"{self._accounts.seed}:{player.steam_id64}:{other}:{occasion}")
