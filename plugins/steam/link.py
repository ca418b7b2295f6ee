"""A connection with its session, alive: one task that reads, one timer that beats, and the requests under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from plugins.steam.connection import Connection
from plugins.steam.errors import (
    Disconnected,
    RequestInDoubt,
    RequestNotSent,
    RequestRefused,
    SteamSilent,
    TransportError,
)
from plugins.steam.events import Answered, FellSilent, LoggedOff, SessionEvent, Unanswered
from plugins.steam.policy import ENDS_SESSION, SECOND, Context, judge
from plugins.steam.session import Session
from plugins.steam_protocol.services import Method

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What all sessions of a process have received: everything, what could not be read, what nobody needed."""

    messages: int = 0
    malformed: int = 0
    ignored: int = 0


class Link:
    """Feeds the session what the connection brings, the time included, and its owner what the session makes of it.

    `hear` gets every event but the answers, which settle the futures of `request`.
    """

    __slots__ = (
        "_answer_ms",
        "_connection",
        "_hear",
        "_jobs",
        "_loop",
        "_reader",
        "_tally",
        "_timer",
        "_timer_at",
        "closed",
        "session",
    )

    def __init__(
        self,
        connection: Connection,
        answer_timeout: float,
        hear: Callable[[SessionEvent], None],
        name: str,
        tally: Tally | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._hear = hear
        self._answer_ms = int(answer_timeout * SECOND)
        self._tally = tally or Tally()
        self._jobs: dict[int, tuple[asyncio.Future[Any], Callable[[Answered], Any]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0
        self.session = Session(self._now())
        self.closed: asyncio.Future[TransportError | None] = self._loop.create_future()
        """Done when the session is over: with the reason, or None where it was our own wish."""
        self._reader = self._loop.create_task(self._read(), name=f"steam reader of {name}")

    @property
    def endpoint(self) -> str:
        return self._connection.endpoint

    @property
    def deadline_ms(self) -> int:
        """When a request that is made now counts as unanswered, by the session's clock."""
        return self._now() + self._answer_ms

    def send(self, frame: bytes) -> None:
        """Give one message to the socket, now; `RequestNotSent` where the session is over."""
        if self.closed.done():
            raise RequestNotSent("the session with Steam is over")
        self._connection.send(frame)

    def request(self, job: int, frame: bytes, read: Callable[[Answered], T]) -> asyncio.Future[T]:
        """Send a request of the session's and promise what `read` makes of the answer, or what it raises.

        When this returns the bytes are with the socket. The future raises `RequestInDoubt` where no answer comes.
        """
        self.send(frame)
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs[job] = (future, read)
        self.session.expect(self._now())
        self._arm()
        return future

    def call(self, method: Method[Any, Any], message: Message, read: Callable[[Answered], T]) -> asyncio.Future[T]:
        """A request that is a service call."""
        job, frame = self.session.call(method, message, self.deadline_ms)
        return self.request(job, frame, read)

    def end(self, reason: TransportError | None) -> None:
        """The session is over: tell everyone who waits, and let go of the socket. Only the first reason counts."""
        if not self.closed.done():
            self.closed.set_result(_bare(reason))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        jobs, self._jobs = self._jobs, {}
        for future, _ in jobs.values():
            if not future.done():
                future.set_exception(RequestInDoubt("the connection ended before Steam's answer came"))
        self._connection.abort()

    async def close(self, farewell: bytes, timeout: float) -> None:
        """End by our own wish: send `farewell`, and give Steam some seconds to close."""
        try:
            self.send(farewell)
            self.closed.set_result(None)
            await asyncio.wait((self._reader,), timeout=timeout)
        except RequestNotSent:
            pass
        await self.drop()

    async def drop(self) -> None:
        """End at once, and return when the reader has ended too."""
        self.end(None)
        await asyncio.wait((self._reader,))

    def _now(self) -> int:
        return int(self._loop.time() * SECOND)

    async def _read(self) -> None:
        try:
            while True:
                message = await self._connection.receive()
                malformed, ignored = self.session.malformed, self.session.ignored
                events = self.session.receive(message, self._now())
                self._tally.messages += 1
                self._tally.malformed += self.session.malformed - malformed
                self._tally.ignored += self.session.ignored - ignored
                for event in events:
                    self._dispatch(event)
                self._arm()
        except Disconnected as error:
            self.end(error)
        finally:
            self.end(Disconnected("the session was dropped"))
            self._release()

    def _release(self) -> None:
        """Hold neither the owner nor the socket: a session that has ended is freed by counting, also a frozen one."""
        self._hear = _to_nobody
        self._connection.release()

    def _arm(self) -> None:
        """Let the one timer ring when the session next has something to do."""
        due = self.session.due_ms
        if self.closed.done() or (self._timer is not None and self._timer_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_at(due / SECOND, self._ring)

    def _ring(self) -> None:
        self._timer = None
        frames, events = self.session.tick(self._now() + 1)  # the loop may ring a moment early
        try:
            for frame in frames:
                self.send(frame)
        except RequestNotSent as error:
            self.end(Disconnected(str(error)))
        for event in events:
            self._dispatch(event)
        self._arm()

    def _dispatch(self, event: SessionEvent) -> None:
        match event:
            case Answered():
                self._settle(event)
                return
            case Unanswered(job):
                future, _ = self._jobs.pop(job, (None, None))
                if future is not None and not future.done():
                    future.set_exception(RequestInDoubt("Steam did not answer in time, and may have done it"))
                return
            case LoggedOff(result):
                verdict = judge(Context.LOGGED_OFF, result)
                self.end(Disconnected(str(verdict), verdict))
            case FellSilent(silent_ms):
                self.end(SteamSilent(f"Steam said nothing for {silent_ms // SECOND} s"))
        try:
            self._hear(event)
        except Exception:
            # The owner's fault must neither end a session nor lose the messages behind this one.
            log.exception("whoever owns %s failed at a %s", self._reader.get_name(), type(event).__name__)

    def _settle(self, answer: Answered) -> None:
        future, read = self._jobs.pop(answer.job, (None, None))
        if future is None or read is None or future.done():
            return
        try:
            future.set_result(read(answer))
        except TransportError as error:
            future.set_exception(error)
            if isinstance(error, RequestRefused) and error.verdict.step in ENDS_SESSION:
                self.end(Disconnected(str(error.verdict), error.verdict))


def _bare(reason: TransportError | None) -> TransportError | None:
    """The reason without the frames that it was raised in: they hold the session that keeps it."""
    if reason is not None:
        reason.__cause__ = reason.__context__ = None
        reason.__traceback__ = None
    return reason


def _to_nobody(event: SessionEvent) -> None:
    """What is heard after the end."""
