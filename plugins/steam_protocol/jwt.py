"""What a Steam token says of itself: whose it is, what it is good for, and until when.

The signature is not verified: only Steam can, and what is read here decides only which token to offer it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from plugins.steam_protocol import steam_id
from plugins.steam_protocol.errors import NotAnIndividual, TokenMalformed

MAX_LENGTH = 8192  # characters; Steam's are below 1,000

AUDIENCE_CLIENT = "client"
AUDIENCE_MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that we use; nothing in here is secret."""

    steam_id64: int
    issuer: str
    audience: frozenset[str]
    expires_at: int  # unix seconds

    @property
    def is_client_refresh_token(self) -> bool:
        """Whether a CM takes it in ClientLogon; a maFile's own (audience `mobile`) gets InvalidPassword."""
        return self.issuer == "steam" and AUDIENCE_CLIENT in self.audience

    @property
    def is_mobile_refresh_token(self) -> bool:
        """Whether it is the mobile app's: one that can approve other sign-ins, and log on to no CM."""
        return self.issuer == "steam" and AUDIENCE_MOBILE in self.audience

    def expired(self, unix_seconds: float) -> bool:
        return unix_seconds >= self.expires_at


def claims(token: str) -> Claims:
    """Read a token's claims; `TokenMalformed` where it is no Steam token, without quoting it."""
    if len(token) > MAX_LENGTH:
        raise TokenMalformed(f"a token of {len(token)} characters; at most {MAX_LENGTH} are read")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenMalformed(f"a token has three parts with dots between, this one has {len(parts)}")
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise TokenMalformed("the token's second part is not base64url of JSON") from None
    if not isinstance(payload, dict):
        raise TokenMalformed("the token's claims are not a JSON object")
    return _claims(payload)


def _claims(payload: dict[object, object]) -> Claims:
    subject, issuer = payload.get("sub"), payload.get("iss")
    audience, expires_at = payload.get("aud"), payload.get("exp")
    if isinstance(audience, str):
        audience = [audience]
    if not isinstance(subject, str) or not isinstance(issuer, str):
        raise TokenMalformed("the token's `sub` and `iss` must be texts")
    if not isinstance(audience, list) or not all(isinstance(item, str) for item in audience):
        raise TokenMalformed("the token's `aud` must be a list of texts")
    if not isinstance(expires_at, int) or isinstance(expires_at, bool):
        raise TokenMalformed("the token's `exp` must be a whole number of seconds")
    try:
        return Claims(steam_id.parse(subject), issuer, frozenset(audience), expires_at)
    except NotAnIndividual:
        raise TokenMalformed("the token's `sub` is not an individual's SteamID64") from None
