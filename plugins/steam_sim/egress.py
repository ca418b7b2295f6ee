"""Public addresses: where a connection seems to come from, which through a bot's proxy is that proxy's own address.

On loopback everybody would come from 127.0.0.1, and nothing that Steam decides by address could be simulated.
"""

from __future__ import annotations

import ipaddress

_FIRST = int(ipaddress.IPv4Address("198.18.0.1"))  # the range for benchmarks, which belongs to nobody


def proxy_address(number: int) -> str:
    """The public address of the proxy of bot `number`."""
    return str(ipaddress.IPv4Address(_FIRST + number))


class Egress:
    """Which local ports are the far ends of which proxy's connections at this moment."""

    def __init__(self) -> None:
        self._by_port: dict[int, str] = {}

    def opened(self, port: int, address: str) -> None:
        """A proxy with the public address `address` connects onwards from local port `port`."""
        self._by_port[port] = address

    def closed(self, port: int) -> None:
        self._by_port.pop(port, None)

    def address(self, host: str, port: int) -> str:
        """The public address of a peer at `host` and `port`."""
        return self._by_port.get(port, host)
