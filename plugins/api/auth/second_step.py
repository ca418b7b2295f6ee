"""The second step of a sign-in: a code, or the setting up of codes where the role requires them."""

from __future__ import annotations

from collections.abc import Callable

from litestar.types import Scope
from msgspec import Raw, Struct

from kernel.codec import encode
from kernel.errors import CommandError, Conflict, Refused
from plugins.api.auth import security_keys
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import address_of
from plugins.api.auth.enrolment import Enrolments, host_of
from plugins.api.auth.operators import OperatorAccount
from plugins.api.auth.own_keys import KeyOptions, keys_of, not_begun, site_of
from plugins.api.auth.pending import HalfSignIn, Pending
from plugins.api.auth.security_keys import Challenge
from plugins.api.auth.session_start import SessionStart
from plugins.api.codes import ApiRefusal
from plugins.api.errors import Unauthorized
from plugins.api.http.answers import HttpReply


class TicketCode(Struct, forbid_unknown_fields=True):
    """The ticket of a sign-in, and a code."""

    ticket: str
    code: str


class Ticket(Struct, forbid_unknown_fields=True):
    """The ticket of a sign-in."""

    ticket: str


class TicketKey(Struct, forbid_unknown_fields=True):
    """The ticket of a sign-in, and what `navigator.credentials.get` has answered."""

    ticket: str
    credential: Raw


class SecondStep:
    """The handlers of `/api/sign-in/…`. Whoever comes here has given the right password."""

    def __init__(self, access: Access, audit: Audit, start: SessionStart, public_url: str | None) -> None:
        self._access = access
        self._audit = audit
        self._start = start
        self._enrolments = Enrolments(access)
        self._challenges: Pending[Challenge] = Pending(access.wall)
        self._public_url = public_url

    def code(self, scope: Scope, given: TicketCode) -> HttpReply:
        """`POST /api/sign-in/code`. Raises Unauthorized, and Rejected where the account or address is locked out."""
        half, operator = self._found(given.ticket)
        recovered = self._used(scope, operator, half.how, lambda: self._access.use_code(operator.name, given.code))
        self._start.half.end(given.ticket)
        if recovered:
            self._audit.record(Action.USE_RECOVERY_CODE, None, address_of(scope), subject=operator.name)
        return self._start.signed_in(scope, self._access.roster.known(operator.name), half.how)

    def key_options(self, scope: Scope, given: Ticket) -> HttpReply:
        """`POST /api/sign-in/key/options`: what a key of this person's is to sign. Raises Unauthorized, Conflict."""
        _, operator = self._found(given.ticket)
        challenge = security_keys.to_sign(site_of(scope, self._public_url), keys_of(operator))
        self._challenges.put(given.ticket, challenge)
        return HttpReply(200, encode(KeyOptions(options=challenge.options)))

    def key(self, scope: Scope, given: TicketKey) -> HttpReply:
        """`POST /api/sign-in/key`: what it has signed. Raises as `code` does."""
        half, operator = self._found(given.ticket)
        site, challenge = site_of(scope, self._public_url), self._challenges.take(given.ticket)
        if challenge is None:
            raise not_begun()

        def use() -> bool:
            self._access.use_key(operator.name, site, challenge, given.credential)
            return False

        self._used(scope, operator, half.how, use)
        self._start.half.end(given.ticket)
        return self._start.signed_in(scope, self._access.roster.known(operator.name), half.how)

    def _used(self, scope: Scope, operator: OperatorAccount, how: Action, use: Callable[[], bool]) -> bool:
        """Count the attempt in the lockouts. Returns whether it was a recovery code. Raises Unauthorized, Rejected."""
        refused: Refused | None = None
        recovered = False
        address = address_of(scope)
        try:
            with self._access.lockouts.attempt(operator.name, address, known=True) as attempt:
                try:
                    recovered = use()
                except Refused as wrong:
                    refused = wrong
                attempt.right = refused is None
            if refused is not None:
                raise Unauthorized(refused.code, refused.message, field=refused.field)
        except CommandError as error:
            self._audit.refused(how, None, address, error, operator.name)
            raise
        return recovered

    def enrol(self, scope: Scope, given: Ticket) -> HttpReply:
        """`POST /api/sign-in/enrol`: the secret of codes that the role requires. Raises Unauthorized, Conflict."""
        _, operator = self._enrolling(given.ticket)
        return self._enrolments.begin(given.ticket, operator, host_of(scope, self._public_url))

    def enrolled(self, scope: Scope, given: TicketCode) -> HttpReply:
        """`POST /api/sign-in/enrolled`: a code of that secret; a session, and the recovery codes."""
        half, operator = self._enrolling(given.ticket)
        changed, codes = self._enrolments.confirm(given.ticket, operator, given.code)
        self._start.half.end(given.ticket)
        self._audit.record(Action.SET_SECOND_FACTOR, None, address_of(scope), subject=operator.name)
        return self._start.signed_in(scope, changed, half.how, codes)

    def _found(self, ticket: str) -> tuple[HalfSignIn, OperatorAccount]:
        """Raises Unauthorized where the sign-in is not known, too old, or the account was changed since."""
        half = self._start.half.find(ticket)
        operator = self._access.roster.operator(half.name) if half is not None else None
        if half is None or operator is None or operator.disabled or operator.generation != half.generation:
            text = "This sign-in has taken too long, or the account was changed meanwhile. Begin again."
            raise Unauthorized(ApiRefusal.SIGN_IN_EXPIRED, text)
        return half, operator

    def _enrolling(self, ticket: str) -> tuple[HalfSignIn, OperatorAccount]:
        """Raises Unauthorized, and Conflict for whoever has a second factor: this would be a way around it."""
        half, operator = self._found(ticket)
        if operator.second_factor is not None:
            text = "There is a second factor already. Give a code of it."
            raise Conflict(ApiRefusal.SECOND_FACTOR_REQUIRED, text)
        return half, operator
