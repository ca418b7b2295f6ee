"""How the bots' accounts stand with Steam: kept in their rows, and what it forbids not tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kernel.clock import DAY, Millis
from kernel.context import Context
from kernel.events import BotInvitesBlocked, BotStandingChanged
from kernel.ids import BotId
from kernel.rows import AccountStanding, Bot
from plugins.steam.codes import SteamRefusal
from plugins.steam.events import FlagsTold, LoggedOn, Restricted, VacTold
from plugins.steam.policy import HOUR
from plugins.steam.standing_messages import DISABLED_FLAG, LOCKED_FLAG, StandingTold

LIMITED_FOR: Final = 24 * HOUR
"""For how long a limited account sends no invites, counted anew at each of its logons."""


def standing_after(bot: Bot, event: StandingTold, now: Millis) -> tuple[tuple[AccountStanding, ...], Millis | None]:
    """How the account stands, and until when its trades are held: what a message does not speak of stays as it was."""
    marks, held_until = set(bot.standing), bot.trades_held_until
    if held_until is not None and held_until <= now:
        marks.discard(AccountStanding.TRADE_HELD)
        held_until = None
    if isinstance(event, LoggedOn | FlagsTold):
        # that it is no longer locked is for ClientIsLimitedAccount to say, or each logon would tell it twice
        marks = _marked(marks, AccountStanding.DISABLED, event.account_flags & DISABLED_FLAG)
        marks |= {AccountStanding.LOCKED} if event.account_flags & LOCKED_FLAG else set()
    elif isinstance(event, Restricted):
        marks = _marked(marks, AccountStanding.LIMITED, event.limited)
        marks = _marked(marks, AccountStanding.LOCKED, event.locked)
        marks = _marked(marks, AccountStanding.COMMUNITY_BANNED, event.banned)
    elif isinstance(event, VacTold):
        marks = _marked(marks, AccountStanding.VAC_BANNED, event.games)
    else:
        marks = _marked(marks, AccountStanding.TRADE_HELD, event.held)
        held_until = Millis(now + event.days * DAY) if event.held and event.days else None
    return tuple(mark for mark in AccountStanding if mark in marks), held_until


def _marked(marks: Iterable[AccountStanding], mark: AccountStanding, on: object) -> set[AccountStanding]:
    return {*marks, mark} if on else {*marks} - {mark}


class AccountStandings:
    """Keeps the standing in the bots' rows, and does not try what it forbids."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def hear(self, bot_id: BotId, event: StandingTold) -> None:
        """What a session of that bot's is told of its account."""
        bot: Bot = self._ctx.state.bots[bot_id]
        standing, held_until = standing_after(bot, event, self._ctx.clock.now())
        if (standing, held_until) != (bot.standing, bot.trades_held_until):
            changed = BotStandingChanged(bot_id=bot_id, standing=standing, trades_held_until=held_until)
            self._ctx.publish(changed)
        if isinstance(event, Restricted):
            self._hold_invites(bot, event)

    def _hold_invites(self, before: Bot, account: Restricted) -> None:
        """A limited account sends no invites; one that is limited no more may send them at once."""
        blocked = before.invites_blocked_until or 0
        now = self._ctx.clock.now()
        if not account.may_invite and blocked <= now + LIMITED_FOR // 2:
            text = "a limited account invites nobody: spend 5 USD on Steam with it, or let other bots invite"
            self._block(before.id, Millis(now + LIMITED_FOR), text)
        elif account.may_invite and AccountStanding.LIMITED in before.standing and blocked > now:
            self._block(before.id, now, "the account is limited no more")

    def _block(self, bot_id: BotId, until: Millis, detail: str) -> None:
        blocked = BotInvitesBlocked(bot_id=bot_id, until=until, reason=SteamRefusal.LIMITED_ACCOUNT, detail=detail)
        self._ctx.publish(blocked)
