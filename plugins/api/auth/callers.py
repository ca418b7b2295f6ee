"""The authenticated caller: actor, role and credential."""

from __future__ import annotations

from litestar.types import Scope
from msgspec import Struct

from kernel.errors import Forbidden
from kernel.roles import Role
from plugins.api.codes import ApiRefusal
from plugins.api.http.addresses import plain


class Caller(Struct, frozen=True):
    """An authenticated person or notebook."""

    actor: str
    """The actor of the events that the caller causes: `operator:anna`."""
    role: Role
    via: str
    """The credential, such as `token anna`: never its secret."""
    issue: str = ""
    """Which of all the credentials that ever bore this name: one that was revoked and made anew is another."""

    def expect(self, needed: Role, what: str) -> None:
        """Raises Forbidden where the caller's role does not include `needed`. `what` names what was requested."""
        if not self.role.may(needed):
            text = f"{what} takes the role {needed} or above; the role of {self.actor} is {self.role}."
            raise Forbidden(ApiRefusal.ROLE_TOO_LOW, f"{text} An admin can change it.")


def address_of(scope: Scope) -> str:
    """The client's IP address; empty where it is not known."""
    client: tuple[str, int] | None = scope.get("client")
    return plain(client[0]) if client else ""
