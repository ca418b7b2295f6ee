"""Steam's record, read as what it says about a client: attempts, what players got, what players wanted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.record import Asked, Changed, ClientChannel, Request, RequestAnswered
from plugins.steam_sim.world import IGNORING, FriendshipChanged, MessageSent
from tests.chaos.ledger import Ledger

AGENT_LINE = re.compile(r"agent \[(chat_\w+)/(\d+)/(\d+)\]")
OPERATOR_LINE = re.compile(r"operator \[(\d+)\] to (chat_\w+)")
STOPS = ("stop", "стоп", "don't write to me again")
OPEN_END = 1 << 62
SOON = 60_000
"""Milliseconds within which a bot that was off is on again, unless it is killed again and again."""


class Span(NamedTuple):
    """From when to when (ms), both exclusive."""

    begin: int
    end: int

    def holds(self, at: int) -> bool:
        return self.begin < at < self.end


class Reached(NamedTuple):
    """A message that a player got."""

    at: int
    bot: int
    player: int
    text: str


@dataclass(slots=True)
class Evidence:
    """What happened, by Steam's record. Of players: since when they want what."""

    attempts: dict[int, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    """AddFriend requests by bot, whatever they were answered."""
    invited: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By player: when they got an invite, and from which bot."""
    messages: list[Reached] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)
    declined: dict[int, int] = field(default_factory=dict)
    """By player: when they first declined."""
    wishes: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By player: when they said stop, removed or blocked, and which bot."""
    relationships: dict[tuple[int, int], EFriendRelationship] = field(default_factory=dict)
    """How each bot sees each player in the end."""

    @classmethod
    def of(cls, lines: Iterable[ClientChannel], bots: frozenset[int]) -> Evidence:
        evidence = cls()
        for line in lines:
            match line:
                case Asked():
                    evidence.asked.append(line)
                    if line.request is Request.ADD_FRIEND:
                        evidence.attempts[line.account].append(line)
                case RequestAnswered(number, _, eresult):
                    evidence.answers[number] = eresult
                case Changed(at, MessageSent(sender, recipient, text)):
                    evidence._message(at, sender, recipient, text, bots)
                case Changed(at, FriendshipChanged() as change):
                    evidence._friendship(at, change, bots)
                case _:
                    pass
        return evidence

    def _message(self, at: int, sender: int, recipient: int, text: str, bots: frozenset[int]) -> None:
        if sender in bots:
            self.messages.append(Reached(at, sender, recipient, text))
        elif any(stop in text.lower() for stop in STOPS):
            self.wishes[sender].append((at, recipient))

    def _friendship(self, at: int, change: FriendshipChanged, bots: frozenset[int]) -> None:
        by_bot = change.actor in bots
        bot, player = (change.actor, change.target) if by_bot else (change.target, change.actor)
        before = self.relationships.get((bot, player), EFriendRelationship.NONE)
        after = change.actor_sees if by_bot else change.target_sees
        self.relationships[bot, player] = after
        if by_bot:
            if after is EFriendRelationship.REQUEST_INITIATOR:
                self.invited[player].append((at, bot))
        elif after is EFriendRelationship.FRIEND:
            return
        elif change.actor_sees in IGNORING or before is EFriendRelationship.FRIEND:
            self.wishes[player].append((at, bot))
        elif before is EFriendRelationship.REQUEST_INITIATOR:
            self.declined.setdefault(player, at)


def heard_late(evidence: Evidence, ledger: Ledger) -> dict[tuple[int, int], int]:
    """Wishes, as player and time, that were told to a bot soon before it was removed, and that it did not read since:
    it was off. With when it can have read them: once its account has been added again, if ever."""
    accounts = {answer.created: int(given.about) for given, answer in ledger.acknowledged("AddBotFromMaFile")}
    removals: dict[int, list[int]] = defaultdict(list)
    for given, answer in ledger.acknowledged("RemoveBot"):
        removals[accounts[given.about]].append(answer.at)
    asked: dict[int, list[Asked]] = defaultdict(list)
    for line in evidence.asked:
        asked[line.account].append(line)
    late: dict[tuple[int, int], int] = {}
    for player, wishes in evidence.wishes.items():
        for at, bot in wishes:
            removed = next((removed for removed in removals[bot] if at <= removed < at + SOON), None)
            if removed is not None and not any(_looks(line, player) and at < line.at < removed for line in asked[bot]):
                late[player, at] = next((line.at for line in asked[bot] if line.at > removed), OPEN_END)
    return late


def _looks(line: Asked, player: int) -> bool:
    return line.request is Request.READ_HISTORY and line.target == player


def taken(ledger: Ledger) -> dict[str, list[Span]]:
    """By chat: when it surely was a person's. From the `ok` of a take-over, or of a person's own words, until it is
    given back: then from the sending on, whatever that was answered."""
    spans: dict[str, list[Span]] = defaultdict(list)
    since: dict[str, int] = {}
    for given in sorted(ledger.of("ToggleAgent", "SendMessage"), key=lambda given: given.sent):
        chat = given.about
        if given.kind == "ToggleAgent" and given.payload["enabled"]:
            if chat in since:
                spans[chat].append(Span(since.pop(chat), given.sent))
        elif (answer := given.acknowledged) is not None:
            since.setdefault(chat, answer.at)
    for chat, begin in since.items():
        spans[chat].append(Span(begin, OPEN_END))
    return spans


def paused(ledger: Ledger) -> list[Span]:
    """When all contact surely was paused."""
    spans: list[Span] = []
    since: int | None = None
    for given in sorted(ledger.of("PauseContact", "ResumeContact"), key=lambda given: given.sent):
        if given.kind == "PauseContact" and (at := given.holds_since) is not None:
            since = since or at
        elif given.kind == "ResumeContact" and since is not None:
            spans.append(Span(since, given.sent))
            since = None
    return spans if since is None else [*spans, Span(since, OPEN_END)]


def listed(ledger: Ledger) -> dict[int, int]:
    """By player: since when they are on the do-not-contact list by command."""
    return {
        int(str(given.payload["playerSteamId64"])): answer.at
        for given, answer in ledger.acknowledged("AddDoNotContact")
    }
