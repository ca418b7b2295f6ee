"""Opt-out: what a player does to end contact. They write a stop word, or they remove or block the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from kernel.clock import DAY
from kernel.codes import LeftAlone
from kernel.context import Context
from kernel.events import (
    BotConnected,
    ChatMessageReceived,
    DoNotContactAdded,
    Envelope,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.ids import BotId, SteamId64, steam_id_of
from kernel.rows import Bot, Chat, Delivery, InviteStatus, Message, Player, Sender
from plugins.contact_policy.stop_words import says_stop
from plugins.contact_policy.word_lists import WordList

OPT_OUT_REASON: Final[Mapping[Relationship | None, LeftAlone]] = {
    Relationship.NONE: LeftAlone.REMOVED_US,
    Relationship.BLOCKED: LeftAlone.BLOCKED_US,
    Relationship.IGNORED: LeftAlone.BLOCKED_US,
}
"""Steam's relationship of a bot with a player who has ended it, and the reason for the do-not-contact list."""

SLICE: Final = 100
"""Players that are looked at before the loop comes round again."""
CUT_OFF_MS: Final = 2 * DAY
"""A line so much older than the latest was judged before a crash: it is more than any clock is wrong by."""


class OptOut:
    """Puts players who opt out on the do-not-contact list. No goodbye follows: nothing can be sent from then on."""

    def __init__(self, ctx: Context, team: WordList | None) -> None:
        """`team`: the stop words of the config."""
        self._ctx = ctx
        self._team = team
        self._state = ctx.state

    def subscribe(self) -> None:
        """Subscribe to the events by which a player opts out."""
        self._ctx.subscribe(ChatMessageReceived, self.check_message)
        self._ctx.when_up(self.rescan_after_crash)
        self._ctx.subscribe(FriendRelationshipChanged, self.check_relationship)
        self._ctx.subscribe(BotConnected, self.rescan_after_reconnect)

    def check_message(self, envelope: Envelope, event: ChatMessageReceived) -> None:
        if self._says_stop(event.message.text):
            self._list(self._state.chats[event.chat_id].player, LeftAlone.SAID_STOP)

    def rescan_after_crash(self) -> None:
        """At start: look for stop words in the lines since our last sent message, in each chat that they may stand in.

        Such a line may have been the last event on disk before a crash. Every open chat is looked at, for this plugin
        may have been off, and of the closed ones those of the last days.
        """
        chats = [self._state.chats[chat_id] for chat_id in self._state.index.chat_between.values()]
        latest = max((chat.messages[-1].ts for chat in chats if chat.messages), default=0)
        for chat in chats:
            settled = self._cleared_at(chat.player)
            since = settled + 1 if chat.is_open else max(settled + 1, latest - CUT_OFF_MS)
            if any(self._says_stop(line.text) for line in _unanswered(chat) if line.ts >= since):
                self._list(chat.player, LeftAlone.SAID_STOP)

    def _cleared_at(self, player: SteamId64) -> int:
        """When an operator last took the player off the list; what they wrote before is settled. 0: never."""
        row: Player | None = self._state.players.get(player)
        return row.cleared_at if row is not None and row.cleared_at is not None else 0

    def check_relationship(self, envelope: Envelope, event: FriendRelationshipChanged) -> None:
        reason = OPT_OUT_REASON.get(Relationship.of(event.relationship))
        applies = self._have_met if reason == LeftAlone.BLOCKED_US else self._were_friends
        if reason is not None and applies(event.bot_id, event.player):
            self._list(event.player, reason)

    def rescan_after_reconnect(self, envelope: Envelope, event: BotConnected) -> None:
        """A player with a chat who is no friend any more has ended the friendship while the bot was off."""
        account = self._state.bots[event.bot_id].steam_id64
        for player in list(self._state.index.players_of_account.get(account, ())):
            self._list_if_ended(event.bot_id, account, player)
        if self._state.met.numbers(account):
            self._ctx.spawn(self._rescan_met(event.bot_id, account), f"rescan who has met {event.bot_id}")

    async def _rescan_met(self, bot_id: BotId, account: SteamId64) -> None:
        """The same for those whose chats have left the state, a slice at a time: there may be thousands."""
        numbers = self._state.met.numbers(account)
        for start in range(0, len(numbers), SLICE):
            for number in numbers[start : start + SLICE]:
                self._list_if_ended(bot_id, account, steam_id_of(number))
            await asyncio.sleep(0)

    def _list_if_ended(self, bot_id: BotId, account: SteamId64, player: SteamId64) -> None:
        if self._is_listed(player) or self._was_cleared_since(account, player):
            return
        reason = OPT_OUT_REASON.get(self._ctx.hooks.relationship(bot_id, player))
        if reason is not None:
            self._list(player, reason)

    def friends(self, player: SteamId64) -> Iterator[SteamId64]:
        """The accounts of ours that are the player's friends, or are held to be while their lists are not here.

        Whoever is on the list because they removed or blocked one of ours is held to be nobody's friend.
        """
        ended = self._state.left_alone(player) in OPT_OUT_REASON.values()
        for bot in self._state.bots.values():
            account = bot.steam_id64
            if not self._state.have_talked(account, player):
                continue
            relationship = self._ctx.hooks.relationship(bot.id, player)
            presumed = relationship is None and not ended and not self._was_cleared_since(account, player)
            if relationship is Relationship.FRIEND or presumed:
                yield account

    def _were_friends(self, bot_id: BotId, player: SteamId64) -> bool:
        """They have a chat and no pending invite: an invite that is declined or withdrawn ends no friendship."""
        task_id = self._state.index.open_task_of_player.get(player)
        invite = self._state.invites.get(task_id) if task_id else None
        pending = invite is not None and invite.bot_id == bot_id and invite.status is not InviteStatus.QUEUED
        return self._have_talked(bot_id, player) and not pending

    def _have_met(self, bot_id: BotId, player: SteamId64) -> bool:
        """The player is one of ours; the Steam account may have blocked, or be blocked by, others too."""
        task_id = self._state.index.open_task_of_player.get(player)
        ours = task_id is not None and self._state.tasks[task_id].assigned_bot_id == bot_id
        remembered = self._state.remembered.get(player)
        refused = remembered is not None and (remembered.left_alone or remembered.refusal or remembered.cleared)
        return ours or player in self._state.players or bool(refused) or self._have_talked(bot_id, player)

    def _have_talked(self, bot_id: BotId, player: SteamId64) -> bool:
        """The bot, or another that had its account before, has a chat with the player, open or closed."""
        bot: Bot | None = self._state.bots.get(bot_id)
        return bot is not None and self._state.have_talked(bot.steam_id64, player)

    def _was_cleared_since(self, account: SteamId64, player: SteamId64) -> bool:
        """An operator took the player off the list, and there was no friendship since then that could have ended."""
        row: Player | None = self._state.players.get(player)
        if row is not None and account in row.cleared_among:
            return False  # also where a chat that began since then has left the state
        chat_id = self._state.index.chat_of_account.get((account, player))
        if row is None or row.cleared_at is None:
            remembered = self._state.remembered.get(player)
            return chat_id is None and remembered is not None and remembered.cleared
        return chat_id is None or self._state.chats[chat_id].started_at <= row.cleared_at

    def _is_listed(self, player: SteamId64) -> bool:
        return self._state.left_alone(player) is not None

    def _list(self, player: SteamId64, reason: LeftAlone) -> None:
        if not self._is_listed(player):
            self._ctx.publish(DoNotContactAdded(player=player, reason=reason), actor=f"player:{player}")

    def _says_stop(self, text: str) -> bool:
        return says_stop(text, self._state.contact.stop_words, self._team)


def _unanswered(chat: Chat) -> Iterator[Message]:
    """The player's lines since our last words that were sent."""
    for message in reversed(chat.messages):
        if message.delivery is Delivery.SENT:
            break
        if message.sender is Sender.PLAYER:
            yield message
