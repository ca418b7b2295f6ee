"""Invites on their way to Steam: the decision, the request, and what its outcome means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kernel.clock import HOUR, Millis
from kernel.codes import KernelRefusal, TaskCode
from kernel.commands import SendInvite
from kernel.context import Context
from kernel.errors import Binds, CommandError, Rejected
from kernel.events import (
    BotInvitesBlocked,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRefused,
    FriendInviteRequested,
    Relationship,
    TaskStatusChanged,
)
from kernel.ids import TaskId
from kernel.outcomes import Fate, Outcome, judge
from kernel.rows import Bot, Invite, Task, TaskStatus
from plugins.invites.codes import InviteReason
from plugins.invites.config import InvitesConfig
from plugins.invites.guard import ProposedInvite
from plugins.invites.holds import Holds

BLOCKED: Final = HOUR
"""For how long an account invites nobody that Steam has told so without saying for how long."""


class Flight:
    """An invite on its way, and what Steam says of the two meanwhile. `shown`: the player has seen it, or sees it."""

    def __init__(self, relationship: Relationship | None) -> None:
        self._last = relationship
        self.shown = False

    def hear(self, relationship: Relationship) -> None:
        """The two stand like this from now on."""
        # none again where they were none before: it was there in between, though Steam did not tell
        gone = relationship is Relationship.NONE and self._last in {Relationship.NONE, Relationship.REQUEST_INITIATOR}
        self.shown |= relationship is Relationship.REQUEST_INITIATOR or gone
        self._last = relationship


Done = Callable[[Invite, Flight, Outcome | None], None]
"""Told of each invite that is back: as it was when it left, what was heard meanwhile, and its outcome if it failed."""


class Outbox:
    """Sends, and makes sense of outcomes. What must survive this process is in the state."""

    def __init__(self, ctx: Context, config: InvitesConfig, holds: Holds, done: Done) -> None:
        self._ctx = ctx
        self._config = config
        self._holds = holds
        self._done = done
        self.sending: Final[dict[TaskId, Flight]] = {}

    def send(self, invite: Invite) -> None:
        """Decide that the invite goes out now. The router brings the decision to disk before anything leaves."""
        requested = FriendInviteRequested(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        flight = Flight(self._ctx.hooks.relationship(invite.bot_id, invite.player))
        self.sending[invite.task_id] = flight
        self._ctx.publish(requested)
        self._ctx.spawn(self._send(invite, flight), f"send invite of {invite.task_id}")

    async def _send(self, invite: Invite, flight: Flight) -> None:
        outcome: Outcome | None = None
        command = SendInvite(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        try:
            await self._ctx.execute(command)
        except CommandError as error:
            outcome = judge(error)
        finally:
            self.sending.pop(invite.task_id, None)
        if outcome is None or outcome.fate is not Fate.NOT_SENT:
            self._holds.left(invite.bot_id)
        self._done(invite, flight, outcome)

    def take(self, invite: Invite, outcome: Outcome, *, requested: bool) -> None:
        """Back into the queue, counted or not. What is in doubt stays as it is, to be settled."""
        if outcome.fate is Fate.IN_DOUBT:
            self._ctx.log.warning("invite of %s is in doubt: %s", invite.task_id, outcome.message)
        elif outcome.fate is Fate.REFUSED:
            self._count(invite, outcome)
        else:
            if requested:
                again = FriendInviteQueued(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
                self._ctx.publish(again)
            if outcome.again:
                self._holds.wait(invite, outcome)
            else:
                self.fail(invite, outcome.code, outcome.message)

    def _count(self, invite: Invite, outcome: Outcome) -> None:
        """Steam said no. Whom that holds up, and until when, is in the event; `conclude` draws the consequence."""
        task: Task = self._ctx.state.tasks[invite.task_id]
        binds = outcome.binds or Binds.REQUEST
        now, at_least = self._ctx.clock.now(), outcome.retry_after or 0
        wait = self._config.retry_after(task.invite_attempts + 1, at_least) if binds is Binds.REQUEST else None
        if binds is Binds.ACCOUNT:
            self._block(invite, outcome, Millis(now + (at_least or BLOCKED)))
        refused = FriendInviteRefused(
            task_id=invite.task_id,
            bot_id=invite.bot_id,
            player=invite.player,
            reason=outcome.code,
            detail=outcome.message,
            binds=binds,
            retry_at=Millis(now + wait) if wait is not None else None,
        )
        self._ctx.publish(refused)

    def _block(self, invite: Invite, outcome: Outcome, until: Millis) -> None:
        """Let the bot's row say so, where the transport has not."""
        bot: Bot | None = self._ctx.state.bots.get(invite.bot_id)
        if bot is not None and (bot.invites_blocked_until or 0) <= self._ctx.clock.now():
            text = outcome.message
            self._ctx.publish(BotInvitesBlocked(bot_id=bot.id, until=until, reason=outcome.code, detail=text))

    def conclude(self, invite: Invite) -> None:
        """Steam has refused it, and this bot does not try again: another may, or the task has failed."""
        task: Task = self._ctx.state.tasks[invite.task_id]
        reason, detail = (
            invite.reason or KernelRefusal.INVITE_REFUSED,
            invite.detail or "Steam does not take this invite.",
        )
        movable = task.status is TaskStatus.ASSIGNED and task.invite_attempts < self._config.tries
        if invite.binds is Binds.ACCOUNT and movable:
            self.give_back(invite, InviteReason.BOT_INVITES_BLOCKED, detail)
        elif invite.binds is Binds.PLAYER:
            self.fail(invite, reason, detail)
        else:
            self.fail(invite, reason, f"{detail.rstrip('.')}. It was tried {task.invite_attempts} times.")

    def give_back(self, invite: Invite, reason: TaskCode, detail: str) -> None:
        """The player was not contacted: let another bot have the task."""
        back = TaskStatusChanged(task_id=invite.task_id, status=TaskStatus.CREATED, reason=reason, detail=detail)
        self._ctx.publish(back)

    def fail(self, invite: Invite, reason: TaskCode, detail: str) -> None:
        """The invite has ended without friendship."""
        failed = FriendInviteFailed(
            task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player, reason=reason, detail=detail
        )
        self._ctx.publish(failed)


def rejected(ctx: Context, proposed: ProposedInvite) -> Rejected | None:
    """What the other guards object to just now."""
    try:
        ctx.hooks.admit(proposed)
    except Rejected as refused:
        return refused
    return None
