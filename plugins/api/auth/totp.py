"""Codes by time (TOTP, RFC 6238): six digits for each 30 s, by HMAC-SHA-1, as every authenticator app makes them."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from kernel.clock import SECOND

STEP: Final = 30 * SECOND
DIGITS: Final = 6
SECRET_BYTES: Final = 20
"""What RFC 4226, 4 recommends: as long as the digest."""
ISSUER: Final = "Switchboard"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def in_base32(secret: bytes) -> str:
    """The secret as an app takes it by hand."""
    return base64.b32encode(secret).decode().rstrip("=")


def step_of(now: int) -> int:
    """The number of the time step in which this moment lies."""
    return now // STEP


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step: RFC 4226, 5.3."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching(secret: bytes, code: str, steps: Iterable[int]) -> list[int]:
    """Those of the steps whose code this is; all are compared, each in constant time."""
    given = code.encode()
    return [step for step in steps if step >= 0 and hmac.compare_digest(code_at(secret, step).encode(), given)]


def uri(secret: bytes, account: str) -> str:
    """What an app reads from the QR code (the key URI format of Google Authenticator, which all apps follow)."""
    label = quote(f"{ISSUER}:{account}", safe=":")
    form = f"algorithm=SHA1&digits={DIGITS}&period={STEP // SECOND}"
    return f"otpauth://totp/{label}?secret={in_base32(secret)}&issuer={ISSUER}&{form}"
