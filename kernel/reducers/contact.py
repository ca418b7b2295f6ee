"""How events about the care for players change the state: who is left alone, the pause, the stop words."""

from __future__ import annotations

from msgspec.structs import replace

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.memory import Remembered
from kernel.reducers.mentions import replace_in_texts
from kernel.reducers.register import expect_person, reduces
from kernel.rows import DoNotContact, Player
from kernel.state import State


@reduces(e.DoNotContactAdded)
def do_not_contact_added(state: State, envelope: e.Envelope, event: e.DoNotContactAdded) -> None:
    player = state.players.get(event.player) or Player(steam_id64=event.player)
    state.players.put(player)
    state.players.update(
        event.player,
        do_not_contact=DoNotContact(since=envelope.ts, reason=event.reason, by=envelope.actor),
    )


@reduces(e.DoNotContactRemoved)
def do_not_contact_removed(state: State, envelope: e.Envelope, event: e.DoNotContactRemoved) -> None:
    player: Player = state.players.get(event.player) or Player(steam_id64=event.player)
    cleared = {"cleared_at": envelope.ts, "cleared_among": event.friends}
    state.players.put(replace(player, do_not_contact=None, **cleared))
    remembered = state.remembered.get(event.player)
    if remembered is not None and remembered.left_alone is not None:
        state.remembered.put(event.player, remembered._replace(left_alone=None))


@reduces(e.PlayerArchived)
def player_archived(state: State, envelope: e.Envelope, event: e.PlayerArchived) -> None:
    for steam_id64 in event.players:  # all of them before any: a row that is put back would come to another place
        if steam_id64 not in state.players:
            raise IllegalTransition(f"there is no row of player {steam_id64}")
        if steam_id64 in state.index.open_task_of_player or steam_id64 in state.index.open_chat_of_player:
            raise IllegalTransition(f"player {steam_id64} has an open task or chat, and cannot be archived")
        expect_person(steam_id64)
    for steam_id64 in event.players:
        player: Player = state.players[steam_id64]
        state.players.drop(steam_id64)
        remembered = state.remembered.get(steam_id64) or Remembered()
        state.remembered.put(steam_id64, remembered.with_row(player))


@reduces(e.PlayerForgotten)
def player_forgotten(state: State, envelope: e.Envelope, event: e.PlayerForgotten) -> None:
    """What is remembered of them is remembered of the pseudonym; whom they have met is not."""
    player = event.player
    if (
        player in state.players
        or player in state.index.open_task_of_player
        or player in state.index.open_chat_of_player
    ):
        raise IllegalTransition(f"player {player} has rows in the state, and cannot be forgotten before they have left")
    expect_person(event.pseudonym)
    for bot_id in tuple(state.index.bots_asked_by.get(player, ())):
        requests = tuple(one for one in state.bots[bot_id].friend_requests if one.player != player)
        state.bots.update(bot_id, friend_requests=requests)
    for account in tuple(state.index.left_behind.get(player, ())):
        left = tuple(debt for debt in state.accounts[account].left_behind if debt.player != player)
        state.accounts.update(account, left_behind=left)
    replace_in_texts(state, player, event.pseudonym)
    state.met.drop(player)
    remembered = state.remembered.get(player)
    if remembered is not None and player != event.pseudonym:
        state.remembered.drop(player)
        known = state.remembered.get(event.pseudonym)
        state.remembered.put(event.pseudonym, remembered.joined(known) if known is not None else remembered)


@reduces(e.ContactPaused)
def contact_paused(state: State, envelope: e.Envelope, event: e.ContactPaused) -> None:
    state.contacts.update("contact", paused=True, paused_by=envelope.actor, paused_at=envelope.ts)


@reduces(e.ContactResumed)
def contact_resumed(state: State, envelope: e.Envelope, event: e.ContactResumed) -> None:
    state.contacts.update("contact", paused=False, paused_by=None, paused_at=None)


@reduces(e.StopWordAdded)
def stop_word_added(state: State, envelope: e.Envelope, event: e.StopWordAdded) -> None:
    if event.word not in state.contact.stop_words:
        state.contacts.update("contact", stop_words=(*state.contact.stop_words, event.word))


@reduces(e.StopWordRemoved)
def stop_word_removed(state: State, envelope: e.Envelope, event: e.StopWordRemoved) -> None:
    words = tuple(word for word in state.contact.stop_words if word != event.word)
    state.contacts.update("contact", stop_words=words)
