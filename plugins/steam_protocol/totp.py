"""Steam Guard codes: the TOTP of a maFile's `shared_secret`.

Own code, though `steam.guard` has the same ten lines: importing that brings in `requests`, and the function
beside it asks api.steampowered.com for the time from this host's own address, past every proxy.
"""

from __future__ import annotations

import hashlib
import hmac

STEP_SECONDS = 30
_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"


def code(shared_secret: bytes, unix_seconds: int) -> str:
    """The five characters that are valid in the 30-second step of `unix_seconds` (Steam's time, not ours)."""
    digest = hmac.digest(shared_secret, (unix_seconds // STEP_SECONDS).to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    characters = []
    for _ in range(5):
        number, remainder = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[remainder])
    return "".join(characters)
