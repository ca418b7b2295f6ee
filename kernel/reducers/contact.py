"""How events about the care for players change the state: who is left alone, the pause, the stop words."""

from __future__ import annotations

from msgspec.structs import replace

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.memory import Remembered
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
