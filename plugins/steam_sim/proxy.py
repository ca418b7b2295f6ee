"""A proxy for every bot: SOCKS5 and HTTP on two ports, a user name and password each, and a count of what came through.

It leads to loopback only, so that whoever finds it open has found nothing. Names are looked up here, as a client that
hides its traffic expects: `localhost` and everything below it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11

from plugins.steam_sim import socks5
from plugins.steam_sim.egress import Egress
from plugins.steam_sim.faults import FaultKind, Faults
from plugins.steam_sim.http_exchange import DEADLINE, HttpExchange, HttpRequest
from plugins.steam_sim.listener import Listener

CHUNK = 64 * 1024
CONNECT_TIMEOUT = 10.0

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "upgrade"})
_CHALLENGE = (("Proxy-Authenticate", 'Basic realm="simulated proxy"'),)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True, repr=False)
class ProxyUser:
    """Who may use the proxy, and the public address that they then come from."""

    name: str
    password: str
    address: str
    account: int

    def __repr__(self) -> str:
        return f"<ProxyUser {self.name}>"


@dataclass(slots=True)
class Traffic:
    """What came through under one user name; `targets` counts connections by `host:port` as they were asked for."""

    connections: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    targets: Counter[str] = field(default_factory=Counter)


class NoRoute(Exception):
    """The proxy does not lead there; `reply` says so in SOCKS5, `status` in HTTP."""

    def __init__(self, reply: int, status: int) -> None:
        super().__init__(f"SOCKS5 reply {reply}, HTTP status {status}")
        self.reply = reply
        self.status = status


class ProxyServer:
    """Both proxies with their users."""

    def __init__(self, users: Iterable[ProxyUser], egress: Egress, faults: Faults) -> None:
        self._faults = faults
        self._users = {user.name: user for user in users}
        self.traffic = {name: Traffic() for name in self._users}
        self.refusals = 0
        """Connections that came without a known user name and its password."""
        self._egress = egress
        self._socks = Listener("the SOCKS5 proxy", self._serve_socks, (socks5.Denied,))
        self._http = Listener("the HTTP proxy", self._serve_http, (h11.ProtocolError,))

    async def start(self, host: str, socks_port: int, http_port: int) -> tuple[int, int]:
        """Listen for both; gives the two ports. Raises `PortTaken`."""
        return await self._socks.start(host, socks_port), await self._http.start(host, http_port)

    async def stop(self) -> None:
        """Stop listening and cut every connection through here."""
        await self._socks.stop()
        await self._http.stop()

    async def _serve_socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(DEADLINE):
            wanted = await socks5.negotiate(reader, writer, self._knows)
        if self._falls_silent(wanted.user):
            await reader.read()
            return
        try:
            target = await self._connect(wanted.user, wanted.host, wanted.port)
        except NoRoute as unreachable:
            socks5.reply(writer, unreachable.reply)
            return
        socks5.reply(writer, socks5.SUCCEEDED)
        if self._cuts(wanted.user, target):
            return
        await self._relay(wanted.user, (reader, writer), target)

    async def _serve_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = HttpExchange(reader, writer)
        request = await exchange.request()
        if request is None:
            return
        user = self._user_of(request)
        if user is None:
            await exchange.respond(407, b"a user name and password are needed\n", headers=_CHALLENGE)
            return
        tunnel = request.method == "CONNECT"
        url = urlsplit(f"//{request.target}" if tunnel else request.target)
        if not url.hostname or (not tunnel and url.scheme != "http"):
            await exchange.respond(400, b"CONNECT host:port, or an absolute http:// address\n")
            return
        if self._falls_silent(user):
            await reader.read()
            return
        try:
            target = await self._connect(user, url.hostname, url.port or 80)
        except NoRoute as unreachable:
            await exchange.respond(unreachable.status, b"cannot be reached from here\n")
            return
        ahead = await exchange.switch() if tunnel else _forwarded(request)
        if self._cuts(user, target):
            return
        target[1].write(ahead)
        self.traffic[user].bytes_up += len(ahead)
        await self._relay(user, (reader, writer), target)

    def _knows(self, name: str, password: str) -> bool:
        user = self._users.get(name)
        known = user is not None and hmac.compare_digest(user.password.encode(), password.encode())
        if known and user is not None and self._faults.take(FaultKind.PROXY_DENIES, user.account):
            known = False
        self.refusals += not known
        return known

    def _falls_silent(self, name: str) -> bool:
        return self._faults.take(FaultKind.PROXY_SILENT, self._users[name].account) is not None

    def _cuts(self, name: str, target: Streams) -> bool:
        if self._faults.take(FaultKind.PROXY_CUTS, self._users[name].account) is None:
            return False
        target[1].close()
        return True

    def _user_of(self, request: HttpRequest) -> str | None:
        scheme, _, credentials = request.header("proxy-authorization").partition(" ")
        try:
            name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        return name if scheme.lower() == "basic" and self._knows(name, password) else None

    async def _connect(self, user: str, host: str, port: int) -> Streams:
        """Connect onwards in the user's name; raises `NoRoute`."""
        traffic = self.traffic[user]
        traffic.connections += 1
        traffic.targets[f"{host}:{port}"] += 1
        if self._faults.take(FaultKind.PROXY_REFUSES, self._users[user].account):
            raise NoRoute(socks5.REFUSED, 502)
        address = _look_up(host)
        if address is None:
            raise NoRoute(socks5.NOT_ALLOWED, 403)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                target = await asyncio.open_connection(address, port)
        except ConnectionRefusedError:
            raise NoRoute(socks5.REFUSED, 502) from None
        except (OSError, TimeoutError):
            raise NoRoute(socks5.FAILED, 504) from None
        self._egress.opened(target[1].get_extra_info("sockname")[1], self._users[user].address)
        return target

    async def _relay(self, user: str, client: Streams, target: Streams) -> None:
        """Pass bytes both ways until one side ends."""
        traffic = self.traffic[user]
        port = target[1].get_extra_info("sockname")[1]

        async def up() -> None:
            while data := await client[0].read(CHUNK):
                traffic.bytes_up += len(data)
                target[1].write(data)
                await target[1].drain()

        async def down() -> None:
            while data := await target[0].read(CHUNK):
                traffic.bytes_down += len(data)
                client[1].write(data)
                await client[1].drain()

        ways = [asyncio.create_task(way(), name=f"steam_sim: proxy of {user}") for way in (up, down)]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._egress.closed(port)
            target[1].close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


def _look_up(host: str) -> str | None:
    """The loopback address behind a host, None for anything else."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return name if ipaddress.ip_address(name).is_loopback else None
    except ValueError:
        return None


def _forwarded(request: HttpRequest) -> bytes:
    """A request that came with an absolute address, as the server behind that address expects it."""
    url = urlsplit(request.target)
    headers = [(name, value) for name, value in request.headers if name not in _HOP_BY_HOP]
    parser = h11.Connection(h11.CLIENT)
    events = (
        h11.Request(
            method=request.method,
            target=(url.path or "/") + (f"?{url.query}" if url.query else ""),
            headers=[*headers, ("connection", "close")],
        ),
        h11.Data(data=request.body),
        h11.EndOfMessage(),
    )
    return b"".join(parser.send(event) or b"" for event in events)
