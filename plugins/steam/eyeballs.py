"""Happy Eyeballs (RFC 8305) for a proxy whose name has several addresses: none of them holds up the others.

Own code, since it has to end with a bare socket on uvloop too, whose `create_connection` knows no
`happy_eyeballs_delay`, and has to go past the TCP connection: an address that takes connections and then says nothing
is as dead as one that takes none.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain, zip_longest
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")

CONNECT_DELAY: Final = 0.25  # seconds until the next address is tried beside one that has not connected (section 5)
TALK_DELAY: Final = 2.0  # seconds until the same beside one that has connected and opened no tunnel
MAX_ADDRESSES: Final = 8
_KEPT: Final = 20_000

_preferred: OrderedDict[tuple[str, int], Any] = OrderedDict()
"""Which address of a proxy served last."""


class Address(NamedTuple):
    """One address of a name, as `getaddrinfo` gives it."""

    family: int
    protocol: int
    sockaddr: Any


Attempt = Callable[[Address, Callable[[], None]], Awaitable[T]]
"""Does all that there is to do at one address; calls what it is given as soon as it is connected."""


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, families in turn, the one that served last before all. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(Address(family, protocol, at) for family, _, protocol, _, at in found)
    families: dict[int, list[Address]] = {}
    for address in addresses:
        families.setdefault(address.family, []).append(address)
    ordered = [address for address in chain(*zip_longest(*families.values())) if address is not None]
    last = _preferred.get((host, port))
    ordered.sort(key=lambda address: address.sockaddr != last)
    return ordered[:MAX_ADDRESSES]


def prefer(host: str, port: int, address: Address) -> None:
    """This address has served: it is the first to be tried next time."""
    _preferred[host, port] = address.sockaddr
    _preferred.move_to_end((host, port))
    if len(_preferred) > _KEPT:
        _preferred.popitem(last=False)


async def race(
    addresses: Sequence[Address], attempt: Attempt[T], final: tuple[type[Exception], ...]
) -> tuple[Address, T]:
    """The first attempt that succeeds, each begun when the one before has failed or had its time alone.

    What is in `final` ends the race, for the proxy has answered. Where all fail, raises what tells most: that of a
    proxy that was connected, else that of the first address; OSError where there is none.
    """
    if not addresses:
        raise OSError("its name has no address")
    if len(addresses) == 1:
        return addresses[0], await attempt(addresses[0], _nothing)
    loop = asyncio.get_running_loop()
    running: dict[asyncio.Task[T], Address] = {}
    connected: dict[Address, float] = {}
    failures: list[Exception] = []
    waiting = list(reversed(addresses))
    news = asyncio.Event()
    started = 0.0
    newest = addresses[0]
    try:
        while True:
            alone = _alone(connected.get(newest), started) - loop.time()
            if waiting and (not running or alone <= 0):
                newest, started = waiting.pop(), loop.time()
                task = asyncio.ensure_future(_begin(attempt, newest, connected, news))
                running[task] = newest
                continue
            done = await _next(running, news, alone if waiting else None)
            for task in done:
                address = running.pop(task)
                failure = task.exception()
                if failure is None:
                    return address, task.result()
                if not isinstance(failure, Exception) or isinstance(failure, final):
                    raise failure
                failures.append(failure)
                if address == newest:
                    started = connected[newest] = float("-inf")
            if not running and not waiting:
                raise next((failure for failure in failures if not isinstance(failure, OSError)), failures[0])
    finally:
        await _end(running)


def _nothing() -> None:
    """Nobody waits for a turn beside the only address."""


def _alone(connected: float | None, started: float) -> float:
    """Until when the newest attempt has no other beside it."""
    return started + CONNECT_DELAY if connected is None else connected + TALK_DELAY


async def _begin(attempt: Attempt[T], address: Address, connected: dict[Address, float], news: asyncio.Event) -> T:
    def note() -> None:
        connected[address] = asyncio.get_running_loop().time()
        news.set()

    return await attempt(address, note)


async def _next(
    running: dict[asyncio.Task[T], Address], news: asyncio.Event, timeout: float | None
) -> set[asyncio.Task[T]]:
    """Come back when an attempt has ended or connected, or in so many seconds."""
    news.clear()
    waiter = asyncio.ensure_future(news.wait())
    try:
        done, _ = await asyncio.wait((*running, waiter), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
    return {task for task in running if task in done}


async def _end(running: dict[asyncio.Task[T], Address]) -> None:
    """Call off who has lost; one that succeeds in the same moment is let go of as well."""
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, socket.socket):
            result.close()
