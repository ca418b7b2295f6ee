"""The guard of SendInvite: only what the queue has decided, and at most one a minute for each bot.

The scheduler decides by the same functions, and then asks the other guards about a ProposedInvite.
"""

from __future__ import annotations

from kernel.clock import Millis
from kernel.codes import KernelRefusal
from kernel.commands import SendInvite
from kernel.hookspecs import Rejection
from kernel.ids import BotId, SteamId64
from kernel.rows import Bot, Invite, InviteStatus, Task, TaskStatus
from kernel.state import State
from plugins.invites.codes import QueueRefusal
from plugins.invites.invite_interval import next_turn, pending


class ProposedInvite(SendInvite, frozen=True, kw_only=True):
    """The invite that the scheduler is about to decide on, for the other guards to object to.

    They judge it as the SendInvite that follows. Nothing carries it out: no handler takes this kind.
    """


def objection(command: SendInvite, state: State, now: Millis, interval: int, *, run_began: int = 0) -> Rejection | None:
    """Why this invite must not go out now, if it must not.

    It reads the state alone: the minute is kept by Steam account, so that no restart, reconnect or removal of the bot
    shortens it.
    """
    bot: Bot | None = state.bots.get(command.bot_id)
    if bot is None:
        return Rejection(f"There is no bot {command.bot_id}.", KernelRefusal.UNKNOWN_BOT)
    invite: Invite | None = state.invites.get(command.task_id)
    if (
        invite is None
        or invite.status is not InviteStatus.REQUESTED
        or (invite.bot_id, invite.player) != (command.bot_id, command.player)
        or not wanted(invite, state)
    ):
        return Rejection(
            "Only what the bot's queue has decided to send is sent.", QueueRefusal.INVITE_NOT_DECIDED, passing=True
        )
    if (invite.retry_at or 0) > now:
        text = "Steam has refused this invite, and it is not tried again yet."
        return Rejection(text, QueueRefusal.INVITE_INTERVAL, retry_after=(invite.retry_at or 0) - now)
    if pending(state, bot.id, apart_from=invite.task_id) is not None:
        return Rejection("Another invite of this bot is on its way.", QueueRefusal.INVITE_PENDING, retry_after=interval)
    wait = next_turn(state, bot, interval, run_began) - now
    if wait > 0:
        return Rejection(
            f"A bot sends one invite every {interval // 1000} s.", QueueRefusal.INVITE_INTERVAL, retry_after=wait
        )
    return None


def is_out(state: State, bot_id: BotId, player: SteamId64) -> bool:
    """Is there an invite of the bot that the player sees or may see, and that has not ended for us?"""
    pending = state.index.pending_invites_of_player.get(player, {})
    return any(state.invites[task_id].bot_id == bot_id for task_id in pending)


def wanted(invite: Invite, state: State) -> bool:
    """Does the invite's task still want it of this bot?"""
    task: Task | None = state.tasks.get(invite.task_id)
    return (
        task is not None
        and task.assigned_bot_id == invite.bot_id
        and task.status in {TaskStatus.ASSIGNED, TaskStatus.INVITED}
    )
