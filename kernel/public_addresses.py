"""Which addresses a request that somebody else named may go to: public ones, and the networks that a setting allows.

A name is judged by what it resolves to, at each connection, and the connection goes to the very address that was
judged. Otherwise whoever may name a host could have this machine ask its neighbours, or the cloud that it runs in.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

AnyAddress = IPv4Address | IPv6Address
AnyNetwork = IPv4Network | IPv6Network

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA has assigned for public use; what lies outside is local, reserved or a translation."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in its last 32 bits, which the network's translator connects to."""
_CLOSED: Final[tuple[AnyNetwork, ...]] = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carriers, and a cloud's metadata at 100.100.100.200
    IPv4Network("168.63.129.16/32"),  # a cloud's metadata and agents, though the address is a public one
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("198.18.0.0/15"),
    IPv6Network("2001::/23"),  # Teredo, ORCHID and other protocols
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4: any IPv4 address may be within
    IPv6Network("3fff::/20"),
)


class AllowedNetworks:
    """The networks that a setting allows beside the public ones."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Each as `10.1.0.0/16` or a single address. Raises ValueError, naming the one that is none."""
        self._networks: Final = tuple(_network(one) for one in networks)

    def lists(self, address: str) -> bool:
        """Whether the setting names that address's network."""
        found = _parsed(address)
        return found is not None and any(found in one for one in self._networks if one.version == found.version)

    def permits(self, address: str) -> bool:
        """Whether a connection may go to that address: digits, not a name. What cannot be read is not permitted."""
        found = _parsed(address)
        return found is not None and (self.lists(address) or _is_public(found))


def _network(text: str) -> AnyNetwork:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no network; write one such as 10.1.0.0/16") from None


def _parsed(address: str) -> AnyAddress | None:
    """An address, without its scope; an IPv4 one that IPv6 only wraps is that one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_public(address: AnyAddress) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in one for one in _CLOSED if one.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
