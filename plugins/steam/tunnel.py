"""What to say to a proxy until it opens a tunnel: HTTP CONNECT and SOCKS5, without a socket or a clock.

Own code in place of `python-socks`, because "through its own proxy or not at all" rests on it: that library
offers to go without credentials beside giving them, so a gateway that takes both may put the bot behind another
exit; it reads an HTTP answer only as far as the first segment brings it; it takes ASCII credentials only; and it
tells a wrong password from a closed door by nothing but the text of a message.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Generator
from typing import NamedTuple, NoReturn

from plugins.steam.errors import ProxyRefusedCredentials, ProxyRefusedTarget, ProxyUnreachable
from plugins.steam.proxy import HTTP, Proxy

HEADERS = SOME = 0
MAX_HEADERS = 32 * 1024  # bytes, of all heads of an answer
MAX_INTERIM = 8  # answers that say that another one comes
_END = re.compile(rb"\r?\n\r?\n")  # some proxies end their lines with LF alone
_STATUSES = {
    400: "it does not understand the request, so it may be no proxy for CONNECT",
    402: "it wants to be paid; look at its provider's page",
    403: "it does not allow this address; ask its provider whether Steam is allowed",
    404: "it does not know this address",
    405: "it does no CONNECT; take a proxy that does, or its SOCKS5 port",
    429: "too many connections at once",
    500: "it failed",
    502: "it could not connect to this address",
    503: "it is overloaded, or has no exit to give",
    504: "this address did not answer it in time",
}

_ANONYMOUS, _WITH_PASSWORD, _NO_METHOD = 0, 2, 0xFF
_IPV4, _NAME, _IPV6 = 1, 3, 4
_ADDRESS_SIZE = {_IPV4: 4, _IPV6: 16}
_REPLIES = {
    1: "a general failure",
    2: "connection not allowed",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


_CHALLENGE = re.compile(rb"^(?:proxy|www)-authenticate:[ \t]*([a-z]{1,20})\b", re.IGNORECASE | re.MULTILINE)


class Turn(NamedTuple):
    """Send `send`, then hand over `expect` bytes, fewer at the end; `SOME`: whatever comes, nothing at the end."""

    send: bytes
    expect: int


Talk = Generator[Turn, bytes, None]


def talk(proxy: Proxy, host: str, port: int) -> Talk:
    """The talk with `proxy` that ends with a tunnel to `host`, or with one of the `Proxy…` errors."""
    return _http_connect(proxy, host, port) if proxy.scheme == HTTP else _socks5(proxy, host, port)


def _http_connect(proxy: Proxy, host: str, port: int) -> Talk:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username is not None:
        pair = f"{proxy.username}:{proxy.password or ''}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    request = "\r\n".join(lines).encode() + b"\r\n\r\n"
    received = bytearray()
    for _ in range(MAX_INTERIM):
        checked = 0
        while (end := _END.search(received, checked)) is None:
            checked = max(0, len(received) - 3)
            received += (yield Turn(request, SOME)) or _closed(proxy, received)
            request = b""
            if received.startswith((b"\r", b"\n")):
                received, checked = received.lstrip(b"\r\n"), 0
            if len(received) > MAX_HEADERS:
                raise _no_proxy(proxy, "HTTP")
        head, received = bytes(received[: end.start()]), received[end.end() :]
        status = _http_status(proxy, head)
        if not 100 <= status < 200 or status == 101:
            break
    if status in (401, 407):  # 401 is tinyproxy's
        raise _credentials_refused(proxy, head)
    if not 200 <= status < 300:
        why = _STATUSES.get(status, "")
        raise ProxyRefusedTarget(f"the proxy {proxy.display} answered {status} to CONNECT {target}{why and ': ' + why}")
    if received:
        raise ProxyUnreachable(f"the proxy {proxy.display} sent data into the tunnel before we did; replace it")


def _closed(proxy: Proxy, received: bytearray) -> NoReturn:
    if received:
        raise _no_proxy(proxy, "HTTP", bytes(received))
    raise ProxyUnreachable(
        f"the proxy {proxy.display} closed the connection without an answer; check the proxy URL's scheme and port"
    )


def _http_status(proxy: Proxy, head: bytes) -> int:
    words = head.split(b"\n", 1)[0].split(None, 2)
    known = len(words) > 1 and words[0].upper().startswith(b"HTTP/") and len(words[1]) == 3 and words[1].isdigit()
    if not known:
        raise _no_proxy(proxy, "HTTP", head)
    return int(words[1])


def _socks5(proxy: Proxy, host: str, port: int) -> Talk:
    """Where there are credentials nothing else is offered, so a gateway that knows them asks for them. One that chooses
    to go without all the same knows no users, and has one exit."""
    method = _ANONYMOUS if proxy.username is None else _WITH_PASSWORD
    greeting = _exact(proxy, (yield Turn(bytes((5, 1, method)), 2)), 2)
    version, chosen = greeting
    if version != 5:
        raise _no_proxy(proxy, "SOCKS5", greeting)
    if chosen == _NO_METHOD or (chosen == _WITH_PASSWORD and method == _ANONYMOUS):
        raise _credentials_refused(proxy)
    if chosen not in (method, _ANONYMOUS):
        raise _no_proxy(proxy, "SOCKS5")
    if chosen == _WITH_PASSWORD:
        name, password = (proxy.username or "").encode(), (proxy.password or "").encode()
        login = bytes((1, len(name))) + name + bytes((len(password),)) + password
        if _exact(proxy, (yield Turn(login, 2)), 2)[1] != 0:
            raise _credentials_refused(proxy)
    request = b"\x05\x01\x00" + _socks5_address(host) + port.to_bytes(2, "big")
    version, reply = _exact(proxy, (yield Turn(request, 2)), 2)
    if version != 5:
        raise _no_proxy(proxy, "SOCKS5")
    if reply != 0:  # some close right behind it
        reason = _REPLIES.get(reply, f"reply {reply}")
        raise ProxyRefusedTarget(f"the proxy {proxy.display} did not connect to {host}:{port}: {reason}")
    _, kind = _exact(proxy, (yield Turn(b"", 2)), 2)
    size = _ADDRESS_SIZE.get(kind)
    if size is None:
        if kind != _NAME:
            raise _no_proxy(proxy, "SOCKS5")
        size = _exact(proxy, (yield Turn(b"", 1)), 1)[0]
    _exact(proxy, (yield Turn(b"", size + 2)), size + 2)


def _socks5_address(host: str) -> bytes:
    """An address as it is, a name for the proxy to resolve."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        return bytes((_NAME, len(name))) + name
    return bytes((_IPV4 if address.version == 4 else _IPV6,)) + address.packed


def _exact(proxy: Proxy, data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ProxyUnreachable(f"the proxy {proxy.display} closed the connection in the middle of its greeting")
    return data


def _credentials_refused(proxy: Proxy, head: bytes = b"") -> ProxyRefusedCredentials:
    schemes = {scheme.lower() for scheme in _CHALLENGE.findall(head)}
    if schemes and b"basic" not in schemes:
        named = b" or ".join(sorted(schemes)).decode("ascii")
        return ProxyRefusedCredentials(
            f"the proxy {proxy.display} takes user names by {named} only, which is not supported; take its SOCKS5 "
            "port, or have it take Basic"
        )
    if proxy.username is None:
        return ProxyRefusedCredentials(
            f"the proxy {proxy.display} wants a user name and password; "
            "remove the bot and add it again with both in its proxy URL"
        )
    return ProxyRefusedCredentials(
        f"the proxy {proxy.display} does not take this user name and password; "
        "where the proxy itself cannot be mended, remove the bot and add it again with the right ones"
    )


def _no_proxy(proxy: Proxy, kind: str, heard: bytes = b"") -> ProxyUnreachable:
    other = "an HTTP" if kind == "SOCKS5" and heard.startswith(b"HT") else ""
    other = "a SOCKS5" if kind == "HTTP" and heard.startswith(b"\x05") else other
    hint = f"it answers as {other} proxy; " if other else ""
    return ProxyUnreachable(
        f"what answers at {proxy.display} is no {kind} proxy; {hint}check the proxy URL's scheme and port"
    )
