"""Steam's clock beside ours: what second it is there at a moment of ours, also after ours was set."""

from __future__ import annotations

from typing import Final

from kernel.clock import MINUTE, SECOND, Millis
from kernel.context import Context
from kernel.events import ClockStepped, Envelope

SLACK_MS: Final = MINUTE
"""Two clocks that differ by no more are taken for the same: an answer takes a while, and seconds are whole."""


class SteamTime:
    """By how much our clock is ahead of Steam's: none until told otherwise.

    A step of our clock takes the times in the state along, and Steam's lines stay where they are; so what is compared
    with them goes through here.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._ahead_ms = 0

    def start(self) -> None:
        self._ctx.subscribe(ClockStepped, self._stepped)

    def second(self, moment: int) -> int:
        """What Steam's clock shows at that moment of ours, in seconds since 1970."""
        return (moment - self._ahead_ms) // SECOND

    def told(self, steam_ts: int) -> None:
        """Steam has just stamped something so."""
        ahead_ms = self._ctx.clock.now() - Millis(steam_ts * SECOND)
        if abs(ahead_ms - self._ahead_ms) > SLACK_MS:
            self._ahead_ms = ahead_ms

    def _stepped(self, _: Envelope, event: ClockStepped) -> None:
        if event.earlier_by_ms == event.by_ms:
            self._ahead_ms += event.by_ms
        else:  # ours was wrong from the start of this run on, and is right now
            self._ahead_ms = 0
