"""Who the people are that the bots have to do with: asked for, kept in their rows, and told only when it has changed.

Of a person who changes without end a few changes are told, and then one every few minutes, the latest: what a stranger
does may not fill the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from kernel import causality
from kernel.clock import MINUTE, SECOND
from kernel.context import Context
from kernel.events import (
    BotConnected,
    ChatStarted,
    FriendRelationshipChanged,
    PlayerPersonaChanged,
    Relationship,
    TaskAssigned,
)
from kernel.ids import BotId, SteamId64
from kernel.rows import Persona, PersonaState, Player
from kernel.texts import cleaned_name
from plugins.steam.change_rates import ChangeRate
from plugins.steam.events import PersonaTold
from plugins.steam.persona_messages import ASKED_AT_ONCE

NAME_MOST: Final = 64
"""Code points of a name that are kept; Steam's own limit is 32."""
BURST: Final = 6
"""Changes of one person that are told at once, whatever time is between them."""
INTERVAL: Final = 5 * MINUTE
"""What brings one more: of somebody who changes every second no more than 288 a day are told."""
SWEEP: Final = MINUTE
"""How often those are looked at that have changed too often."""
ASK_AFTER: Final = SECOND
"""For how long those are gathered whom a bot asks for, so that a crowd of tasks is a few messages."""
ASKED_MOST: Final = 1_000
"""Of one bot at once."""
_STATES: Final = dict(enumerate(PersonaState))
"""By Steam's number, EPersonaState: 0 Offline … 7 Invisible."""
_KNOWN: Final = frozenset({Relationship.FRIEND, Relationship.REQUEST_RECIPIENT})


class PlayerPersonas:
    """Hears what sessions tell of persons; `ask` has a bot's session ask for some, if there is one."""

    def __init__(self, ctx: Context, ask: Callable[[BotId, list[int]], None]) -> None:
        self._ctx = ctx
        self._ask = ask
        self._wanted: dict[BotId, dict[SteamId64, None]] = {}
        self._rate: ChangeRate[SteamId64] = ChangeRate(BURST, INTERVAL)
        self._waiting: dict[SteamId64, Persona] = {}
        self._sweeping = False

    def start(self) -> None:
        self._ctx.subscribe(BotConnected, lambda _, event: self._ask_for_all(event.bot_id))
        self._ctx.subscribe(TaskAssigned, self._task_assigned)
        self._ctx.subscribe(ChatStarted, lambda _, event: self._want(event.bot_id, event.player))
        self._ctx.subscribe(FriendRelationshipChanged, self._relationship_changed)

    def hear(self, bot_id: BotId, told: PersonaTold) -> None:
        """What a session of that bot's has been told of somebody; of people who are none of our business nothing."""
        player = SteamId64(str(told.steam_id64))
        if not self.concerns(bot_id, player):
            return
        known = self._known(player)
        persona = merged(self._waiting.get(player, known), told)
        self._waiting.pop(player, None)
        if persona == known:
            return
        if self._rate.take(player, self._ctx.clock.elapsed()):
            self._tell(player, persona)
            return
        self._waiting[player] = persona
        if not self._sweeping:
            self._sweeping = True
            self._later(SWEEP, self._sweep, "tell who players are")

    def concerns(self, bot_id: BotId, player: SteamId64) -> bool:
        """Have we to do with the person: by a row, an open task, or a chat of the bot's account?"""
        state = self._ctx.state
        if player in state.players or player in state.index.open_task_of_player:
            return True
        bot = state.bots.get(bot_id)
        return bot is not None and (bot.steam_id64, player) in state.index.chat_of_account

    def _known(self, player: SteamId64) -> Persona:
        row: Player | None = self._ctx.state.players.get(player)
        return (row.persona if row is not None else None) or Persona()

    def _tell(self, player: SteamId64, persona: Persona) -> None:
        self._ctx.publish(PlayerPersonaChanged(player=player, persona=persona), actor=f"player:{player}")

    def _sweep(self) -> None:
        for player, persona in list(self._waiting.items()):
            if persona == self._known(player):
                del self._waiting[player]
            elif self._rate.take(player, self._ctx.clock.elapsed()):
                del self._waiting[player]
                self._tell(player, persona)
        self._sweeping = bool(self._waiting)
        if self._sweeping:
            self._later(SWEEP, self._sweep, "tell who players are")

    def _task_assigned(self, _: object, event: TaskAssigned) -> None:
        task = self._ctx.state.tasks.get(event.task_id)
        if task is not None:
            self._want(event.bot_id, task.player)

    def _relationship_changed(self, _: object, event: FriendRelationshipChanged) -> None:
        if Relationship.of(event.relationship) in _KNOWN and self.concerns(event.bot_id, event.player):
            self._want(event.bot_id, event.player)

    def _ask_for_all(self, bot_id: BotId) -> None:
        """Whoever the bot has open work with: what has changed while it was away, Steam tells of friends alone."""
        state = self._ctx.state
        for task_id in state.index.open_tasks_of_bot.get(bot_id, ()):
            self._want(bot_id, state.tasks[task_id].player)
        for chat_id in state.index.open_chats_of_bot.get(bot_id, ()):
            self._want(bot_id, state.chats[chat_id].player)

    def _want(self, bot_id: BotId, player: SteamId64) -> None:
        wanted = self._wanted.get(bot_id)
        if wanted is None:
            wanted = self._wanted[bot_id] = {}
            self._later(ASK_AFTER, lambda: self._ask_for(bot_id), f"ask who the players of {bot_id} are")
        if len(wanted) < ASKED_MOST:
            wanted[player] = None

    def _ask_for(self, bot_id: BotId) -> None:
        wanted = [int(player) for player in self._wanted.pop(bot_id, ())]
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            self._ask(bot_id, wanted[start : start + ASKED_AT_ONCE])

    def _later(self, span: int, work: Callable[[], None], name: str) -> None:
        with causality.acting(causality.Origin()):  # whoever has caused it now is not who caused it then
            self._ctx.call_later(span, work, name)


def merged(known: Persona, told: PersonaTold) -> Persona:
    """What is known, with what is told now; a number or a hash that is none says nothing."""
    name = cleaned_name(told.name, NAME_MOST) if told.name is not None else known.name
    state = known.state if told.state is None else _STATES.get(told.state, known.state)
    avatar = known.avatar
    if told.avatar is not None and len(told.avatar) == 20:
        avatar = told.avatar.hex() if any(told.avatar) else None
    persona = replace(known, name=name, avatar=avatar, state=state)
    if state is PersonaState.OFFLINE:
        return replace(persona, game_id=None, game=None)
    game_id = known.game_id if told.app is None else told.app or None
    game = known.game if game_id == known.game_id else None
    return replace(persona, game_id=game_id, game=game if told.game is None else cleaned_name(told.game, NAME_MOST))
