"""A bot's proxy: how its URL is read, shown and compared."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid

HTTP = "http"
SOCKS5 = "socks5h"

_SCHEMES = {"http": HTTP, "socks5": SOCKS5, "socks5h": SOCKS5}
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|(?=.*:)[0-9A-Fa-f:.]{2,45}")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_MAX_LENGTH = 2048
_MAX_CREDENTIAL = 255  # bytes; SOCKS5 has one byte for the length


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """The only way out for one bot. Names are resolved at its far end, with either scheme."""

    scheme: str  # HTTP or SOCKS5
    host: str
    port: int
    username: str | None = None
    password: str | None = None

    @property
    def identity(self) -> tuple[str, int, str]:
        """What makes two proxies one: host, port and user name.

        The scheme does not count, since many proxies speak both on one port; the user name does, since
        gateways give each user name an exit of its own.
        """
        return self.host, self.port, self.username or ""

    @property
    def display(self) -> str:
        """The URL as it may be shown: never with the password."""
        return self._url(None if self.username is None else f"{_quote(self.username)}:***")

    @property
    def url(self) -> str:
        """The URL with its credentials, for the store of secrets only."""
        if self.username is None:
            return self._url(None)
        return self._url(f"{_quote(self.username)}:{_quote(self.password or '')}")

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def _url(self, credentials: str | None) -> str:
        return f"{self.scheme}://{'' if credentials is None else credentials + '@'}{self.authority}"

    def __repr__(self) -> str:
        return f"Proxy({self.display!r})"


def parse(url: str) -> Proxy:
    """Read `http://user:password@host:port` or `socks5://…`; `ProxyInvalid` says what to correct.

    Special characters of the credentials are percent-encoded. `socks5` is read as `socks5h`: names are the
    proxy's to resolve.
    """
    if len(url) > _MAX_LENGTH or _BLANK.search(url.strip()):
        raise ProxyInvalid(
            SteamRefusal.PROXY_MALFORMED, "the proxy URL has blanks in it or is too long; percent-encode them"
        )
    scheme, found, _ = url.strip().partition("://")
    if not found:
        raise ProxyInvalid(
            SteamRefusal.PROXY_MALFORMED,
            "the proxy URL has no scheme; write http://user:password@host:port or socks5://…",
        )
    try:
        parts = urllib.parse.urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ProxyInvalid(
            SteamRefusal.PROXY_MALFORMED,
            "the proxy URL has no valid host and port; write http://user:password@host:port",
        ) from None
    known = _SCHEMES.get(scheme.lower())
    if known is None:
        raise ProxyInvalid(
            SteamRefusal.PROXY_SCHEME,
            "the proxy URL's scheme must be http (with CONNECT), socks5 or socks5h; TLS to the proxy itself "
            "is not supported, and the traffic to Steam inside the tunnel is TLS anyway",
        )
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ProxyInvalid(
            SteamRefusal.PROXY_MALFORMED,
            "the proxy URL goes on after the port; percent-encode the characters / ? # of the credentials",
        )
    if not host or len(host) > 253 or not _HOST.fullmatch(host):
        raise ProxyInvalid(
            SteamRefusal.PROXY_HOST, "the proxy URL has no valid host; write http://user:password@host:port"
        )
    if not port:
        raise ProxyInvalid(
            SteamRefusal.PROXY_PORT, "the proxy URL names no port from 1 to 65535; write it after the host"
        )
    username, password = _credentials(parts.username, parts.password, known)
    return Proxy(known, host.lower().rstrip("."), port, username, password)


def _credentials(username: str | None, password: str | None, scheme: str) -> tuple[str | None, str | None]:
    if not username and not password:
        return None, None
    try:
        name = urllib.parse.unquote(username or "", errors="strict")
        secret = urllib.parse.unquote(password or "", errors="strict")
    except UnicodeDecodeError:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS,
            "the proxy's user name or password is not percent-encoded UTF-8; encode it again",
        ) from None
    if not name:
        raise ProxyInvalid(SteamRefusal.PROXY_CREDENTIALS, "the proxy URL has a password and no user name; write both")
    if scheme == HTTP and ":" in name:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS,
            "a user name with a colon cannot be given to an HTTP proxy; use its SOCKS5 port",
        )
    if max(len(name.encode()), len(secret.encode())) > _MAX_CREDENTIAL:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS, f"the proxy's user name or password has more than {_MAX_CREDENTIAL} bytes"
        )
    return name, secret


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="")
