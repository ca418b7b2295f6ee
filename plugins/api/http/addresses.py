"""Where a request comes from: one notion, for rate limits, lockouts, connections and the audit."""

from __future__ import annotations

import ipaddress

UNKNOWN = "unknown"


def plain(address: str) -> str:
    """The address as people write it: an IPv4 one that a socket of IPv6 tells (`::ffff:10.0.0.7`) as IPv4, no zone."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)


def origin_of(address: str) -> str:
    """Whom limits count: the IPv4 address, or the /64 network of IPv6, in which one machine can use any address."""
    try:
        ip = ipaddress.ip_address(plain(address))
    except ValueError:
        return UNKNOWN
    if isinstance(ip, ipaddress.IPv6Address) and not ip.is_loopback:
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)
