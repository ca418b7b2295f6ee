"""The script: steps with words and branches, as a file says them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from kernel.rows import Task

LEAST_DECIMALS: Final = 2


class Answer(StrEnum):
    """What a player may answer. A step has a branch for each, its own or that of `[always]`."""

    YES = "yes"
    NO = "no"
    PRICE_WITHIN = "price_within"
    PRICE_BELOW = "price_below"
    PRICE_ABOVE = "price_above"
    ASKS_PRICE = "asks_price"
    ASKS_PROGRAM = "asks_program"
    OTHER = "other"
    SILENCE = "silence"


class Branch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an answer leads: `to` another step, or nowhere, with a remark that it is to `say`.

    `price` puts a price on the table: the one that the player has `named`, the `lowest` or `highest` of the task.
    """

    to: str | None = None
    say: str | None = None
    price: Literal["named", "lowest", "highest"] | None = None


class Branches(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[always]`, and a part of each step."""

    yes: Branch | None = None
    no: Branch | None = None
    price_within: Branch | None = None
    price_below: Branch | None = None
    price_above: Branch | None = None
    asks_price: Branch | None = None
    asks_program: Branch | None = None
    other: Branch | None = None
    silence: Branch | None = None

    def branch(self, answer: Answer) -> Branch | None:
        branch: Branch | None = getattr(self, answer)
        return branch


class ScriptStep(Branches, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table `[steps.NAME]`. With an `outcome` it is an end; otherwise it asks something and waits for an answer."""

    say: str | None = None
    again: str | None = None
    """The question in short: what `{again}` stands for in remarks."""
    remind: str | None = None
    """What is said when the player has been silent for the wait, once."""
    wait_minutes: int | None = None
    outcome: Literal["resolved", "failed"] | None = None
    reason: str | None = None
    """A stable code, for programs."""
    detail: str | None = None
    """A sentence about the end, for operators."""


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[words]`: phrases by what they mean.

    Of two phrases that fit, the longer one counts. One that begins with `=` counts only as a whole line.
    """

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    """Neither, though a word of the others may be in it: `not sure`."""
    asks_price: tuple[str, ...] = ()
    asks_program: tuple[str, ...] = ()
    not_a_price: tuple[str, ...] = ()
    """A number before one of these is no price: `5 minutes`."""


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys at the top of the file."""

    language: str
    first: str
    give_up: str
    """The step to go to when `patience` has run out."""
    patience: int = 3
    """How many remarks a dialogue may need."""
    wait_minutes: int = 60


class Script(Struct, frozen=True, kw_only=True):
    """A script that has been read; whether it can be played, `check` says."""

    head: Head
    words: Words
    always: Branches
    steps: Mapping[str, ScriptStep]

    def branch(self, step: str, answer: Answer) -> Branch | None:
        """Where the answer leads from there."""
        return self.steps[step].branch(answer) or self.always.branch(answer)

    def wait_ms(self, step: str) -> int:
        return (self.steps[step].wait_minutes or self.head.wait_minutes) * 60_000


def render(text: str, task: Task, price: Decimal | None, again: str | None = None) -> str:
    """Fill the values of the task into a text of the script. What stands in the values is not looked into."""
    values = {
        "item": task.item,
        "price_min": money(task.price_min),
        "price_max": money(task.price_max),
        "currency": task.currency,
        "price": "" if price is None else money(price),
    }
    if again is not None:
        values["again"] = again.format_map(values)
    return text.format_map(values).strip()


def money(price: Decimal) -> str:
    """A price with two decimals, or as many as it has."""
    return f"{price:.{max(LEAST_DECIMALS, decimals(price))}f}"


def decimals(price: Decimal) -> int:
    """The decimal places that are written out in `price`."""
    exponent = price.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
