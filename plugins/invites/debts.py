"""Invites that are owed back: those of tasks that want them no more, and what removed bots left with players.

The debt is in the state, by account, before anything leaves to pay it: whenever the process dies, what Steam then says
of the two is taken for nobody's answer to an invite that still stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kernel.clock import MINUTE, Millis
from kernel.codes import TaskCode
from kernel.commands import WithdrawInvite
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import FriendInviteFailed, FriendInviteLeftBehind, FriendInviteTakenBack, Relationship
from kernel.ids import BotId, SteamId64
from kernel.rows import Account, Bot, BotStatus, Invite, InviteRefusal, LeftBehind
from plugins.invites.config import InvitesConfig
from plugins.invites.guard import is_out

ANOTHER_TRY: Final = 5 * MINUTE
"""When a withdrawal that did not work is tried again."""
REFUSALS_SEEN: Final = 10 * MINUTE
"""For how long it is looked out for an invite that Steam has shown although it answered with a refusal."""

Pair = tuple[BotId, SteamId64]


class Debts:
    """Pays what a connected bot's account owes, one by one. `done` is called when there is more to do for the bot."""

    def __init__(self, ctx: Context, config: InvitesConfig, done: Callable[[BotId], None]) -> None:
        self._ctx = ctx
        self._config = config
        self._done = done
        self._paying: set[Pair] = set()
        self._again_at: dict[Pair, Millis] = {}
        self._refused: dict[Pair, Millis] = {}

    def owe(self, bot: Bot, invite: Invite, reason: TaskCode, detail: str) -> None:
        """Let the invite end for us, and have it taken back. Nothing leaves before both are on disk."""
        self._ctx.publish(FriendInviteLeftBehind(steam_id64=bot.steam_id64, player=invite.player))
        ended = FriendInviteFailed(
            task_id=invite.task_id, bot_id=bot.id, player=invite.player, reason=reason, detail=detail
        )
        self._ctx.publish(ended)

    def of(self, bot: Bot) -> tuple[LeftBehind, ...]:
        """What the bot's account owes."""
        account: Account | None = self._ctx.state.accounts.get(bot.steam_id64)
        return account.left_behind if account is not None else ()

    def bots(self) -> list[BotId]:
        """Bots whose accounts owe something."""
        index = self._ctx.state.index
        accounts = {account for owing in index.left_behind.values() for account in owing}
        return [index.bot_of_account[account] for account in accounts if account in index.bot_of_account]

    def run(self, bot: Bot, now: Millis) -> Millis | None:
        """Pay what can be paid. Returns when to look again, as far as that depends on time."""
        if bot.status is not BotStatus.CONNECTED:
            return None
        moments = [self._settle(bot, debt, now) for debt in self.of(bot)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _settle(self, bot: Bot, debt: LeftBehind, now: Millis) -> Millis | None:
        pair = bot.id, debt.player
        if pair in self._paying or is_out(self._ctx.state, *pair):
            return None  # where it is out still, a crash came before it had ended: that comes first
        relationship = self._ctx.hooks.relationship(*pair)
        if relationship is Relationship.REQUEST_INITIATOR:
            due = self._again_at.get(pair, now)
            if due > now:
                return due
            self._paying.add(pair)
            self._ctx.spawn(self._pay(bot, debt.player), f"take back the invite of {bot.id} to {debt.player}")
        elif relationship is Relationship.NONE:
            # Steam may not have shown it to us yet, unless the list is newer than the debt
            due = debt.since if bot.status_since > debt.since else Millis(debt.since + self._config.settle)
            if due > now:
                return due
            self._end(bot, debt.player, InviteRefusal.IN_DOUBT)
        elif relationship is None:  # a session that is just being resumed
            return Millis(now + self._config.settle)
        else:
            self._end(bot, debt.player, _refusal(relationship))
        return None

    async def _pay(self, bot: Bot, player: SteamId64) -> None:
        pair = bot.id, player
        try:
            await self._ctx.execute(WithdrawInvite(bot_id=bot.id, player=player))
        except CommandError as error:
            self._again_at[pair] = Millis(self._ctx.clock.now() + ANOTHER_TRY)
            self._ctx.log.warning("the invite of %s to %s cannot be taken back yet: %s", *pair, error.message)
        else:
            self._again_at.pop(pair, None)
            if self._owes(bot, player):
                self._end(bot, player, None)
        finally:
            self._paying.discard(pair)
        self._done(bot.id)

    def relationship_changed(self, bot: Bot, player: SteamId64, relationship: Relationship) -> None:
        """Steam says how the two stand from now on. While it is being paid, that is the answer to it."""
        pair = bot.id, player
        if bot.status is not BotStatus.CONNECTED or pair in self._paying:
            return
        if relationship is Relationship.REQUEST_INITIATOR and self._refused.pop(pair, 0) > self._ctx.clock.now():
            # Steam has shown the player what it refused
            self._ctx.publish(FriendInviteLeftBehind(steam_id64=bot.steam_id64, player=player))
        elif relationship is not Relationship.REQUEST_INITIATOR and self._owes(bot, player):
            refusal = InviteRefusal.IN_DOUBT if relationship is Relationship.NONE else _refusal(relationship)
            self._end(bot, player, refusal)

    def look_out(self, invite: Invite) -> None:
        """The invite has ended by a refusal. Should Steam show the player one all the same, it is owed back."""
        now = self._ctx.clock.now()
        self._refused = {pair: until for pair, until in self._refused.items() if until > now}
        self._refused[invite.bot_id, invite.player] = Millis(now + REFUSALS_SEEN)

    def connected(self, bot_id: BotId) -> None:
        """The bot is back: what did not work before is tried at once."""
        self._again_at = {pair: due for pair, due in self._again_at.items() if pair[0] != bot_id}

    def follow_clock(self, by: int) -> None:
        """The clock has stepped: every wait stays as long as it was."""
        self._again_at = {pair: Millis(due + by) for pair, due in self._again_at.items()}
        self._refused = {pair: Millis(until + by) for pair, until in self._refused.items()}

    def forget(self, bot_id: BotId) -> None:
        """The bot is gone."""
        self.connected(bot_id)
        self._refused = {pair: until for pair, until in self._refused.items() if pair[0] != bot_id}

    def _owes(self, bot: Bot, player: SteamId64) -> bool:
        return bot.steam_id64 in self._ctx.state.index.left_behind.get(player, ())

    def _end(self, bot: Bot, player: SteamId64, refusal: InviteRefusal | None) -> None:
        self._ctx.publish(FriendInviteTakenBack(steam_id64=bot.steam_id64, player=player, refusal=refusal))


def _refusal(relationship: Relationship) -> InviteRefusal | None:
    declined = relationship in {Relationship.BLOCKED, Relationship.IGNORED}
    return InviteRefusal.DECLINED if declined else None
