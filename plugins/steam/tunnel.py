"""What to say to a proxy until it opens a tunnel: HTTP CONNECT and SOCKS5, without a socket or a clock.

Own code in place of `python-socks`, because "through its own proxy or not at all" rests on it: that library
offers to go without credentials beside giving them, so a gateway that takes both may put the bot behind another
exit; it reads an HTTP answer only as far as the first segment brings it; it takes ASCII credentials only; and it
tells a wrong password from a closed door by nothing but the text of a message.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Generator
from typing import NamedTuple

from plugins.steam.errors import ProxyRefusedCredentials, ProxyRefusedTarget, ProxyUnreachable
from plugins.steam.proxy import HTTP, Proxy

HEADERS = 0
MAX_HEADERS = 16 * 1024  # bytes
_END = b"\r\n\r\n"

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


class Turn(NamedTuple):
    """Send `send`, then hand over `expect` bytes (`HEADERS`: up to a blank line); fewer where there are no more."""

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
    answer = yield Turn("\r\n".join(lines).encode() + _END, HEADERS)
    status = _http_status(proxy, answer)
    if status in (401, 407):  # 401 is tinyproxy's
        raise _credentials_refused(proxy)
    if not 200 <= status < 300:
        raise ProxyRefusedTarget(f"the proxy {proxy.display} answered {status} to CONNECT {target}")


def _http_status(proxy: Proxy, answer: bytes) -> int:
    head, end, more = answer.partition(_END)
    words = head.split(b"\r\n", 1)[0].split(None, 2)
    known = len(words) > 1 and words[0].startswith(b"HTTP/1.") and len(words[1]) == 3 and words[1].isdigit()
    if not known or not end:
        raise _no_proxy(proxy, "HTTP")
    if more and words[1].startswith(b"2"):
        raise ProxyUnreachable(f"the proxy {proxy.display} sent data into the tunnel before we did; replace it")
    return int(words[1])


def _socks5(proxy: Proxy, host: str, port: int) -> Talk:
    method = _ANONYMOUS if proxy.username is None else _WITH_PASSWORD
    version, chosen = _exact(proxy, (yield Turn(bytes((5, 1, method)), 2)), 2)
    if version != 5:
        raise _no_proxy(proxy, "SOCKS5")
    if chosen == _NO_METHOD:
        raise _credentials_refused(proxy)
    if chosen != method:
        raise _no_proxy(proxy, "SOCKS5")
    if method == _WITH_PASSWORD:
        name, password = (proxy.username or "").encode(), (proxy.password or "").encode()
        login = bytes((1, len(name))) + name + bytes((len(password),)) + password
        if _exact(proxy, (yield Turn(login, 2)), 2)[1] != 0:
            raise _credentials_refused(proxy)
    request = b"\x05\x01\x00" + _socks5_address(host) + port.to_bytes(2, "big")
    version, reply, _, kind = _exact(proxy, (yield Turn(request, 4)), 4)
    if version != 5:
        raise _no_proxy(proxy, "SOCKS5")
    if reply != 0:
        reason = _REPLIES.get(reply, f"reply {reply}")
        raise ProxyRefusedTarget(f"the proxy {proxy.display} did not connect to {host}:{port}: {reason}")
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


def _credentials_refused(proxy: Proxy) -> ProxyRefusedCredentials:
    if proxy.username is None:
        return ProxyRefusedCredentials(
            f"the proxy {proxy.display} wants a user name and password; "
            "remove the bot and add it again with both in its proxy URL"
        )
    return ProxyRefusedCredentials(
        f"the proxy {proxy.display} does not take this user name and password; "
        "where the proxy itself cannot be mended, remove the bot and add it again with the right ones"
    )


def _no_proxy(proxy: Proxy, kind: str) -> ProxyUnreachable:
    return ProxyUnreachable(
        f"what answers at {proxy.display} is no {kind} proxy; check the proxy URL's scheme and port"
    )
