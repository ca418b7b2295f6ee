"""Temperaments: how a simulated player meets an invite, and what they answer, turn by turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from random import Random

SECOND, MINUTE = 1_000, 60_000


class Meaning(Enum):
    """What a player wants to say; `phrases` has the words."""

    YES = auto()
    NO = auto()
    HOW_MUCH = auto()
    PRICE_WITHIN = auto()
    PRICE_ABOVE = auto()
    ARE_YOU_A_BOT = auto()
    CHATTER = auto()
    STOP = auto()


class InviteDecision(Enum):
    """What a player does with an invite."""

    ACCEPT = auto()
    DECLINE = auto()
    WAIT = auto()
    """Leave it lying there for good."""


class Temperament(StrEnum):
    EAGER = "eager"
    TALKATIVE = "talkative"
    HAGGLER = "haggler"
    LATE = "late"
    SKEPTIC = "skeptic"
    SILENT = "silent"
    NEVER = "never"
    DECLINER = "decliner"
    REFUSER = "refuser"
    STOPPER = "stopper"
    BLOCKER = "blocker"
    TIRELESS = "tireless"


@dataclass(frozen=True, slots=True)
class Delay:
    """A span from which a player's own random number picks, in milliseconds."""

    shortest: int
    longest: int

    def pick(self, random: Random) -> int:
        return random.randint(self.shortest, self.longest)


Say = tuple[Meaning, ...]
"""What is written in one turn, a message each."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """One temperament: `plan` is what the player answers in each turn; after its end most say nothing more."""

    decision: InviteDecision
    plan: tuple[Say, ...] = ()
    tireless: bool = False
    """Begins the plan anew after its end."""
    blocks: bool = False
    """Blocks the other at the first message instead of answering."""
    decides_after: Delay = Delay(1 * SECOND, 4 * SECOND)
    answers_after: Delay = Delay(2 * SECOND, 8 * SECOND)


_DEAL: tuple[Say, ...] = ((Meaning.YES,), (Meaning.PRICE_WITHIN,), (Meaning.YES,))

CONDUCT: dict[Temperament, Conduct] = {
    Temperament.EAGER: Conduct(InviteDecision.ACCEPT, _DEAL),
    Temperament.TALKATIVE: Conduct(
        InviteDecision.ACCEPT,
        (
            (Meaning.CHATTER, Meaning.YES),
            (Meaning.HOW_MUCH,),
            (Meaning.PRICE_WITHIN,),
            (Meaning.CHATTER, Meaning.YES),
        ),
    ),
    Temperament.HAGGLER: Conduct(
        InviteDecision.ACCEPT,
        ((Meaning.HOW_MUCH,), (Meaning.PRICE_ABOVE,), (Meaning.PRICE_WITHIN,), (Meaning.YES,)),
    ),
    Temperament.LATE: Conduct(
        InviteDecision.ACCEPT,
        _DEAL,
        decides_after=Delay(2 * MINUTE, 6 * MINUTE),
        answers_after=Delay(20 * SECOND, MINUTE),
    ),
    Temperament.SKEPTIC: Conduct(InviteDecision.ACCEPT, ((Meaning.ARE_YOU_A_BOT,), *_DEAL)),
    Temperament.SILENT: Conduct(InviteDecision.ACCEPT),
    Temperament.NEVER: Conduct(InviteDecision.WAIT),
    Temperament.DECLINER: Conduct(InviteDecision.DECLINE),
    Temperament.REFUSER: Conduct(InviteDecision.ACCEPT, ((Meaning.NO,),)),
    Temperament.STOPPER: Conduct(InviteDecision.ACCEPT, ((Meaning.STOP,),)),
    Temperament.BLOCKER: Conduct(InviteDecision.ACCEPT, blocks=True),
    Temperament.TIRELESS: Conduct(InviteDecision.ACCEPT, ((Meaning.CHATTER,),), tireless=True),
}

MIX: tuple[Temperament, ...] = (
    *(Temperament.EAGER,) * 6,
    *(Temperament.TALKATIVE,) * 3,
    *(Temperament.HAGGLER,) * 2,
    *(Temperament.SKEPTIC,) * 2,
    Temperament.LATE,
    Temperament.SILENT,
    Temperament.NEVER,
    Temperament.DECLINER,
    Temperament.REFUSER,
    Temperament.STOPPER,
    Temperament.BLOCKER,
)
"""Of every twenty players these, in an order drawn by the seed; a change here changes every seeded crowd.

`TIRELESS` is in none but those that are asked for."""
