"""The one way out of this process towards Steam: a TCP connection through a bot's proxy.

Nothing else in this package opens a connection, and this one needs a `Proxy`: a bot whose proxy is down is
offline, never direct.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

from plugins.steam.errors import ProxyRefusedCredentials, ProxyRefusedTarget, ProxyUnreachable
from plugins.steam.eyeballs import Address, prefer, race, resolve
from plugins.steam.proxy import Proxy
from plugins.steam.tunnel import MAX_HEADERS, SOME, Talk, talk

TIMEOUT = 20.0  # seconds, from the first packet until the tunnel stands


async def dial(proxy: Proxy, host: str, port: int, timeout: float = TIMEOUT) -> socket.socket:
    """A socket that is connected to `host`:`port` through `proxy`, which resolves the name.

    Raises `ProxyUnreachable`, `ProxyRefusedCredentials` or `ProxyRefusedTarget`. The socket is the caller's to
    close.
    """
    if not isinstance(proxy, Proxy):
        raise TypeError("a connection to Steam needs a proxy; there is no direct one")
    try:
        async with asyncio.timeout(timeout):
            addresses = await resolve(proxy.host, proxy.port)

            async def attempt(address: Address, connected: Callable[[], None]) -> socket.socket:
                return await _tunnel(address, connected, talk(proxy, host, port))

            at, sock = await race(addresses, attempt, final=(ProxyRefusedCredentials, ProxyRefusedTarget))
            prefer(proxy.host, proxy.port, at)
            return sock
    except TimeoutError as error:
        raise ProxyUnreachable(
            f"the proxy {proxy.display} opened no tunnel to {host}:{port} within {timeout:g} s"
        ) from error
    except OSError as error:
        raise ProxyUnreachable(f"the proxy {proxy.display} cannot be reached: {_reason(error)}") from error


async def _tunnel(address: Address, connected: Callable[[], None], words: Talk) -> socket.socket:
    """A connection to the proxy at one of its addresses, and the talk with it until the tunnel stands."""
    sock = socket.socket(address.family, socket.SOCK_STREAM, address.protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
        connected()
        await _converse(sock, words)
    except BaseException:
        sock.close()
        raise
    return sock


async def _converse(sock: socket.socket, words: Talk) -> None:
    loop = asyncio.get_running_loop()
    try:
        turn = next(words)
        while True:
            if turn.send:
                await loop.sock_sendall(sock, turn.send)
            turn = words.send(await _read(sock, turn.expect))
    except StopIteration:
        return


async def _read(sock: socket.socket, expect: int) -> bytes:
    """`expect` bytes and not one more, for what follows is TLS; whatever comes next for `SOME`. Fewer at its end."""
    loop = asyncio.get_running_loop()
    if expect == SOME:
        return await loop.sock_recv(sock, MAX_HEADERS)
    data = bytearray()
    while len(data) < expect:
        chunk = await loop.sock_recv(sock, expect - len(data))
        if not chunk:
            break
        data += chunk
    return bytes(data)


def _reason(error: OSError) -> str:
    """The system's words; asyncio puts its own in their place, and a name that is not found has no errno of it."""
    if error.errno is not None and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()
