"""The one way out of this process towards Steam: a TCP connection through a bot's proxy.

Nothing else in this package opens a connection, and this one needs a `Proxy`: a bot whose proxy is down is
offline, never direct.
"""

from __future__ import annotations

import asyncio
import os
import socket

from plugins.steam.errors import ProxyUnreachable
from plugins.steam.proxy import Proxy
from plugins.steam.tunnel import HEADERS, MAX_HEADERS, Talk, talk

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
            sock = await _reach(proxy)
            try:
                await _converse(sock, talk(proxy, host, port))
            except BaseException:
                sock.close()
                raise
            return sock
    except TimeoutError as error:
        raise ProxyUnreachable(
            f"the proxy {proxy.display} opened no tunnel to {host}:{port} within {timeout:g} s"
        ) from error
    except OSError as error:
        raise ProxyUnreachable(f"the proxy {proxy.display} cannot be reached: {_reason(error)}") from error


async def _reach(proxy: Proxy) -> socket.socket:
    """A connection to the proxy itself: the only name that is resolved on this side."""
    loop = asyncio.get_running_loop()
    failure = OSError("its name has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


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
    """`expect` bytes and not one more, for what follows is TLS; fewer where the proxy closes."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < (expect or MAX_HEADERS):
        if expect == HEADERS and b"\r\n\r\n" in data:
            break
        chunk = await loop.sock_recv(sock, (expect or MAX_HEADERS) - len(data))
        if not chunk:
            break
        data += chunk
    return bytes(data)


def _reason(error: OSError) -> str:
    """The system's words; asyncio puts its own in their place, and a name that is not found has no errno of it."""
    if error.errno is not None and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()
