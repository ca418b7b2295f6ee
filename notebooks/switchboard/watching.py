"""Events as they come, and waiting for something to become true: for callers that await, and for those that block."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Container
from difflib import get_close_matches
from typing import Final, TypeVar

from kernel.codec import is_plugins
from kernel.events import KINDS, Envelope, Event
from switchboard.errors import Missed, TimedOut
from switchboard.link import News, ServerLink

T = TypeVar("T")
Kind = str | type[Event]

KEPT: Final = 10_000
"""Events that wait for a slow reader; beyond them it is told that it missed some."""
LOOK_S: Final = 1.0
"""How often a condition is looked at when nothing happens: time alone may make it true."""


class _Every:
    """Contains every kind, those of plugins that are not known here too."""

    def __contains__(self, kind: object) -> bool:
        return True


def names(kinds: tuple[Kind, ...]) -> Container[str]:
    """The kinds by name, all of them when none is given. Raises ValueError for one that there cannot be."""
    found = [kind if isinstance(kind, str) else kind.kind for kind in kinds]
    for kind in found:
        if kind not in KINDS and not is_plugins(kind):
            near = get_close_matches(kind, KINDS, n=3)
            raise ValueError(
                f"there is no event {kind!r}; {f'near it: {near}' if near else f'there are: {list(KINDS)}'}"
            )
    return frozenset(found) or _Every()


class _Feed:
    """Takes news in the link's thread and keeps the wanted events until they are read."""

    def __init__(self, link: ServerLink, kinds: Container[str], wake: Callable[[], object]) -> None:
        self._link = link
        self._kinds = kinds
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[Envelope | Missed] = deque()
        self._seen = link.state.seq
        link.watch(self.take)

    def take(self, news: News) -> None:
        with self._lock:
            if news.missed_after is not None:
                self._miss(news.missed_after, news.seq, "the connection broke off")
            for event in news.events:
                if event.kind not in self._kinds or event.seq <= self._seen:
                    continue
                if len(self._waiting) >= KEPT:
                    self._miss(self._seen, event.seq, f"more than {KEPT} events waited to be read")
                else:
                    self._waiting.append(event)
            self._seen = max(self._seen, news.seq)
        self._wake()

    def _miss(self, after: int, until: int, why: str) -> None:
        if self._waiting and isinstance(self._waiting[-1], Missed):
            after = self._waiting.pop().after  # type: ignore[union-attr]
        text = f"Events {after + 1} to {until} were not seen, because {why}. The state is whole; go on iterating."
        self._waiting.append(Missed(text, after, until))

    def next(self) -> Envelope | None:
        """The next event, if one waits. Raises Missed, and what ended the link once nothing waits any more."""
        with self._lock:
            found = self._waiting.popleft() if self._waiting else None
        if isinstance(found, Missed):
            raise found
        if found is None:
            self._link.check()
        return found


class Events:
    """Events from the moment of asking on, for `async for`."""

    def __init__(self, link: ServerLink, kinds: tuple[Kind, ...]) -> None:
        self._bell = _Bell()
        self._feed = _Feed(link, names(kinds), self._bell.ring)

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Envelope:
        """Raises Missed where events were lost; the next call goes on behind them."""
        while (event := self._feed.next()) is None:
            await self._bell.wait(None)
        return event


class BlockingEvents:
    """Events from the moment of asking on, for `for`; ends after `timeout` seconds without one, where it is given."""

    def __init__(self, link: ServerLink, kinds: tuple[Kind, ...], timeout: float | None) -> None:
        self._timeout = timeout
        self._rung = threading.Event()
        self._feed = _Feed(link, names(kinds), self._rung.set)

    def __iter__(self) -> BlockingEvents:
        return self

    def __next__(self) -> Envelope:
        """Raises Missed where events were lost; the next call goes on behind them."""
        while True:
            self._rung.clear()
            event = self._feed.next()
            if event is not None:
                return event
            if not self._rung.wait(self._timeout):
                raise StopIteration


class _Bell:
    """Rung in the link's thread, heard in the loop of whoever made it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self, *_: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float | None) -> None:
        """Until it is rung, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()


async def until(link: ServerLink, condition: Callable[[], T], timeout: float) -> T:
    """The first true thing that `condition` returns. Raises TimedOut, or what ended the link."""
    bell = _Bell()
    link.watch(bell.ring)
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        left = _left(link, end, timeout)
        await bell.wait(min(left, LOOK_S))


class _Gong:
    """Rung in the link's thread, heard by a thread that blocks."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self, _: News) -> None:
        self.rung.set()


def block_until(link: ServerLink, condition: Callable[[], T], timeout: float) -> T:
    """The same for whoever blocks."""
    gong = _Gong()
    link.watch(gong.ring)
    end = time.monotonic() + timeout
    while True:
        gong.rung.clear()
        found = condition()
        if found:
            return found
        gong.rung.wait(min(_left(link, end, timeout), LOOK_S))


def _left(link: ServerLink, end: float, timeout: float) -> float:
    """Seconds until the end. Raises TimedOut, or what ended the link."""
    link.check()
    left = end - time.monotonic()
    if left <= 0:
        trouble = f"; the stream does not run: {link.trouble}" if link.trouble else ""
        raise TimedOut(
            f"It did not become true within {timeout:g} s. The state stands at event {link.state.seq}{trouble}."
        )
    return left
