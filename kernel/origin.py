"""Who and what caused the code that is running: carried along by the context of each task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple


class Origin(NamedTuple):
    """`actor`: who asked (None: the plugin acts by itself). `cause`: the seq of the event being answered."""

    actor: str | None = None
    cause: int | None = None


PERSONS: Final = ("operator:", "notebook:")
"""How the actors of our own people begin."""
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
