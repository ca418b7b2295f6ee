"""Recovery codes: for whoever has lost the phone or the key. Shown once, kept as hashes, each good once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

COUNT: Final = 10
LENGTH: Final = 16
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: 32 signs, and none that is taken for another. 80 random bits need no slow hash."""
_READ_AS: Final = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new() -> tuple[str, ...]:
    """Ten codes, as they are shown: `k3m9-…`, four groups of four."""
    return tuple(_grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) for _ in range(COUNT))


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def digest_of(code: str) -> str:
    """The hash under which a code is kept."""
    return hashlib.sha256(b"recovery " + plain(code).translate(_READ_AS).encode()).hexdigest()


def plain(typed: str) -> str:
    """What was typed, without blanks and hyphens, in lower case; digits of other scripts as ours."""
    text = unicodedata.normalize("NFKC", typed[:200]).casefold()
    kept = (char for char in text if char.isalnum())
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)


def without(hashes: tuple[str, ...], code: str) -> tuple[str, ...]:
    """Those that are left once this one is used; all of them where it is none of theirs."""
    digest = digest_of(code)
    return tuple(one for one in hashes if not hmac.compare_digest(one, digest))
