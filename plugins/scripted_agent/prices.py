"""The price that a player names: numbers in free text, with comma or dot, with or without a currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from kernel.rows import Task
from plugins.scripted_agent.script import LEAST_DECIMALS, decimals

_LETTER: Final = r"[^\W\d_]"
_SIGN: Final = "[$€£₽₴₸¥]"
_NUMBER: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<before>{_SIGN}\s?)?"  # not within a word, a name such as AK-47, a time or a date
    r"(?P<number>[0-9]{1,3}(?:[ \u00a0\u202f'][0-9]{3})+(?:[.,][0-9]{1,8})?|[0-9]{1,12}(?:[.,][0-9]{1,12})*)"
    rf"(?![0-9]|[:%/][0-9]|\s?%|-{_LETTER})"
    rf"(?P<unit>\s?{_SIGN}|{_LETTER}*)(?:\s+(?P<next>{_LETTER}+))?"
)
_CURRENCY: Final = frozenset(
    {"usd", "dollar", "dollars", "dolar", "buck", "bucks", "eur", "euro", "euros", "gbp", "pln", "uah", "kzt", "cny"}
    | {"rub", "ruble", "rubles", "rouble", "roubles", "р", "руб", "рубль", "рубля", "рублей", "евро", "грн", "тенге"}
    | {"долл", "доллар", "доллара", "долларов", "бакс", "бакса", "баксов"}
)
"""What may be written on to a number. Anything else makes it part of a word: `2nd`, `5шт`."""


def named_price(text: str, task: Task, not_a_price: frozenset[str]) -> Decimal | None:
    """The price that `text` names; of several the last within the task's range, else the last.

    Rounded to cents, or to as many places as the task's own prices have.
    """
    places = max(LEAST_DECIMALS, decimals(task.price_min), decimals(task.price_max))
    chosen: Decimal | None = None
    for readings in _numbers(text, not_a_price, task):
        rounded = [reading.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for reading in readings]
        within = [price for price in rounded if is_within(price, task)]
        if within or chosen is None or not is_within(chosen, task):
            chosen = (within or rounded)[0]
    return chosen


def is_within(price: Decimal, task: Task) -> bool:
    return task.price_min <= price <= task.price_max


def _numbers(text: str, not_a_price: frozenset[str], task: Task) -> Iterator[list[Decimal]]:
    """Each number that may be a price, as the values that it may have, the likelier first."""
    in_name = set(re.findall("[0-9]+", task.item))
    for found in _NUMBER.finditer(text):
        number, written_on, following = found["number"], found["unit"].strip().casefold(), found["next"] or ""
        if written_on[:1].isalpha() and written_on not in _CURRENCY:
            continue
        is_money = bool(found["before"] or written_on) or following.casefold() in _CURRENCY
        if following.casefold() in not_a_price and not is_money:
            continue
        readings = _readings(number)
        if number in in_name and not is_money and not any(is_within(reading, task) for reading in readings):
            continue  # the item's own number
        yield readings


def _readings(number: str) -> list[Decimal]:
    """`12,50` is one number; `1.200` may be two, by where it was written."""
    digits = re.sub(r"[ \u00a0\u202f']", "", number)
    marks = re.findall("[.,]", digits)
    if len(marks) > 1 and marks[-1] == marks[0]:
        return [Decimal(re.sub("[.,]", "", digits))]
    if not marks:
        return [Decimal(digits)]
    whole, _, fraction = digits.rpartition(marks[-1])
    whole = re.sub("[.,]", "", whole)
    with_fraction = Decimal(f"{whole}.{fraction}")
    if len(marks) == 1 and len(fraction) == 3 and whole != "0":
        return [Decimal(whole + fraction), with_fraction]
    return [with_fraction]
