"""SignInScheduler: which bot is signed in next, and which idle one makes room for it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from kernel.bus import Undo
from kernel.clock import MINUTE, SECOND, Millis
from kernel.codes import BotCode, OffReason
from kernel.commands import ConnectBot, DisconnectBot
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import BotDisconnected
from kernel.ids import BotId
from kernel.rows import Bot, BotStatus
from plugins.fleet.back_off import BackOff
from plugins.fleet.codes import TurnReason
from plugins.fleet.config import FleetConfig
from plugins.fleet.queues import PROMISED, SignInQueues
from plugins.fleet.sign_in_buckets import Bucket, Hosts
from plugins.fleet.wait_reasons import WaitReasons

QUIET: Final = PROMISED | {
    TurnReason.REMOVED,
    OffReason.RESTARTED,
    TurnReason.ROTATED,
    TurnReason.ROTATED_OUT,
    OffReason.STOPPED,
}
"""Reasons for which a bot is off without having failed."""
LIVE: Final = frozenset({BotStatus.CONNECTED, BotStatus.CONNECTING})


class SignInScheduler:
    """Gives turns while there is room, and makes room by rotation. Driven by events, and by one alarm."""

    def __init__(self, ctx: Context, config: FleetConfig, random: Random) -> None:
        self._ctx = ctx
        self._config = config
        self._back_off = BackOff(config.retry_min_s * SECOND, config.retry_max_s * SECOND, random)
        self._pace = Bucket(config.sign_in_burst, config.sign_ins_a_minute)
        hosts = Hosts(config.host_burst, config.host_sign_ins_a_minute)
        self._hosts = hosts
        self._queues = SignInQueues(ctx.state, ctx.clock, self._back_off, hosts)
        self._wait_reasons = WaitReasons(ctx, config, self._queues, hosts, self._pace, self._room)
        self._unheard: set[BotId] = set()
        self._next_start = Millis(0)
        self._alarm: tuple[Millis, Undo] | None = None
        self._begun = False
        self._considering = False
        self._again = False

    def begin(self) -> None:
        """Build the lines from the state, and give turns from now on. Nobody is signing in yet, whatever it says."""
        self._begun = True
        for bot in self._ctx.state.bots.rows():
            if bot.status is BotStatus.CONNECTING and bot.id not in self._queues.signing_in:
                self._ctx.spawn(self._start_afresh(bot.id), f"start afresh with {bot.id}")
            self._settle(bot.id)
        self.consider()

    def came_online(self, bot_id: BotId) -> None:
        self._unheard.discard(bot_id)
        self._back_off.connected(bot_id, self._ctx.clock.now())
        self.look_at(bot_id)

    def went_off(self, bot_id: BotId, reason: BotCode, retry_at: Millis | None) -> None:
        """The bot is disconnected. Unless that was our own doing, it backs off."""
        self._unheard.discard(bot_id)
        if reason not in QUIET:
            self._back_off.failed(bot_id, self._ctx.clock.now(), retry_at or Millis(0))
        self.look_at(bot_id)

    def is_kept_out(self, bot_id: BotId) -> None:
        """Steam does not let the bot in: it is not tried again before a person says so."""
        self._unheard.discard(bot_id)
        self._back_off.forget(bot_id)
        self.look_at(bot_id)

    def is_gone(self, bot_id: BotId) -> None:
        """The bot has been removed."""
        self._back_off.forget(bot_id)
        self._queues.wanted.discard(bot_id)
        self.look_at(bot_id)

    def want(self, bot_id: BotId) -> None:
        """A person asks for this bot: its failures are forgotten, and it goes before all others."""
        self._back_off.forget(bot_id)
        self._queues.wanted.add(bot_id)
        self.look_at(bot_id)

    def follow_clock(self, by: int) -> None:
        """The clock has stepped, and all times in the state: the lines are ordered by those, and are made anew."""
        self._back_off.follow_clock(by)
        self._pace.follow_clock(by)
        self._hosts.follow_clock(by)
        self._next_start = Millis(self._next_start + by)
        if self._alarm is not None:
            moment, undo = self._alarm
            self._alarm = Millis(moment + by), undo
        for bot_id in list(self._ctx.state.bots):
            self._queues.settle(bot_id)
        self.consider()

    def set_aside(self, bot_id: BotId) -> None:
        """Leave the bot alone: it is being removed."""
        self._queues.set_aside.add(bot_id)
        self.look_at(bot_id)

    def take_back(self, bot_id: BotId) -> None:
        """It has been removed, or could not be."""
        self._queues.set_aside.discard(bot_id)
        self.look_at(bot_id)

    def look_at(self, bot_id: BotId) -> None:
        """Something has changed for this bot."""
        self._settle(bot_id)
        self.consider()

    async def log_off(self, bot_id: BotId, reason: BotCode) -> None:
        """Have the transport let go of the bot. Should it refuse, the bot is off for us all the same."""
        try:
            await self._ctx.execute(DisconnectBot(bot_id=bot_id, reason=reason))
        except CommandError as refused:
            self._ctx.log.warning("%s could not be logged off: %s", bot_id, refused.message)

    def consider(self) -> None:
        """Sign in, rotate and explain as far as that is due now, and set the alarm for what is due next."""
        self._again = True
        if self._considering or not self._begun:
            return
        self._considering = True
        try:
            while self._again:
                self._again = False
                self._consider_once()
        finally:
            self._considering = False

    def _consider_once(self) -> None:
        if ConnectBot.__name__ not in self._ctx.command_kinds:
            return  # there is no transport just now; its start will be an event
        now = self._ctx.clock.now()
        self._queues.wake()
        while self._may_start(now) and (starting := self._queues.first(self._wait_reasons.note)) is not None:
            self._start(starting, now)
        while (bot_id := self._next_to_leave(now)) is not None:
            self._rotate_out(bot_id)
        self._wait_reasons.consider()
        self._set_alarm(self._next_moment(now))

    def _settle(self, bot_id: BotId) -> None:
        self._queues.settle(bot_id)
        self._wait_reasons.note(bot_id)

    def _room(self) -> int:
        """SignInQueues that are free. A bot holds its own from the start of its turn until it has logged off."""
        online = sum(self._ctx.state.index.bots_by_status[status] for status in LIVE)
        held = sum(self._status(bot_id) not in LIVE for bot_id in self._queues.signing_in | self._queues.leaving)
        return self._config.online_limit - online - held

    def _may_start(self, now: Millis) -> bool:
        return (
            self._queues.waiting > 0
            and len(self._queues.signing_in) < self._config.sign_ins_at_once
            and now >= self._free_at(now)
            and self._room() > 0
        )

    def _free_at(self, now: Millis) -> Millis:
        """When the pace of the fleet allows the next sign-in."""
        return max(self._next_start, self._pace.free_at(now))

    def _start(self, bot_id: BotId, now: Millis) -> None:
        self._next_start = Millis(now + self._config.sign_in_spacing_ms)
        self._pace.take(now)
        self._queues.begin(bot_id)
        self._ctx.spawn(self._sign_in(bot_id), f"sign in {bot_id}")

    async def _sign_in(self, bot_id: BotId) -> None:
        """One turn."""
        try:
            if self._status(bot_id) is BotStatus.DISCONNECTED:
                await self._attempt(bot_id)
        finally:
            self._queues.signing_in.discard(bot_id)
            self._queues.wanted.discard(bot_id)
        self.look_at(bot_id)

    async def _attempt(self, bot_id: BotId) -> None:
        """What hinders the bot is told by events; what the command itself raises, or leaves unsaid, becomes one."""
        self._unheard.add(bot_id)
        reason: BotCode = TurnReason.SIGN_IN_FAILED
        detail = "The transport did not sign the bot in, and did not say why."
        try:
            async with asyncio.timeout(self._config.sign_in_deadline_s):
                await self._ctx.execute(ConnectBot(bot_id=bot_id))
        except TimeoutError:
            reason = TurnReason.SIGN_IN_TIMEOUT
            detail = f"The sign-in was broken off after {self._config.sign_in_deadline_s:g} s; it is tried again."
        except CommandError as refused:
            reason, detail = refused.code, refused.message
        if bot_id in self._unheard and self._status(bot_id) in {BotStatus.DISCONNECTED, BotStatus.CONNECTING}:
            self._tell_off(bot_id, reason, detail)
            await self.log_off(bot_id, reason)  # nothing of the attempt may linger in the transport

    async def _start_afresh(self, bot_id: BotId) -> None:
        """A sign-in that nobody here has begun: whoever did was stopped."""
        if self._status(bot_id) is not BotStatus.CONNECTING or bot_id in self._queues.signing_in:
            return
        text = "The sign-in was broken off when the system, or this part of it, was started anew."
        self._tell_off(bot_id, OffReason.RESTARTED, text)
        await self.log_off(bot_id, OffReason.RESTARTED)

    def _next_to_leave(self, now: Millis) -> BotId | None:
        """The idle bot that makes room, if one has to: at once for who is urgent, for others when its time is up."""
        coming = self._room() + len(self._queues.leaving)
        if max(coming, len(self._queues.leaving)) + len(self._queues.signing_in) >= self._config.sign_ins_at_once:
            return None  # as much is under way as may be, or queues are free that wait for the pace
        if coming >= self._queues.waiting or self._pace.free_at(now) > now:
            return None
        stay = 0 if coming < len(self._queues.urgent) else self._config.rotation_minutes * MINUTE
        while (first := self._queues.idle.first()) is not None:
            (_, since), bot_id = first
            if since + stay > now:
                return None
            if self._status(bot_id) is BotStatus.CONNECTED and not self._ctx.state.index.is_busy(bot_id):
                return bot_id
            self._settle(bot_id)  # the news of what keeps it busy is still on its way to us
        return None

    def _rotate_out(self, bot_id: BotId) -> None:
        """Off for us before it is off for Steam: from here on nobody gives it a task."""
        self._queues.leaving.add(bot_id)
        self._queues.settle(bot_id)
        self._tell_rotated(bot_id)
        self._ctx.spawn(self._leave(bot_id), f"rotate {bot_id} out")

    async def _leave(self, bot_id: BotId) -> None:
        try:
            await self.log_off(bot_id, TurnReason.ROTATED)
        finally:
            self._queues.leaving.discard(bot_id)
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is not None and bot.status is BotStatus.DISCONNECTED and bot.reason == TurnReason.ROTATED:
            self._tell_rotated(bot_id)  # the transport had its own word for it
        self.look_at(bot_id)

    def _tell_rotated(self, bot_id: BotId) -> None:
        text = "Its time online was up while others were waiting; it is signed in again when its turn comes."
        self._tell_off(bot_id, TurnReason.ROTATED_OUT, text)

    def _tell_off(self, bot_id: BotId, reason: BotCode, detail: str) -> None:
        self._ctx.publish(BotDisconnected(bot_id=bot_id, reason=reason, detail=detail))

    def _status(self, bot_id: BotId) -> BotStatus | None:
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        return bot.status if bot is not None else None

    def _next_moment(self, now: Millis) -> Millis | None:
        """When something is due that no event will tell of."""
        moments = []
        resting = self._queues.resting.first()
        if resting is not None:
            moments.append(resting[0][1])
        if (token := self._queues.next_token(now)) is not None:
            moments.append(token)
        if self._queues.waiting:
            moments.append(self._free_at(now))
            idle = self._queues.idle.first()
            if idle is not None:
                moments.append(idle[0][1] + self._config.rotation_minutes * MINUTE)
        return Millis(min((moment for moment in moments if moment > now), default=0)) or None

    def _set_alarm(self, moment: Millis | None) -> None:
        if self._alarm is not None:
            if self._alarm[0] == moment:
                return
            self._alarm[1]()
            self._alarm = None
        if moment is not None:
            span = moment - self._ctx.clock.now()
            self._alarm = (moment, self._ctx.call_later(span, self._ring, "look who is next"))

    def _ring(self) -> None:
        self._alarm = None
        self.consider()
