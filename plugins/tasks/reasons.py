"""Keeps the reasons in the rows of open tasks true: told when they change, and with no deadline that has passed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from kernel.clock import MINUTE, SECOND
from kernel.context import Context
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ChatAgentToggled,
    ChatAssigned,
    ChatClosed,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatStarted,
    ContactPaused,
    ContactResumed,
    Envelope,
    TaskWaiting,
)
from kernel.ids import TaskId
from kernel.rows import Chat, Task
from plugins.tasks.codes import StandingReason
from plugins.tasks.standing import Standing, standing

SWEEP_MS: Final = 10 * SECOND
"""How often all open tasks are looked at: what changes with each line of a dialogue is told only where it lasts."""
OVERDUE_MS: Final = MINUTE
"""How long a deadline may have passed, or a reason may be missing, before that is said in the reason's place."""
BATCH: Final = 200
"""Tasks that are looked at in one go, before everybody else has a turn."""
LEFT: Final = Standing(
    StandingReason.UNEXPLAINED,
    "Nobody has said why it waits, or its time has passed and nothing came of it.",
    next_step="Look at the list of plugins: assigner, invites and dialogue must run. DisposeTask puts the task away.",
)


class Reasons:
    """Tells why tasks wait whose players have been contacted, and looks after the reasons that others tell."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def watch(self) -> None:
        """Subscribe to all that changes a reason at once, and sweep."""
        ctx = self._ctx
        ctx.subscribe(BotConnecting, self._bot_changed)
        ctx.subscribe(BotConnected, self._bot_changed)
        ctx.subscribe(BotDisconnected, self._bot_changed)
        ctx.subscribe(BotAuthFailed, self._bot_changed)
        ctx.subscribe(ChatStarted, self._chat_changed)
        ctx.subscribe(ChatAgentToggled, self._chat_changed)
        ctx.subscribe(ChatAssigned, self._chat_changed)
        ctx.subscribe(ChatClosed, self._chat_changed)
        ctx.subscribe(ChatMessageFailed, self._chat_changed)
        ctx.subscribe(ChatMessageInDoubt, self._chat_changed)
        ctx.subscribe(ContactPaused, lambda *_: ctx.spawn(self._look_at_all(), "why tasks wait"))
        ctx.subscribe(ContactResumed, lambda *_: ctx.spawn(self._look_at_all(), "why tasks wait"))
        ctx.spawn(self._sweep(), "why tasks wait, now and then")

    async def _sweep(self) -> None:
        while True:
            await self._ctx.clock.sleep(SWEEP_MS)
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        """Every open task, a batch at a time."""
        tasks = [task_id for queue in self._ctx.state.index.open_tasks.values() for task_id in queue]
        for first in range(0, len(tasks), BATCH):
            self._look_at(tasks[first : first + BATCH], lasting=True)
            await asyncio.sleep(0)

    def _look_at(self, tasks: Iterable[TaskId], *, lasting: bool = False) -> None:
        for task_id in tasks:
            task: Task | None = self._ctx.state.tasks.get(task_id)
            if task is None or not task.is_open:
                continue
            found = standing(task, self._ctx.state, self._ctx.clock.now())
            if found is None:
                found = self._overdue(task) if lasting else None
            elif found.lively and not lasting:
                continue
            if found is not None:
                self._tell(task, found)

    def _tell(self, task: Task, found: Standing) -> None:
        """Once for each reason, moment and sentence."""
        said = (task.reason, task.detail, task.waiting_until, task.next_step)
        if said != (found.reason, found.detail, found.until, found.next_step):
            self._ctx.publish(
                TaskWaiting(
                    task_id=task.id,
                    reason=found.reason,
                    detail=found.detail,
                    until=found.until,
                    next_step=found.next_step,
                )
            )

    def _overdue(self, task: Task) -> Standing | None:
        """What to say of a task of somebody else's that has no reason, or one whose time has passed."""
        now = self._ctx.clock.now()
        if task.reason is None:
            return LEFT if now - task.status_since > OVERDUE_MS else None
        if task.waiting_until is not None and now - task.waiting_until > OVERDUE_MS:
            return LEFT
        return None

    def _bot_changed(self, _: Envelope, event: BotConnecting | BotConnected | BotDisconnected | BotAuthFailed) -> None:
        self._look_at(list(self._ctx.state.index.open_tasks_of_bot.get(event.bot_id, ())))

    def _chat_changed(
        self,
        _: Envelope,
        event: ChatStarted | ChatAgentToggled | ChatAssigned | ChatClosed | ChatMessageFailed | ChatMessageInDoubt,
    ) -> None:
        chat: Chat | None = self._ctx.state.chats.get(event.chat_id)
        if chat is not None and chat.task_id is not None:
            self._look_at([chat.task_id])
