"""Bearer tokens, stored as SHA-256 in `tokens.json`.

A token has 256 bits from the system's random source, so a plain hash is as good as a slow one: there is nothing to
guess. The command line writes the file, a running server reads it anew when it has changed.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from kernel.clock import DAY, Clock
from kernel.errors import Conflict, Malformed, NotFound
from kernel.roles import Role
from plugins.api import disk
from plugins.api.auth.callers import Caller
from plugins.api.codes import ApiRefusal
from plugins.api.disk import WatchedFile

PREFIX: Final = "swb_"
"""What every token begins with, so that scanners for leaked secrets know one."""
LOSS: Final = "No token is accepted."
LONGEST_DAYS: Final = 3_650
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


class Kind(StrEnum):
    """Whether a person or a notebook uses the token; the first half of its actor."""

    OPERATOR = "operator"
    NOTEBOOK = "notebook"


class BearerToken(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A token: its holder, role and hash. Times are UTC milliseconds."""

    name: str
    kind: Kind
    sha256: str
    created_at: int
    role: Role = Role.DEVELOPER
    """Tokens of a time before there were roles could do what a developer may."""
    ends_at: int | None = None

    @property
    def actor(self) -> str:
        """The actor of its holder: `operator:anna`."""
        return f"{self.kind}:{self.name}"

    @property
    def issue(self) -> str:
        """What tells it from another of the same name: a hash of its hash, which is no use to anybody else."""
        return hashlib.sha256(self.sha256.encode()).hexdigest()[:12]

    @property
    def caller(self) -> Caller:
        return Caller(self.actor, self.role, f"token {self.name}", self.issue)

    def is_good(self, now: int) -> bool:
        """Whether it has not expired."""
        return self.ends_at is None or now < self.ends_at

    def __repr__(self) -> str:
        return f"BearerToken({self.actor}, sha256=…)"


def is_name(text: str) -> bool:
    """Whether `text` is a valid name: it becomes part of an actor, of log lines and of the screen."""
    return NAME.fullmatch(text) is not None


def expect_name(text: str) -> None:
    """Raises Malformed where `text` is no valid name of a token or an operator."""
    if not is_name(text):
        hint = "Give 1 to 32 letters of the English alphabet, digits, dots, dashes or underscores, no mark first."
        raise Malformed(ApiRefusal.INVALID_NAME, hint, field="name")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def read(path: Path) -> tuple[BearerToken, ...]:
    """All tokens of the file; none where there is no file. Raises FileUnreadable."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[BearerToken, ...])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise disk.unusable(path, error, LOSS, "Mend it, or remove it and make new tokens.") from error


def create(
    path: Path, name: str, kind: Kind, now: int, *, role: Role = Role.DEVELOPER, ends_at: int | None = None
) -> str:
    """Create a token and return its secret, which is not stored. Raises Conflict, FileUnreadable."""
    with disk.locked(path.with_suffix(".lock")):
        tokens = read(path)
        if any(token.name == name for token in tokens):
            text = f"There is a token named {name} already: revoke it first, or choose another name."
            raise Conflict(ApiRefusal.NAME_TAKEN, text, field="name")
        token = PREFIX + secrets.token_urlsafe(32)
        entry = BearerToken(name=name, kind=kind, sha256=_digest(token), created_at=now, role=role, ends_at=ends_at)
        disk.replace(path, msgspec.json.format(msgspec.json.encode((*tokens, entry))))
        return token


def end_of(days: int | None, now: int) -> int | None:
    """When a token for so many days expires; None for one without an end."""
    return now + days * DAY if days is not None else None


def revoke(path: Path, name: str) -> None:
    """Revoke a token at once. Raises NotFound, FileUnreadable."""
    if not path.parent.is_dir():
        raise NotFound(
            ApiRefusal.NO_SUCH_TOKEN, f"There is no token named {name}: {path.parent} is not there.", field="name"
        )
    with disk.locked(path.with_suffix(".lock")):
        tokens = read(path)
        rest = [token for token in tokens if token.name != name]
        if len(rest) == len(tokens):
            known = ", ".join(token.name for token in tokens) or "none"
            raise NotFound(
                ApiRefusal.NO_SUCH_TOKEN, f"There is no token named {name}; there are: {known}.", field="name"
            )
        disk.replace(path, msgspec.json.format(msgspec.json.encode(rest)))


class BearerTokens:
    """The tokens of a running server, read again whenever the file changes. A broken file authenticates nobody."""

    def __init__(self, path: Path, log: logging.Logger, wall: Clock, gone: Callable[[], str | None]) -> None:
        self._file: WatchedFile[tuple[BearerToken, ...]] = WatchedFile(
            path, read, (), log, loss=LOSS, cure="`switchboard token create NAME` makes new ones.", gone=gone
        )
        self._wall = wall
        self._used: dict[str, int] = {}

    def all(self) -> tuple[BearerToken, ...]:
        """All tokens, also expired ones. Raises FileUnreadable."""
        return self._file.content()

    def holder(self, presented: str) -> BearerToken | None:
        """The token of this secret, compared in constant time; None if unknown or expired. Raises FileUnreadable."""
        digest = _digest(presented)
        found = None
        for token in self._file.content():
            if hmac.compare_digest(token.sha256, digest):
                found = token
        now = self._wall.now()
        if found is None or not found.is_good(now):
            return None
        self._used[found.sha256] = now
        return found

    def used_at(self, token: BearerToken) -> int | None:
        """When it was last used; None where it was not since the server started."""
        return self._used.get(token.sha256)

    def get(self, name: str) -> BearerToken | None:
        """The valid token of that name, for a session that was created by it. Raises FileUnreadable."""
        now = self._wall.now()
        return next((token for token in self._file.last_known() if token.name == name and token.is_good(now)), None)

    def callers(self) -> list[Caller]:
        """The callers of all valid tokens. Raises FileUnreadable."""
        now = self._wall.now()
        return [token.caller for token in self._file.last_known() if token.is_good(now)]
