"""How many connections one address may hold: when all places are taken, strangers make room first."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from typing import Final, Protocol

from plugins.api.http.addresses import origin_of, plain


class ConnectionPlace(Protocol):
    """A connection: where from, and whether somebody has signed in over it."""

    known: bool
    came: int
    """Its place in the order in which they came."""
    client: tuple[str, int] | None

    def give_up(self) -> None:
        """Close it at once."""


class ConnectionPlaces:
    """The bounds of connections, in all and of one address."""

    def __init__(self, most: int, of_one: int, proxies: Sequence[str] = ()) -> None:
        """`proxies`: addresses and networks that many people come through, so that they are not counted as one."""
        self._came = 0
        self._most = most
        self._of_one = of_one
        self._everybody = "*" in proxies
        self._proxies: Final = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies if _is_network(proxy)]

    def next_number(self) -> int:
        """Of a connection that has just come."""
        self._came += 1
        return self._came

    def make_room(self, new: ConnectionPlace, all_: Collection[ConnectionPlace]) -> None:
        """Close the oldest connection of a stranger where `new`, which is one of `all_`, is one too many.

        Where all others are of people who have signed in, nothing is closed: the server refuses what it cannot take.
        """
        if len(all_) <= min(self._most - 1, self._of_one):
            return
        strangers = [place for place in all_ if place is not new and not place.known]
        origin = _origin(new)
        if origin is not None and not self._is_proxy(origin):
            theirs = sum(_origin(place) == origin for place in all_)
            if theirs > self._of_one:
                strangers = [place for place in strangers if _origin(place) == origin]
            elif len(all_) < self._most:
                return
        elif len(all_) < self._most:
            return
        if strangers:
            min(strangers, key=lambda place: place.came).give_up()

    def _is_proxy(self, origin: str) -> bool:
        if self._everybody:
            return True
        ip = ipaddress.ip_address(origin)
        return any(ip in network for network in self._proxies)


def _origin(place: ConnectionPlace) -> str | None:
    if place.client is None:
        return None
    origin = origin_of(place.client[0])
    return origin if _is_network(origin) else None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(plain(text), strict=False)
    except ValueError:
        return False
    return True
