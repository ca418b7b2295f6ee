"""What Steam's own list says about an invite: the one authority when we cannot know."""

from __future__ import annotations

from typing import Final

from kernel.events import Event, FriendInviteAccepted, FriendInviteFailed, FriendInviteQueued, FriendInviteSent
from kernel.rows import Invite, InviteStatus

IN_DOUBT: Final = (
    "The connection broke while the invite was on its way, and Steam's list does not show it. It may have gone out and "
    "been declined, so it is not sent again: look at the player's profile, and make a new task if you want it so."
)
DECLINED: Final = "The player declined the invite."


def verdict(invite: Invite, relationship: str | None) -> Event | None:
    """What to publish about an invite that is not being sent just now, given how Steam says the two stand.

    None: nothing has changed, or Steam's list is not at hand (`relationship` None).
    """
    task, bot, player = invite.task_id, invite.bot_id, invite.player
    if relationship is None:
        return None
    if relationship == "friend":
        already = invite.status is InviteStatus.QUEUED
        return FriendInviteAccepted(task_id=task, bot_id=bot, player=player, already=already)
    refused = relationship in {"blocked", "ignored"}
    if invite.status is InviteStatus.SENT and (refused or relationship == "none"):
        return FriendInviteFailed(task_id=task, bot_id=bot, player=player, reason="declined", detail=DECLINED)
    if invite.status is not InviteStatus.REQUESTED:
        return None
    if relationship == "invited":
        return FriendInviteSent(task_id=task, bot_id=bot, player=player)
    if relationship == "invitedUs":
        # asked back, Steam would have made them friends: our invite never went out
        return FriendInviteQueued(task_id=task, bot_id=bot, player=player)
    reason, detail = ("declined", DECLINED) if refused else ("inDoubt", IN_DOUBT)
    return FriendInviteFailed(task_id=task, bot_id=bot, player=player, reason=reason, detail=detail)
