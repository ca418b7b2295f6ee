"""Operator accounts, and the one-time links to choose a password: the file `operators.json`.

The command line and a running server both change it here, whole, one at a time; the server reads the file anew when it
has changed. What cannot be done is a `Refused`: an answer over HTTP, a sentence at the command line.
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
from kernel.errors import Conflict, NotFound
from kernel.roles import Role
from plugins.api import disk
from plugins.api.auth.second_factor import SecondFactor
from plugins.api.codes import ApiRefusal

LOSS: Final = "No operator can sign in."
LINK_LASTS: Final = DAY
FIRST_LINK_LASTS: Final = HOUR
GENERATIONS: Final = 1_000


class OperatorAccount(
    Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    """The account of a person. Times are UTC milliseconds."""

    name: str
    role: Role
    created_at: int
    password: str | None = None
    """Its argon2id hash; None until the person has chosen one."""
    disabled: bool = False
    generation: int = 0
    """Raised to sign the person out everywhere: a session of an earlier one is no longer good. Begins at the moment
    of the account, so that one that is removed and added anew has none of the sessions of the first."""
    second_factor: SecondFactor | None = None

    @property
    def sealed_for(self) -> str:
        """What a secret of this account is sealed for: one of another account of its name does not open."""
        return f"{self.name} {self.created_at}"

    @property
    def actor(self) -> str:
        return f"operator:{self.name}"

    @property
    def administers(self) -> bool:
        """Whether this person can sign in and act as an admin."""
        return self.role is Role.ADMIN and not self.disabled and self.password is not None

    def __repr__(self) -> str:
        return f"OperatorAccount({self.name}, {self.role})"


class Invitation(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A one-time link: whoever opens it chooses a password, and a name too where there is none."""

    sha256: str
    role: Role
    name: str | None
    ends_at: int

    def __repr__(self) -> str:
        return f"Invitation({self.name or 'anybody'}, {self.role})"


class OperatorRoster(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `operators.json`."""

    operators: tuple[OperatorAccount, ...] = ()
    invitations: tuple[Invitation, ...] = ()

    def operator(self, name: str) -> OperatorAccount | None:
        return next((operator for operator in self.operators if operator.name == name), None)

    def invitation(self, secret: str, now: int) -> Invitation | None:
        """The invitation with this secret, unless it has expired."""
        digest = digest_of(secret)
        found = [one for one in self.invitations if hmac.compare_digest(one.sha256, digest)]
        return found[0] if found and now < found[0].ends_at else None

    def with_operator(self, operator: OperatorAccount) -> OperatorRoster:
        """A copy with this account in place of the one of its name."""
        others = tuple(other for other in self.operators if other.name != operator.name)
        return replace(self, operators=(*others, operator))

    def known(self, name: str) -> OperatorAccount:
        """The account of that name. Raises NotFound."""
        operator = self.operator(name)
        if operator is None:
            names = ", ".join(operator.name for operator in self.operators) or "none"
            raise NotFound(
                ApiRefusal.NO_SUCH_OPERATOR, f"There is no operator {name}; there are: {names}.", field="name"
            )
        return operator

    def without_invitations(self, name: str | None, now: int) -> OperatorRoster:
        """A copy without the invitations for that name, and those that have expired."""
        rest = tuple(one for one in self.invitations if one.name != name and now < one.ends_at)
        return replace(self, invitations=rest)


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret. It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def read(path: Path) -> OperatorRoster:
    """The content of the file; empty where there is none. Raises FileUnreadable."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=OperatorRoster)
    except FileNotFoundError:
        return OperatorRoster()
    except (OSError, ValueError) as error:
        raise disk.unusable(path, error, LOSS, "Mend it, or remove it and add them anew.") from error


def change(path: Path, how: Callable[[OperatorRoster], OperatorRoster]) -> None:
    """Read, change and write the file under its lock. Raises FileUnreadable, and what `how` raises."""
    with disk.locked(path.with_suffix(".lock")):
        disk.replace(path, msgspec.json.format(msgspec.json.encode(how(read(path)))))


def new(name: str, role: Role, now: int, password: str | None = None) -> OperatorAccount:
    """A new account; `password` is a hash."""
    return OperatorAccount(name=name, role=role, created_at=now, password=password, generation=_first_generation(now))


def _first_generation(now: int) -> int:
    """Another for each account, also where two of one name are made within a millisecond, or a clock was set back."""
    return now * GENERATIONS + secrets.randbelow(GENERATIONS)


def add(path: Path, name: str, role: Role, now: int, password: str | None = None) -> None:
    """Add an account; `password` is a hash. Raises Conflict, FileUnreadable."""
    change(path, lambda roster: _added(roster, new(name, role, now, password)))


def admit(path: Path, name: str, role: Role, now: int) -> str:
    """Add an account. Returns the secret of a one-time link to choose a password. Raises as `add` does."""
    return _inviting(path, name, now, lambda roster: _added(roster, new(name, role, now)))


def renew_link(path: Path, name: str, now: int) -> str:
    """Create a new one-time link for a forgotten password, and void earlier ones. Returns its secret.

    The password stays good until another is chosen. Raises NotFound, FileUnreadable.
    """
    return _inviting(path, name, now, lambda roster: roster)


def alter(path: Path, name: str, how: Callable[[OperatorAccount], OperatorAccount]) -> None:
    """Change one account. Raises NotFound, FileUnreadable, and Conflict where it would leave no admin."""
    change(path, lambda roster: _expect_admin(roster, roster.with_operator(how(roster.known(name)))))


def remove(path: Path, name: str, now: int) -> None:
    """Remove an account, with its sessions and links. Raises as `alter` does."""

    def rest(roster: OperatorRoster) -> OperatorRoster:
        gone = roster.known(name)
        left = replace(roster, operators=tuple(one for one in roster.operators if one != gone))
        return _expect_admin(roster, left.without_invitations(name, now))

    change(path, rest)


def sign_out(operator: OperatorAccount) -> OperatorAccount:
    """A copy whose earlier sessions are all invalid."""
    return replace(operator, generation=operator.generation + 1)


def enable(operator: OperatorAccount) -> OperatorAccount:
    return replace(operator, disabled=False)


def disable(operator: OperatorAccount) -> OperatorAccount:
    return replace(operator, disabled=True)


def without_second_factor(operator: OperatorAccount) -> OperatorAccount:
    """A copy that has none, and whose earlier sessions are all invalid."""
    return replace(sign_out(operator), second_factor=None)


def with_role(role: Role) -> Callable[[OperatorAccount], OperatorAccount]:
    """A change that sets the role."""
    return lambda operator: replace(operator, role=role)


def invite(path: Path, name: str | None, role: Role, now: int, lasts: int = LINK_LASTS) -> str:
    """Create a one-time link, and void earlier ones for the same name. Returns its secret. Raises FileUnreadable."""
    secret = secrets.token_urlsafe(32)
    change(path, lambda roster: _invited(roster, secret, name, role, now, lasts))
    return secret


def _inviting(path: Path, name: str, now: int, first: Callable[[OperatorRoster], OperatorRoster]) -> str:
    secret = secrets.token_urlsafe(32)

    def invited(roster: OperatorRoster) -> OperatorRoster:
        there = first(roster)
        return _invited(there, secret, name, there.known(name).role, now)

    change(path, invited)
    return secret


def _invited(
    roster: OperatorRoster, secret: str, name: str | None, role: Role, now: int, lasts: int = LINK_LASTS
) -> OperatorRoster:
    invitation = Invitation(sha256=digest_of(secret), role=role, name=name, ends_at=now + lasts)
    rest = roster.without_invitations(name, now)
    return replace(rest, invitations=(*rest.invitations, invitation))


def _added(roster: OperatorRoster, operator: OperatorAccount) -> OperatorRoster:
    if roster.operator(operator.name) is not None:
        raise Conflict(ApiRefusal.NAME_TAKEN, f"There is an operator {operator.name} already.", field="name")
    return roster.with_operator(operator)


def _expect_admin(before: OperatorRoster, after: OperatorRoster) -> OperatorRoster:
    """Returns `after`. Raises Conflict where no admin who can sign in would be left."""
    last = [operator.name for operator in before.operators if operator.administers]
    if last and not any(operator.administers for operator in after.operators):
        text = f"{last[0]} is the last admin who can sign in. Make somebody else an admin first."
        raise Conflict(ApiRefusal.LAST_ADMIN, text, field="role" if after.operator(last[0]) else "name")
    return after


def link(address: str, secret: str, name: str | None) -> str:
    """The URL of a one-time link. The secret is in the fragment, which browsers send to no server, so no log has it."""
    return f"{address}/#welcome={secret}" + (f"&name={name}" if name is not None else "")
