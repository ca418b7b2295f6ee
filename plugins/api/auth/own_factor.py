"""A person's own second factor while signed in: set up, renewed, removed; and fresh proofs (step-up)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from litestar.types import Scope
from msgspec import Raw, Struct
from msgspec.structs import replace

from kernel.codec import encode
from kernel.errors import Conflict, Forbidden, Malformed, Refused, Unavailable
from kernel.routes import Nothing
from plugins.api.auth import operators, passwords, recovery_codes
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import address_of
from plugins.api.auth.enrolment import Enrolled, Enrolments, host_of
from plugins.api.auth.operators import OperatorAccount
from plugins.api.auth.own_keys import KeySeen, OwnKeys, asking, site_of
from plugins.api.auth.passwords import HashingPool
from plugins.api.auth.second_factor import Mode, SecondFactor, Way
from plugins.api.auth.session_start import SessionStart
from plugins.api.auth.sessions import BrowserSession
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import Answer, HttpReply

_DONE: Final = encode(Answer(ok=True))


class GivenCode(Struct, forbid_unknown_fields=True):
    """A code of the new secret."""

    code: str


class Proof(Struct, forbid_unknown_fields=True):
    """`POST /api/proof`: a code of the second factor; the password where there is none."""

    password: str | None = None
    code: str | None = None


class KeyProof(Struct, forbid_unknown_fields=True):
    """What `navigator.credentials.get` has answered to the options of `/api/proof/key-options`."""

    credential: Raw


class FactorSeen(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A person's own second factor, without its secrets. Times are UTC milliseconds."""

    mode: Mode
    required: bool = False
    """Whether the role takes one."""
    ways: tuple[Way, ...] = ()
    since: int | None = None
    recovery_left: int = 0
    keys: tuple[KeySeen, ...] = ()


class OwnFactor:
    """The handlers of `/api/second-factor…` and `/api/proof`: each about the person who asks."""

    def __init__(
        self,
        access: Access,
        audit: Audit,
        start: SessionStart,
        hashing: HashingPool,
        keys: OwnKeys,
        public_url: str | None,
    ) -> None:
        self._access = access
        self._audit = audit
        self._start = start
        self._hashing = hashing
        self._enrolments = Enrolments(access)
        self._keys = keys
        self._public_url = public_url

    def seen(self, scope: Scope, _: Nothing) -> HttpReply:
        """`GET /api/second-factor`. Raises Forbidden."""
        operator = self._asking(scope)[1]
        factor, policy = operator.second_factor, self._access.policy
        seen = FactorSeen(mode=policy.mode, required=policy.is_required_of(operator.role))
        if factor is not None and policy.mode != "off":
            keys = tuple(map(KeySeen.of, factor.keys))
            seen = replace(seen, ways=factor.ways, since=factor.since, recovery_left=len(factor.recovery), keys=keys)
        return HttpReply(200, encode(seen))

    def begin(self, scope: Scope, _: Nothing) -> HttpReply:
        """`POST /api/second-factor/begin`: a new secret, also in the place of the present one. Raises Conflict."""
        session, operator = self._asking(scope)
        return self._enrolments.begin(session.id, operator, host_of(scope, self._public_url))

    def confirm(self, scope: Scope, given: GivenCode) -> HttpReply:
        """`POST /api/second-factor/confirm`: a code of it. The person's other browsers are signed out."""
        session, operator = self._asking(scope)
        changed, codes = self._enrolments.confirm(session.id, operator, given.code)
        return self._start.signed_in(scope, changed, Action.SET_SECOND_FACTOR, codes)

    def remove(self, scope: Scope, _: Nothing) -> HttpReply:
        """`POST /api/second-factor/remove`. The person's other browsers are signed out. Raises Conflict."""
        operator = self._asking(scope)[1]
        self._expect_factor(operator)
        if self._access.policy.is_required_of(operator.role):
            text = f"The role {operator.role} takes a second factor; set up another in its place, or ask an admin."
            raise Conflict(ApiRefusal.SECOND_FACTOR_REQUIRED, text)
        operators.alter(self._access.roster_path, operator.name, operators.without_second_factor)
        changed = self._access.roster.known(operator.name)
        return self._start.signed_in(scope, changed, Action.REMOVE_SECOND_FACTOR)

    def renew(self, scope: Scope, _: Nothing) -> HttpReply:
        """`POST /api/second-factor/recovery-codes`: ten new ones; those before are void. Raises Conflict."""
        operator = self._asking(scope)[1]
        codes = recovery_codes.new()
        hashes = tuple(map(recovery_codes.digest_of, codes))

        def renewed(now: OperatorAccount) -> OperatorAccount:
            return replace(now, second_factor=replace(self._expect_factor(now), recovery=hashes))

        operators.alter(self._access.roster_path, operator.name, renewed)
        self._audit.record(Action.RENEW_RECOVERY_CODES, scope["user"], address_of(scope))
        return HttpReply(200, encode(Enrolled(recovery_codes=codes)))

    async def prove(self, scope: Scope, proof: Proof) -> HttpReply:
        """`POST /api/proof`. Raises Forbidden, and Rejected where the account or address is locked out."""
        session, operator = self._asking(scope)
        self._access.expect_usable()
        second = self._access.asks_second(operator)
        given = proof.code if second else proof.password
        if given is None:
            field = "code" if second else "password"
            text = "Give a code of your second factor." if second else "Give your password."
            raise Malformed(ApiRefusal.INVALID_FORM, text, field=field)

        async def use() -> bool:
            if second:
                return self._access.use_code(operator.name, given)
            if not await self._hashing.matches(operator.password, given[: passwords.LONGEST + 1]):
                raise Forbidden(ApiRefusal.BAD_CREDENTIALS, "The password is wrong.", field="password")
            return False

        return await self._proved(scope, session, operator, use)

    async def prove_by_key(self, scope: Scope, proof: KeyProof) -> HttpReply:
        """`POST /api/proof/key`. Raises as `prove` does, and Conflict where no key was asked."""
        session, operator = self._asking(scope)
        challenge, site = self._keys.challenge(session), site_of(scope, self._public_url)

        async def use() -> bool:
            self._access.use_key(operator.name, site, challenge, proof.credential)
            return False

        return await self._proved(scope, session, operator, use)

    async def _proved(
        self, scope: Scope, session: BrowserSession, operator: OperatorAccount, use: Callable[[], Awaitable[bool]]
    ) -> HttpReply:
        """Count the attempt in the lockouts. `use` tells whether it was a recovery code, and raises Refused."""
        refused: Refused | None = None
        recovered = False
        caller, address = scope["user"], address_of(scope)
        with self._access.lockouts.attempt(operator.name, address, known=True) as attempt:
            try:
                recovered = await use()
            except Unavailable:
                raise
            except Refused as wrong:
                refused = wrong
            attempt.right = refused is None
        if refused is not None:
            self._audit.refused(Action.PROVE, caller, address, refused, None)
            raise refused
        self._audit.record(Action.USE_RECOVERY_CODE if recovered else Action.PROVE, caller, address)
        self._access.proofs.note(session.id)
        return HttpReply(200, _DONE)

    def _expect_factor(self, operator: OperatorAccount) -> SecondFactor:
        if operator.second_factor is None:
            raise Conflict(ApiRefusal.NO_SECOND_FACTOR, "There is no second factor.")
        return operator.second_factor

    def _asking(self, scope: Scope) -> tuple[BrowserSession, OperatorAccount]:
        return asking(self._access, scope)
