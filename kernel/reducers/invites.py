"""How events about invites change the state: their queue, the minute of each bot, the hour of the fleet."""

from __future__ import annotations

from kernel import events as e
from kernel.clock import HOUR
from kernel.errors import IllegalTransition
from kernel.ids import BotId, TaskId
from kernel.reducers.register import known_bot, known_task, reduces
from kernel.rows import Account, Invite, InviteRefusal, InviteStatus, Player
from kernel.state import State


@reduces(e.FriendInviteQueued)
def invite_queued(state: State, envelope: e.Envelope, event: e.FriendInviteQueued) -> None:
    known_task(state, event.task_id)
    _uncount_request(state, event.task_id)
    state.invites.put(Invite(task_id=event.task_id, bot_id=event.bot_id, player=event.player, queued_at=envelope.ts))


def _uncount_request(state: State, task_id: TaskId) -> None:
    """Back in the queue, the invite surely never left: it does not count towards the fleet's hour."""
    invite: Invite | None = state.invites.get(task_id)
    requested = list(state.contact.invites)
    if invite is not None and invite.status is InviteStatus.REQUESTED and invite.requested_at in requested:
        requested.remove(invite.requested_at)
        state.contacts.update("contact", invites=tuple(requested))


@reduces(e.FriendInviteRequested)
def invite_requested(state: State, envelope: e.Envelope, event: e.FriendInviteRequested) -> None:
    invite: Invite | None = state.invites.get(event.task_id)
    if invite is None or invite.status is not InviteStatus.QUEUED:
        raise IllegalTransition(f"the invite of {event.task_id} is not in the queue")
    state.invites.update(event.task_id, status=InviteStatus.REQUESTED, requested_at=envelope.ts)
    recent = tuple(ts for ts in state.contact.invites if ts > envelope.ts - HOUR)
    state.contacts.update("contact", invites=(*recent, envelope.ts))


@reduces(e.FriendInviteSent)
def invite_sent(state: State, envelope: e.Envelope, event: e.FriendInviteSent) -> None:
    if event.task_id not in state.invites:
        raise IllegalTransition(f"there is no invite of {event.task_id}")
    state.invites.update(event.task_id, status=InviteStatus.SENT, sent_at=envelope.ts)
    _count_invite(state, envelope, event.bot_id)


@reduces(e.FriendInviteAccepted)
def invite_accepted(state: State, envelope: e.Envelope, event: e.FriendInviteAccepted) -> None:
    known_task(state, event.task_id)
    _end_invite(state, envelope, event.task_id, event.bot_id)


@reduces(e.FriendInviteFailed)
def invite_failed(state: State, envelope: e.Envelope, event: e.FriendInviteFailed) -> None:
    _end_invite(state, envelope, event.task_id, event.bot_id)
    if event.reason in set(InviteRefusal):
        player = state.players.get(event.player) or Player(steam_id64=event.player)
        state.players.put(player)
        state.players.update(event.player, invite_refusal=InviteRefusal(event.reason), invite_refused_at=envelope.ts)


def _end_invite(state: State, envelope: e.Envelope, task_id: TaskId, bot_id: BotId) -> None:
    invite: Invite | None = state.invites.get(task_id)
    if invite is not None and invite.status is InviteStatus.REQUESTED:
        # Steam may have seen it as late as now, whatever it answered: the bot's minute starts here.
        _count_invite(state, envelope, bot_id)
    state.invites.drop(task_id)


def _count_invite(state: State, envelope: e.Envelope, bot_id: BotId) -> None:
    """Start the bot's minute anew. It is kept by account, so that removing the bot does not shorten it."""
    account = known_bot(state, bot_id).steam_id64
    state.accounts.put(Account(steam_id64=account, last_invite_at=envelope.ts))
