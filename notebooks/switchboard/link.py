"""One connection: a thread with a loop of its own that gives commands, follows the stream, and connects again.

A thread rather than the caller's loop, so that the mirror goes on while a cell computes, works in a script without a
loop, and so that blocking callers and awaiting ones are served by the same code.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, TypeVar

import httpx
from httpx_sse import SSEError, aconnect_sse

from kernel.events import Envelope
from kernel.state import State
from switchboard import environment
from switchboard.errors import ClientError, Closed, Incompatible, SignInRefused, Unreachable
from switchboard.giving import UnansweredCommands
from switchboard.mirror import Mirror

T = TypeVar("T")
log = logging.getLogger("switchboard")

STREAM: Final = "/api/event-stream"
SILENCE_S: Final = 45.0
"""A stream that says nothing for so long is dead: an idle one has a comment every 15 s."""
RETRY_FIRST_S: Final = 0.25
RETRY_MOST_S: Final = 5.0
LAST_PORT: Final = 65_535


class News(NamedTuple):
    """What watchers are told: events that have been folded in, or that a new snapshot took their place."""

    events: list[Envelope]
    seq: int
    missed_after: int | None = None
    """After a new snapshot: the last event that was known before it, where others came in between."""


Watcher = Callable[[News], object]
"""Called in the link's thread; must be quick. It is held weakly: with its object it is forgotten."""


class ServerLink:
    """Follows one server until it is closed. Made by `open_link`."""

    def __init__(self, http: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self.http = http
        self._loop = loop
        self._mirror = Mirror()
        self._watchers: list[weakref.WeakMethod[Watcher]] = []
        self._whole: Future[None] = Future()
        self._failure: ClientError | None = None
        self.trouble: str | None = "not connected yet"
        """Why the stream does not run just now; None while it does."""
        self._follower: Future[None] | None = None
        self.unanswered: Final = UnansweredCommands()
        """Commands of whose end nothing is known."""

    @property
    def state(self) -> State:
        """The mirror; it never goes back, and between two connections it stands still."""
        return self._mirror.state

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run `work` in the link's thread."""
        if self._loop.is_closed() or isinstance(self._failure, Closed):
            work.close()
            raise Closed("This connection was closed; connect again.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def follow(self) -> Future[None]:
        """Begin to follow the stream. The future is done with the first whole snapshot, or with why there is none."""
        self._follower = self.submit(self._follow())
        return self._whole

    def watch(self, watcher: Watcher) -> None:
        """Have the bound method `watcher` told of all news, as long as its object lives."""
        self._watchers = [*(w for w in self._watchers if w() is not None), weakref.WeakMethod(watcher)]

    def check(self) -> None:
        """Raise why this link will never tell anything again, if it will not."""
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the stream and the thread."""
        if isinstance(self._failure, Closed):
            return
        ending = self.submit(self._end())
        self._failure = Closed("This connection was closed; connect again.")
        self._tell(News([], self.state.seq))
        ending.result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _end(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
        await self.http.aclose()

    async def _follow(self) -> None:
        pause = RETRY_FIRST_S
        while True:
            begun = self.state.seq
            try:
                await self._follow_once()
                self._lost("the server ended the stream")
            except (SignInRefused, Incompatible) as error:
                self._fail(error)
                return
            except (httpx.HTTPError, SSEError, Unreachable) as error:
                self._lost(str(error) or type(error).__name__)
            except Exception as error:  # nobody may wait forever for a stream that a bug has ended
                log.exception("the stream failed")
                self._fail(Incompatible(f"The stream cannot be followed: {type(error).__name__}: {error}"))
                return
            if not self._whole.done():
                self._fail(Unreachable(f"{self.http.base_url} does not answer as a Switchboard does: {self.trouble}"))
                return
            pause = RETRY_FIRST_S if self.state.seq > begun else min(pause * 2, RETRY_MOST_S)
            await asyncio.sleep(pause)

    async def _follow_once(self) -> None:
        timeout = httpx.Timeout(10.0, read=SILENCE_S)
        async with aconnect_sse(self.http, "GET", STREAM, timeout=timeout) as source:
            if source.response.status_code == 401:
                raise SignInRefused(
                    "The server does not know this token, or no longer; make one: switchboard token create"
                )
            if source.response.status_code != 200:
                raise Unreachable(f"the event stream is answered with HTTP {source.response.status_code}")
            async for message in source.aiter_sse():
                if message.event == "snapshot":
                    self._snapshot(message.data.encode())
                elif message.event == "batch":
                    events = self._mirror.batch(message.data.encode())
                    self._tell(News(events, self.state.seq))

    def _snapshot(self, data: bytes) -> None:
        before = self.state.seq
        if not self._mirror.snapshot(data):
            return
        self.trouble = None
        missed = before if self._whole.done() and self.state.seq != before else None
        self._tell(News([], self.state.seq, missed))
        if not self._whole.done():
            self._whole.set_result(None)

    def _lost(self, why: str) -> None:
        self.trouble = why
        log.info("the stream of %s broke off: %s; connecting again", self.http.base_url, why)
        self._tell(News([], self.state.seq))

    def _fail(self, error: ClientError) -> None:
        self._failure, self.trouble = error, str(error)
        if not self._whole.done():
            self._whole.set_exception(error)
        self._tell(News([], self.state.seq))

    def _tell(self, news: News) -> None:
        for reference in self._watchers:
            watcher = reference()
            if watcher is None:
                continue
            try:
                watcher(news)
            except Exception:
                log.exception("a watcher of the stream failed")


def open_link(url: str, token: str) -> ServerLink:
    """A link to that server, in a thread of its own that has been started; nothing is asked yet. Raises Unreachable."""
    try:
        base = httpx.URL(url)
        if (base.port or 0) > LAST_PORT:
            raise httpx.InvalidURL(f"there is no port {base.port}")
    except httpx.InvalidURL as error:
        raise Unreachable(f"{url!r} is no address: {error}; one is like http://127.0.0.1:8040") from error
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name="switchboard", daemon=True)
    thread.start()

    async def make() -> ServerLink:
        return ServerLink(environment.client(base, token), loop)

    try:
        return asyncio.run_coroutine_threadsafe(make(), loop).result()
    except BaseException:  # raised again: nobody is left to end the thread
        loop.call_soon_threadsafe(loop.stop)
        raise


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
