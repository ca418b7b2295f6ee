"""Promises broken on purpose, in the process under test alone, to see that a scenario notices.

A mutant is applied by the fork server when the variable `CHAOS_MUTANT` names it; nothing in the product knows of it.
What it takes out is looked up by name and has to be there: a mutant that no longer breaks anything is an error.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mutant:
    """`scenario` has to find, with this broken, that one of `promises` is not kept."""

    breaks: str
    scenario: str
    promises: tuple[str, ...]
    apply: Callable[[], None]


def apply(name: str) -> None:
    """Break the promise of that name."""
    MUTANTS[name].apply()


def _barrier() -> None:
    """Requests leave for Steam, and handlers run, whatever the journal says."""

    async def at_once(self: object) -> None:
        return None

    _method("kernel.router", "Router", "_on_disk", at_once)
    _method("kernel.router", "Router", "_expect_journal", lambda self, command: None)


def _doubt() -> None:
    """A request of which nobody knows what became is taken for one that never left."""
    outcomes = importlib.import_module("kernel.outcomes")
    judge = outcomes.judge

    def trusting(error: Any) -> Any:
        outcome = judge(error)
        if outcome.fate is not outcomes.Fate.IN_DOUBT:
            return outcome
        return outcome._replace(fate=outcomes.Fate.NOT_SENT, again=True, retry_after=500)

    _everywhere("kernel.outcomes", "judge", trusting)


def _stop_list() -> None:
    """Nobody is put on the do-not-contact list by what they wrote or did, and the guard does not look at it."""
    _method("plugins.contact_policy.opt_out", "OptOut", "_list", lambda self, player, reason: None)
    _everywhere("plugins.contact_policy.admission", "do_not_contact", lambda state, player: None)


def _refusals() -> None:
    """Nobody remembers that a player declined."""
    _everywhere("plugins.contact_policy.admission", "invite_refused_before", lambda state, player: None)


def _epoch_gate() -> None:
    """A line goes out whoever has the chat by then."""
    ownership = importlib.import_module("plugins.dialogue.ownership")
    _everywhere(
        "plugins.dialogue.ownership", "expired", lambda chat, message: None if chat.is_open else ownership.CHAT_CLOSED
    )


def _invite_count() -> None:
    """Nobody remembers when a bot last invited somebody."""
    _everywhere("plugins.invites.invite_interval", "next_turn", lambda *_: 0)


MUTANTS: Mapping[str, Mutant] = {
    "barrier": Mutant(
        "the commit barrier",
        "full disk and kill",
        ("what leaves is decided on disk", "nothing refused has happened", "no message twice"),
        _barrier,
    ),
    "doubt": Mutant("what is in doubt is never repeated", "lost answers", ("no message twice",), _doubt),
    "stop_list": Mutant("the stop list", "peace", ("no contact against a wish",), _stop_list),
    "refusals": Mutant(
        "the memory of who declined", "declines", ("no invite after a decline or a stop", "no second invite"), _refusals
    ),
    "epoch_gate": Mutant("the epoch gate", "takeovers", ("no line of the agent's after a take-over",), _epoch_gate),
    "invite_count": Mutant("the count of invites", "peace", ("one attempt a minute a bot",), _invite_count),
}


def _everywhere(module: str, name: str, instead: object) -> None:
    """Replace a function wherever it has been imported by name."""
    old = getattr(importlib.import_module(module), name)
    for loaded in list(sys.modules.values()):
        if getattr(loaded, "__dict__", {}).get(name) is old:
            setattr(loaded, name, instead)


def _method(module: str, of: str, name: str, instead: object) -> None:
    owner = getattr(importlib.import_module(module), of)
    if name not in vars(owner):
        raise LookupError(f"{module}.{of} has no {name} any more: this mutant breaks nothing")
    setattr(owner, name, instead)
