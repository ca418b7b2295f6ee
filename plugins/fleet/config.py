"""The settings of the plugin `fleet`."""

from __future__ import annotations

from typing import Final

from kernel.plugin import PluginConfig

AT_LEAST_ONE: Final = (
    "online_limit",
    "sign_ins_at_once",
    "sign_in_burst",
    "sign_ins_a_minute",
    "host_burst",
    "host_sign_ins_a_minute",
    "retry_min_s",
    "rotation_minutes",
)


class FleetConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[fleet]`."""

    online_limit: int = 100
    """Bots that may be online at once; the rest are checked in rotation."""
    sign_ins_at_once: int = 5
    """Sign-ins that may be under way at once."""
    sign_in_spacing_ms: int = 200
    """Milliseconds from the start of one sign-in to the start of the next, at least."""
    sign_in_burst: int = 60
    """Sign-ins of the whole fleet that may follow each other at that spacing ..."""
    sign_ins_a_minute: int = 240
    """... before they go on at this pace."""
    host_burst: int = 20
    """Sign-ins that may follow each other through the proxies of one host ..."""
    host_sign_ins_a_minute: int = 30
    """... before they go on at this pace. Raise both for a gateway that gives each user an exit of its own."""
    sign_in_deadline_s: float = 60.0
    """Seconds of the wall's clock after which a sign-in is broken off, so that it does not block a place for ever."""
    retry_min_s: int = 5
    """After its first failure a bot keeps off for a random part of this; it doubles with each further one."""
    retry_max_s: int = 900
    """What the back-off grows to."""
    rotation_minutes: int = 30
    """How long an idle bot stays online while others wait for their turn."""

    def __post_init__(self) -> None:
        for name in AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")
        if self.sign_in_spacing_ms < 0:
            raise ValueError("sign_in_spacing_ms: must not be below 0")
        if self.sign_in_deadline_s <= 0:
            raise ValueError("sign_in_deadline_s: must be above 0")
        if self.retry_max_s < self.retry_min_s:
            raise ValueError("retry_max_s: must not be below retry_min_s")
