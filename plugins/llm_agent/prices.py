"""The numbers that a player writes, and the price that they ask for."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from kernel.rows import Task
from kernel.said_prices import said_price, without_markup

LEAST_DECIMALS: Final = 2
_NUMBER: Final = re.compile(r"(?<![\w.,:/-])[$€£₽₴₸¥]?\s?([0-9]{1,9}(?:[.,][0-9]{1,8})?)(?![0-9:/%]|[.,][0-9])")
"""A number that stands by itself: not in a name such as AK-47, a time, a date, a share."""


def named(text: str, task: Task) -> list[Decimal]:
    """Every number that may be a price, in order; those of the item's own name are none."""
    own = set(re.findall("[0-9]+", task.item))
    found = []
    for number in _NUMBER.findall(unicodedata.normalize("NFKC", without_markup(text))):
        if number not in own:
            found.append(Decimal(number.replace(",", ".")))
        elif task.price_min <= Decimal(number) <= task.price_max:
            found.append(Decimal(number))
    return found


def asked(texts: list[str], task: Task) -> Decimal | None:
    """What the player asks for: the price said in the newest of their `texts`, last, that says one without a doubt."""
    for text in reversed(texts):
        values = said_price(text, task)
        if values:
            return next((value for value in values if task.price_min <= value <= task.price_max), values[0])
    return None


def places(task: Task) -> int:
    """How many decimals a price of this task has."""
    return max(LEAST_DECIMALS, *(_decimals(price) for price in (task.price_min, task.price_max)))


def money(price: Decimal, task: Task) -> str:
    """The price as it is said."""
    return f"{price:.{max(places(task), _decimals(price))}f} {task.currency}"


def _decimals(price: Decimal) -> int:
    exponent = price.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
