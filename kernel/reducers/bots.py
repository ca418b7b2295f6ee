"""How events about bots change the state."""

from __future__ import annotations

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.ids import BotId
from kernel.reducers.register import known_bot, reduces
from kernel.rows import BOT_MOVES, Bot, BotStatus, FriendRequest
from kernel.state import State


@reduces(e.BotAdded)
def bot_added(state: State, envelope: e.Envelope, event: e.BotAdded) -> None:
    if event.bot_id in state.bots or event.steam_id64 in state.index.bot_of_account:
        raise IllegalTransition(f"bot {event.bot_id} or its account is there already")
    state.bots.put(
        Bot(
            id=event.bot_id,
            steam_id64=event.steam_id64,
            proxy_url=event.proxy_url,
            label=event.label,
            status_since=envelope.ts,
            added_at=envelope.ts,
        )
    )


@reduces(e.BotRemoved)
def bot_removed(state: State, envelope: e.Envelope, event: e.BotRemoved) -> None:
    known_bot(state, event.bot_id)
    if state.index.is_busy(event.bot_id):
        raise IllegalTransition(f"bot {event.bot_id} still has an open task or chat")
    state.bots.drop(event.bot_id)


def _move_bot(state: State, envelope: e.Envelope, bot_id: BotId, to: BotStatus, **fields: object) -> None:
    bot = known_bot(state, bot_id)
    if to not in BOT_MOVES[bot.status]:
        raise IllegalTransition(f"bot {bot_id} cannot go from {bot.status} to {to}")
    since = bot.status_since if to is bot.status else envelope.ts
    explained: dict[str, object] = {"reason": None, "detail": None, "next_step": None, "retry_at": None}
    state.bots.update(bot_id, status=to, status_since=since, **(explained | fields))


@reduces(e.BotConnecting)
def bot_connecting(state: State, envelope: e.Envelope, event: e.BotConnecting) -> None:
    _move_bot(state, envelope, event.bot_id, BotStatus.CONNECTING)


@reduces(e.BotConnected)
def bot_connected(state: State, envelope: e.Envelope, event: e.BotConnected) -> None:
    _move_bot(state, envelope, event.bot_id, BotStatus.CONNECTED, last_seen=envelope.ts)


@reduces(e.BotDisconnected)
def bot_disconnected(state: State, envelope: e.Envelope, event: e.BotDisconnected) -> None:
    bot = known_bot(state, event.bot_id)
    last_seen = envelope.ts if bot.status is BotStatus.CONNECTED else bot.last_seen
    _move_bot(
        state,
        envelope,
        event.bot_id,
        BotStatus.DISCONNECTED,
        reason=event.reason,
        detail=event.detail,
        retry_at=event.retry_at,
        last_seen=last_seen,
    )


@reduces(e.BotAuthFailed)
def bot_auth_failed(state: State, envelope: e.Envelope, event: e.BotAuthFailed) -> None:
    _move_bot(
        state,
        envelope,
        event.bot_id,
        BotStatus.AUTH_FAILED,
        reason=event.reason,
        detail=event.detail,
        next_step=event.next_step,
    )


@reduces(e.BotInvitesBlocked)
def bot_invites_blocked(state: State, envelope: e.Envelope, event: e.BotInvitesBlocked) -> None:
    known_bot(state, event.bot_id)
    state.bots.update(event.bot_id, invites_blocked_until=event.until)


@reduces(e.BotMessagesHeld)
def bot_messages_held(state: State, envelope: e.Envelope, event: e.BotMessagesHeld) -> None:
    known_bot(state, event.bot_id)
    state.bots.update(event.bot_id, messages_held_until=event.until)


@reduces(e.BotStandingChanged)
def bot_standing_changed(state: State, envelope: e.Envelope, event: e.BotStandingChanged) -> None:
    known_bot(state, event.bot_id)
    state.bots.update(event.bot_id, standing=event.standing, trades_held_until=event.trades_held_until)


@reduces(e.BotFriendRequestsListed)
def friend_requests_listed(state: State, envelope: e.Envelope, event: e.BotFriendRequestsListed) -> None:
    known = {request.player: request for request in known_bot(state, event.bot_id).friend_requests}
    listed = (known.get(player) or FriendRequest(player=player, since=envelope.ts) for player in event.players)
    state.bots.update(event.bot_id, friend_requests=tuple(listed), friend_requests_more=event.more)
