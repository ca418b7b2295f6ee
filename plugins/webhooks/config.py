"""The table `[webhooks]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct, field

from kernel.events import KINDS
from kernel.findings import Deployment
from kernel.kept_secrets import SecretUnreadable, is_place, read_place
from kernel.plugin import PluginConfig
from kernel.public_addresses import AllowedNetworks
from kernel.roles import Role
from plugins.webhooks.target import WebhookTarget

ENDPOINTS_MOST: Final = 20
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_KIND: Final = re.compile(r"\*|[A-Za-z0-9_]+\.(\*|[A-Za-z0-9_.]+)")


class EndpointConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One endpoint: the table `[webhooks.endpoints.NAME]`."""

    url: str
    """An https address; or where it is, if it is a secret itself: `env:NAME`, `file:/path` (mode 0600)."""
    kinds: tuple[str, ...]
    """Which events it gets: kinds such as `task.statusChanged`, `task.*`, or `*`."""
    words: bool = False
    """With what was said, noted and written as free text; without, such fields are left out."""

    def __post_init__(self) -> None:
        if not is_place(self.url):
            WebhookTarget.of(self.url)
        if not self.kinds:
            raise ValueError('kinds: name at least one kind of event, such as "task.statusChanged"')
        for kind in self.kinds:
            if _KIND.fullmatch(kind) is None:
                raise ValueError(f"kinds: {kind!r} is none; write task.statusChanged, task.* or *")

    def wants(self, kind: str) -> bool:
        """Whether it gets events of that kind. What happens to endpoints it gets by name alone."""
        return any(
            fnmatchcase(kind, wanted) and (wanted != "*" or not kind.startswith("webhooks.")) for wanted in self.kinds
        )

    def target(self) -> WebhookTarget:
        """Where it is. Raises SecretUnreadable, ValueError; neither repeats the URL."""
        return WebhookTarget.of(read_place(self.url, "URL") if is_place(self.url) else self.url)


class WebhooksConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[webhooks]`. Spans in seconds run by the wall's clock, pauses by the system's."""

    endpoints: dict[str, EndpointConfig] = field(default_factory=dict)
    """By name; each is a table of its own."""
    allowed_networks: tuple[str, ...] = ()
    """Networks beside the public ones that may be connected to, such as `10.1.0.0/16`; http is for these alone."""
    ca_file: str | None = None
    """Certificates of authorities in the place of the system's, in PEM."""
    timeout_s: float = 15.0
    """For one attempt, from the name's resolution to the answer's headers."""
    at_once: int = 4
    """Messages under way to one endpoint; while it fails, one."""
    first_pause_s: float = 2.0
    """After the first failure; each further one doubles it."""
    longest_pause_s: float = 900.0
    """Where the doubling ends; a longer wish of the endpoint's is not met either."""
    failures: int = 60
    """After so many failed attempts in a row the endpoint is disabled: half a day, by the pauses above."""
    deliveries_kept: int = 200
    """Of each endpoint, in its record of deliveries."""

    def __post_init__(self) -> None:
        if len(self.endpoints) > ENDPOINTS_MOST:
            raise ValueError(f"endpoints: at most {ENDPOINTS_MOST}")
        for name in self.endpoints:
            if _NAME.fullmatch(name) is None:
                raise ValueError(f"endpoints: {name!r} is no name; use small letters, digits, - and _, at most 32")
        try:
            AllowedNetworks(self.allowed_networks)
        except ValueError as error:
            raise ValueError(f"allowed_networks: {error}") from None
        for name, least, most in (
            ("timeout_s", 0.1, 60.0),
            ("at_once", 1, 32),
            ("first_pause_s", 0.1, 3_600.0),
            ("longest_pause_s", 1.0, 86_400.0),
            ("failures", 1, 10_000),
            ("deliveries_kept", 10, 1_000),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name}: give {least:g} to {most:g}")

    def findings(self, deployment: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        for name, endpoint in self.endpoints.items():
            try:
                endpoint.target()
            except (SecretUnreadable, ValueError) as error:
                yield f"endpoints.{name}.url: {str(error).removeprefix('url: ')}"
            for kind in endpoint.kinds:
                if "*" in kind or kind.partition(".")[0] not in {known.partition(".")[0] for known in KINDS}:
                    continue  # a plugin's kinds are not known here
                if kind not in KINDS:
                    yield f"endpoints.{name}.kinds: there is no event {kind!r}; kernel/README.md lists them"
                elif KINDS[kind].seen_by is not Role.VIEWER:
                    yield f"endpoints.{name}.kinds: {kind} is for our own people alone, and is sent nowhere"
