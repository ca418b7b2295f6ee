"""What is done about people who have invited a bot themselves: nothing, a decline, or their open task goes to the bot.

Nobody is accepted here: the task's own invite does that in its turn, under every limit that holds for invites.
"""

from __future__ import annotations

from typing import Final

from kernel.clock import MINUTE
from kernel.codes import WaitReason
from kernel.commands import DeclineFriendRequest
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import (
    BotConnected,
    BotFriendRequestsListed,
    Envelope,
    Relationship,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.ids import BotId, SteamId64
from kernel.rows import Bot, BotStatus, Invite, InviteStatus, Task, TaskStatus
from plugins.invites.config import InvitesConfig, OnFriendRequest

DECLINE_EVERY: Final = MINUTE
"""Between two declines of one bot, and before its first: what strangers send does not set its pace."""
TASKS_MOST: Final = 5
"""Tasks with an invite still to go out that a bot may hold and be given one more for a request."""
KNOWS: Final = frozenset({Relationship.FRIEND, Relationship.REQUEST_INITIATOR})
MOVED: Final = "The player has invited another bot themselves, which takes the task."


class RequestAnswers:
    """Does what the setting `friend_requests` says. What is due is read from the rows of the bots."""

    def __init__(self, ctx: Context, config: InvitesConfig) -> None:
        self._ctx = ctx
        self._setting = config.friend_requests
        self._declining: set[BotId] = set()

    def start(self) -> None:
        if self._setting is OnFriendRequest.IGNORE:
            return
        self._ctx.when_up(self._begin)
        self._ctx.subscribe(BotFriendRequestsListed, lambda _, event: self._look(event.bot_id))
        self._ctx.subscribe(BotConnected, lambda _, event: self._look(event.bot_id))
        self._ctx.subscribe(TaskCreated, self._task_created)
        self._ctx.subscribe(TaskAssigned, self._task_assigned)

    def _begin(self) -> None:
        for bot in list(self._ctx.state.bots.values()):
            if bot.friend_requests:
                self._look(bot.id)

    def _look(self, bot_id: BotId) -> None:
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED or not bot.friend_requests:
            return
        if self._setting is OnFriendRequest.ACCEPT:
            for request in bot.friend_requests:
                self._give(bot_id, request.player)
        elif bot_id not in self._declining and self._unwanted(bot) is not None:
            self._declining.add(bot_id)
            self._ctx.call_later(DECLINE_EVERY, lambda: self._decline(bot_id), f"decline a request to {bot_id}")

    def _task_created(self, _: Envelope, event: TaskCreated) -> None:
        task: Task | None = self._ctx.state.tasks.get(event.task_id)
        for bot_id in list(self._ctx.state.index.bots_asked_by.get(task.player, ())) if task is not None else ():
            self._give(bot_id, event.player)

    def _task_assigned(self, _: Envelope, event: TaskAssigned) -> None:
        """Heard before its invite is queued, so none can be on its way."""
        task: Task | None = self._ctx.state.tasks.get(event.task_id)
        asked = self._ctx.state.index.bots_asked_by.get(task.player, {}) if task is not None else {}
        if task is None or task.assigned_bot_id != event.bot_id or event.bot_id in asked:
            return
        for bot_id in list(asked):
            self._give(bot_id, task.player, fresh=True)

    def _give(self, bot_id: BotId, player: SteamId64, *, fresh: bool = False) -> None:
        """Let the bot that the player has invited have their task, where no bot has been in touch with them for it.

        `fresh`: it has just been given to another bot, which has not taken it up yet.
        """
        if self._setting is not OnFriendRequest.ACCEPT:
            return
        state = self._ctx.state
        task_id = state.index.open_task_of_player.get(player)
        task: Task | None = state.tasks.get(task_id) if task_id is not None else None
        if task is None or state.left_alone(player) is not None or not self._has_room(bot_id):
            return
        if self._ctx.hooks.relationship(bot_id, player) is not Relationship.REQUEST_RECIPIENT:
            return
        if task.status is TaskStatus.ASSIGNED and self._may_move(task, bot_id, fresh):
            # in one breath: who hears of it finds the task with its new bot already
            moved = TaskStatusChanged(
                task_id=task.id, status=TaskStatus.CREATED, reason=WaitReason.WITHDRAWN, detail=MOVED
            )
            self._ctx.publish(moved)
        if state.tasks[task.id].status is TaskStatus.CREATED:
            self._ctx.publish(TaskAssigned(task_id=task.id, bot_id=bot_id))

    def _may_move(self, task: Task, to: BotId, fresh: bool) -> bool:
        """Whether the bot that has the task has surely not been in touch with the player."""
        holder = task.assigned_bot_id
        if holder is None or holder == to or task.invite_attempts:
            return False
        invite: Invite | None = self._ctx.state.invites.get(task.id)
        if invite is None and not fresh:
            return False
        if invite is not None and (invite.bot_id != holder or invite.status is not InviteStatus.QUEUED):
            return False
        return self._ctx.hooks.relationship(holder, task.player) not in KNOWS

    def _has_room(self, bot_id: BotId) -> bool:
        state = self._ctx.state
        bot: Bot | None = state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED:
            return False
        held = sum(
            state.tasks[task_id].status is TaskStatus.ASSIGNED
            for task_id in state.index.open_tasks_of_bot.get(bot_id, ())
        )
        return held < TASKS_MOST and (bot.invites_blocked_until or 0) <= self._ctx.clock.now()

    def _unwanted(self, bot: Bot) -> SteamId64 | None:
        """Whose request is declined next: not of anybody we have business with, or who is to be left alone."""
        state = self._ctx.state
        for request in bot.friend_requests:
            if request.player not in state.index.open_task_of_player and state.left_alone(request.player) is None:
                return request.player
        return None

    def _decline(self, bot_id: BotId) -> None:
        self._declining.discard(bot_id)
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        player = self._unwanted(bot) if bot is not None and bot.status is BotStatus.CONNECTED else None
        if player is not None:
            self._declining.add(bot_id)
            self._ctx.spawn(self._declined(bot_id, player), f"decline the request of {player} to {bot_id}")

    async def _declined(self, bot_id: BotId, player: SteamId64) -> None:
        try:
            await self._ctx.execute(DeclineFriendRequest(bot_id=bot_id, player=player))
        except CommandError as error:
            self._ctx.log.warning("a request of %s to %s is not declined yet: %s", player, bot_id, error.message)
        finally:
            self._declining.discard(bot_id)
        self._look(bot_id)
