"""One endpoint: follows the journal, sends what it is to get, and moves its cursor when that was taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from kernel.clock import Clock
from kernel.following import JournalCursor, Stretch
from kernel.segments import EventsUnreadable
from plugins.webhooks.codes import DeliveryFault, DisabledBecause
from plugins.webhooks.endpoint_file import DeliveryRecord, EndpointProgress
from plugins.webhooks.payload import WebhookMessage

LOOK_MS: Final = 500
"""How often the journal is looked at."""
SAVE_MS: Final = 60_000
"""How often a cursor that only passes what the endpoint does not get is brought to disk."""
TROUBLE_MS: Final = 10_000
"""How long after the disk has failed it is asked again."""
Unreadable: Final = (EventsUnreadable, OSError, msgspec.MsgspecError)


class Attempted(NamedTuple):
    """What has come of one attempt."""

    fault: DeliveryFault | None
    status: int | None = None
    retry_after: int | None = None


class Surroundings(Protocol):
    """What an endpoint has around it; the plugin gives it."""

    @property
    def clock(self) -> Clock: ...

    def behind(self, cursor: int) -> bool:
        """Whether the journal has committed events behind that one."""
        ...

    async def committed(self) -> None:
        """Return once all that has happened is on disk, or cannot be brought there."""
        ...

    async def read(self, cursor: JournalCursor) -> tuple[Stretch, Sequence[WebhookMessage]]:
        """The next part of the journal, and its messages. Raises EventsUnreadable, OSError, MsgspecError."""
        ...

    async def send(self, message: WebhookMessage) -> Attempted: ...

    async def save(self, progress: EndpointProgress) -> None:
        """Raises OSError."""
        ...

    def is_disabled(self) -> bool: ...

    def disable(self, reason: DisabledBecause, failures: int) -> None: ...


class WebhookPauses(NamedTuple):
    """How an endpoint that fails is tried again. Milliseconds."""

    first: int
    longest: int
    failures: int
    """After so many in a row it is disabled."""

    def after(self, failures: int, wanted: int | None) -> int:
        """The pause behind so many failures; an endpoint may ask for a longer one, up to the longest."""
        doubled = self.first << min(failures - 1, 30)
        return min(max(doubled, wanted or 0), self.longest)


class WebhookEndpoint:
    """Sends a few messages at once, in the journal's order as far as that allows; while it fails, only the first.

    The cursor never passes a message that was not taken: a crash sends some a second time, under the same id.
    """

    def __init__(
        self,
        name: str,
        around: Surroundings,
        progress: EndpointProgress,
        pauses: WebhookPauses,
        *,
        at_once: int,
        kept: int,
    ) -> None:
        self.name: Final = name
        self.progress = progress
        self.trouble: str | None = None
        """Why it cannot go on, where that is ours."""
        self.attempts: Final[Counter[str]] = Counter()
        """By their fault; empty for what was taken."""
        self.retry_at: int | None = None
        """When it is tried again, by the clock's `elapsed`."""
        self._around = around
        self._pauses = pauses
        self._at_once = at_once
        self._kept = kept
        self._wake = asyncio.Event()
        self._idle = False
        self._anew = False
        self._saved_at = around.clock.elapsed()

    @property
    def last(self) -> DeliveryRecord | None:
        return self.progress.deliveries[-1] if self.progress.deliveries else None

    @property
    def last_failure(self) -> DeliveryRecord | None:
        return next((one for one in reversed(self.progress.deliveries) if one.fault is not None), None)

    def wake(self) -> None:
        """Go on at once: it was resumed, or need not wait any longer."""
        self._wake.set()

    def notice(self) -> None:
        """Something that it gets has happened: look now, unless it waits for another reason."""
        if self._idle:
            self._wake.set()

    async def go_on_from(self, cursor: JournalCursor) -> None:
        """Pass over what was not sent. Raises OSError."""
        self._anew = True
        self.progress = msgspec.structs.replace(self.progress, cursor=cursor, failures=0)
        await self._around.save(self.progress)
        self.wake()

    async def forgive(self) -> None:
        """Count its failures from nothing. Raises OSError."""
        self.progress = msgspec.structs.replace(self.progress, failures=0)
        await self._around.save(self.progress)
        self.wake()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._anew = False
            if self._around.is_disabled():
                await self._pause(None)
                continue
            if not self._around.behind(self.progress.cursor.seq):
                self._idle = True
                await self._pause(LOOK_MS)
                self._idle = False
                await self._around.committed()
                continue
            try:
                await self._go_on()
                self.trouble = None
            except Unreadable as error:
                self.trouble = str(error) or type(error).__name__
                await self._pause(TROUBLE_MS)

    async def _go_on(self) -> None:
        """One part of the journal."""
        stretch, messages = await self._around.read(self.progress.cursor)
        if self._anew:
            return
        if stretch.cursor.seq <= self.progress.cursor.seq:
            await self._pause(LOOK_MS)
        elif not messages:
            # nothing was sent, so a crash only has it looked at again: not every look needs a sync
            lazily = self._around.clock.elapsed() - self._saved_at < SAVE_MS
            await self._keep(cursor=stretch.cursor, lazily=lazily)
        elif await self._send_all(list(messages)):
            await self._keep(cursor=stretch.cursor)

    async def _send_all(self, waiting: list[WebhookMessage]) -> bool:
        """Whether all of them were taken; False where it was disabled, or goes on elsewhere."""
        while waiting and not self._anew and not self._around.is_disabled():
            window = waiting[: 1 if self.progress.failures else self._at_once]
            results = await asyncio.gather(*(self.attempt(message) for message in window))
            if self._anew:
                return False
            failed = [result for result in results if result.fault is not None]
            taken = {message.id for message, result in zip(window, results, strict=True) if result.fault is None}
            waiting = [message for message in waiting if message.id not in taken]
            failures = self.progress.failures + 1 if failed else 0
            # up to before the first that was not taken; of the rest of the stretch the caller knows the end
            before = JournalCursor(waiting[0].seq - 1) if waiting else self.progress.cursor
            cursor = before if before.seq > self.progress.cursor.seq else self.progress.cursor
            await self._keep(cursor=cursor, failures=failures)
            if failed:
                await self._wait_after(failed, failures)
        return not waiting and not self._anew

    async def _wait_after(self, failed: list[Attempted], failures: int) -> None:
        if any(result.fault is DeliveryFault.GONE for result in failed):
            self._around.disable(DisabledBecause.GONE, failures)
        elif failures >= self._pauses.failures:
            self._around.disable(DisabledBecause.FAILING, failures)
        else:
            wanted = max((result.retry_after or 0 for result in failed), default=0)
            await self._pause(self._pauses.after(failures, wanted))

    async def attempt(self, message: WebhookMessage) -> Attempted:
        """Send it once, and put it on record."""
        clock = self._around.clock
        at, began = clock.now(), clock.elapsed()
        result = await self._around.send(message)
        self.attempts[result.fault or ""] += 1
        record = DeliveryRecord(
            id=message.id,
            type=message.type,
            seq=message.seq,
            at=at,
            took=clock.elapsed() - began,
            status=result.status,
            fault=result.fault,
        )
        deliveries = (*self.progress.deliveries, record)[-self._kept :]
        self.progress = msgspec.structs.replace(self.progress, deliveries=deliveries)
        return result

    async def _keep(self, *, cursor: JournalCursor, failures: int | None = None, lazily: bool = False) -> None:
        changes = {"cursor": cursor} if failures is None else {"cursor": cursor, "failures": failures}
        self.progress = msgspec.structs.replace(self.progress, **changes)
        if not lazily:
            self._saved_at = self._around.clock.elapsed()
            await self._around.save(self.progress)

    async def _pause(self, span: int | None) -> None:
        """So many milliseconds, or until it is woken; None: until it is woken."""
        if span is None:
            await self._wake.wait()
        else:
            clock = self._around.clock
            self.retry_at = clock.elapsed() + span
            sleep, woken = asyncio.ensure_future(clock.sleep(span)), asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleep.cancel()
                woken.cancel()
                self.retry_at = None
        self._wake.clear()
