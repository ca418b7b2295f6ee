"""Setting up codes by time: a new secret with its QR code, which counts once a code of it has been given."""

from __future__ import annotations

import segno
from litestar.types import Scope
from msgspec import Struct
from msgspec.structs import replace

from kernel.codec import encode
from kernel.errors import Conflict, Unavailable
from plugins.api.auth import operators, recovery_codes, second_factor, totp
from plugins.api.auth.access import Access
from plugins.api.auth.operators import OperatorAccount, OperatorRoster
from plugins.api.auth.pending import Pending
from plugins.api.auth.second_factor import SecondFactor
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import HttpReply


class Enrolment(Struct, frozen=True, kw_only=True):
    """A new secret, shown this once: as text, as the URI that apps take, and as its QR code."""

    ok: bool = True
    secret: str
    uri: str
    qr: list[str]
    """Its rows, top first: `1` is dark, `0` light. The quiet zone around it is not in it."""


class Enrolled(Struct, frozen=True, kw_only=True, rename="camel"):
    """Done; the recovery codes, shown this once."""

    ok: bool = True
    recovery_codes: tuple[str, ...]


class Enrolments:
    """Secrets that no code has confirmed yet are in memory alone."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._secrets: Pending[bytes] = Pending(access.wall)

    def begin(self, key: str, operator: OperatorAccount, host: str) -> HttpReply:
        """A new secret for the session or sign-in of that key, in the place of an earlier one. Raises Conflict."""
        if self._access.policy.mode == "off":
            text = "Second factors are switched off: [api] second_factor."
            raise Conflict(ApiRefusal.SECOND_FACTOR_OFF, text)
        secret = totp.new_secret()
        self._secrets.put(key, secret)
        uri = totp.uri(secret, f"{operator.name}@{host}" if host else operator.name)
        rows = segno.make(uri, error="m", micro=False).matrix
        qr = ["".join("1" if dark else "0" for dark in row) for row in rows]
        return HttpReply(200, encode(Enrolment(secret=totp.in_base32(secret), uri=uri, qr=qr)))

    def confirm(self, key: str, operator: OperatorAccount, code: str) -> tuple[OperatorAccount, Enrolled]:
        """Keep the secret, as a code of it was given; all sessions of the person end.

        Raises Forbidden for a wrong code, Conflict, Unavailable, FileUnreadable.
        """
        secret = self._secrets.get(key)
        if secret is None:
            text = "There is no new secret to confirm, or no longer. Begin again, and read the new QR code."
            raise Conflict(ApiRefusal.NOT_BEGUN, text)
        now = self._access.wall.now()
        step = second_factor.expect_code_of(secret, code, now)
        codes = recovery_codes.new()

        def kept(roster: OperatorRoster) -> OperatorRoster:
            if roster.operator(operator.name) != operator:
                raise Unavailable(
                    ApiRefusal.CHANGED_MEANWHILE, "The account was changed at the same time; try again.", retry_after=1
                )
            first = not any(one.second_factor and one.second_factor.secret for one in roster.operators)
            sealed = self._access.sealing.seal(secret, operator.sealed_for, first=first)
            before = operator.second_factor or SecondFactor(since=now)
            hashes = tuple(map(recovery_codes.digest_of, codes))
            factor = replace(before, secret=sealed, since=now, used=(step,), recovery=hashes)
            return roster.with_operator(replace(operators.sign_out(operator), second_factor=factor))

        operators.change(self._access.roster_path, kept)
        self._secrets.drop(key)
        return self._access.roster.known(operator.name), Enrolled(recovery_codes=codes)


def host_of(scope: Scope, public_url: str | None) -> str:
    """The name that stands beside the person's in the app: that of the system, without its port."""
    host = public_url.partition("://")[2] if public_url else dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return host.partition("/")[0].rpartition("@")[2][:100]
