"""The codes that the invites give."""

from __future__ import annotations

from kernel.codes import RefusalCode, TaskReason


class QueueRefusal(RefusalCode):
    """What a request to send an invite is refused for."""

    INVITE_NOT_DECIDED = "inviteNotDecided"
    INVITE_INTERVAL = "inviteInterval"
    INVITE_PENDING = "invitePending"


class InviteReason(TaskReason):
    """Why an invite waits, or goes back without having been sent."""

    INVITE_INTERVAL = "inviteInterval"
    INVITE_PENDING = "invitePending"
    INVITE_LOST = "inviteLost"
    AWAITING_PLAYER = "awaitingPlayer"
    BOT_AUTH_FAILED = "botAuthFailed"
    BOT_INVITES_BLOCKED = "botInvitesBlocked"
