"""SteamIDs: the 64-bit number of an individual account, and the 32-bit account id inside it."""

from __future__ import annotations

from plugins.steam_protocol.errors import NotAnIndividual

# universe 1 (public) << 56 | type 1 (individual) << 52 | instance 1 (desktop) << 32
_FIRST = 0x0110_0001_0000_0000
_ACCOUNT = 0xFFFF_FFFF


def is_individual(steam_id64: int) -> bool:
    """True for a person's account of the public universe; clans, chats and game servers have other types."""
    return steam_id64 & ~_ACCOUNT == _FIRST and steam_id64 & _ACCOUNT != 0


def to_steam_id64(account_id: int) -> int:
    """The SteamID64 of an account id (1 to 2^32-1)."""
    if not 0 < account_id <= _ACCOUNT:
        raise NotAnIndividual(f"{account_id} is no account id: it must be from 1 to {_ACCOUNT}")
    return _FIRST + account_id


def to_account_id(steam_id64: int) -> int:
    """The account id in an individual's SteamID64."""
    if not is_individual(steam_id64):
        raise NotAnIndividual(f"{steam_id64} is not the SteamID64 of an individual account (7656119…)")
    return steam_id64 & _ACCOUNT


def parse(text: str) -> int:
    """An individual's SteamID64 from its decimal digits, 17 of them."""
    if len(text) != 17 or not text.isascii() or not text.isdigit() or not is_individual(int(text)):
        raise NotAnIndividual(f"{text[:32]!r} is not the SteamID64 of an individual account (7656119…)")
    return int(text)
