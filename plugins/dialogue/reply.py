"""What an agent may not reply, whoever wrote it."""

from __future__ import annotations

from typing import Final

import msgspec

from kernel.commands import TEXT_LENGTH
from kernel.hookspecs import Reply
from kernel.rows import Task, TaskStatus
from kernel.texts import fault_of_text

TEXTS_MAX: Final = 5
"""Messages in one reply. A dialogue is short; more than this is a loop."""
OUTCOMES: Final = frozenset({TaskStatus.RESOLVED, TaskStatus.FAILED})


def checked(task: Task, reply: Reply) -> Reply:
    """The reply, of the types that it ought to have. Raises ValueError, with a sentence, when it cannot be used."""
    try:
        plain = msgspec.to_builtins(reply)
        msgspec.json.encode(plain)
        proper = msgspec.convert(plain, Reply)
    except (msgspec.ValidationError, UnicodeError, TypeError, RecursionError) as error:
        raise ValueError(f"it is not of the form of a Reply: {error}") from error
    fault = _fault_of_words(proper) or _fault_of_outcome(task, proper)
    if fault is not None:
        raise ValueError(fault)
    return proper


def _fault_of_words(reply: Reply) -> str | None:
    if not reply.step:
        return "it names no step."
    if len(reply.texts) > TEXTS_MAX:
        return f"{len(reply.texts)} messages in one turn; {TEXTS_MAX} is the most."
    if any(len(text) > TEXT_LENGTH for text in reply.texts):
        return f"a message of more than {TEXT_LENGTH} characters."
    fault = next(filter(None, (fault_of_text(text, TEXT_LENGTH) for text in reply.texts if text.strip())), None)
    return f"a message {fault}." if fault is not None else None


def _fault_of_outcome(task: Task, reply: Reply) -> str | None:
    if reply.outcome is not None and reply.outcome not in OUTCOMES:
        return f"a dialogue ends as resolved or failed, not as {reply.outcome}."
    price = reply.agreed_price
    if price is None:
        return None
    if reply.outcome is not TaskStatus.RESOLVED:
        return f"it agrees on {price} without resolving the task."
    if not (price.is_finite() and task.price_min <= price <= task.price_max):
        return f"the price {price} is outside of {task.price_min} to {task.price_max} {task.currency}."
    return None
