"""How events about invites change the state: their queue, the minute of each account, the hour of the fleet, debts."""

from __future__ import annotations

from msgspec.structs import replace

from kernel import events as e
from kernel.clock import HOUR
from kernel.errors import IllegalTransition
from kernel.ids import SteamId64, TaskId
from kernel.reducers.register import known_bot, known_task, reduces
from kernel.rows import INVITE_MOVES, Account, Invite, InviteRefusal, InviteStatus, LeftBehind, Player
from kernel.state import State


@reduces(e.FriendInviteQueued)
def invite_queued(state: State, envelope: e.Envelope, event: e.FriendInviteQueued) -> None:
    known_task(state, event.task_id)
    before: Invite | None = state.invites.get(event.task_id)
    fresh = Invite(task_id=event.task_id, bot_id=event.bot_id, player=event.player, queued_at=envelope.ts)
    if before is None or before.bot_id != event.bot_id:
        state.invites.put(fresh)
        return
    attempts = before.attempts
    if before.status is InviteStatus.REQUESTED:
        if event.attempted:
            _count_attempt(state, envelope, before)
            attempts += 1
        else:
            _uncount_request(state, before)
    last = {"reason": before.reason, "detail": before.detail, "binds": before.binds}
    state.invites.put(replace(fresh, attempts=attempts, retry_at=before.retry_at, **last))


def _uncount_request(state: State, invite: Invite) -> None:
    """Its time in the fleet's hour goes: it surely never left, or is counted from a later one."""
    requested = list(state.contact.invites)
    if invite.requested_at in requested:
        requested.remove(invite.requested_at)
        state.contacts.update("contact", invites=tuple(requested))


@reduces(e.FriendInviteRequested)
def invite_requested(state: State, envelope: e.Envelope, event: e.FriendInviteRequested) -> None:
    _move_invite(state, event.task_id, InviteStatus.REQUESTED, requested_at=envelope.ts)
    recent = tuple(ts for ts in state.contact.invites if ts > envelope.ts - HOUR)
    state.contacts.update("contact", invites=(*recent, envelope.ts))


@reduces(e.FriendInviteRefused)
def invite_refused(state: State, envelope: e.Envelope, event: e.FriendInviteRefused) -> None:
    invite: Invite | None = state.invites.get(event.task_id)
    if invite is None or invite.status is not InviteStatus.REQUESTED:
        raise IllegalTransition(f"the invite of {event.task_id} is not on its way")
    _count_attempt(state, envelope, invite)
    _move_invite(
        state,
        event.task_id,
        InviteStatus.QUEUED,
        queued_at=envelope.ts,
        requested_at=None,
        attempts=invite.attempts + 1,
        retry_at=event.retry_at,
        reason=event.reason,
        detail=event.detail,
        binds=event.binds,
    )


@reduces(e.FriendInviteSent)
def invite_sent(state: State, envelope: e.Envelope, event: e.FriendInviteSent) -> None:
    invite: Invite | None = state.invites.get(event.task_id)
    if invite is None:
        raise IllegalTransition(f"there is no invite of {event.task_id}")
    attempts = invite.attempts
    if invite.status is InviteStatus.REQUESTED:
        _count_attempt(state, envelope, invite)
        attempts += 1
    over: dict[str, object] = {"retry_at": None, "reason": None, "detail": None, "binds": None}
    _move_invite(state, event.task_id, InviteStatus.SENT, sent_at=envelope.ts, attempts=attempts, **over)


@reduces(e.FriendInviteAccepted)
def invite_accepted(state: State, envelope: e.Envelope, event: e.FriendInviteAccepted) -> None:
    known_task(state, event.task_id)
    _end_invite(state, envelope, event.task_id)


@reduces(e.FriendInviteFailed)
def invite_failed(state: State, envelope: e.Envelope, event: e.FriendInviteFailed) -> None:
    _end_invite(state, envelope, event.task_id)
    if event.reason in set(InviteRefusal):
        _remember_refusal(state, envelope, event.player, InviteRefusal(event.reason))


@reduces(e.FriendInviteLeftBehind)
def invite_left_behind(state: State, envelope: e.Envelope, event: e.FriendInviteLeftBehind) -> None:
    # it may reach Steam as late as now
    usual = Account(steam_id64=event.steam_id64, last_invite_at=envelope.ts)
    account: Account = state.accounts.get(event.steam_id64) or usual
    if all(debt.player != event.player for debt in account.left_behind):
        debt = LeftBehind(player=event.player, since=envelope.ts)
        account = replace(account, left_behind=(*account.left_behind, debt))
    state.accounts.put(account)


@reduces(e.FriendInviteTakenBack)
def invite_taken_back(state: State, envelope: e.Envelope, event: e.FriendInviteTakenBack) -> None:
    _drop_debt(state, event.steam_id64, event.player)
    if event.refusal is not None:
        _remember_refusal(state, envelope, event.player, event.refusal)


@reduces(e.PlayerInviteAllowed)
def invite_allowed(state: State, envelope: e.Envelope, event: e.PlayerInviteAllowed) -> None:
    for account in event.accounts:
        _drop_debt(state, account, event.player)
    player: Player | None = state.players.get(event.player)
    if player is not None and player.invite_refusal is InviteRefusal.IN_DOUBT:
        state.players.update(event.player, invite_refusal=None, invite_refused_at=None)
    remembered = state.remembered.get(event.player)
    if remembered is not None and remembered.refusal is InviteRefusal.IN_DOUBT:
        state.remembered.put(event.player, remembered._replace(refusal=None))


def _move_invite(state: State, task_id: TaskId, to: InviteStatus, **fields: object) -> None:
    invite: Invite | None = state.invites.get(task_id)
    if invite is None:
        raise IllegalTransition(f"there is no invite of {task_id}")
    if to not in INVITE_MOVES[invite.status]:
        raise IllegalTransition(f"the invite of {task_id} cannot go from {invite.status} to {to}")
    state.invites.update(task_id, status=to, **fields)


def _end_invite(state: State, envelope: e.Envelope, task_id: TaskId) -> None:
    invite: Invite | None = state.invites.get(task_id)
    if invite is not None and invite.status is InviteStatus.REQUESTED:
        _count_attempt(state, envelope, invite)
    state.invites.drop(task_id)


def _count_attempt(state: State, envelope: e.Envelope, invite: Invite) -> None:
    """Steam may have seen it as late as now, whatever it answered: the account's minute and its place in the fleet's
    hour start here.

    The minute is kept by account, so that removing the bot does not shorten it.
    """
    account = known_bot(state, invite.bot_id).steam_id64
    if account in state.accounts:
        state.accounts.update(account, last_invite_at=envelope.ts)
    else:
        state.accounts.put(Account(steam_id64=account, last_invite_at=envelope.ts))
    task = state.tasks.get(invite.task_id)
    if task is not None:
        state.tasks.update(task.id, invite_attempts=task.invite_attempts + 1)
    _uncount_request(state, invite)
    state.contacts.update("contact", invites=(*state.contact.invites, envelope.ts))


def _drop_debt(state: State, steam_id64: SteamId64, player: SteamId64) -> None:
    account: Account | None = state.accounts.get(steam_id64)
    if account is not None:
        left = tuple(debt for debt in account.left_behind if debt.player != player)
        state.accounts.update(steam_id64, left_behind=left)


def _remember_refusal(state: State, envelope: e.Envelope, steam_id64: SteamId64, refusal: InviteRefusal) -> None:
    """What is known for sure is not overwritten by a doubt."""
    player: Player = state.players.get(steam_id64) or Player(steam_id64=steam_id64)
    if refusal is not InviteRefusal.IN_DOUBT or player.invite_refusal is None:
        player = replace(player, invite_refusal=refusal, invite_refused_at=envelope.ts)
    state.players.put(player)
