"""Managing operators and tokens over HTTP, for admins. The command line does the same.

A link or a token is said once, to the admin who made it, and kept nowhere; what is recorded says who did what to whom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from litestar.types import Scope
from msgspec import Meta, Struct

from kernel.codec import encode
from kernel.errors import CommandError, Conflict, Malformed
from kernel.roles import Role
from kernel.routes import Nothing
from plugins.api.auth import lockouts, operators, tokens
from plugins.api.auth.access import Access, holder_of
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import address_of
from plugins.api.auth.operators import OperatorAccount, OperatorRoster
from plugins.api.auth.second_factor import Way
from plugins.api.auth.tokens import BearerToken, Kind
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import Answer, HttpReply

T = TypeVar("T")
Name = Annotated[
    str,
    Meta(
        description="1 to 32 letters, digits, dots, dashes, underscores; no mark first",
        extra_json_schema={"pattern": f"^{tokens.NAME.pattern}$"},  # said there; checked with words of its own
    ),
]


class Named(Struct, forbid_unknown_fields=True):
    """The operator or token that the request is about."""

    name: Name


class RoleOf(Struct, forbid_unknown_fields=True):
    """An operator and a role."""

    name: Name
    role: Role


class NewToken(Struct, forbid_unknown_fields=True):
    """A token to create: its holder acts as `operator:NAME` or `notebook:NAME`."""

    name: Name
    role: Role = Role.DEVELOPER
    kind: Kind = Kind.OPERATOR
    days: Annotated[int, Meta(description=f"How long it is good, 1 to {tokens.LONGEST_DAYS}")] | None = None
    """Left out, until it is revoked."""


class Invited(Struct, frozen=True, kw_only=True, rename="camel"):
    """The one-time link, shown this once. Times are UTC milliseconds."""

    ok: bool = True
    link: str
    ends_at: int


class TokenMade(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The token, shown this once."""

    ok: bool
    token: str
    ends_at: int | None = None


class OperatorSeen(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An operator in the list for admins. Times are UTC milliseconds."""

    name: str
    role: Role
    created_at: int
    has_password: bool
    """Whether one has been chosen yet."""
    disabled: bool
    sessions: int
    """Browsers that are signed in."""
    last_seen_at: int | None = None
    """The last request of one of them."""
    link_ends_at: int | None = None
    """Until when the last one-time link is good, if it has not been used."""
    blocked_until: int | None = None
    """When the next password may be tried, after too many wrong ones."""
    second_factor: tuple[Way, ...] = ()
    """By what it can be proved; empty where there is none."""
    recovery_left: int = 0
    must_enrol: bool = False
    """The role takes a second factor, and it is set up at the next sign-in."""


class TokenSeen(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A token in the list for admins, without its secret. Times are UTC milliseconds."""

    name: str
    kind: Kind
    role: Role
    created_at: int
    ends_at: int | None = None
    last_used_at: int | None = None
    """Since the server started."""


class OperatorList(Struct, frozen=True):
    """All operators, sorted by name."""

    operators: list[OperatorSeen]


class TokenList(Struct, frozen=True):
    """All tokens, sorted by name."""

    tokens: list[TokenSeen]


class Admin:
    """The handlers of `/api/operators`, `/api/tokens` and `/api/blocks`. All their routes take the role admin."""

    def __init__(self, access: Access, audit: Audit, public_url: str | None) -> None:
        self._access = access
        self._audit = audit
        self._public_url = public_url

    def operators(self, _: Scope, __: Nothing) -> HttpReply:
        """Raises FileUnreadable."""
        roster = self._access.roster
        blocked = {block.subject: block.until for block in self._access.lockouts.blocks()}
        seen = [self._seen(operator, roster, blocked) for operator in roster.operators]
        return HttpReply(200, encode(OperatorList(sorted(seen, key=lambda one: one.name.casefold()))))

    def tokens(self, _: Scope, __: Nothing) -> HttpReply:
        """Raises FileUnreadable."""
        found = self._access.tokens.all()
        return HttpReply(
            200, encode(TokenList(sorted(map(self._token_seen, found), key=lambda one: one.name.casefold())))
        )

    def blocks(self, _: Scope, __: Nothing) -> HttpReply:
        return HttpReply(200, encode(self._access.lockouts.blocks()))

    def _seen(self, operator: OperatorAccount, roster: OperatorRoster, blocked: dict[str, int]) -> OperatorSeen:
        sessions, now = self._access.sessions.of(holder_of(operator)[0]), self._access.wall.now()
        links = [one.ends_at for one in roster.invitations if one.name == operator.name and now < one.ends_at]
        return OperatorSeen(
            name=operator.name,
            role=operator.role,
            created_at=operator.created_at,
            has_password=operator.password is not None,
            disabled=operator.disabled,
            sessions=len(sessions),
            last_seen_at=max((session.seen_at for session in sessions), default=None),
            link_ends_at=max(links, default=None),
            blocked_until=blocked.get(lockouts.account(operator.name)),
            second_factor=operator.second_factor.ways if operator.second_factor is not None else (),
            recovery_left=len(operator.second_factor.recovery) if operator.second_factor is not None else 0,
            must_enrol=self._access.must_enrol(operator),
        )

    def _token_seen(self, token: BearerToken) -> TokenSeen:
        seen = [session.seen_at for session in self._access.sessions.of(holder_of(token)[0])]
        used = self._access.tokens.used_at(token)
        return TokenSeen(
            name=token.name,
            kind=token.kind,
            role=token.role,
            created_at=token.created_at,
            ends_at=token.ends_at,
            last_used_at=max([*seen, *([used] if used is not None else [])], default=None),
        )

    async def add(self, scope: Scope, person: RoleOf) -> HttpReply:
        path = self._access.roster_path
        return await self._inviting(
            scope, Action.ADD_OPERATOR, person.name, lambda now: operators.admit(path, person.name, person.role, now)
        )

    async def link(self, scope: Scope, person: Named) -> HttpReply:
        path = self._access.roster_path
        return await self._inviting(
            scope, Action.INVITE_OPERATOR, person.name, lambda now: operators.renew_link(path, person.name, now)
        )

    async def _inviting(self, scope: Scope, action: Action, name: str, invite: Callable[[int], str]) -> HttpReply:
        ends_at = self._access.wall.now() + operators.LINK_LASTS
        secret = await self._done(scope, action, name, invite)
        link = operators.link(self._address(scope), secret, name)
        return HttpReply(200, encode(Invited(link=link, ends_at=ends_at)))

    async def set_role(self, scope: Scope, person: RoleOf) -> HttpReply:
        return await self._alter(scope, Action.SET_ROLE, person.name, operators.with_role(person.role))

    async def sign_out(self, scope: Scope, person: Named) -> HttpReply:
        return await self._alter(scope, Action.SIGN_OUT_OPERATOR, person.name, operators.sign_out)

    async def reset_second_factor(self, scope: Scope, person: Named) -> HttpReply:
        def reset(operator: OperatorAccount) -> OperatorAccount:
            if operator.second_factor is None:
                text = f"{operator.name} has no second factor."
                raise Conflict(ApiRefusal.NO_SECOND_FACTOR, text, field="name")
            return operators.without_second_factor(operator)

        return await self._alter(scope, Action.RESET_SECOND_FACTOR, person.name, reset)

    async def disable(self, scope: Scope, person: Named) -> HttpReply:
        return await self._alter(scope, Action.DISABLE_OPERATOR, person.name, operators.disable)

    async def enable(self, scope: Scope, person: Named) -> HttpReply:
        return await self._alter(scope, Action.ENABLE_OPERATOR, person.name, operators.enable)

    async def _alter(
        self, scope: Scope, action: Action, name: str, how: Callable[[OperatorAccount], OperatorAccount]
    ) -> HttpReply:
        await self._done(scope, action, name, lambda _: operators.alter(self._access.roster_path, name, how))
        return HttpReply(200, encode(Answer(ok=True)))

    async def remove(self, scope: Scope, person: Named) -> HttpReply:
        path, name = self._access.roster_path, person.name
        await self._done(scope, Action.REMOVE_OPERATOR, name, lambda now: operators.remove(path, name, now))
        return HttpReply(200, encode(Answer(ok=True)))

    async def create_token(self, scope: Scope, wanted: NewToken) -> HttpReply:
        if wanted.days is not None and not 1 <= wanted.days <= tokens.LONGEST_DAYS:
            text = f"Give a number of days from 1 to {tokens.LONGEST_DAYS}, or leave it out."
            raise Malformed(ApiRefusal.INVALID_DAYS, text, field="days")
        path, ends_at = self._access.tokens_path, tokens.end_of(wanted.days, self._access.wall.now())

        def create(now: int) -> str:
            return tokens.create(path, wanted.name, wanted.kind, now, role=wanted.role, ends_at=ends_at)

        token = await self._done(scope, Action.CREATE_TOKEN, wanted.name, create)
        return HttpReply(200, encode(TokenMade(ok=True, token=token, ends_at=ends_at)))

    async def revoke_token(self, scope: Scope, token: Named) -> HttpReply:
        def revoke(now: int) -> None:
            self._expect_another_admin(token.name, now)
            tokens.revoke(self._access.tokens_path, token.name)

        await self._done(scope, Action.REVOKE_TOKEN, token.name, revoke)
        return HttpReply(200, encode(Answer(ok=True)))

    def _expect_another_admin(self, name: str, now: int) -> None:
        """Raises Conflict where this token is the only admin left."""
        found = tokens.read(self._access.tokens_path)
        admins = [token.name for token in found if token.role is Role.ADMIN and token.is_good(now)]
        if admins == [name] and not any(one.administers for one in operators.read(self._access.roster_path).operators):
            text = f"The token {name} is the only admin. Add an operator with the role admin first."
            raise Conflict(ApiRefusal.LAST_ADMIN, text, field="name")

    async def _done(self, scope: Scope, action: Action, name: str, change: Callable[[int], T]) -> T:
        """Apply a change, and record it or its refusal in the audit, on disk before it is answered."""
        caller, address = scope["user"], address_of(scope)
        tokens.expect_name(name)
        try:
            self._access.expect_usable()  # else what was there would be replaced by this change alone
            result = change(self._access.wall.now())
        except CommandError as refused:
            self._audit.refused(action, caller, address, refused, name)
            raise
        self._audit.record(action, caller, address, subject=name)
        await self._audit.settle()
        return result

    def _address(self, scope: Scope) -> str:
        """The base URL for links: `public_url`, or the request's own Host."""
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        return (self._public_url or f"{scope['scheme']}://{host}").rstrip("/")
