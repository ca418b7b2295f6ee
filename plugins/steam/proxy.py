"""A bot's proxy: how its URL is read, shown and compared."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Final

from plugins.steam import proxy_spellings
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid
from plugins.steam.hosts import HostInvalid, canonical, loopback

HTTP = "http"
SOCKS5 = "socks5h"

_SCHEMES = {"http": HTTP, "socks5": SOCKS5, "socks5h": SOCKS5}
_MAX_LENGTH = 2048
SOCKS_PORT: Final = 1080
"""The port that IANA keeps for SOCKS."""
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
        """What makes two proxies one: the address that the host's text means, port and user name.

        The scheme does not count, since many proxies speak both on one port; the user name does, since
        gateways give each user name an exit of its own.
        """
        return loopback(self.host), self.port, self.username or ""

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


def parse(text: str) -> Proxy:
    """Read a proxy as people write it (`proxy_spellings`); `ProxyInvalid` says what to correct, and never quotes it.

    Without a scheme it is an HTTP proxy, on port 1080 a SOCKS5 one. `socks5` is read as `socks5h`: names are the
    proxy's to resolve. In a URL special characters of the credentials may be percent-encoded.
    """
    if len(text) > _MAX_LENGTH:
        raise ProxyInvalid(SteamRefusal.PROXY_MALFORMED, "the proxy URL is too long")
    parts = proxy_spellings.split(text)
    scheme = _SCHEMES.get(parts.scheme or ("socks5" if parts.port == SOCKS_PORT else "http"))
    if scheme is None:
        raise ProxyInvalid(
            SteamRefusal.PROXY_SCHEME,
            "the proxy URL's scheme must be http (with CONNECT), socks5 or socks5h; TLS to the proxy itself "
            "is not supported, and the traffic to Steam inside the tunnel is TLS anyway",
        )
    try:
        host = canonical(parts.host)
    except HostInvalid as error:
        raise ProxyInvalid(
            SteamRefusal.PROXY_HOST, f"the proxy URL has no valid host ({error}); write {proxy_spellings.FORM}"
        ) from None
    username, password = _credentials(parts.username, parts.password, scheme)
    return Proxy(scheme, host, parts.port, username, password)


def _credentials(name: str | None, secret: str | None, scheme: str) -> tuple[str | None, str | None]:
    if not name and not secret:
        return None, None
    if not name:
        raise ProxyInvalid(SteamRefusal.PROXY_CREDENTIALS, "the proxy URL has a password and no user name; write both")
    if scheme == HTTP and ":" in name:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS,
            "a user name with a colon cannot be given to an HTTP proxy; use its SOCKS5 port",
        )
    secret = secret or ""
    if max(len(name.encode()), len(secret.encode())) > _MAX_CREDENTIAL:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS, f"the proxy's user name or password has more than {_MAX_CREDENTIAL} bytes"
        )
    return name, secret


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="")
