"""The beginning of a session: its cookie, its entry in the audit, and the second step where one is needed before."""

from __future__ import annotations

from typing import Literal

from litestar.types import Scope
from msgspec import Struct

from kernel.codec import encode
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import address_of
from plugins.api.auth.operators import OperatorAccount
from plugins.api.auth.pending import HalfSignIn, HalfSignIns
from plugins.api.auth.second_factor import Way
from plugins.api.auth.sessions import SessionMatch
from plugins.api.auth.tokens import BearerToken
from plugins.api.http.answers import Header, HttpReply
from plugins.api.http.cookies import cookie_of, set_cookie


class SignInAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Signed in; or with `next`, that the second factor is awaited, or is to be set up, and no session is there yet."""

    ok: bool
    next: Literal["secondFactor", "enrolment"] | None = None
    ticket: str | None = None
    """Stands for this sign-in at its next step, for ten minutes."""
    ways: tuple[Way, ...] = ()
    """By what the second factor can be proved; a recovery code always will do."""


class SessionStart:
    """Begins sessions."""

    def __init__(self, access: Access, audit: Audit) -> None:
        self._access = access
        self._audit = audit
        self.half = HalfSignIns(access.wall)

    def after_password(self, scope: Scope, operator: OperatorAccount, how: Action) -> HttpReply:
        """A session, or the ticket for the second step."""
        if self._access.asks_second(operator):
            assert operator.second_factor is not None
            return self._half(operator, how, "secondFactor", operator.second_factor.ways)
        if self._access.must_enrol(operator):
            return self._half(operator, how, "enrolment")
        return self.signed_in(scope, operator, how)

    def _half(
        self,
        operator: OperatorAccount,
        how: Action,
        step: Literal["secondFactor", "enrolment"],
        ways: tuple[Way, ...] = (),
    ) -> HttpReply:
        ticket = self.half.begin(HalfSignIn(operator.name, operator.generation, how))
        return HttpReply(200, encode(SignInAnswer(ok=True, next=step, ticket=ticket, ways=ways)))

    def signed_in(
        self, scope: Scope, operator: OperatorAccount, how: Action, answer: Struct | None = None
    ) -> HttpReply:
        """A session, with its cookie. `answer` is the body; left out, that it is done."""
        headers = self.changed(scope, self.begin(scope, operator, how))
        return HttpReply(200, encode(answer or SignInAnswer(ok=True)), headers)

    def begin(self, scope: Scope, holder: OperatorAccount | BearerToken, how: Action) -> SessionMatch:
        """A session, recorded in the audit."""
        found = self._access.begin(holder, address_of(scope))
        self._audit.record(how, self._access.caller_of(found.session), address_of(scope))
        return found

    def changed(self, scope: Scope, found: SessionMatch) -> tuple[Header, ...]:
        """Set the cookie of the new session, and end the browser's earlier one."""
        before = self._access.by_cookie(cookie_of(dict(scope["headers"])), address_of(scope))
        if before is not None:
            self._access.sessions.end(before[1].session.id)
        return (set_cookie(scope, found.cookie or ""),)
