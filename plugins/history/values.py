"""How ids, prices and spans of time stand in the archive."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from typeid.codecs import base32

PLACES: Final = 8
UNIT: Final = 10**PLACES
"""Prices are whole numbers of 10⁻⁸: as many decimals as a price may have."""
STEPS: Final = 4
"""Buckets of spans in each doubling: their bounds are powers of 2^¼ ms, so a percentile is off by 19 % at most."""
BUCKETS: Final = 64 * STEPS


@lru_cache(maxsize=65_536)
def pack(prefix: str, of: str) -> bytes:
    """A TypeID of that prefix as the 16 bytes of its UUID; another text as it is, never 16 bytes long."""
    suffix = of[len(prefix) + 1 :]
    if len(suffix) == 26 and suffix[0] <= "7" and of.startswith(f"{prefix}_"):  # beyond 7 it has more than 128 bits
        try:
            return bytes(base32.decode(suffix))
        except (RuntimeError, TypeError, ValueError):  # it is not of the alphabet
            pass
    text = of.encode()
    return text + b"\0" if len(text) == 16 else text


def unpack(prefix: str, packed: bytes) -> str:
    """The same back; `prefix` is that of a TypeID of this kind."""
    if len(packed) == 16:
        return f"{prefix}_{base32.encode(packed)}"
    return packed.removesuffix(b"\0").decode()


@lru_cache(maxsize=4096)
def price(text: str) -> int:
    """A price in units. Raises ValueError or ArithmeticError for what is none, or beyond a 64-bit integer."""
    units = int(Decimal(text).scaleb(PLACES))
    if not -(1 << 63) < units < 1 << 63:
        raise ValueError(f"{text} is beyond what the archive can hold")
    return units


def steam_id(text: str) -> int:
    """A SteamID as a number. Raises ValueError for what is none."""
    number = int(text)
    if not 0 <= number < 1 << 63:
        raise ValueError(f"{text} is no SteamID")
    return number


def price_text(units: int) -> str:
    """Units as an exact decimal with two places at least, such as `12.50`."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    whole, rest = divmod(units, UNIT)
    decimals = f"{rest:0{PLACES}}".rstrip("0")
    return f"{sign}{whole}.{decimals:0<2}"


def bucket(span: int) -> int:
    """The number of the bucket that holds a span of that many ms."""
    if span < 1:
        return 0
    doubling = span.bit_length() - 1
    found = doubling * STEPS
    while found + 1 < (doubling + 1) * STEPS and span >= _BOUNDS[found + 1]:
        found += 1
    return 1 + found


def bucket_end(number: int) -> int:
    """The longest span in a bucket, in ms."""
    return 0 if number == 0 else _BOUNDS[number] - 1


_BOUNDS: Final = tuple(-int(-(2.0 ** (n / STEPS)) // 1) for n in range(BUCKETS))
"""Where each bucket begins, rounded up to a whole ms."""
