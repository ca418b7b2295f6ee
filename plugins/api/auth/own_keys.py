"""A person's own passkeys and security keys while signed in: added by a name, removed, and asked for a proof."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from litestar.types import Scope
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from kernel.codec import encode
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.routes import Nothing
from plugins.api.auth import operators, recovery_codes, security_keys
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.operators import OperatorAccount
from plugins.api.auth.pending import Pending
from plugins.api.auth.second_factor import SecondFactor, SecurityKey
from plugins.api.auth.security_keys import Challenge, Site
from plugins.api.auth.sessions import BrowserSession
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import Answer, HttpReply

MOST: Final = 10
KeyName = Annotated[str, Meta(min_length=1, max_length=40, description="What the person calls it")]


class NewKey(Struct, forbid_unknown_fields=True):
    """A name for a key, and what `navigator.credentials.create` has answered."""

    name: KeyName
    credential: Raw


class KeyNamed(Struct, forbid_unknown_fields=True):
    """The key that the request is about."""

    name: str


class KeyOptions(Struct, frozen=True, kw_only=True):
    """What `navigator.credentials` takes, in the JSON form of WebAuthn."""

    ok: bool = True
    options: Raw


class KeyAdded(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Done; with the recovery codes, shown this once, where it is the first second factor."""

    ok: bool
    recovery_codes: tuple[str, ...] = ()


class KeySeen(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A key in its owner's list. Times are UTC milliseconds."""

    name: str
    host: str
    """The name of the site that it is good for."""
    created_at: int
    used_at: int | None = None

    @classmethod
    def of(cls, key: SecurityKey) -> KeySeen:
        return cls(name=key.name, host=key.host, created_at=key.created_at, used_at=key.used_at)


class OwnKeys:
    """The handlers of `/api/second-factor/keys/…` and `/api/proof/key-options`."""

    def __init__(self, access: Access, audit: Audit, public_url: str | None) -> None:
        self._access = access
        self._audit = audit
        self._public_url = public_url
        self._challenges: Pending[Challenge] = Pending(access.wall)

    def to_register(self, scope: Scope, _: Nothing) -> HttpReply:
        """`POST /api/second-factor/keys/options`: what a new key is to sign. Raises Conflict."""
        session, operator = asking(self._access, scope)
        if self._access.policy.mode == "off":
            raise Conflict(ApiRefusal.SECOND_FACTOR_OFF, "Second factors are switched off: [api] second_factor.")
        if len(keys_of(operator)) >= MOST:
            raise Conflict(ApiRefusal.TOO_MANY_KEYS, f"There are {MOST} keys already; remove one first.")
        user_id = hashlib.sha256(operator.sealed_for.encode()).digest()
        site = site_of(scope, self._public_url)
        challenge = security_keys.to_register(site, operator.name, user_id, keys_of(operator))
        self._challenges.put(f"register {session.id}", challenge)
        return HttpReply(200, encode(KeyOptions(options=challenge.options)))

    def add(self, scope: Scope, given: NewKey) -> HttpReply:
        """`POST /api/second-factor/keys/add`. Raises Forbidden, Conflict."""
        session, operator = asking(self._access, scope)
        challenge = self._challenges.take(f"register {session.id}")
        if challenge is None:
            raise not_begun()
        name, now = given.name.strip(), self._access.wall.now()
        site = site_of(scope, self._public_url)
        key = security_keys.registered(site, challenge, given.credential, name, now)
        codes = () if operator.second_factor is not None else recovery_codes.new()

        def added(account: OperatorAccount) -> OperatorAccount:
            hashes = tuple(map(recovery_codes.digest_of, codes))
            factor = account.second_factor or SecondFactor(since=now, recovery=hashes)
            if not name or any(one.name == name for one in factor.keys):
                raise Conflict(ApiRefusal.NAME_TAKEN, "Give the key a name that no other of yours has.", field="name")
            if len(factor.keys) >= MOST:
                raise Conflict(ApiRefusal.TOO_MANY_KEYS, f"There are {MOST} keys already; remove one first.")
            return replace(account, second_factor=replace(factor, keys=(*factor.keys, key)))

        operators.alter(self._access.roster_path, operator.name, added)
        self._audit.record(Action.ADD_KEY, scope["user"], address_of(scope))
        return HttpReply(200, encode(KeyAdded(ok=True, recovery_codes=codes)))

    def remove(self, scope: Scope, given: KeyNamed) -> HttpReply:
        """`POST /api/second-factor/keys/remove`. Raises NotFound, and Conflict for the last that the role takes."""
        _, operator = asking(self._access, scope)
        required = self._access.policy.is_required_of(operator.role)

        def removed(account: OperatorAccount) -> OperatorAccount:
            factor = account.second_factor
            left = tuple(key for key in keys_of(account) if key.name != given.name)
            if factor is None or len(left) == len(factor.keys):
                raise NotFound(ApiRefusal.NO_SUCH_KEY, "There is no key of this name.", field="name")
            rest = replace(factor, keys=left)
            if not rest.ways and required:
                text = f"The role {account.role} takes a second factor; set up another in its place first."
                raise Conflict(ApiRefusal.SECOND_FACTOR_REQUIRED, text)
            return replace(account, second_factor=rest if rest.ways else None)

        operators.alter(self._access.roster_path, operator.name, removed)
        self._audit.record(Action.REMOVE_KEY, scope["user"], address_of(scope))
        return HttpReply(200, encode(Answer(ok=True)))

    def to_prove(self, scope: Scope, _: Nothing) -> HttpReply:
        """`POST /api/proof/key-options`: what a key is to sign for a fresh proof. Raises Conflict."""
        session, operator = asking(self._access, scope)
        challenge = security_keys.to_sign(site_of(scope, self._public_url), keys_of(operator))
        self._challenges.put(f"prove {session.id}", challenge)
        return HttpReply(200, encode(KeyOptions(options=challenge.options)))

    def challenge(self, session: BrowserSession) -> Challenge:
        """What a key was to sign for a proof of this session; good once. Raises Conflict."""
        challenge = self._challenges.take(f"prove {session.id}")
        if challenge is None:
            raise not_begun()
        return challenge


def asking(access: Access, scope: Scope) -> tuple[BrowserSession, OperatorAccount]:
    """The session and account of the person who asks. Raises Forbidden for a token, which is no person."""
    caller: Caller = scope["user"]
    session, operator = access.session_of(caller), access.operator_of(caller)
    if session is None or operator is None:
        text = "Only a person who has signed in with a password has a second factor and can give a proof."
        raise Forbidden(ApiRefusal.NOT_SIGNED_IN_BY_PASSWORD, text)
    return session, operator


def keys_of(operator: OperatorAccount) -> tuple[SecurityKey, ...]:
    return operator.second_factor.keys if operator.second_factor is not None else ()


def site_of(scope: Scope, public_url: str | None) -> Site:
    """Where the page is: `public_url`, or the request's own Host. Raises Conflict."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return Site.at(public_url or f"{scope['scheme']}://{host}")


def not_begun() -> Conflict:
    return Conflict(ApiRefusal.NOT_BEGUN, "Nothing was asked of a key, or it is too long ago. Begin again.")
