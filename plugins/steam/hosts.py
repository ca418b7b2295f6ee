"""What the text of a host means: one form for every spelling of the same address or name."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_HEX: Final = re.compile(r"0x[0-9a-f]*")
_MAX_NAME: Final = 253
_SIZES: Final = (32, 24, 16, 8)
"""Bits that the last part of a short IPv4 address stands for, by how many parts come before it (inet_aton)."""


class HostInvalid(ValueError):
    """No host, or one that can be read in two ways; the message says which, and never quotes it."""


def canonical(text: str) -> str:
    """The host as it is dialled and compared: an address in its usual form, a name in lower case and ASCII.

    Reads what `getaddrinfo` does (`127.1`, `0x7f.1`, `2130706433`), an IPv4 address inside an IPv6 one, names in other
    alphabets (IDNA) and the dot at a name's end. Raises `HostInvalid`.
    """
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address = _address(bare, bracketed=bare is not text)
    if address is None:
        return _name(bare)
    if address.is_unspecified or address.is_multicast or (address.version == 4 and address.packed[0] in (0, 255)):
        raise HostInvalid("the address is none that a proxy can have")
    return str(address)


def loopback(host: str) -> str:
    """The same for hosts that all are this machine by its usual names, as programs listen on both families at once."""
    return "127.0.0.1" if host in ("localhost", "::1") or host.endswith(".localhost") else host


def is_loopback(host: str) -> bool:
    """Whether it is this machine, in any spelling."""
    try:
        return ipaddress.ip_address(canonical(loopback(host.lower()))).is_loopback
    except ValueError:
        return False  # another name


def _address(text: str, *, bracketed: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" in text or bracketed:
        try:
            six = ipaddress.IPv6Address(text)
        except ValueError:
            raise HostInvalid("what stands in brackets, or has colons in it, is no IPv6 address") from None
        if six.scope_id is not None:
            raise HostInvalid("an IPv6 address with a zone belongs to one machine's network card")
        return six.ipv4_mapped or six
    return _ipv4(_ascii(text).rstrip("."))


def _ipv4(text: str) -> ipaddress.IPv4Address | None:
    """As inet_aton reads it; None for a name. A name never ends in a number."""
    parts = text.split(".")
    if not (parts[-1].isdigit() or _HEX.fullmatch(parts[-1])):
        return None
    if len(parts) > len(_SIZES):
        raise HostInvalid("an IPv4 address has at most four numbers")
    numbers = [_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 1 << _SIZES[len(parts) - 1]:
        raise HostInvalid("a number of the IPv4 address is too large")
    value = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        value |= number << (24 - 8 * place)
    return ipaddress.IPv4Address(value)


def _number(part: str) -> int:
    """Decimal, hexadecimal after 0x, octal after 0; three digits with a zero before them are mostly padded decimals."""
    if _HEX.fullmatch(part):
        return int(part[2:] or "0", 16)
    if not part.isdigit() or len(part) > 16:
        raise HostInvalid("it ends in a number, and is no IPv4 address")
    if part[0] != "0" or int(part) < 8:
        return int(part)
    if len(part) <= 3 or not set(part) <= set("01234567"):
        raise HostInvalid("a number of the IPv4 address begins with 0, so it may be octal; write it without the 0")
    return int(part, 8)


def _name(text: str) -> str:
    name = _ascii(text).removesuffix(".")
    if not name or len(name) > _MAX_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise HostInvalid("no host name, and no address")
    return name


def _ascii(text: str) -> str:
    """In lower case; other alphabets as IDNA writes them, as the resolver would."""
    if text.isascii():
        return text.lower()
    try:
        return text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise HostInvalid("no host name, and no address") from None
