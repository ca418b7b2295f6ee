"""The server's half of SOCKS5 (RFC 1928) with user name and password (RFC 1929), up to the client's request."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

VERSION = 5
PASSWORD_METHOD, NO_METHOD = 2, 0xFF
CONNECT = 1
IPV4, NAME, IPV6 = 1, 3, 4

SUCCEEDED, FAILED, NOT_ALLOWED, REFUSED, BAD_COMMAND, BAD_ADDRESS = 0, 1, 2, 5, 7, 8


class Denied(Exception):
    """The client is no SOCKS5 client, or not one of ours; it has been told, and the connection is over."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Who wants to go where; `host` is a name where the client leaves the look-up to the proxy."""

    user: str
    host: str
    port: int


async def negotiate(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, knows: Callable[[str, str], bool]
) -> Connect:
    """Hear a client out; raises `Denied`, or `IncompleteReadError` where it goes away in between."""
    version, count = await reader.readexactly(2)
    if version != VERSION:
        raise Denied("not SOCKS5")
    methods = await reader.readexactly(count)
    if PASSWORD_METHOD not in methods:
        writer.write(bytes((VERSION, NO_METHOD)))
        raise Denied("a user name and password are needed")
    writer.write(bytes((VERSION, PASSWORD_METHOD)))
    (_, length) = await reader.readexactly(2)
    user = (await reader.readexactly(length)).decode("utf-8", "replace")
    (length,) = await reader.readexactly(1)
    password = (await reader.readexactly(length)).decode("utf-8", "replace")
    known = knows(user, password)
    writer.write(bytes((1, 0 if known else 1)))
    if not known:
        raise Denied("wrong user name or password")
    version, command, _, kind = await reader.readexactly(4)
    if version != VERSION or command != CONNECT:
        raise Denied(reply(writer, BAD_COMMAND))
    host = await _host(reader, kind)
    if host is None:
        raise Denied(reply(writer, BAD_ADDRESS))
    return Connect(user, host, int.from_bytes(await reader.readexactly(2), "big"))


def reply(writer: asyncio.StreamWriter, code: int) -> str:
    """Answer the client's request; gives the answer in words."""
    writer.write(bytes((VERSION, code, 0, IPV4, *bytes(6))))
    return f"SOCKS5 reply {code}"


async def _host(reader: asyncio.StreamReader, kind: int) -> str | None:
    if kind == IPV4:
        return str(ipaddress.IPv4Address(await reader.readexactly(4)))
    if kind == IPV6:
        return str(ipaddress.IPv6Address(await reader.readexactly(16)))
    if kind == NAME:
        (length,) = await reader.readexactly(1)
        return (await reader.readexactly(length)).decode("ascii", "replace")
    return None
