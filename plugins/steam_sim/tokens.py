"""Tokens in the shape of Steam's: three base64url parts, of which the second says whose it is and what for.

The third part is random and not a signature: a token holds because its digest is in the world, so it cannot be
made up either way, and no client can or should verify it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass

from plugins.steam_sim.world import TokenIssued

REFRESH_LIFETIME = 17_907_118
"""Seconds, 207 days, as in a real token."""

ACCESS_LIFETIME = 86_884
"""Seconds, about a day, as in a real token."""

RENEWAL_WINDOW = 30 * 86_400
"""Seconds before its end from which on Steam renews a refresh token."""

# CAuthentication's platform types and the audiences that their tokens are for.
AUDIENCES = {1: ("web", "client"), 2: ("web",), 3: ("web", "mobile")}


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token's text with what of it is remembered."""

    text: str
    identity: str
    expires_at: int

    @property
    def digest(self) -> str:
        return digest(self.text)

    def __repr__(self) -> str:
        return f"<Token until {self.expires_at}>"


def digest(token: str) -> str:
    """What a token is known by, so that none stands in a file."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def refresh_token(owner: int, audience: tuple[str, ...], now: int, lifetime: int = REFRESH_LIFETIME) -> Token:
    """A new refresh token of `owner` for these platform audiences, issued at `now` (unix seconds)."""
    return _token("steam", owner, (*audience, "renew", "derive"), now, lifetime, {})


def access_token(refresh: TokenIssued, now: int) -> Token:
    """A new access token derived from a refresh token."""
    extra = {"rt_exp": refresh.expires_at}
    return _token(f"r:{refresh.identity}", refresh.owner, refresh.audience, now, ACCESS_LIFETIME, extra)


def _token(issuer: str, owner: int, audience: tuple[str, ...], now: int, lifetime: int, extra: dict[str, int]) -> Token:
    identity = secrets.token_hex(12)
    claims = {
        "iss": issuer,
        "sub": str(owner),
        "aud": list(audience),
        "exp": now + lifetime,
        "nbf": now - 8_640_000,  # a hundred days before, whatever for: so it is in real tokens
        "iat": now,
        "jti": identity,
        "oat": now,
        "per": 1,
        "ip_subject": "127.0.0.1",
        "ip_confirmer": "127.0.0.1",
        **extra,
    }
    parts = (json.dumps({"typ": "JWT", "alg": "EdDSA"}).encode(), json.dumps(claims).encode())
    signature = secrets.token_bytes(64)
    return Token(".".join(map(_base64url, (*parts, signature))), identity, now + lifetime)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
