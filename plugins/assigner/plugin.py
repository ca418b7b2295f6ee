"""The plugin `assigner`: gives waiting tasks to connected bots, one after another."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import Final, NamedTuple

from kernel.bus import Undo
from kernel.clock import Millis
from kernel.codes import KernelRefusal, TaskCode
from kernel.context import Context
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    BotInvitesBlocked,
    BotRemoved,
    ClockStepped,
    Envelope,
    FriendInviteRefused,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
    TaskWaiting,
)
from kernel.ids import BotId, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import BotStatus, TaskStatus
from plugins.assigner.codes import AssignerReason
from plugins.assigner.rota import Rota

BATCH: Final = 100
"""Tasks that are handed out or explained in one go, before everybody else has a turn."""


class AssignerConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[assigner]`."""

    waiting_per_bot: int = 5
    """Tasks that a bot may hold whose invites are not out yet; further tasks wait for the first bot with room."""

    def __post_init__(self) -> None:
        if self.waiting_per_bot < 1:
            raise ValueError("waiting_per_bot: must be at least 1")


class Why(NamedTuple):
    """Why tasks wait: a code, a sentence, what a person can do, and until when, where that is known."""

    reason: TaskCode
    detail: str
    next_step: str | None = None
    until: Millis | None = None


class Assigner(Plugin[AssignerConfig]):
    """Round-robin over the bots that are connected and that Steam lets invite."""

    Config = AssignerConfig

    def __init__(self, ctx: Context, config: AssignerConfig) -> None:
        super().__init__(ctx, config)
        self._rota = Rota(ctx.state, config.waiting_per_bot)
        self._holders: dict[TaskId, BotId] = {}
        self._unblocked: dict[BotId, Undo] = {}
        self._told: str | None = None
        self._untold: deque[TaskId] = deque()
        self._crowd: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.ctx.when_up(self.begin)
        self.ctx.subscribe(TaskCreated, self.take_up)
        self.ctx.subscribe(TaskAssigned, self.note_holder)
        self.ctx.subscribe(TaskStatusChanged, self.follow)
        self.ctx.subscribe(BotConnected, self.welcome)
        self.ctx.subscribe(BotInvitesBlocked, self.await_unblocking)
        self.ctx.subscribe(FriendInviteRefused, self.make_room)
        self.ctx.subscribe(BotDisconnected, self.look_again)
        self.ctx.subscribe(BotAuthFailed, self.look_again)
        self.ctx.subscribe(BotRemoved, self.look_again)
        self.ctx.subscribe(ClockStepped, self.follow_clock)

    def begin(self) -> None:
        """Build everything anew from the state, and hand out what has been waiting."""
        now = self.ctx.clock.now()
        self._rota.rebuild(now)
        for bot_id in list(self._unblocked):
            self._forget(bot_id)
        for bot in self.ctx.state.bots.values():
            if bot.status is BotStatus.CONNECTED and (bot.invites_blocked_until or 0) > now:
                self._await(bot.id, bot.invites_blocked_until)
        self._holders = {
            task.id: task.assigned_bot_id
            for task in self.ctx.state.tasks.values()
            if task.status is TaskStatus.ASSIGNED and task.assigned_bot_id is not None
        }
        self._told, self._untold = None, deque()
        self.assign()

    def take_up(self, _: Envelope, event: TaskCreated) -> None:
        self._untold.append(event.task_id)
        self.assign()

    def note_holder(self, _: Envelope, event: TaskAssigned) -> None:
        self._holders[event.task_id] = event.bot_id

    def follow(self, _: Envelope, event: TaskStatusChanged) -> None:
        """A task that lost its bot waits again; one that is no longer about to be invited leaves room."""
        holder = self._holders.pop(event.task_id, None)
        if holder is not None:
            self._rota.enter(holder, self.ctx.clock.now())
        if event.status is TaskStatus.CREATED:
            self._untold.append(event.task_id)
        self.assign()

    def welcome(self, _: Envelope, event: BotConnected) -> None:
        bot = self.ctx.state.bots.get(event.bot_id)
        if bot is not None and (bot.invites_blocked_until or 0) > self.ctx.clock.now():
            self._await(bot.id, bot.invites_blocked_until)
        self._rota.enter(event.bot_id, self.ctx.clock.now())
        self.assign()

    def await_unblocking(self, _: Envelope, event: BotInvitesBlocked) -> None:
        self._await(event.bot_id, event.until)
        self.assign()

    def make_room(self, _: Envelope, event: FriendInviteRefused) -> None:
        """An invite that waits for its next try is no longer in line: its bot has room for another task."""
        self._rota.enter(event.bot_id, self.ctx.clock.now())
        self.assign()

    def look_again(self, _: Envelope, event: BotDisconnected | BotAuthFailed | BotRemoved) -> None:
        """One bot fewer: those who wait may have to be told another reason."""
        if event.bot_id not in self.ctx.state.bots:
            self._forget(event.bot_id)
        self.assign()

    def follow_clock(self, _: Envelope, __: ClockStepped) -> None:
        """A block that was over by the clock as it was may be ahead again, and the other way round."""
        self.begin()

    def assign(self) -> None:
        """Hand out what waits, first come first: a few tasks at once, a crowd of them bit by bit."""
        if self._crowd is None and self._assign_some():
            self._crowd = self.ctx.spawn(self._assign_crowd(), "assign")

    async def _assign_crowd(self) -> None:
        try:
            more = True
            while more:
                await asyncio.sleep(0)
                more = self._assign_some()
        finally:
            self._crowd = None

    def _assign_some(self) -> bool:
        """One batch. Returns whether there is more to do."""
        waiting = self.ctx.state.index.waiting_tasks
        for task_id in list(islice(waiting, BATCH)):
            now = self.ctx.clock.now()
            bot_id = self._rota.first(now)
            if bot_id is None:
                return self._explain_some(now)
            if task_id in waiting:  # what hears of an assignment may have ended another task
                self.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
                self._rota.enter(bot_id, now)
        return bool(waiting)

    def _explain_some(self, now: Millis) -> bool:
        """Say why tasks wait, once for each task and reason. Returns whether there are more to be told."""
        why = self._why(now)
        if why.reason != self._told:
            self._told = why.reason
            self._untold = deque(self.ctx.state.index.waiting_tasks)
        for _ in range(min(BATCH, len(self._untold))):
            task = self.ctx.state.tasks[self._untold.popleft()]
            if task.status is TaskStatus.CREATED and task.reason != why.reason:
                self.ctx.publish(
                    TaskWaiting(
                        task_id=task.id,
                        reason=why.reason,
                        detail=why.detail,
                        until=why.until,
                        next_step=why.next_step,
                    )
                )
        return bool(self._untold)

    def _why(self, now: Millis) -> Why:
        """Why all the tasks wait that nobody can take."""
        state = self.ctx.state
        if not state.bots:
            text = "There is no bot yet; the task goes out as soon as one is connected."
            return Why(AssignerReason.NO_BOT_CONNECTED, text, "Add a bot by its maFile and proxy.")
        connected = state.index.bots_by_status[BotStatus.CONNECTED]
        if connected == 0:
            return Why(
                AssignerReason.NO_BOT_CONNECTED, self._nobody(), "Look at the list of bots: it says what each needs."
            )
        moments = [m for m in map(self._blocked_until, self._unblocked) if m is not None and m > now]
        if len(moments) >= connected:
            text = f"Steam takes no more invites for now from any of {_bots(connected)} connected; connect another bot."
            return Why(KernelRefusal.INVITES_BLOCKED, text, "Connect another bot.", min(moments))
        held = self.config.waiting_per_bot
        text = f"Of {_bots(connected)} connected each has {held} invites waiting; the task goes to the first with room."
        return Why(AssignerReason.BOTS_BUSY, text)

    def _nobody(self) -> str:
        counts = self.ctx.state.index.bots_by_status
        text = "No bot is connected; the task goes out as soon as one is."
        failed = counts[BotStatus.AUTH_FAILED]
        return f"{text} {_bots(failed)} cannot sign in: the list of bots says what to do." if failed else text

    def _blocked_until(self, bot_id: BotId) -> Millis | None:
        bot = self.ctx.state.bots.get(bot_id)
        return bot.invites_blocked_until if bot is not None and bot.status is BotStatus.CONNECTED else None

    def _await(self, bot_id: BotId, until: Millis | None) -> None:
        """Let the bot take tasks again when Steam lets it invite again."""
        self._forget(bot_id)
        if until is not None:
            span = until - self.ctx.clock.now()
            self._unblocked[bot_id] = self.ctx.call_later(span, lambda: self._return(bot_id), f"unblock {bot_id}")

    def _return(self, bot_id: BotId) -> None:
        self._unblocked.pop(bot_id, None)
        self._rota.enter(bot_id, self.ctx.clock.now())
        self.assign()

    def _forget(self, bot_id: BotId) -> None:
        undo = self._unblocked.pop(bot_id, None)
        if undo is not None:
            undo()


def _bots(number: int) -> str:
    return "1 bot" if number == 1 else f"{number} bots"
