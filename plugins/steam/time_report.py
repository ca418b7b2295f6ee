"""What is told of Steam's time: a sentence in the health of the system, and metrics."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.discipline import say
from kernel.measures import Measure
from plugins.steam.policy import SECOND
from plugins.steam.steam_clock import SteamClock

TOLD_FROM = 2 * SECOND  # ms off that are worth a word


def told(time: SteamClock) -> str:
    """In words, for whoever looks at the health of the system."""
    heard = time.heard
    if heard is None:
        return "Steam's time is not known yet; codes are made by this machine's clock"
    source = f"as told by {heard.source} {say(time.age_ms)} ago"
    if abs(time.offset_ms) < TOLD_FROM:
        return f"this machine's clock is Steam's, {source}"
    side = "behind" if time.offset_ms > 0 else "ahead of"
    return f"this machine's clock is {say(abs(time.offset_ms))} {side} Steam's, {source}; codes are made by Steam's"


def time_measures(time: SteamClock | None) -> Sequence[Measure]:
    """None while nobody has told the time."""
    if time is None or not time.known:
        return ()
    offset, age = time.offset_ms / SECOND, time.age_ms / SECOND
    return (
        Measure.gauge("steam_clock_offset_seconds", "By how much Steam's clock is ahead of this machine's.", offset),
        Measure.gauge("steam_clock_age_seconds", "How long ago Steam's time was told.", age),
    )
