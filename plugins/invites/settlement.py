"""What Steam's own list says about an invite: the one authority when we cannot know."""

from __future__ import annotations

from typing import Final

from kernel.events import (
    Event,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteSent,
    Relationship,
)
from kernel.rows import Account, Bot, Invite, InviteRefusal, InviteStatus, Task, TaskStatus
from kernel.state import State

IN_DOUBT: Final = (
    "The connection broke while the invite was on its way, and Steam's list does not show it. It may have gone out and "
    "been declined, so it is not sent again: look at the player's profile; if they may be asked again, allow an invite "
    "(AllowInvite) and make a new task."
)
LOST: Final = (
    "What became of the invite was lost in a crash. It is not sent again: look at the player's profile; if they may be "
    "asked again, allow an invite (AllowInvite) and make a new task."
)
DECLINED: Final = "The player declined the invite."


def verdict(invite: Invite, relationship: Relationship | None, *, shown: bool = False) -> Event | None:
    """What to publish about an invite that is not being sent just now, given how Steam says the two stand.

    `shown`: Steam has said since it was requested that the player sees it. None: nothing has changed, or Steam's list
    is not at hand (`relationship` None).
    """
    task, bot, player = invite.task_id, invite.bot_id, invite.player
    requested, queued = invite.status is InviteStatus.REQUESTED, invite.status is InviteStatus.QUEUED
    match relationship:
        case Relationship.FRIEND:
            already = queued and not invite.attempts
            return FriendInviteAccepted(task_id=task, bot_id=bot, player=player, already=already)
        case Relationship.REQUEST_INITIATOR if (
            requested or queued
        ):  # also where Steam has refused it, or another client has sent it
            return FriendInviteSent(task_id=task, bot_id=bot, player=player)
        case Relationship.REQUEST_RECIPIENT if not queued:
            # asked back, Steam would have made them friends: ours is gone, and what we ask next accepts theirs
            return FriendInviteQueued(task_id=task, bot_id=bot, player=player, attempted=requested)
        case Relationship.BLOCKED | Relationship.IGNORED if not queued:
            return FriendInviteFailed(
                task_id=task, bot_id=bot, player=player, reason=InviteRefusal.DECLINED, detail=DECLINED
            )
        case Relationship.NONE if shown or not (requested or queued):
            return FriendInviteFailed(
                task_id=task, bot_id=bot, player=player, reason=InviteRefusal.DECLINED, detail=DECLINED
            )
        case Relationship.NONE if requested:
            return FriendInviteFailed(
                task_id=task, bot_id=bot, player=player, reason=InviteRefusal.IN_DOUBT, detail=IN_DOUBT
            )
    return None


def lacks_invite(task: Task, state: State) -> bool:
    """Did a crash come between two events of one moment? Such a task has a bot, but neither an invite nor a chat."""
    invited = task.status in {TaskStatus.ASSIGNED, TaskStatus.INVITED}
    return invited and task.chat_id is None and task.id not in state.invites


def was_never_sent(task: Task, state: State) -> bool:
    """Has its bot surely not sent the lost invite? It has not when it has sent none since the task was given to it."""
    bot: Bot | None = state.bots.get(task.assigned_bot_id) if task.assigned_bot_id is not None else None
    account: Account | None = state.accounts.get(bot.steam_id64) if bot is not None else None
    return task.status is TaskStatus.ASSIGNED and (account is None or account.last_invite_at < task.status_since)


def recovered(task: Task, relationship: Relationship | None) -> Event | None:
    """What to publish for a task whose invite may have been sent before it was lost. None: Steam's list is not at hand.

    The words that were lost may have been that the player declined, so the invite is not sent again.
    """
    if relationship is None or task.assigned_bot_id is None:
        return None
    task_id, bot, player = task.id, task.assigned_bot_id, task.player
    if relationship is Relationship.FRIEND:
        return FriendInviteAccepted(task_id=task_id, bot_id=bot, player=player)
    return FriendInviteFailed(task_id=task_id, bot_id=bot, player=player, reason=InviteRefusal.IN_DOUBT, detail=LOST)
