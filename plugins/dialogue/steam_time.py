"""Steam's clock beside ours: what second it is there at a moment of ours, also after ours was set."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from math import inf
from typing import Final

from kernel.clock import MINUTE, SECOND, Millis
from kernel.context import Context
from kernel.events import BotConnected, ClockStepped, Envelope
from kernel.rows import Message, Sender

SLACK_MS: Final = MINUTE
"""Two clocks that differ by no more are taken for the same: an answer takes a while, and seconds are whole."""


LINES: Final = 100
"""Of so many, at a start, the latest tell how the clocks stand."""


class SteamTime:
    """By how much our clock is ahead of Steam's.

    A step of our clock takes the times in the state along, and Steam's lines stay where they are; so what is compared
    with them goes through here. At a start it is read off the latest lines: what was sent was decided on no later than
    Steam's moment, and what was heard no earlier, so the difference lies between the two.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._ahead_ms = 0
        self._observed = False
        """Has Steam told its time in this run? Else what we know is of earlier ones."""

    def start(self) -> None:
        self._ctx.subscribe(ClockStepped, self._stepped)
        self._ctx.subscribe(BotConnected, self._connected)
        least, most = -inf, inf
        for message, steam_ts in nlargest(LINES, self._lines(), key=lambda line: line[0].ts):
            ahead_ms = message.ts - steam_ts * SECOND
            if message.sender is Sender.BOT:
                least = max(least, ahead_ms)
            else:
                most = min(most, ahead_ms)
        if least > SLACK_MS:
            self._ahead_ms = int(least)
        elif most < -SLACK_MS:
            self._ahead_ms = int(most)

    def second(self, moment: int) -> int:
        """What Steam's clock shows at that moment of ours, in seconds since 1970."""
        return (moment - self._ahead_ms) // SECOND

    def observe(self, steam_ts: int) -> None:
        """Steam has just answered with this timestamp."""
        self._observed = True
        ahead_ms = self._ctx.clock.now() - Millis(steam_ts * SECOND)
        if abs(ahead_ms - self._ahead_ms) > SLACK_MS:
            self._ahead_ms = ahead_ms

    def _connected(self, _: Envelope, event: BotConnected) -> None:
        if event.steam_ts is not None:
            self.observe(event.steam_ts)

    def _lines(self) -> Iterator[tuple[Message, int]]:
        """The latest line of each side of each chat, with its second at Steam."""
        for chat in self._ctx.state.chats.rows():
            for sender in (Sender.BOT, Sender.PLAYER):
                known = (m for m in reversed(chat.messages) if m.sender is sender and m.steam_ts is not None)
                last = next(known, None)
                if last is not None and last.steam_ts is not None:
                    yield last, last.steam_ts

    def _stepped(self, _: Envelope, event: ClockStepped) -> None:
        if self._observed or event.earlier_by_ms == event.by_ms:
            self._ahead_ms += event.by_ms
        else:  # ours was wrong from the start of this run on, and is right now
            self._ahead_ms = 0
