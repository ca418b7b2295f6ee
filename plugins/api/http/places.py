"""How many connections one address may hold: when all places are taken, strangers make room first."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from plugins.api.http.addresses import UNKNOWN, origin_of


class ConnectionPlace(Protocol):
    """A connection that takes a place."""

    def give_up(self) -> None:
        """Close it at once."""


class ConnectionPlaces:
    """The bounds of connections, in all and of one address. What one more connection costs does not grow with them."""

    def __init__(self, most: int, of_one: int, proxies: Sequence[str] = ()) -> None:
        """`proxies`: addresses and networks that many people come through, so that they are not counted as one."""
        self._most = most
        self._of_one = of_one
        self._everybody = "*" in proxies
        self._proxies: Final = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies if _is_network(proxy)]
        self._origins: dict[ConnectionPlace, str | None] = {}
        """All that are here, and where from; None where that is not counted."""
        self._count: Counter[str | None] = Counter()
        self._strangers: dict[ConnectionPlace, None] = {}
        """Those over which nobody has signed in, the oldest first."""
        self._strangers_of: dict[str | None, dict[ConnectionPlace, None]] = {}

    def enter(self, place: ConnectionPlace, address: str | None) -> None:
        """A connection has come. The oldest of a stranger makes room where it is one too many.

        Where all others are of people who have signed in, nothing is closed: the server refuses what it cannot take.
        """
        origin = self._counted(address)
        if origin is not None and self._count[origin] >= self._of_one:
            self._close_oldest(self._strangers_of.get(origin, {}))
        elif len(self._origins) + 1 >= self._most:
            self._close_oldest(self._strangers)
        self._origins[place] = origin
        self._count[origin] += 1
        self._strangers[place] = None
        self._strangers_of.setdefault(origin, {})[place] = None

    def recognize(self, place: ConnectionPlace) -> None:
        """Somebody has signed in over it: it is not the first to make room."""
        if place not in self._strangers:
            return
        del self._strangers[place]
        origin = self._origins[place]
        strangers = self._strangers_of[origin]
        del strangers[place]
        if not strangers:
            del self._strangers_of[origin]

    def leave(self, place: ConnectionPlace) -> None:
        """The connection is gone."""
        if place in self._origins:
            self.recognize(place)
            origin = self._origins.pop(place)
            self._count[origin] -= 1
            if not self._count[origin]:
                del self._count[origin]

    def _close_oldest(self, strangers: dict[ConnectionPlace, None]) -> None:
        place = next(iter(strangers), None)
        if place is not None:
            self.leave(place)
            place.give_up()

    def _counted(self, address: str | None) -> str | None:
        """Whom the connection counts for; None: for nobody alone, as with a proxy, behind which many may be."""
        origin = origin_of(address) if address is not None else UNKNOWN
        if origin == UNKNOWN or self._everybody:
            return None
        ip = ipaddress.ip_address(origin)
        return None if any(ip in network for network in self._proxies) else origin


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
