"""Sign-in by password, one-time link or token link; sign-out; change of password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from litestar.types import Scope
from msgspec import Struct
from msgspec.structs import replace

from kernel.codec import encode
from kernel.codes import KernelRefusal
from kernel.errors import CommandError, Conflict, Forbidden, Unavailable, Unconfirmed
from kernel.roles import Role
from kernel.routes import Nothing
from plugins.api.auth import lockouts, operators, passwords, tokens
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.lockouts import SignInAttempt
from plugins.api.auth.operators import OperatorAccount, OperatorRoster
from plugins.api.auth.passwords import HashingPool
from plugins.api.auth.session_start import SessionStart
from plugins.api.codes import ApiRefusal
from plugins.api.errors import Unauthorized
from plugins.api.http.answers import Answer, Header, HttpReply
from plugins.api.http.cookies import forget_cookie


class Credentials(Struct, forbid_unknown_fields=True):
    """`POST /api/sign-in`: name and password."""

    name: str
    password: str


class Welcome(Struct, forbid_unknown_fields=True):
    """`POST /api/welcome`: the secret of a one-time link, and the password that its holder chooses."""

    link: str
    password: str
    name: str | None = None
    """Where the link names nobody."""


class NewPassword(Struct, forbid_unknown_fields=True):
    """`POST /api/password`: another password, from whoever knows the present one."""

    current: str
    password: str


class SignOut(Struct, forbid_unknown_fields=True):
    """`POST /api/sign-out`: the end of this session, or of all of the same person's."""

    everywhere: bool = False


class SignInLink(Struct):
    """The query of `GET /sign-in`: a token."""

    token: str = ""


class SignedIn(Struct, frozen=True):
    """The caller, the role, and how they are authenticated."""

    actor: str
    role: Role
    by: Literal["password", "link", "token"]


class SignInHandlers:
    """The handlers of these routes."""

    def __init__(self, access: Access, audit: Audit, start: SessionStart, hashing: HashingPool) -> None:
        self._access = access
        self._audit = audit
        self._start = start
        self._hashing = hashing

    def session(self, scope: Scope, _: Nothing) -> HttpReply:
        """`GET /api/session`."""
        caller: Caller = scope["user"]
        known = self._access.session_of(caller)
        by: Literal["password", "link", "token"] = "token" if known is None else "link"
        if self._access.operator_of(caller) is not None:
            by = "password"
        return HttpReply(200, encode(SignedIn(caller.actor, caller.role, by)))

    def by_link(self, scope: Scope, link: SignInLink) -> HttpReply:
        """`GET /sign-in?token=…`: a session for the holder of a token. Raises Unauthorized or Forbidden."""
        if dict(scope["headers"]).get(b"sec-fetch-site") in (
            b"cross-site",
            b"same-site",
        ):  # else any page could sign a browser in
            text = "The link was opened from another site (CSRF). Copy it into the address bar instead."
            raise Forbidden(ApiRefusal.CROSS_SITE, text)
        holder = self._access.tokens.holder(link.token)
        with self._recorded(scope, Action.SIGN_IN_BY_LINK):
            if holder is None:
                raise Unauthorized(
                    ApiRefusal.UNAUTHORIZED, "This sign-in link is invalid or has expired; create a new token."
                )
        found = self._start.begin(scope, holder, Action.SIGN_IN_BY_LINK)
        return HttpReply(303, b"", (*self._start.changed(scope, found), (b"location", b"/")))

    async def by_password(self, scope: Scope, credentials: Credentials) -> HttpReply:
        with self._recorded(scope, Action.SIGN_IN, self._audited(credentials.name)):
            operator = await self._known_by_password(credentials, address_of(scope))
        return self._start.after_password(scope, operator, Action.SIGN_IN)

    async def _known_by_password(self, credentials: Credentials, host: str) -> OperatorAccount:
        """Raises Unauthorized, or Rejected where the account or address is locked out."""
        name = credentials.name
        operator = self._access.roster.operator(name)
        with self._access.lockouts.attempt(name, host, known=operator is not None) as attempt:
            usable = operator is not None and not operator.disabled
            encoded = operator.password if operator is not None and usable else None
            right = await self._hashing.matches(encoded, credentials.password[: passwords.LONGEST + 1])
            self._judge(attempt, operator, right)
        now = self._access.roster.operator(name)  # it may have been changed meanwhile
        if not right or now is None or now != operator:
            text = "Wrong name or password."
            raise Unauthorized(ApiRefusal.BAD_CREDENTIALS, text, field="password")
        return now

    def _judge(self, attempt: SignInAttempt, operator: OperatorAccount | None, right: bool) -> None:
        """A right password is all of the attempt for those alone who have no second factor."""
        if operator is not None and self._access.asks_second(operator):
            attempt.half = right
        else:
            attempt.right = right

    async def welcome(self, scope: Scope, chosen: Welcome) -> HttpReply:
        """Set the password by a one-time link, and sign in. Raises Unauthorized, Malformed or Conflict."""
        with self._recorded(scope, Action.CHOOSE_PASSWORD):
            name, host = self._invited_as(chosen), address_of(scope)
        passwords.check(chosen.password, name)
        encoded = await self._hashing.make(chosen.password)
        now = self._access.wall.now()

        def claimed(roster: OperatorRoster) -> OperatorRoster:
            invitation = roster.invitation(chosen.link, now)  # once more, while nobody else can use it
            if invitation is None:
                raise _bad_link()
            operator = roster.operator(name)
            if invitation.name is None and operator is not None:
                raise Conflict(ApiRefusal.NAME_TAKEN, "There is an operator of this name already.", field="name")
            if operator is None:
                operator = operators.new(name, invitation.role, now)
            rest = replace(roster, invitations=tuple(one for one in roster.invitations if one != invitation))
            return rest.with_operator(replace(operators.sign_out(operator), password=encoded))

        with self._recorded(scope, Action.CHOOSE_PASSWORD, self._audited(name)):
            operators.change(self._access.roster_path, claimed)
        self._access.first_link.unlink(missing_ok=True)  # somebody can sign in now
        self._access.log.info("%s has chosen a password by a one-time link from %s", name, host)
        operator = self._access.roster.operator(name)
        if operator is None or operator.disabled:
            raise Unauthorized(ApiRefusal.DISABLED, "This account is disabled; an admin can enable it.")
        return self._start.after_password(scope, operator, Action.CHOOSE_PASSWORD)

    async def change_password(self, scope: Scope, change: NewPassword) -> HttpReply:
        """Change the password; all other sessions of the operator end. Raises Forbidden, Malformed, Unavailable."""
        caller: Caller = scope["user"]
        operator = self._access.operator_of(caller)
        if operator is None:
            text = "Only an operator who has signed in with a password can change it."
            raise Forbidden(ApiRefusal.NOT_SIGNED_IN_BY_PASSWORD, text)
        self._access.expect_usable()
        if self._access.asks_second(operator):
            self._access.proofs.expect(caller)  # the new session counts as a fresh proof, which a password is not
        with self._access.lockouts.attempt(operator.name, address_of(scope), known=True) as attempt:
            right = await self._hashing.matches(operator.password, change.current[: passwords.LONGEST + 1])
            self._judge(attempt, operator, right)
        if not right:
            self._audit.record(Action.CHANGE_PASSWORD, caller, address_of(scope), result=ApiRefusal.BAD_CREDENTIALS)
            raise Forbidden(ApiRefusal.BAD_CREDENTIALS, "The current password is wrong.", field="current")
        passwords.check(change.password, operator.name)
        encoded = await self._hashing.make(change.password)
        changed = replace(operators.sign_out(operator), password=encoded)

        def checked(now: OperatorAccount) -> OperatorAccount:
            if now != operator:
                raise Unavailable(
                    ApiRefusal.CHANGED_MEANWHILE, "The account was changed at the same time; try again.", retry_after=1
                )
            return changed

        operators.alter(self._access.roster_path, operator.name, checked)
        return self._start.signed_in(scope, changed, Action.CHANGE_PASSWORD)

    async def sign_out(self, scope: Scope, how: SignOut) -> HttpReply:
        session = self._access.session_of(scope["user"])
        if session is None:
            raise Forbidden(
                ApiRefusal.NOT_SIGNED_IN,
                "There is no session to end: the request has a bearer token; revoke that instead.",
            )
        action = Action.SIGN_OUT_EVERYWHERE if how.everywhere else Action.SIGN_OUT
        self._audit.record(action, scope["user"], address_of(scope))
        kept = self._access.sign_out_everywhere(session) if how.everywhere else self._access.sessions.end(session.id)
        if not kept:
            text = "You are signed out, but that is not on the server's disk: a restart would bring the session back."
            raise Unconfirmed(KernelRefusal.NOT_ON_DISK_YET, text)
        return _done(forget_cookie(scope))

    @contextmanager
    def _recorded(self, scope: Scope, action: Action, subject: str | None = None) -> Iterator[None]:
        """Record a refusal in the block in the audit, without a caller."""
        try:
            yield
        except CommandError as refused:
            self._audit.refused(action, None, address_of(scope), refused, subject)
            raise

    def _audited(self, name: str) -> str:
        """What is written of a name that somebody has typed: nothing that may be a password in the wrong field."""
        return name if self._access.roster.operator(name) is not None else lockouts.UNKNOWN

    def _invited_as(self, chosen: Welcome) -> str:
        invitation = self._access.roster.invitation(chosen.link, self._access.wall.now())
        if invitation is None:
            raise _bad_link()
        name = invitation.name or chosen.name or ""
        tokens.expect_name(name)
        return name


def _done(*headers: Header) -> HttpReply:
    return HttpReply(200, encode(Answer(ok=True)), headers)


def _bad_link() -> Unauthorized:
    text = "This link is invalid, used or expired. For a new one: switchboard operator link NAME."
    return Unauthorized(ApiRefusal.BAD_LINK, text)
