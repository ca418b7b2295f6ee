"""What is on its way between us and Steam: invites being sent and taken back, and what Steam answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kernel.clock import MINUTE, SECOND, Millis
from kernel.commands import SendInvite, WithdrawInvite
from kernel.context import Context
from kernel.errors import Binds, CommandError, Rejected
from kernel.events import FriendInviteFailed, FriendInviteQueued, FriendInviteRequested, TaskStatusChanged
from kernel.ids import BotId, TaskId
from kernel.outcomes import Fate, Outcome, judge
from kernel.rows import Invite, InviteStatus, TaskStatus
from plugins.invites.waiting import Hold

ANOTHER_TRY: Final = 30 * SECOND
"""When an invite that could not leave is tried again, if whoever refused it did not say."""
ANOTHER_WITHDRAWAL: Final = 5 * MINUTE


class Outbox:
    """Sends, takes back, and makes sense of refusals. It remembers only what is under way in this very process."""

    def __init__(self, ctx: Context, done: Callable[[Invite], None]) -> None:
        self._ctx = ctx
        self._done = done
        self.sending: Final[set[TaskId]] = set()
        self.withdrawing: Final[set[TaskId]] = set()
        self._holds: dict[BotId, Hold] = {}
        self._fleet: Hold | None = None
        self._withdraw_at: dict[TaskId, Millis] = {}

    def hold(self, bot_id: BotId, now: Millis) -> Hold | None:
        """Until when Steam or a guard told the bot, or the whole fleet, to wait."""
        holds = [h for h in (self._fleet, self._holds.get(bot_id)) if h is not None and (h.until or 0) > now]
        return max(holds, key=lambda h: h.until or 0, default=None)

    def follow_clock(self, by: int) -> None:
        """The clock has stepped: every wait stays as long as it was."""
        self._holds = {bot_id: hold.moved(by) for bot_id, hold in self._holds.items()}
        self._fleet = self._fleet.moved(by) if self._fleet is not None else None
        self._withdraw_at = {task_id: Millis(at + by) for task_id, at in self._withdraw_at.items()}

    def forget(self, bot_id: BotId) -> None:
        """The bot is gone."""
        self._holds.pop(bot_id, None)

    def send(self, invite: Invite) -> None:
        """Decide that the invite goes out now. The router brings the decision to disk before anything leaves."""
        requested = FriendInviteRequested(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        self.sending.add(invite.task_id)
        self._ctx.publish(requested)
        self._ctx.spawn(self._send(invite), f"send invite of {invite.task_id}")

    async def _send(self, invite: Invite) -> None:
        failed: CommandError | None = None
        command = SendInvite(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        try:
            await self._ctx.execute(command)
        except CommandError as error:
            failed = error
        finally:
            self.sending.discard(invite.task_id)
        if failed is not None and self._status(invite) is InviteStatus.REQUESTED:
            self.take_outcome(invite, judge(failed), requested=True)
        self._done(invite)

    def take_outcome(self, invite: Invite, outcome: Outcome, *, requested: bool) -> None:
        """Back into the queue, on to another bot, or the end. An invite in doubt stays as it is, to be settled."""
        if outcome.fate is Fate.IN_DOUBT:
            self._ctx.log.warning("invite of %s is in doubt: %s", invite.task_id, outcome.message)
            return
        if outcome.again and requested:
            again = FriendInviteQueued(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
            self._ctx.publish(again)
        if outcome.binds is Binds.ACCOUNT:
            self.give_back(invite, "botInvitesBlocked", outcome.message)
        elif outcome.again:
            self._wait(invite.bot_id, outcome)
        else:
            self.fail(invite, outcome.code, outcome.message)

    def _wait(self, bot_id: BotId, outcome: Outcome) -> None:
        until = Millis(self._ctx.clock.now() + max(SECOND, outcome.retry_after or ANOTHER_TRY))
        hold = Hold(outcome.code, outcome.message, until)
        if outcome.code == "fleetInviteLimit":
            self._fleet = hold
        else:
            self._holds[bot_id] = hold

    def give_back(self, invite: Invite, reason: str, detail: str) -> None:
        """The player was not contacted: let another bot have the task."""
        back = TaskStatusChanged(task_id=invite.task_id, status=TaskStatus.CREATED, reason=reason, detail=detail)
        self._ctx.publish(back)

    def fail(self, invite: Invite, reason: str, detail: str) -> None:
        """The invite has ended without friendship."""
        failed = FriendInviteFailed(
            task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player, reason=reason, detail=detail
        )
        self._ctx.publish(failed)

    def withdraw(self, invite: Invite, reason: str, detail: str) -> Millis | None:
        """Take an invite back that the player may see, then end it. Returns when to try again, if not now."""
        if invite.task_id in self.withdrawing:
            return None
        due = self._withdraw_at.get(invite.task_id)
        if due is not None and due > self._ctx.clock.now():
            return due
        self.withdrawing.add(invite.task_id)
        self._ctx.spawn(self._withdraw(invite, reason, detail), f"withdraw invite of {invite.task_id}")
        return None

    async def _withdraw(self, invite: Invite, reason: str, detail: str) -> None:
        try:
            await self._ctx.execute(WithdrawInvite(bot_id=invite.bot_id, player=invite.player))
        except CommandError as refused:
            self._withdraw_at[invite.task_id] = Millis(self._ctx.clock.now() + ANOTHER_WITHDRAWAL)
            self._ctx.log.warning("invite of %s cannot be taken back yet: %s", invite.task_id, refused.message)
        else:
            self._withdraw_at.pop(invite.task_id, None)
            if self._status(invite) in {InviteStatus.REQUESTED, InviteStatus.SENT}:
                self.fail(invite, reason, detail)
        finally:
            self.withdrawing.discard(invite.task_id)
        self._done(invite)

    def _status(self, invite: Invite) -> InviteStatus | None:
        """Where the invite stands now; None when it has ended, or is another bot's."""
        row: Invite | None = self._ctx.state.invites.get(invite.task_id)
        return row.status if row is not None and row.bot_id == invite.bot_id else None


def rejected(ctx: Context, command: SendInvite) -> Rejected | None:
    """What the guards would object to just now."""
    try:
        ctx.ask.admit(command)
    except Rejected as refused:
        return refused
    return None
