"""One invite a minute for each bot: when its next one may leave, and which one is on its way."""

from __future__ import annotations

from kernel.clock import Millis
from kernel.ids import BotId, TaskId
from kernel.rows import Account, Bot, Invite, InviteStatus
from kernel.state import State


def next_turn(state: State, bot: Bot, interval: int, run_began: int) -> Millis:
    """From when on the bot may send its next invite.

    How much of an interval has passed before this run began is not known: an account that has ever sent one waits it
    out in this run.
    """
    account: Account | None = state.accounts.get(bot.steam_id64)
    return Millis(max(account.last_invite_at, run_began) + interval if account is not None else 0)


def pending(state: State, bot_id: BotId, *, apart_from: TaskId | None = None) -> Invite | None:
    """The invite of the bot that is on its way to Steam, or in doubt."""
    for task_id in state.index.invites_of_bot.get(bot_id, ()):
        if task_id != apart_from and state.invites[task_id].status is InviteStatus.REQUESTED:
            return state.invites[task_id]
    return None
