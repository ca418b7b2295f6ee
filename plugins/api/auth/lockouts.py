"""Lockouts against password guessing, by account and by address, with exponential backoff.

Counts are kept in memory; whoever has to wait is in `blocks.json`, so that a restart does not forget, and the command
line can list and lift it. Names that nobody has are counted like any
other, and are written nowhere: the answer tells nothing.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kernel.clock import HOUR, MINUTE, SECOND, Clock
from kernel.commands import Command
from kernel.errors import Rejected
from kernel.events import ClockStepped
from kernel.roles import Role
from plugins.api import disk
from plugins.api.codes import ApiRefusal
from plugins.api.disk import WatchedFile
from plugins.api.errors import FileUnreadable
from plugins.api.http.addresses import origin_of

LOSS: Final = "Nobody is locked out."
ACCOUNT_FREE: Final = 5
ADDRESS_FREE: Final = 20
"""Failed attempts before a lockout. Many people may share an address."""
FIRST_WAIT: Final = 30 * SECOND
"""Doubled with each further failed attempt."""
LONGEST_WAIT: Final = 15 * MINUTE
FORGOTTEN: Final = HOUR
"""After so long without a failed attempt the count starts anew."""
KEPT: Final = 10_000
"""Subjects that are counted, and locked out, at most; the oldest are dropped first."""


class Block(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A lockout of `account NAME` or `address IP`. Times are UTC milliseconds."""

    subject: str
    guesses: int
    last_at: int
    until: int


Blocks = tuple[Block, ...]


def read(path: Path) -> Blocks:
    """The content of `blocks.json`; empty where there is none. Raises FileUnreadable."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Blocks)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise disk.unusable(path, error, LOSS, "Remove it.") from error


def change(path: Path, how: Callable[[Blocks], Blocks]) -> None:
    with disk.locked(path.with_suffix(".lock")):
        disk.replace(path, msgspec.json.format(msgspec.json.encode(how(read(path)))))


def lift(path: Path, subject: str) -> bool:
    """Lift the lockout of `anna`, `10.0.0.7`, or `account anna`. Returns whether there was one."""
    lifted = False

    def rest(blocks: Blocks) -> Blocks:
        nonlocal lifted
        left = tuple(b for b in blocks if subject not in (b.subject, b.subject.partition(" ")[2]))
        lifted = len(left) < len(blocks)
        return left

    if path.exists():
        change(path, rest)
    return lifted


UNKNOWN: Final = "(unknown name)"
"""Written in the place of a sign-in name that nobody has: it may be a password, typed into the wrong field."""


def account(name: str) -> str:
    """The subject of an account that there is."""
    return f"account {name[:64]}"


def address(host: str) -> str:
    """The subject of an IP address; of IPv6 its /64 network, since one machine can use any address in it."""
    return f"address {origin_of(host)}"


class LiftBlock(Command[None], frozen=True, kw_only=True):
    """Lift the lockout of an account or an address."""

    role: ClassVar[Role] = Role.ADMIN
    subject: str


class Lockouts:
    """Counts failed attempts, and locks out who has too many."""

    def __init__(self, path: Path, log: logging.Logger, wall: Clock, gone: Callable[[], str | None]) -> None:
        self._path = path
        self._file: WatchedFile[Blocks] = WatchedFile(
            path, read, (), log, loss=LOSS, cure="the next lockout creates it anew.", gone=gone
        )
        self._log = log
        self._wall = wall
        self._counts: dict[str, tuple[int, int]] = {}
        self._key = secrets.token_bytes(32)
        self._under_way: Counter[str] = Counter()

    def follow_clock(self, step: ClockStepped) -> None:
        """Shift all times by a step of the clock, so that no lockout gets longer or shorter. Raises FileUnreadable."""
        self._counts = {subject: (guesses, step.moved(at)) for subject, (guesses, at) in self._counts.items()}
        if self._kept():
            change(self._path, lambda blocks: tuple(_moved(block, step) for block in blocks))

    def blocks(self) -> Blocks:
        """The lockouts that are in force."""
        now = self._wall.now()
        return tuple(block for block in self._kept() if block.until > now)

    def _kept(self) -> Blocks:
        """The lockouts of the file; none where it cannot be read, so that a broken file locks nobody out."""
        try:
            return self._file.last_known()
        except FileUnreadable:
            return ()

    def lift(self, subject: str) -> bool:
        """Lift a lockout. Returns whether there was one."""
        return lift(self._path, subject)

    @contextmanager
    def attempt(self, name: str, host: str, *, known: bool) -> Iterator[SignInAttempt]:
        """One password attempt at an account, from an address; the body of the `with` sets `right` where it succeeds.

        `known`: whether there is that account.
        Raises Rejected when one of the two has to wait, and when so many are being tried at once that, were they all
        wrong, it would have to: many at once get no more guesses than one after another.
        """
        subjects = (account(name) if known else self._nobody(name), address(host))
        self._expect_free(subjects)
        attempt = SignInAttempt()
        self._under_way.update(subjects)
        try:
            yield attempt
        finally:
            self._under_way.subtract(subjects)
            self._under_way += Counter()  # drops those that are at nought
        if attempt.right:
            self._forget(subjects[0])
        elif not attempt.half:
            for subject in subjects:
                self._count(subject)

    def _nobody(self, name: str) -> str:
        """The subject of a name that nobody has, which cannot be told from it: the key is forgotten with the run."""
        digest = hmac.digest(self._key, name.encode("utf-8", "backslashreplace"), "sha256").hex()[:16]
        return f"account {UNKNOWN} {digest}"

    def _expect_free(self, subjects: tuple[str, ...]) -> None:
        now = self._wall.now()
        waiting = {block.subject: block for block in self._kept()}
        wait = 0
        for subject in subjects:
            block = waiting.get(subject)
            if block is not None:
                wait = max(wait, min(block.until - now, LONGEST_WAIT))  # an earlier run's clock may have been ahead
            trying = self._under_way[subject]
            if trying and self._wrong(subject, block, now) + trying >= _free(subject):
                wait = max(wait, SECOND)
        if wait > 0:
            text = (
                "Too many failed attempts: locked out for a while. An admin can lift it: switchboard operator unblock."
            )
            raise Rejected(ApiRefusal.TOO_MANY_ATTEMPTS, text, retry_after=wait)

    def _wrong(self, subject: str, block: Block | None, now: int) -> int:
        guesses, last = (block.guesses, block.last_at) if block is not None else self._counts.get(subject, (0, now))
        return 0 if now - last > FORGOTTEN else guesses

    def _forget(self, subject: str) -> None:
        self._counts.pop(subject, None)
        if any(block.subject == subject for block in self._kept()):
            lift(self._path, subject)

    def _count(self, subject: str) -> None:
        now = self._wall.now()
        block = next((block for block in self._kept() if block.subject == subject), None)
        guesses = self._wrong(subject, block, now) + 1
        self._counts.pop(subject, None)
        self._counts[subject] = (guesses, now)  # until the block is on disk
        while len(self._counts) > KEPT:
            self._counts.pop(next(iter(self._counts)))
        if guesses < _free(subject):
            return
        wait = min(LONGEST_WAIT, FIRST_WAIT << min(guesses - _free(subject), 10))
        entry = Block(subject=subject, guesses=guesses, last_at=now, until=now + wait)
        change(self._path, lambda blocks: (*_others(blocks, subject, now), entry))
        del self._counts[subject]
        self._log.warning("%r is locked out after %d failed attempts, for %d s", subject, guesses, wait // SECOND)


class SignInAttempt:
    """One attempt; failed unless `right` or `half` is set."""

    right = False
    half = False
    """The first of two factors was right: nothing is counted, and nothing forgotten, or a password would wipe away
    the wrong codes that were tried after it."""


def _free(subject: str) -> int:
    return ACCOUNT_FREE if subject.startswith("account ") else ADDRESS_FREE


def _others(blocks: Blocks, subject: str, now: int) -> Blocks:
    recent = [b for b in blocks if b.subject != subject and now - max(b.last_at, b.until) <= FORGOTTEN]
    return tuple(recent[1 - KEPT :])


def _moved(block: Block, step: ClockStepped) -> Block:
    return replace(block, last_at=step.moved(block.last_at), until=step.moved(block.until))
