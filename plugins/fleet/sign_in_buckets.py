"""Token buckets: how many sign-ins in a row, and how many a minute after those, for the fleet and each proxy host."""

from __future__ import annotations

import ipaddress
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from kernel.clock import MINUTE, Millis

KEPT: Final = 10_000
"""Buckets of hosts that are remembered before those that are full again are dropped."""


class Bucket:
    """Holds `burst` tokens at most and gains `per_minute`. Kept as one moment: when it will be full again."""

    __slots__ = ("_burst", "_full_at", "_interval")

    def __init__(self, burst: int, per_minute: int) -> None:
        self._burst = burst
        self._interval = MINUTE / per_minute
        self._full_at = 0.0

    @property
    def interval(self) -> int:
        """Milliseconds from one new token to the next."""
        return round(self._interval)

    def free_at(self, now: Millis) -> Millis:
        """When a token is there: now, or later."""
        return Millis(max(now, ceil(self._full_at - (self._burst - 1) * self._interval)))

    def take(self, now: Millis) -> None:
        """Take a token; where there is none the bucket goes into debt."""
        self._full_at = max(self._full_at, now) + self._interval

    def follow_clock(self, by: int) -> None:
        """The clock has stepped: what is in the bucket stays in it."""
        self._full_at += by

    def is_full(self, now: Millis) -> bool:
        return self._full_at <= now


class Hosts:
    """A bucket for each proxy host. One that is full again is as good as new, and need not be kept."""

    def __init__(self, burst: int, per_minute: int) -> None:
        self._burst = burst
        self._per_minute = per_minute
        self._buckets: dict[str, Bucket] = {}

    def follow_clock(self, by: int) -> None:
        for bucket in self._buckets.values():
            bucket.follow_clock(by)

    def of(self, host: str, now: Millis) -> Bucket:
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= KEPT:
                self._buckets = {name: held for name, held in self._buckets.items() if not held.is_full(now)}
            bucket = self._buckets[host] = Bucket(self._burst, self._per_minute)
        return bucket


def egress(proxy_url: str) -> str:
    """By what the sign-ins through a proxy are counted: its host, whatever its port and user name.

    A proxy on this machine is the near end of somebody's tunnel: its host says nothing of where it comes out, so each
    is counted by itself.
    """
    host = (urlsplit(proxy_url).hostname or "").rstrip(".")
    return proxy_url if _is_loopback(host) else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
