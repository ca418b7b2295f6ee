"""How events about the care for players change the state: who is left alone, the pause, the stop words."""

from __future__ import annotations

from kernel import events as e
from kernel.reducers.register import reduces
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
    if event.player in state.players:
        state.players.update(event.player, do_not_contact=None, cleared_at=envelope.ts, cleared_among=event.friends)


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
