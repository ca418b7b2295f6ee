"""Timers of chats, by the time that has elapsed of the run: one sleeping task for all of them."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

from kernel.clock import Clock
from kernel.context import Context
from kernel.ids import ChatId


async def sleep_until(clock: Clock, due: int, wakeup: asyncio.Event) -> None:
    """Return when so much of the run has elapsed, or at once when `wakeup` is set from now on."""
    wakeup.clear()
    sleeper = asyncio.create_task(clock.sleep(due - clock.elapsed()), name="dialogue: sleeper")
    waiter = asyncio.create_task(wakeup.wait(), name="dialogue: waiter")
    try:
        await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waiter.cancel()


class Timers:
    """At most one timer per chat; a later `set` moves it."""

    def __init__(self, ctx: Context, fire: Callable[[ChatId], None]) -> None:
        self._ctx = ctx
        self._fire = fire
        self._due: dict[ChatId, int] = {}
        self._heap: list[tuple[int, ChatId]] = []
        self._changed = asyncio.Event()

    def set(self, chat_id: ChatId, due: int) -> None:
        """Call `fire(chat_id)` when so much of the run has elapsed; it checks in the state whether it is due."""
        if self._due.get(chat_id) == due:
            return
        self._due[chat_id] = due
        heapq.heappush(self._heap, (due, chat_id))
        self._changed.set()

    def clear(self, chat_id: ChatId) -> None:
        self._due.pop(chat_id, None)

    async def run(self) -> None:
        """Fire timers until cancelled."""
        while True:
            self._forget_moved()
            if not self._heap:
                self._changed.clear()
                await self._changed.wait()
            elif self._heap[0][0] > self._ctx.clock.elapsed():
                await sleep_until(self._ctx.clock, self._heap[0][0], self._changed)
            else:
                _, chat_id = heapq.heappop(self._heap)
                del self._due[chat_id]
                try:
                    self._fire(chat_id)
                except Exception as error:  # noqa: BLE001 - contained: the timers of other chats must go on
                    self._ctx.contain(f"timer of {chat_id}", error)

    def _forget_moved(self) -> None:
        """Drop what is at the head of the heap and no longer meant."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
