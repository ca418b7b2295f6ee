"""A person who is forgotten: what stands in the place of their SteamID, and who has to take part.

A pseudonym is a keyed hash in the form of a SteamID, of the last 2^28 account numbers, which Steam has given to nobody:
so whatever reads an old event reads a rewritten one. With the key anyone can try whose it is: it is pseudonymous, not
anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from kernel.ids import SteamId64, account_number, steam_id_of

KEY_BYTES: Final = 32
_LOWEST: Final = 0xF000_0000
_BITS: Final = 28

ForgottenPersons = Mapping[SteamId64, SteamId64]
"""By the SteamIDs of those who are forgotten, what stands in their place from now on."""


def pseudonym_of(key: bytes, player: SteamId64) -> SteamId64:
    """What stands in the place of that person; a pseudonym stands for itself."""
    if is_pseudonym(player):
        return player
    digest = hmac.digest(key, str(account_number(player)).encode(), hashlib.sha256)
    return steam_id_of(_LOWEST | int.from_bytes(digest[:4]) & ((1 << _BITS) - 1))


def is_pseudonym(player: SteamId64) -> bool:
    """Whether it is of nobody whom Steam knows."""
    number = account_number(player)
    return number is not None and number >= _LOWEST
