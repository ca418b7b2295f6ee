"""Where an endpoint is: the parts of its URL, of which only scheme and host are ever shown."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class WebhookTarget(NamedTuple):
    """The parts of an endpoint's URL."""

    tls: bool
    host: str
    port: int
    authority: str
    """As the header Host has it."""
    path: str
    """With its query."""

    @classmethod
    def of(cls, url: str) -> WebhookTarget:
        """Raises ValueError, which does not repeat the URL: it may hold a secret."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            ascii_host = (host or "").encode("idna").decode() if host and ":" not in host else host
        except (ValueError, UnicodeError):
            ascii_host, port, parts = None, None, urlsplit("")
        if not ascii_host or parts.scheme not in ("http", "https") or not url.isascii() or not url.isprintable():
            raise ValueError("url: must be an https address such as https://crm.example/hook, in plain letters")
        if " " in url or "\\" in url:
            raise ValueError("url: must have no space and no backslash in it")
        if "@" in parts.netloc:
            raise ValueError("url: must have no user or password in it")
        tls = parts.scheme == "https"
        usual = 443 if tls else 80
        literal = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
        authority = literal if port in (None, usual) else f"{literal}:{port}"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(tls, ascii_host, port if port is not None else usual, authority, path)

    @property
    def shown(self) -> str:
        """Scheme, host and port: what a log and a page may have."""
        return f"{'https' if self.tls else 'http'}://{self.authority}"

    def __repr__(self) -> str:
        return f"WebhookTarget({self.shown}/…)"
