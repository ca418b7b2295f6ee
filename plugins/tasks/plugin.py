"""The plugin `tasks`: makes tasks and puts them away, moves them on as events tell, and records deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kernel.codes import KernelRefusal, LeftAlone, Open, TaskCode, WaitReason
from kernel.commands import CreateTask, DisposeTask
from kernel.errors import Conflict
from kernel.events import (
    BotAdded,
    ChatStarted,
    DialogScriptCompleted,
    DoNotContactAdded,
    Envelope,
    FriendInviteFailed,
    FriendInviteSent,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.ids import TaskId
from kernel.plugin import Plugin
from kernel.rows import TASK_MOVES, Invite, InviteStatus, Task, TaskStatus
from plugins.tasks.codes import StandingReason, TaskRefusal
from plugins.tasks.config import TasksConfig
from plugins.tasks.deals import DealRecords
from plugins.tasks.reasons import Reasons

LEFT_ALONE: Final[Mapping[str, str]] = {
    LeftAlone.SAID_STOP: "The player asked to be left alone.",
    LeftAlone.REMOVED_US: "The player removed the bot from their friends, and is left alone from now on.",
    LeftAlone.BLOCKED_US: "The player blocked the bot, and is left alone from now on.",
    LeftAlone.OPERATOR: "An operator put the player on the do-not-contact list.",
    LeftAlone.PROGRAM: "A program put the player on the do-not-contact list.",
}
"""Sentences for the reasons of doNotContact.added."""


class Tasks(Plugin[TasksConfig]):
    """Where each status of a task comes from, apart from `assigned` and the way back to `created`."""

    Config = TasksConfig

    async def start(self) -> None:
        self.ctx.handle(CreateTask, self.create)
        self.ctx.handle(DisposeTask, self.dispose, check=self._disposable)
        self.ctx.subscribe(FriendInviteSent, self.note_invited)
        self.ctx.subscribe(FriendInviteFailed, self.fail_uninvited)
        self.ctx.subscribe(ChatStarted, self.note_accepted)
        self.ctx.subscribe(DialogScriptCompleted, self.end)
        self.ctx.subscribe(DoNotContactAdded, self.fail_left_alone)
        self.ctx.subscribe(BotAdded, self.fail_of_own_bot)
        self.ctx.when_up(self.catch_up)
        Reasons(self.ctx).watch()
        DealRecords(self.ctx, self.config).open()

    def create(self, command: CreateTask) -> TaskId:
        """Make the task; whether the player may be contacted, the guards have said before."""
        task_id = TaskId(self.ctx.new_id("task"))
        self.ctx.publish(
            TaskCreated(
                task_id=task_id,
                player=command.player,
                item=command.item.strip(),
                price_min=command.price_min,
                price_max=command.price_max,
                currency=command.currency,
                language=command.language,
            )
        )
        return task_id

    def dispose(self, command: DisposeTask) -> None:
        """Put the task away; invites and dialogue end what is theirs when they hear of it."""
        task = self._disposable(command)
        detail = (command.reason or "").strip() or "Put away, with no reason given."
        self._move(task, TaskStatus.DISPOSED, StandingReason.DISPOSED, detail)

    def _disposable(self, command: DisposeTask) -> Task:
        task: Task | None = self.ctx.state.tasks.get(command.task_id)
        if task is None:
            text = f"There is no task {command.task_id}."
            raise self.ctx.hooks.not_there(command.task_id, TaskRefusal.UNKNOWN_TASK, text, "taskId")
        if not task.is_open:
            raise Conflict(
                TaskRefusal.TASK_ENDED, f"Task {task.id} has ended already: it is {task.status}.", field="taskId"
            )
        return task

    def note_invited(self, _: Envelope, event: FriendInviteSent) -> None:
        task = self._open(event.task_id)
        if task is not None and task.status is TaskStatus.ASSIGNED and task.assigned_bot_id == event.bot_id:
            self._move(task, TaskStatus.INVITED)

    def note_accepted(self, _: Envelope, event: ChatStarted) -> None:
        task = self._open(event.task_id)
        if task is not None and task.status in {TaskStatus.ASSIGNED, TaskStatus.INVITED}:
            self._move(task, TaskStatus.ACCEPTED)

    def fail_uninvited(self, _: Envelope, event: FriendInviteFailed) -> None:
        """Without the invite nothing comes of the task, unless it was taken back because the task moved elsewhere."""
        if event.reason == WaitReason.WITHDRAWN:
            return
        task = self._open(event.task_id)
        if task is not None and task.status is not TaskStatus.CREATED and task.assigned_bot_id == event.bot_id:
            self._move(task, TaskStatus.FAILED, event.reason, event.detail)

    def end(self, _: Envelope, event: DialogScriptCompleted) -> None:
        task = self._open(event.task_id)
        if task is not None and event.outcome in TASK_MOVES[task.status]:
            self.ctx.publish(
                TaskStatusChanged(
                    task_id=task.id,
                    status=event.outcome,
                    reason=event.reason,
                    detail=event.detail,
                    agreed_price=event.agreed_price,
                )
            )

    def fail_left_alone(self, _: Envelope, event: DoNotContactAdded) -> None:
        task = self._open(self.ctx.state.index.open_task_of_player.get(event.player))
        if task is not None:
            self._fail_left_alone(task, event.reason)

    def fail_of_own_bot(self, _: Envelope, event: BotAdded) -> None:
        """The "player" of a task has become a bot of ours: they do not trade with each other."""
        task = self._open(self.ctx.state.index.open_task_of_player.get(event.steam_id64))
        if task is not None:
            self._fail_of_own_bot(task)

    def catch_up(self) -> None:
        """A crash, or a reload, may have come between an event and what follows from it: draw the conclusion now."""
        state = self.ctx.state
        for task in [task for task in state.tasks.values() if task.is_open]:
            left_alone = state.left_alone(task.player)
            invite: Invite | None = state.invites.get(task.id)
            if left_alone is not None:
                self._fail_left_alone(task, left_alone)
            elif task.player in state.index.bot_of_account:
                self._fail_of_own_bot(task)
            elif task.chat_id is not None and task.status in {TaskStatus.ASSIGNED, TaskStatus.INVITED}:
                self._move(task, TaskStatus.ACCEPTED)
            elif invite is not None and invite.status is InviteStatus.SENT and task.status is TaskStatus.ASSIGNED:
                self._move(task, TaskStatus.INVITED)

    def _fail_left_alone(self, task: Task, reason: Open[LeftAlone]) -> None:
        detail = LEFT_ALONE.get(reason, "The player is on the do-not-contact list.")
        self._move(task, TaskStatus.FAILED, KernelRefusal.DO_NOT_CONTACT, detail)

    def _fail_of_own_bot(self, task: Task) -> None:
        detail = f"{task.player} is one of our own bots, not a player."
        self._move(task, TaskStatus.FAILED, KernelRefusal.OWN_BOT, detail)

    def _open(self, task_id: TaskId | None) -> Task | None:
        """The task, unless it has ended: the state may be ahead of the event that is being answered."""
        task: Task | None = self.ctx.state.tasks.get(task_id) if task_id is not None else None
        return task if task is not None and task.is_open else None

    def _move(self, task: Task, status: TaskStatus, reason: TaskCode | None = None, detail: str | None = None) -> None:
        self.ctx.publish(TaskStatusChanged(task_id=task.id, status=status, reason=reason, detail=detail))
