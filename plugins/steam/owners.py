"""Whose a maFile is: what its fields, its tokens, its name and the manifest say, and what holds where they disagree.

JavaScript holds a SteamID64 as a double and rounds it to a multiple of 16. A statement that is off by just that is
told apart from one that names another account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from plugins.steam_protocol import steam_id

_STEAM2: Final = re.compile(r"STEAM_[01]:([01]):(\d{1,10})", re.IGNORECASE)
_STEAM3: Final = re.compile(r"\[U:1:(\d{1,10})\]", re.IGNORECASE)


class Rank(IntEnum):
    """How exact a kind of statement is, the most exact first."""

    TOKEN = 0
    """Steam wrote it."""
    NAME = 1
    """The authenticator named the file."""
    TEXT = 2
    NUMBER = 3
    """It may have been rounded."""
    FLOAT = 4
    """It has been: it confirms what is exact, and says nothing by itself."""


class Claim(NamedTuple):
    """One statement; `path` leads to it in the maFile's object, and is empty where it stands elsewhere."""

    source: str
    steam_id64: int
    rank: Rank
    path: tuple[str, ...] = ()


class Owner(NamedTuple):
    """`rounded` are the statements that are off by JavaScript's rounding alone."""

    steam_id64: int | None
    by: str = ""
    rounded: tuple[Claim, ...] = ()


class Contradiction(Exception):
    """They name several accounts; the message says which says what."""


def individual(value: object) -> int:
    """An account's SteamID64, as a number, as digits, or in Steam's other two spellings. Raises NotAnIndividual."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip().strip("\"'") if not isinstance(value, bool) else ""
    if found := _STEAM3.fullmatch(text):
        return steam_id.to_steam_id64(int(found[1]))
    if found := _STEAM2.fullmatch(text):
        return steam_id.to_steam_id64(int(found[2]) * 2 + int(found[1]))
    return steam_id.parse(text)


def resolve(claims: Iterable[Claim]) -> Owner:
    """The account that all statements name, as the most exact one has it. Raises Contradiction."""
    ranked = sorted(claims, key=lambda claim: claim.rank)
    for claim in ranked:
        if claim.rank is Rank.FLOAT or (ranked[0].rank is Rank.TOKEN and claim.rank is not Rank.TOKEN):
            break
        exact = claim.steam_id64
        if all(one.steam_id64 in (exact, _rounded(exact)) for one in ranked):
            return Owner(exact, claim.source, tuple(one for one in ranked if one.steam_id64 != exact))
    if ranked and ranked[0].rank is not Rank.FLOAT:
        raise Contradiction(_told(ranked))
    return Owner(None)


def _rounded(exact: int) -> int:
    return int(float(exact))


def _told(ranked: Sequence[Claim]) -> str:
    says = ", ".join(f"{claim.source} says {claim.steam_id64}" for claim in ranked)
    best = ranked[0]
    exact = {
        Rank.TOKEN: f"{best.source} is Steam's own word",
        Rank.NAME: "the file's name is what the authenticator gave it",
    }.get(best.rank, "none of them is more exact than the others")
    return (
        f"the maFile contradicts itself about whose it is: {says}; {exact}. Correct or remove what is wrong, or export "
        "the maFile again"
    )
