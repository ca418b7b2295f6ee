"""The accounts of operators, and the one-time links by which a person chooses a password. Kept in `operators.json`.

The command line and a running server both write the file, whole, one at a time; the server reads it anew when it has
changed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace as replace

from kernel.clock import DAY, HOUR
from kernel.roles import Role
from plugins.api import disk
from plugins.api.errors import FileUnreadable, OperatorName

LINK_LASTS: Final = DAY
FIRST_LINK_LASTS: Final = HOUR


class Operator(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A person's account. Times are UTC milliseconds."""

    name: str
    role: Role
    created_at: int
    password: str | None = None
    """Its argon2id hash; None until the person has chosen one."""
    disabled: bool = False
    generation: int = 0
    """Raised to sign the person out everywhere: a session of an earlier one is no longer good."""

    @property
    def actor(self) -> str:
        return f"operator:{self.name}"

    def __repr__(self) -> str:
        return f"Operator({self.name}, {self.role})"


class Invitation(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A one-time link: whoever opens it chooses a password, and a name too where there is none."""

    sha256: str
    role: Role
    name: str | None
    ends_at: int

    def __repr__(self) -> str:
        return f"Invitation({self.name or 'anybody'}, {self.role})"


class Roster(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds."""

    operators: tuple[Operator, ...] = ()
    invitations: tuple[Invitation, ...] = ()

    def operator(self, name: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.name == name), None)

    def invitation(self, secret: str, now: int) -> Invitation | None:
        """The one that `secret` opens, if it is still good."""
        digest = digest_of(secret)
        found = [one for one in self.invitations if hmac.compare_digest(one.sha256, digest)]
        return found[0] if found and now < found[0].ends_at else None

    def having(self, operator: Operator) -> Roster:
        """The same with this account, in the place of the one of its name."""
        others = tuple(other for other in self.operators if other.name != operator.name)
        return replace(self, operators=(*others, operator))

    def without_invitations(self, name: str | None, now: int) -> Roster:
        """The same without the links for that name, and those that are over."""
        rest = tuple(one for one in self.invitations if one.name != name and now < one.ends_at)
        return replace(self, invitations=rest)


def digest_of(secret: str) -> str:
    """By what a secret of 256 random bits is known: there is nothing to guess, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def read(path: Path) -> Roster:
    """The file; nobody when it is not there. Raises FileUnreadable."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Roster)
    except FileNotFoundError:
        return Roster()
    except (OSError, ValueError) as error:
        text = f"{path} cannot be used, so no operator is let in: {error}. Mend it, or remove it and add them anew."
        raise FileUnreadable(text) from error


def change(path: Path, how: Callable[[Roster], Roster]) -> None:
    """Read, change and write, while nobody else does. Raises FileUnreadable, and what `how` raises."""
    with disk.locked(path.with_suffix(".lock")):
        disk.replace(path, msgspec.json.format(msgspec.json.encode(how(read(path)))))


def add(path: Path, name: str, role: Role, now: int, password: str | None = None) -> None:
    """A new account; `password` is the hash of one. Raises OperatorName, FileUnreadable."""

    def grown(roster: Roster) -> Roster:
        if roster.operator(name) is not None:
            raise OperatorName(f"There is an operator {name} already.")
        return roster.having(Operator(name=name, role=role, created_at=now, password=password))

    change(path, grown)


def alter(path: Path, name: str, how: Callable[[Operator], Operator]) -> None:
    """Change one account. Raises OperatorName, FileUnreadable."""

    def altered(roster: Roster) -> Roster:
        operator = roster.operator(name)
        if operator is None:
            known = ", ".join(operator.name for operator in roster.operators) or "none"
            raise OperatorName(f"There is no operator {name}; there are: {known}.")
        return roster.having(how(operator))

    change(path, altered)


def sign_out(operator: Operator) -> Operator:
    """The same account, with none of its sessions good any more."""
    return replace(operator, generation=operator.generation + 1)


def invite(path: Path, name: str | None, role: Role, now: int, lasts: int = LINK_LASTS) -> str:
    """Make a one-time link's secret; earlier ones for the same name are void. Raises FileUnreadable."""
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(sha256=digest_of(secret), role=role, name=name, ends_at=now + lasts)

    def invited(roster: Roster) -> Roster:
        rest = roster.without_invitations(name, now)
        return replace(rest, invitations=(*rest.invitations, invitation))

    change(path, invited)
    return secret


def link(address: str, secret: str, name: str | None) -> str:
    """Where the link leads. Behind the `#`, where no browser sends it to any server, so no log has it."""
    return f"{address}/#welcome={secret}" + (f"&name={name}" if name is not None else "")
