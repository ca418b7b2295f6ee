"""Events about invites at a start; the reducers are in `kernel.reducers.invites`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from kernel import events as e
from kernel.clock import HOUR, Millis
from kernel.ids import SteamId64
from kernel.replay.forms import Placed, Tables, force_setattr, replays
from kernel.rows import Account, Invite, InviteRefusal, InviteStatus, Player

# an enum's member costs ten times as much to look up
QUEUED: Final = InviteStatus.QUEUED
REQUESTED: Final = InviteStatus.REQUESTED
SENT: Final = InviteStatus.SENT
IN_DOUBT: Final = InviteRefusal.IN_DOUBT

BY_HOUR: Final = frozenset({e.FriendInviteRequested, e.FriendInviteSent, e.FriendInviteAccepted, e.FriendInviteFailed})
"""These look for a time among the invites of the last hour, and take it that those ascend."""
REFUSALS: Final = frozenset(InviteRefusal)


@replays(e.FriendInviteQueued)
def invite_queued(tables: Tables, wire: Placed, event: e.FriendInviteQueued) -> bool:
    if event.task_id not in tables.tasks or event.task_id in tables.invites:
        return False
    invite = Invite(task_id=event.task_id, bot_id=event.bot_id, player=event.player, queued_at=wire.ts)
    tables.invites[event.task_id] = invite
    tables.index.invite_enters(invite)
    return True


@replays(e.FriendInviteRequested)
def invite_requested(tables: Tables, wire: Placed, event: e.FriendInviteRequested) -> bool:
    invite, requests = tables.invites.get(event.task_id), tables.requests_of_hour()
    if invite is None or invite.status is not QUEUED or (requests and requests[-1] > wire.ts):
        return False
    tables.index.invite_leaves(invite)
    force_setattr(invite, "status", REQUESTED)
    force_setattr(invite, "requested_at", wire.ts)
    tables.index.invite_enters(invite)
    if requests and requests[0] <= wire.ts - HOUR:
        del requests[: bisect_right(requests, wire.ts - HOUR)]
    requests.append(wire.ts)
    return True


@replays(e.FriendInviteSent)
def invite_sent(tables: Tables, wire: Placed, event: e.FriendInviteSent) -> bool:
    invite = tables.invites.get(event.task_id)
    if invite is None or invite.status is not REQUESTED or not _count_attempt(tables, wire.ts, invite):
        return False
    tables.index.invite_leaves(invite)
    force_setattr(invite, "status", SENT)
    force_setattr(invite, "sent_at", wire.ts)
    force_setattr(invite, "attempts", invite.attempts + 1)
    if invite.retry_at is not None:
        force_setattr(invite, "retry_at", None)
    if invite.reason is not None:
        force_setattr(invite, "reason", None)
    if invite.detail is not None:
        force_setattr(invite, "detail", None)
    if invite.binds is not None:
        force_setattr(invite, "binds", None)
    tables.index.invite_enters(invite)
    return True


@replays(e.FriendInviteAccepted)
def invite_accepted(tables: Tables, wire: Placed, event: e.FriendInviteAccepted) -> bool:
    return event.task_id in tables.tasks and _end(tables, wire, event.task_id)


@replays(e.FriendInviteFailed)
def invite_failed(tables: Tables, wire: Placed, event: e.FriendInviteFailed) -> bool:
    if not _end(tables, wire, event.task_id):
        return False
    if event.reason in REFUSALS:
        _remember_refusal(tables, wire.ts, event.player, InviteRefusal(event.reason))
    return True


def _end(tables: Tables, wire: Placed, task_id: str) -> bool:
    invite = tables.invites.get(task_id)
    if invite is None:
        return True  # among friends there was none
    if invite.status is REQUESTED and not _count_attempt(tables, wire.ts, invite):
        return False
    del tables.invites[task_id]
    tables.index.invite_leaves(invite)
    tables.index.invite_left_bot(invite)
    return True


def _count_attempt(tables: Tables, ts: Millis, invite: Invite) -> bool:
    """Of an invite that was requested."""
    bot, task, requests = tables.bots.get(invite.bot_id), tables.tasks.get(invite.task_id), tables.requests_of_hour()
    if bot is None or (requests and requests[-1] > ts):
        return False
    account = tables.accounts.get(bot.steam_id64)
    if account is not None:
        force_setattr(account, "last_invite_at", ts)
    else:
        tables.accounts[bot.steam_id64] = Account(steam_id64=bot.steam_id64, last_invite_at=ts)
    if task is not None:
        force_setattr(task, "invite_attempts", task.invite_attempts + 1)
    if invite.requested_at is not None:
        place = bisect_left(requests, invite.requested_at)
        if place < len(requests) and requests[place] == invite.requested_at:
            del requests[place]
    requests.append(ts)
    return True


def _remember_refusal(tables: Tables, ts: Millis, steam_id64: SteamId64, refusal: InviteRefusal) -> None:
    player = tables.players.get(steam_id64)
    if player is None:
        tables.players[steam_id64] = Player(steam_id64=steam_id64, invite_refusal=refusal, invite_refused_at=ts)
    elif refusal is not IN_DOUBT or player.invite_refusal is None:
        force_setattr(player, "invite_refusal", refusal)
        force_setattr(player, "invite_refused_at", ts)
