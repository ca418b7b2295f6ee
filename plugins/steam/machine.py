"""The machine that a bot says it signs in from: made from the account's name, so always the same."""

from __future__ import annotations

import hashlib
import string

_KEYS = ("BB3", "FF2", "3B3")
_ALPHABET = string.digits + string.ascii_uppercase

WINDOWS_10 = 16  # EOSType

LOGIN_ID = 1242
"""The login id of the whole fleet. Steam replaces a session of the same account, address and login id, so
a bot that signs in again after a crash takes its stale session over instead of standing beside it."""


def machine_id(account_name: str) -> bytes:
    """The binary key-value blob of CMsgClientLogon field 30, 155 bytes: three hashes of the name."""
    pairs = b"".join(
        b"\x01" + key.encode() + b"\0" + _sha1(f"SteamUser Hash {key} {account_name}").encode() + b"\0" for key in _KEYS
    )
    return b"\0MessageObject\0" + pairs + b"\x08\x08"


def machine_name(account_name: str) -> str:
    """A Windows computer name as its installer makes them: `DESKTOP-` and seven letters or digits."""
    number = int(_sha1(f"machine name {account_name}"), 16)
    letters = []
    for _ in range(7):
        number, remainder = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[remainder])
    return "DESKTOP-" + "".join(letters)


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
