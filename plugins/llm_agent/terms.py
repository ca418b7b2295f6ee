"""What may be offered in this turn: worked out here, so that the model need not know how far we would go."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from kernel.rows import Task
from plugins.llm_agent.prices import places


class Terms(NamedTuple):
    """`first` to `last` may be offered, the first being best for us; and `ask` exactly, where it is acceptable."""

    first: Decimal
    last: Decimal
    ask: Decimal | None
    acceptable: bool
    """Is what the player asks for within the task's range?"""

    def allow(self, price: Decimal) -> bool:
        low, high = sorted((self.first, self.last))
        return low <= price <= high or (self.acceptable and price == self.ask)


def terms(
    task: Task,
    *,
    side: str,
    standing: Decimal | None,
    ask: Decimal | None,
    answered: bool,
    opening: Decimal,
    concession: Decimal,
) -> Terms:
    """`standing`: our last price. `answered`: has the player answered it? Nobody bids against themselves.

    Worked out as if we bought; for a seller everything is mirrored at zero.
    """
    sign = 1 if side == "buy" else -1
    best, worst = sorted((task.price_min * sign, task.price_max * sign))
    span = worst - best
    if standing is None:
        first, reach = best, best + span * opening
    else:
        first = min(max(standing * sign, best), worst)
        reach = first + span * concession if answered else first
    wanted = ask * sign if ask is not None else None
    if wanted is not None:
        reach = min(reach, wanted)  # never better for the player than what they ask for
        first = min(first, max(wanted, best))
    last = max(first, min(worst, reach).quantize(Decimal(1).scaleb(-places(task)), ROUND_FLOOR))
    acceptable = ask is not None and task.price_min <= ask <= task.price_max
    return Terms(first * sign, last * sign, ask, acceptable)
