"""The plugin `invites`: what happens to bots, tasks and players, as it matters to their invites."""

from __future__ import annotations

from typing import Any

from kernel.clock import Millis, run_began
from kernel.codes import WaitReason
from kernel.commands import Command, SendInvite
from kernel.context import Context
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    BotInvitesBlocked,
    BotRemoved,
    ClockStepped,
    ContactPaused,
    ContactResumed,
    Envelope,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteSent,
    FriendRelationshipChanged,
    Relationship,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.hookspecs import Rejection, hookimpl
from kernel.plugin import Plugin
from kernel.rows import Invite, TaskStatus
from kernel.state import State
from plugins.invites.answers import RequestAnswers
from plugins.invites.config import InvitesConfig
from plugins.invites.guard import ProposedInvite, objection, wanted
from plugins.invites.scheduler import InviteScheduler


class Invites(Plugin[InvitesConfig]):
    """The queue of each bot, and the guard that lets at most one invite a minute through."""

    Config = InvitesConfig

    def __init__(self, ctx: Context, config: InvitesConfig) -> None:
        super().__init__(ctx, config)
        self._scheduler = InviteScheduler(ctx, config)

    async def start(self) -> None:
        RequestAnswers(self.ctx, self.config).start()  # hears of a task before its invite is queued
        scheduler = self._scheduler
        self.ctx.when_up(scheduler.begin)
        self.ctx.subscribe(TaskAssigned, self.take_up)
        self.ctx.subscribe(TaskStatusChanged, self.follow)
        self.ctx.subscribe(BotConnected, lambda _, event: scheduler.connected(event.bot_id))
        self.ctx.subscribe(BotDisconnected, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(BotAuthFailed, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(BotInvitesBlocked, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(BotRemoved, lambda _, event: scheduler.forget(event.bot_id))
        self.ctx.subscribe(FriendRelationshipChanged, self.relationship_changed)
        self.ctx.subscribe(FriendInviteSent, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(FriendInviteAccepted, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(FriendInviteFailed, lambda _, event: scheduler.run(event.bot_id))
        self.ctx.subscribe(ContactPaused, lambda *_: scheduler.run_all())
        self.ctx.subscribe(ContactResumed, lambda *_: scheduler.run_all())
        self.ctx.subscribe(ClockStepped, lambda _, event: scheduler.follow_clock(event.by_ms))

    @hookimpl
    def admit(self, command: Command[Any], state: State, now: Millis) -> Rejection | None:
        """Let only decided invites through, and at most one a minute for each bot, whoever gives the command."""
        if not isinstance(command, SendInvite) or isinstance(command, ProposedInvite):
            return None  # what is proposed is the scheduler's own decision, which only the other guards judge
        return objection(command, state, now, self.config.interval, run_began=run_began(self.ctx.clock))

    def take_up(self, _: Envelope, event: TaskAssigned) -> None:
        """Queue the invite of a task, or be done with it when the two are friends already."""
        task = self.ctx.state.tasks[event.task_id]
        if task.status is not TaskStatus.ASSIGNED or task.assigned_bot_id != event.bot_id:
            return
        invite: Invite | None = self.ctx.state.invites.get(event.task_id)
        if invite is not None and invite.bot_id == event.bot_id:
            return
        if invite is not None:
            self._scheduler.end(invite, WaitReason.WITHDRAWN, "The task has gone to another bot.")
        if self.ctx.hooks.relationship(event.bot_id, task.player) is Relationship.FRIEND:
            friends = FriendInviteAccepted(task_id=task.id, bot_id=event.bot_id, player=task.player, already=True)
            self.ctx.publish(friends)
            return
        self._scheduler.queue(task)
        self._scheduler.run(event.bot_id)

    def follow(self, _: Envelope, event: TaskStatusChanged) -> None:
        """A task that has ended, or lost its bot, needs its invite no more."""
        invite: Invite | None = self.ctx.state.invites.get(event.task_id)
        if invite is None:
            return
        if event.status is TaskStatus.CREATED and not wanted(invite, self.ctx.state):
            self._scheduler.end(invite, WaitReason.WITHDRAWN, "The task goes to another bot.")
        self._scheduler.run(invite.bot_id)

    def relationship_changed(self, _: Envelope, event: FriendRelationshipChanged) -> None:
        """Steam says how a bot and a player stand from now on. A word that is not declared decides nothing."""
        relationship = Relationship.of(event.relationship)
        if relationship is not None:
            self._scheduler.relationship_changed(event.bot_id, event.player, relationship)
