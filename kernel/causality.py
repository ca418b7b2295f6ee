"""Who and what caused the code that is running: carried along by the context of each task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

from kernel.ids import CommandId


class Origin(NamedTuple):
    """`actor`: who asked (None: the plugin acts by itself). `cause`: the seq of the event being answered.

    `command`: the id of the command that is being carried out, where it was given one.
    """

    actor: str | None = None
    cause: int | None = None
    command: CommandId | None = None


PERSONS: Final = ("operator:", "notebook:")
"""How the actors of our own people begin."""
ELSEWHERE: Final = "steam:elsewhere"
"""The author of what was written as a bot with another Steam client: Steam does not say who sat before it."""
_NOBODY: Final = Origin()
ORIGIN: Final[ContextVar[Origin]] = ContextVar("origin", default=_NOBODY)


def current() -> Origin:
    return ORIGIN.get()


@contextmanager
def acting(origin: Origin) -> Iterator[None]:
    """Run the block as caused by `origin`."""
    token = ORIGIN.set(origin)
    try:
        yield
    finally:
        ORIGIN.reset(token)


def is_person(actor: str | None) -> bool:
    """Is that actor one of our people, by hand or from a notebook? Whoever is not counts as a program."""
    return actor is not None and actor.startswith(PERSONS)


def is_program(author: str) -> bool:
    """Was that written on a bot's behalf by a program of ours: by no person, here or at another Steam client?"""
    return not is_person(author) and author != ELSEWHERE
