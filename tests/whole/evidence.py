"""All that is known of a history after it has run: what Steam saw, what operators were told, what is in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from math import inf
from typing import Any, Final

from msgspec import Struct, field

from kernel import errors
from kernel.commands import Command
from kernel.events import BotAdded, ChatStarted, CommandCompleted, Envelope, Event
from kernel.ids import BotId, ChatId, CommandId, SteamId64
from kernel.rows import BotStatus
from kernel.state import State
from tests.whole.record import Entry, Record, What, clock
from tests.whole.steps import Ask

HIDING: Final = frozenset(
    {
        *("stall", "late_answers", "reordered_answers", "history_result", "history_lags"),
        *("logged_off", "logged_off_struct", "server_unavailable", "token_revoked", "drop_socket"),
    }
)
"""Faults by which a session does not bring, or brings late, what a bot is to know, or ends before it has."""


WRITES_S: Final = 1.0
"""Within it, what was heard is on the disk."""
RETRIES_S: Final = 10.0
"""Within it, a journal finds out that the disk is well again."""


class Outcome(StrEnum):
    """What an operator was told of a command."""

    NONE = "not answered yet"
    OK = "ok"
    REFUSED = "refused"
    """Nothing has changed."""
    NOT_KNOWN = "not known"
    """It may have been carried out; the same id tells."""
    UNDER_WAY = "under way"
    """It has taken effect, and what was sent before it is not at its end."""
    FAILED = "failed"
    """A bug."""
    LOST = "lost"
    """The process died before it answered."""


class Asked(Struct, kw_only=True):
    """A command that an operator gave, and what came of it. The same id may be asked several times."""

    number: int
    step: Ask
    command: Command[Any]
    id: CommandId | None
    actor: str
    at: float
    run: int
    player: int = -1
    again: bool = False
    answered_at: float = 0.0
    outcome: Outcome = Outcome.NONE
    code: str = ""
    value: Any = None
    changed: list[str] = field(default_factory=list)
    """Kinds of the events that bear the operator's name, from the question to a refusal."""

    def __str__(self) -> str:
        told = f"{self.outcome} {self.code or self.value or ''}".rstrip()
        return f"{clock(self.answered_at)}  {self.actor} is told of {self.command.kind} (step {self.number}): {told}"

    @property
    def may_hold(self) -> bool:
        """May it have been carried out, by all that the operator knows?"""
        return self.outcome is not Outcome.REFUSED


def outcome_of(error: errors.CommandError) -> Outcome:
    """What an error of the kernel's tells an operator."""
    match error:
        case errors.Refused():
            return Outcome.REFUSED
        case errors.Unconfirmed():
            return Outcome.NOT_KNOWN
        case errors.Unfinished():
            return Outcome.UNDER_WAY
        case _:
            return Outcome.FAILED


class Finding(Struct, frozen=True):
    """A rule that does not hold. `rule` is its name, `about` what tells findings of one rule apart."""

    rule: str
    at: float
    text: str

    def __str__(self) -> str:
        return f"{clock(self.at)}  {self.rule}: {self.text}"


class Spell(Struct):
    """A fault that was on from `begun` until `ended`, for a bot or all (None)."""

    kind: str
    bot: int | None
    begun: float
    ended: float


class Evidence:
    """Times are the loop's. `events` are those of the journal, and of the run that is under way."""

    def __init__(self, record: Record, bots: dict[SteamId64, int], players: dict[SteamId64, int]) -> None:
        self.record = record
        self.asked: list[Asked] = []
        self.spells: list[Spell] = []
        self._disk: list[Spell] = []
        """When the disk took nothing."""
        self.events: list[Envelope] = []
        self.times: dict[int, float] = {}
        """When each event of `events` was published, by its seq."""
        self.deaths: dict[int, float] = {}
        """When each run ended, by its number."""
        self.ended_at = 0.0
        self.state = State()
        """The fold of `events`."""
        self.bots = bots
        self.players = players

    def number_of(self, bot_id: BotId) -> int:
        """The history's number of a bot that is or was there."""
        added = (e.payload for e in self.events if isinstance(e.payload, BotAdded) and e.payload.bot_id == bot_id)
        return next((self.bots[event.steam_id64] for event in added), -1)

    def is_online(self, bot_id: BotId) -> bool:
        """Is it there and connected, at the end?"""
        bot = self.state.bots.get(bot_id)
        return bot is not None and bot.status is BotStatus.CONNECTED

    def happened(self, kind: type[Event]) -> Iterator[tuple[float, Any]]:
        """The events of that kind, each with its time."""
        return ((self.times[e.seq], e.payload) for e in self.events if isinstance(e.payload, kind))

    def chats(self) -> dict[ChatId, tuple[int, int]]:
        """Bot and player of each chat that there has ever been."""
        bots = {event.bot_id: self.bots[event.steam_id64] for _, event in self.happened(BotAdded)}
        return {
            event.chat_id: (bots[event.bot_id], self.players[event.player])
            for _, event in self.happened(ChatStarted)
            if event.player in self.players
        }

    def entries(self, *kinds: What) -> list[Entry]:
        return [entry for entry in self.record if entry.what in kinds]

    def commands(self, *kinds: type[Ask]) -> list[Asked]:
        return [asked for asked in self.asked if isinstance(asked.step, kinds)]

    def asking(self, asked: Asked) -> list[Asked]:
        """Each time that the command was given, with its id."""
        return [a for a in self.asked if a.id == asked.id] if asked.id is not None else [asked]

    def may_end(self, held: Asked, lifting: Asked) -> float:
        """From when on the one command may have ended what the other holds; never, where it surely came before.

        Two commands that were under way at the same time are carried out in either order: in which one, the journal
        tells by their events.
        """
        first = self.asking(held)[0]
        overtaken = lifting.outcome is not Outcome.NONE and lifting.answered_at <= first.at
        if overtaken or lifting is held or not lifting.may_hold:
            return inf
        if lifting.at < held.answered_at:
            begun, lifted = self._effect(held), self._effect(lifting)
            if begun is not None and (lifted is None or lifted < begun):
                return inf
        return lifting.at

    def _effect(self, asked: Asked) -> int | None:
        """The seq of the first event that the command caused; an actor has one command at a time under way."""
        spans = [(a.actor, a.at, a.answered_at if a.outcome is not Outcome.NONE else inf) for a in self.asking(asked)]
        mine = (
            e.seq
            for e in self.events
            if not isinstance(e.payload, CommandCompleted)
            and any(e.actor == actor and at <= self.times[e.seq] <= until for actor, at, until in spans)
        )
        return next(mine, None)

    def had(self, kind: str, bot: int) -> bool:
        """Was that fault ever on for the bot?"""
        return any(spell.kind == kind and spell.bot in (None, bot) for spell in self.spells)

    def disk(self, well: bool, now: float) -> None:
        """From now on the disk takes what is written, or does not."""
        if self._disk and self._disk[-1].ended > now:
            self._disk[-1].ended = now
        if not well:
            self._disk.append(Spell("disk", None, now, inf))

    def was_kept(self, heard: Entry) -> bool:
        """Had the run that heard it the time, and a disk, to write it down? The next run knows nothing else."""
        since = heard.at
        for spell in self._disk:
            if spell.begun < since + WRITES_S and spell.ended > since:
                since = spell.ended + RETRIES_S
        return self.deaths.get(heard.run, inf) >= since + WRITES_S

    def was_unreliable(self, bot: int, begun: float, ended: float) -> bool:
        """Was anything wrong with what Steam tells this bot, between the two moments?"""
        return any(
            spell.bot in (None, bot) and spell.begun <= ended and spell.ended >= begun
            for spell in self.spells
            if spell.kind in HIDING
        )
