"""The table `[api]`, and what in it cannot work."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kernel.findings import Deployment
from kernel.plugin import PluginConfig
from kernel.roles import Role
from plugins.api.auth import operators, tokens
from plugins.api.auth.access import OPERATORS, TOKENS
from plugins.api.auth.second_factor import Mode
from plugins.api.errors import FileUnreadable
from plugins.api.http import server
from plugins.api.http.server import Tls

DOCUMENTS: Final = ("/api/openapi.json", "/api/schema.json")


class ApiConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[api]`."""

    host: str = "127.0.0.1"
    """Where to listen. Anything but this machine itself needs an operator or a token first."""
    port: int = 8040
    """0 takes any that is free; the log and the file `api/address` of the data folder say which."""
    public_url: str | None = None
    """The URL that people use, such as https://switchboard.example, where a reverse proxy is in front."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of the proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    tls_certificate: str | None = None
    """A PEM file with the certificate and its chain; with `tls_key`, it is served over https."""
    tls_key: str | None = None
    """A PEM file with the key of that certificate."""
    second_factor: Mode = "optional"
    """Beside the password. `off`: nobody is asked, also of those who have one; `optional`: whoever has set one up is;
    `required`: everybody of `second_factor_role` or above sets one up at the next sign-in. Tokens are no people."""
    second_factor_role: Role = Role.DEVELOPER
    """From which role on they are required, where they are."""
    proof_minutes: int = 5
    """How long after a sign-in, or a proof asked for since, a person may do what cannot be taken back."""
    requests_per_minute: int = 12_000
    """Of one operator or notebook; so many at once after a silence."""
    strangers_per_minute: int = 600
    """Requests from one address without anybody's sign-in."""
    open_paths: tuple[str, ...] | None = None
    """What is served without a token. Left out: the health probes and, where only this machine can ask, also the
    metrics and the documents of the contract. With `public_url` or `trusted_proxies` others can ask through a proxy."""
    batch_window_ms: int = 50
    """At most one batch of events in this time."""
    keep_alive_s: float = 15.0
    """After so much silence a stream gets a comment, so that nobody between takes it for dead."""
    stall_s: float = 30.0
    """A stream whose client takes nothing for so long is cut off."""
    max_streams: int = 500
    """Event streams at once."""
    max_streams_each: int = 20
    """Of these, one operator's or notebook's: every tab of a browser takes one."""
    max_commands: int = 1_000
    """Commands under way at once."""
    max_connections: int = 4_000
    """Connections at once, of all kinds. Who has not signed in makes room for who comes."""
    max_connections_each: int = 1_000
    """Of these, one address's that is no trusted proxy; of IPv6, one /64 network's."""
    ring_mib: int = 32
    """Events kept for clients that are slow: more of it bridges longer stalls without a new snapshot."""

    compress: bool = True
    """Compress event streams (zstd or gzip) for clients that take it; each batch once, for all of them."""

    def __post_init__(self) -> None:
        if not self.host.strip():
            raise ValueError(
                "host: is empty, which would be every address; write 127.0.0.1, or 0.0.0.0 if you mean all"
            )
        if not 0 <= self.port <= 65_535:
            raise ValueError("port: must be from 0 to 65535")
        for name in (
            "batch_window_ms",
            "max_streams",
            "max_streams_each",
            "max_commands",
            "max_connections",
            "max_connections_each",
            "requests_per_minute",
            "strangers_per_minute",
            "ring_mib",
            "proof_minutes",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")
        if self.keep_alive_s <= 0 or self.stall_s <= 0:
            raise ValueError("keep_alive_s, stall_s: must be above 0")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate, tls_key: give both, or neither")
        if self.public_url is not None and not self.public_url.startswith(("https://", "http://")):
            raise ValueError("public_url: must begin with https:// or http://")
        for path in self.open_paths or ():
            if not path.startswith("/"):
                raise ValueError(f"open_paths: {path!r} does not begin with a slash")
            if path.startswith("/api/") and path not in DOCUMENTS:
                raise ValueError(f"open_paths: {path} always needs a token, since it needs to know who asks")

    def findings(self, deployment: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        address = server.objection_to(self.host, self.port)
        if address is not None:
            yield address
        elif (folder := deployment.folder("api")) is not None and self._is_exposed(folder):
            yield self.exposed
        if self.tls is not None and (objection := self.tls.objection()) is not None:
            yield objection
        if self.public_url is not None and not urlsplit(self.public_url).hostname:
            yield f"public_url: {self.public_url} has no host; write it as https://switchboard.example"
        for proxy in self.trusted_proxies:
            if proxy != "*" and not _is_network(proxy):
                yield f"trusted_proxies: {proxy!r} is no address and no network, so no proxy is ever believed by it"
        if self.max_streams_each > self.max_streams:
            yield f"max_streams_each: nobody gets more than max_streams, {self.max_streams}; lower it, or raise that"
        if self.max_connections <= self.max_streams:
            yield "max_connections: streams alone may take them all, and no command comes in; set more than max_streams"

    @property
    def tls(self) -> Tls | None:
        if self.tls_certificate is None or self.tls_key is None:
            return None
        return Tls(self.tls_certificate, self.tls_key)

    @property
    def exposed(self) -> str:
        """What is said where `host` is not this machine alone, and nobody can sign in."""
        make = "switchboard operator add NAME --role admin --data DIR"
        return f"host: {self.host} can be reached from elsewhere, and nobody can sign in yet; {make}"

    def _is_exposed(self, folder: Path) -> bool:
        *_, address = server.first_address(self.host, self.port)
        try:
            somebody = tokens.read(folder / TOKENS) or operators.read(folder / OPERATORS).operators
        except FileUnreadable:  # which is told at a start
            return False
        return not somebody and not server.is_loopback(address)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
