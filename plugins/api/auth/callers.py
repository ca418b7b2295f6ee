"""Who is asking: the actor that every event names, what they may, and by what they were known."""

from __future__ import annotations

from litestar.types import Scope
from msgspec import Struct

from kernel.errors import Forbidden
from kernel.roles import Role


class Caller(Struct, frozen=True):
    """A person or a notebook that has shown who it is."""

    actor: str
    """As whom the caller acts: `operator:anna`."""
    role: Role
    via: str
    """What the caller was known by, such as `token anna`: never the secret itself."""

    def expect(self, needed: Role, what: str) -> None:
        """Raises Forbidden when the caller's role does not reach so far. `what` is what was asked for."""
        if not self.role.may(needed):
            text = f"{what} takes the role {needed} or above; {self.actor} is a {self.role}. An admin can change that."
            raise Forbidden("roleTooLow", text)


def address_of(scope: Scope) -> str:
    """Where the request comes from."""
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""
