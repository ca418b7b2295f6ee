"""Why bots are off, and until about when: told to those who wait, a few at a time, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from kernel.clock import Millis
from kernel.codes import OffReason
from kernel.context import Context
from kernel.events import BotDisconnected
from kernel.ids import BotId
from kernel.rows import Bot, BotStatus
from plugins.fleet.codes import TurnReason
from plugins.fleet.config import FleetConfig
from plugins.fleet.queues import AWAITING_TURN, HOST_BUSY, SignInQueues
from plugins.fleet.sign_in_buckets import Bucket, Hosts

BATCH: Final = 100
"""Bots that are told in one go, before everybody else has a turn."""
UNEXPLAINED: Final = frozenset({None, OffReason.RESTARTED, OffReason.STOPPED})
"""Reasons of a bot that is off which do not say why it stays so."""
HELD: Final = UNEXPLAINED | {AWAITING_TURN, TurnReason.ROTATED_OUT}
"""Reasons that give way to that of a proxy host which is busy; what a bot itself has failed of does not."""


class WaitReasons:
    """Knows whom nobody has told yet. `room`: how many queues are free."""

    def __init__(
        self,
        ctx: Context,
        config: FleetConfig,
        queues: SignInQueues,
        hosts: Hosts,
        pace: Bucket,
        room: Callable[[], int],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._queues = queues
        self._hosts = hosts
        self._pace = pace
        self._room = room
        self._held: dict[BotId, None] = {}
        self._ready: dict[BotId, None] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, bot_id: BotId) -> None:
        """The bot stands where it stands; it may have to be told why."""
        self._held.pop(bot_id, None)
        self._ready.pop(bot_id, None)
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None:
            return
        if self._queues.host_of(bot_id) is not None and bot.reason in HELD:
            self._held[bot_id] = None
        elif bot_id in self._queues.ready and bot.reason in UNEXPLAINED:
            self._ready[bot_id] = None

    def consider(self) -> None:
        """Begin to tell, where there is anything to."""
        if self._task is None and (self._held or (self._ready and self._they_wait())):
            self._task = self._ctx.spawn(self._tell(), "tell who waits")

    def _they_wait(self) -> bool:
        """Do those who are ready wait for more than the next moment?"""
        now = self._ctx.clock.now()
        return self._room() <= 0 or self._pace.free_at(now) > now

    async def _tell(self) -> None:
        try:
            while batch := self._batch():
                for event in batch:
                    if self._is_off(event.bot_id):
                        self._ctx.publish(event)
                await asyncio.sleep(0)
        finally:
            self._task = None

    def _is_off(self, bot_id: BotId) -> bool:
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        return bot is not None and bot.status is BotStatus.DISCONNECTED

    def _batch(self) -> list[BotDisconnected]:
        """What to tell the next ones."""
        held = list(self._held)[:BATCH]
        ready = list(self._ready)[: BATCH - len(held)] if self._they_wait() else []
        orders: dict[str | None, dict[BotId, int]] = {}
        batch = []
        for bot_id in (*held, *ready):
            host = self._queues.host_of(bot_id)
            if host not in orders:
                line = self._queues.ready if host is None else self._queues.held[host]
                orders[host] = {waiting: place for place, waiting in enumerate(line.in_order())}
            place = orders[host].get(bot_id, 0)
            batch.append(self._waiting(bot_id, place) if host is None else self._at_host(bot_id, host, place))
            self._held.pop(bot_id, None)
            self._ready.pop(bot_id, None)
        return batch

    def _at_host(self, bot_id: BotId, host: str, place: int) -> BotDisconnected:
        now = self._ctx.clock.now()
        bucket = self._hosts.of(host, now)
        text = (
            f"Sign-ins through {host} go on at {self._config.host_sign_ins_a_minute} a minute, because "
            f"{self._config.host_burst} or more followed each other; this bot's turn comes about then. "
            "host_sign_ins_a_minute in [fleet] sets the pace."
        )
        until = Millis(bucket.free_at(now) + place * bucket.interval)
        return BotDisconnected(bot_id=bot_id, reason=HOST_BUSY, detail=text, retry_at=until)

    def _waiting(self, bot_id: BotId, place: int) -> BotDisconnected:
        if self._room() <= 0:
            limit = self._config.online_limit
            text = f"{limit} bots may be online at once; this one is signed in when its turn comes."
            return BotDisconnected(bot_id=bot_id, reason=AWAITING_TURN, detail=text)
        now = self._ctx.clock.now()
        text = f"Bots are signed in at {self._config.sign_ins_a_minute} a minute; this one's turn comes about then."
        until = Millis(self._pace.free_at(now) + place * self._pace.interval)
        return BotDisconnected(bot_id=bot_id, reason=AWAITING_TURN, detail=text, retry_at=until)
