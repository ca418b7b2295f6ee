"""Which invite of a bot goes next, and why the others wait."""

from __future__ import annotations

from typing import Final, Protocol

from msgspec.structs import replace

from kernel.clock import Millis, run_began
from kernel.codes import KernelRefusal, WaitReason
from kernel.context import Context
from kernel.events import Relationship
from kernel.ids import BotId
from kernel.outcomes import judge
from kernel.rows import Bot, BotStatus, Invite, InviteStatus
from plugins.invites import waiting
from plugins.invites.codes import InviteReason
from plugins.invites.config import InvitesConfig
from plugins.invites.guard import ProposedInvite, wanted
from plugins.invites.holds import Holds
from plugins.invites.invite_interval import next_turn, pending
from plugins.invites.outbox import Done, Outbox, rejected
from plugins.invites.waiting import Hold

ABOVE_ALL: Final = frozenset({WaitReason.BOT_OFFLINE, WaitReason.CONTACT_PAUSED, KernelRefusal.INVITES_BLOCKED})
"""Why nothing of the bot goes out, whatever else a single invite waits for."""


class Judge(Protocol):
    """Publishes what Steam's word about the two means for an invite."""

    def __call__(self, invite: Invite, relationship: Relationship | None, *, shown: bool = False) -> None: ...


class Queues:
    """Sends the invites of each bot in their turn. Those that wait for their next try hold up nobody else."""

    def __init__(self, ctx: Context, config: InvitesConfig, done: Done, judge_by: Judge) -> None:
        self._ctx = ctx
        self._config = config
        self._judge_by = judge_by
        self.holds: Final = Holds(ctx.clock)
        self.outbox: Final = Outbox(ctx, config, self.holds, done)

    def invites_of(self, bot_id: BotId) -> list[Invite]:
        invites = self._ctx.state.invites
        return [invites[task_id] for task_id in self._ctx.state.index.invites_of_bot.get(bot_id, ())]

    def advance(self, bot: Bot, now: Millis) -> Millis | None:
        """Send the next invite of the queue if it may go, else say why not. Returns when one may."""
        while True:
            bot = self._ctx.state.bots[bot.id]
            queue = self._queue(bot.id)
            own = {invite.task_id: self._own_hold(invite, now) for invite in queue}
            ready = [invite for invite in queue if own[invite.task_id] is None]
            hold = self._hold(bot, now) if queue else None
            if hold is not None or not ready:
                break
            self._consider(ready[0])
        places = {invite.task_id: place for place, invite in enumerate(ready)}
        for invite in queue:
            alone = own[invite.task_id]
            if hold is not None and (alone is None or hold.reason in ABOVE_ALL):
                waiting.explain(self._ctx, invite.task_id, self._in_line(hold, places.get(invite.task_id, 0)))
            elif alone is not None:
                waiting.explain(self._ctx, invite.task_id, alone)
        holds = [*own.values(), hold if ready else None]
        return min((one.until for one in holds if one is not None and one.until is not None), default=None)

    def _own_hold(self, invite: Invite, now: Millis) -> Hold | None:
        """Why this invite must wait, whatever its bot may do."""
        if (invite.retry_at or 0) > now:
            return waiting.another_try(invite, self._config.tries)
        return self.holds.of_invite(invite.task_id, now)

    def _hold(self, bot: Bot, now: Millis) -> Hold | None:
        """Why the bot must not send an invite now, if it must not."""
        contact = self._ctx.state.contact
        if bot.status is not BotStatus.CONNECTED:
            return waiting.offline(bot)
        if contact.paused:
            return waiting.paused(contact.paused_by)
        if (bot.invites_blocked_until or 0) > now:
            return waiting.blocked(bot)
        told = self.holds.of_bot(bot.id, now)
        if told is not None:
            return told
        interval = self._config.interval
        on_its_way = pending(self._ctx.state, bot.id)
        if on_its_way is not None and on_its_way.task_id in self.outbox.sending:
            return waiting.its_turn(bot, interval, Millis(now + interval))
        if on_its_way is not None:
            return waiting.in_doubt(bot, None)
        turn = next_turn(self._ctx.state, bot, interval, run_began(self._ctx.clock))
        return waiting.its_turn(bot, interval, turn) if turn > now else None

    def _consider(self, invite: Invite) -> None:
        """Send the invite, unless Steam's list makes that needless or another guard objects: its word decides."""
        relationship = self._ctx.hooks.relationship(invite.bot_id, invite.player)
        if relationship in {Relationship.FRIEND, Relationship.REQUEST_INITIATOR}:
            self._judge_by(invite, relationship)
            if self._ctx.state.invites.get(invite.task_id) is not invite:
                return
        proposed = ProposedInvite(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        refused = rejected(self._ctx, proposed)
        if refused is None:
            self.outbox.send(invite)
        else:
            self.outbox.take(invite, judge(refused), requested=False)

    def _in_line(self, hold: Hold, place: int) -> Hold:
        """The same, for an invite that has `place` others before it."""
        if hold.reason != InviteReason.INVITE_INTERVAL or hold.until is None:
            return hold
        return replace(hold, until=Millis(hold.until + place * self._config.interval))

    def _queue(self, bot_id: BotId) -> list[Invite]:
        """What may go next, whoever has waited longest first; not to a player from whom another is being taken back.

        What Steam has refused waits from its next try on, so that it never goes before one that has had none.
        """
        invites = self.invites_of(bot_id)
        leaving = {invite.player for invite in invites if not wanted(invite, self._ctx.state)}
        queued = [i for i in invites if i.status is InviteStatus.QUEUED and i.player not in leaving]
        return sorted(queued, key=waiting_since)


def waiting_since(invite: Invite) -> Millis:
    """From when on the invite could have gone out."""
    return invite.queued_at if invite.retry_at is None else invite.retry_at
