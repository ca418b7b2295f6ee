"""What was commanded and what was answered: the driver's own record, beside Steam's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

UNCONFIRMED = frozenset({500, 502, 504})
"""Statuses after which a command may have taken effect: the same id asks what became of it."""

AT_THE_DOOR = frozenset({"stopping", "tooManyCommands", "tooManyRequests"})
"""Codes that are answered before the id is looked at: they say nothing of an earlier try."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and when (ms)."""

    at: int
    status: int
    ok: bool
    created: str | None = None
    code: str | None = None
    message: str = ""

    @property
    def refused(self) -> bool:
        """It says that nothing was carried out."""
        return not self.ok and self.status not in UNCONFIRMED


@dataclass(slots=True)
class Given:
    """A command with its id. `unanswered`: how often a try ended without an answer that says what became of it."""

    id: str
    kind: str
    payload: dict[str, object]
    about: str
    """The chat, task, player or bot that it is about; empty for what concerns all."""
    sent: int
    answers: list[Answer] = field(default_factory=list)
    unanswered: int = 0
    open: bool = False
    """A try may have begun of which nobody knows what became."""

    def answer(self, answer: Answer) -> None:
        """A try was answered: for good, unless the answer does not know, or was given before the id was looked at."""
        self.answers.append(answer)
        if not answer.ok and not answer.refused:
            self.open = True
        elif answer.code not in AT_THE_DOOR:
            self.open = False

    def lose(self) -> None:
        """A try ended without an answer."""
        self.unanswered += 1
        self.open = True

    @property
    def acknowledged(self) -> Answer | None:
        """The first `ok`."""
        return next((answer for answer in self.answers if answer.ok), None)

    @property
    def holds_since(self) -> int | None:
        """From when on it surely holds, if only in memory."""
        return next((answer.at for answer in self.answers if answer.ok or answer.code == "notOnDiskYet"), None)

    @property
    def settled(self) -> bool:
        """Known to be carried out, or known not to be."""
        return self.acknowledged is not None or self.refused

    @property
    def refused(self) -> bool:
        """The last word was no, it was never yes, and it is a word on every try."""
        last_said_no = bool(self.answers) and self.answers[-1].refused
        return self.acknowledged is None and last_said_no and not self.open


class Ledger:
    """Every command, in the order of their first sending."""

    def __init__(self) -> None:
        self.given: list[Given] = []

    def add(self, given: Given) -> None:
        self.given.append(given)

    def unsettled(self) -> list[Given]:
        return [given for given in self.given if not given.settled]

    def acknowledged(self, kind: str = "") -> Iterator[tuple[Given, Answer]]:
        """Those of a kind (or all) that were answered `ok`, with that answer."""
        for given in self.given:
            if kind in ("", given.kind) and (answer := given.acknowledged) is not None:
                yield given, answer

    def of(self, *kinds: str) -> Iterator[Given]:
        return (given for given in self.given if given.kind in kinds)
