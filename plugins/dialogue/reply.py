"""What an agent may not reply, whoever wrote it."""

from __future__ import annotations

from typing import Final

from kernel.commands import TEXT_LENGTH
from kernel.hookspecs import Reply
from kernel.rows import Task, TaskStatus

MOST_TEXTS: Final = 5
"""Messages in one reply. A dialogue is short; more than this is a loop."""
OUTCOMES: Final = frozenset({TaskStatus.RESOLVED, TaskStatus.FAILED})


def fault(task: Task, reply: Reply) -> str | None:
    """Why the reply cannot be carried out, as a sentence; None when it can."""
    if not reply.step:
        return "it names no step."
    if len(reply.texts) > MOST_TEXTS:
        return f"{len(reply.texts)} messages in one turn; {MOST_TEXTS} is the most."
    if any(len(text) > TEXT_LENGTH for text in reply.texts):
        return f"a message of more than {TEXT_LENGTH} characters."
    if reply.outcome is not None and reply.outcome not in OUTCOMES:
        return f"a dialogue ends as resolved or failed, not as {reply.outcome}."
    price = reply.agreed_price
    if price is None:
        return None
    if reply.outcome is not TaskStatus.RESOLVED:
        return f"it agrees on {price} without resolving the task."
    if not task.price_min <= price <= task.price_max:
        return f"the price {price} is outside of {task.price_min} to {task.price_max} {task.currency}."
    return None
