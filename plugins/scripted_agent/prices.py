"""The price that a player names, as fine as the task's own prices are."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from kernel.rows import Task
from kernel.said_prices import said_price
from plugins.scripted_agent.script import LEAST_DECIMALS, decimals


def named_price(text: str, task: Task, not_a_price: frozenset[str]) -> Decimal | None:
    """The price that `text` names; None where it names none, or several.

    Rounded to cents, or to as many places as the task's own prices have.
    """
    values = said_price(text, task, not_a_price)
    if not values:
        return None
    places = max(LEAST_DECIMALS, decimals(task.price_min), decimals(task.price_max))
    rounded = [value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for value in values]
    return next((price for price in rounded if is_within(price, task)), rounded[0])


def is_within(price: Decimal, task: Task) -> bool:
    return task.price_min <= price <= task.price_max
