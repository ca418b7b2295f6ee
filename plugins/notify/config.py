"""The table `[notify]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from kernel.findings import Deployment
from kernel.kept_secrets import SecretUnreadable, is_place, read_place
from kernel.plugin import PluginConfig
from kernel.public_addresses import AllowedNetworks
from plugins.notify.codes import NotifyReason, Severity
from plugins.notify.wording import Language

TARGETS_MOST: Final = 20
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class TargetConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to somebody: the table `[notify.targets.NAME]`."""

    url: str
    """Where its apprise URL is: `env:NAME`, or `file:/path` (mode 0600). Never the URL itself, which holds a key."""
    reasons: tuple[NotifyReason, ...] = ()
    """Of what it is told; none named: of everything."""
    least: Severity = Severity.INFO
    """From which severity on."""

    def __post_init__(self) -> None:
        if not is_place(self.url):
            raise ValueError("url: write env:NAME_OF_A_VARIABLE or file:/path/to/it, never the URL itself")

    def wants(self, reason: NotifyReason, severity: Severity) -> bool:
        return (not self.reasons or reason in self.reasons) and severity.rank >= self.least.rank


class NotifyConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[notify]`."""

    targets: dict[str, TargetConfig] = field(default_factory=dict)
    """By name; each is a table of its own."""
    public_url: str | None = None
    """Where people have the page, such as https://switchboard.example: what is told has links to it."""
    language: Language = "en"
    """Of what is told: `en` or `ru`."""
    words: bool = False
    """With what the player wrote last, where one waits."""
    needs_person_minutes: float = 10.0
    """After so long somebody is told that a chat needs a person."""
    per_minute: int = 5
    """Notifications to one target in a minute; what is more waits, and comes as one digest."""
    quiet_from: str | None = None
    """From then on, such as `22:00`, only what is critical is told; the rest comes as a digest at `quiet_to`."""
    quiet_to: str | None = None
    """Until then; before `quiet_from` where the hours go over midnight."""
    zone: str = "UTC"
    """The time zone of the quiet hours."""
    timeout_s: float = 20.0
    """For one notification; then the process that sends it is ended."""
    allowed_networks: tuple[str, ...] = ()
    """Networks beside the public ones that may be connected to, such as `10.1.0.0/16`."""

    def __post_init__(self) -> None:
        if len(self.targets) > TARGETS_MOST:
            raise ValueError(f"targets: at most {TARGETS_MOST}")
        for name in self.targets:
            if _NAME.fullmatch(name) is None:
                raise ValueError(f"targets: {name!r} is no name; use small letters, digits, - and _, at most 32")
        if self.public_url is not None:
            parts = urlsplit(self.public_url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError("public_url: write it as https://switchboard.example")
        for setting in ("quiet_from", "quiet_to"):
            given = getattr(self, setting)
            if given is not None and _TIME.fullmatch(given) is None:
                raise ValueError(f"{setting}: write a time of the day such as 22:00")
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet_from, quiet_to: give both, or neither")
        try:
            ZoneInfo(self.zone)
        except (OSError, ValueError, KeyError):
            raise ValueError(f"zone: there is no time zone {self.zone!r}; write one such as Europe/Berlin") from None
        try:
            AllowedNetworks(self.allowed_networks)
        except ValueError as error:
            raise ValueError(f"allowed_networks: {error}") from None
        for setting, least, most in (
            ("needs_person_minutes", 0.1, 10_080.0),
            ("per_minute", 1, 60),
            ("timeout_s", 1.0, 120.0),
        ):
            if not least <= getattr(self, setting) <= most:
                raise ValueError(f"{setting}: give {least:g} to {most:g}")

    def findings(self, deployment: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        for name, target in self.targets.items():
            try:
                read_place(target.url, "URL")
            except SecretUnreadable as error:
                yield f"targets.{name}.url: {error}"

    @property
    def quiet(self) -> tuple[time, time] | None:
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to)
