"""The keeper of the queues: does for each bot what is due, and sets an alarm for what is due next."""

from __future__ import annotations

import asyncio
from typing import Final

from kernel.bus import Undo
from kernel.clock import Millis, run_began, sure_at
from kernel.commands import SendInvite
from kernel.context import Context
from kernel.events import FriendInviteAccepted, FriendInviteQueued
from kernel.ids import BotId, SteamId64, TaskId
from kernel.outcomes import judge
from kernel.rows import Bot, BotStatus, Invite, InviteStatus, Task, TaskStatus
from plugins.invites import waiting
from plugins.invites.config import InvitesConfig
from plugins.invites.guard import next_turn, pending, wanted
from plugins.invites.outbox import Outbox, rejected
from plugins.invites.settlement import lacks_invite, recovered, verdict, was_never_sent
from plugins.invites.waiting import Hold

BATCH: Final = 50
"""Bots that are tended in one go when all of them are, before everybody else has a turn."""


class Keeper:
    """Tends bots. What is due is worked out from the state each time: a restart has nothing to restore."""

    def __init__(self, ctx: Context, config: InvitesConfig) -> None:
        self._ctx = ctx
        self._config = config
        self._outbox = Outbox(ctx, self._follow_up)
        self._alarms: dict[BotId, tuple[Millis, Undo]] = {}
        self._tending: set[BotId] = set()
        self._again: set[BotId] = set()
        self._lost: set[TaskId] = set()
        self.weighed: TaskId | None = None
        """The task whose invite the guards are asked about before it is decided to send it."""

    def begin(self) -> None:
        """Take everything up from the state; a crash may have come between two events of one moment."""
        state = self._ctx.state
        self._lost.clear()
        for task in [task for task in state.tasks.values() if lacks_invite(task, state)]:
            if was_never_sent(task, state):
                self.queue(task)
            else:
                self._lost.add(task.id)
                waiting.explain(self._ctx, task.id, waiting.lost())
        self.tend_all(compare=True)

    def queue(self, task: Task) -> None:
        """Let the invite of an assigned task wait at its bot."""
        assert task.assigned_bot_id is not None
        queued = FriendInviteQueued(task_id=task.id, bot_id=task.assigned_bot_id, player=task.player)
        self._ctx.publish(queued)

    def tend_all(self, *, compare: bool = False) -> None:
        """Tend every bot that has invites, a few at a time; `compare` them with Steam's lists first."""
        self._ctx.spawn(self._tend_all(compare), "tend all bots")

    async def _tend_all(self, compare: bool) -> None:
        losers = [self._ctx.state.tasks[task_id].assigned_bot_id for task_id in self._lost]
        bots = dict.fromkeys([*self._ctx.state.index.invites_of_bot, *(bot for bot in losers if bot is not None)])
        for number, bot_id in enumerate(bots, start=1):
            if compare:
                self.compare(bot_id)
            self.tend(bot_id)
            if number % BATCH == 0:
                await asyncio.sleep(0)

    def tend(self, bot_id: BotId) -> None:
        """Do for the bot what is due, and set its alarm. Called from within, it comes round again at the end."""
        if bot_id in self._tending:
            self._again.add(bot_id)
            return
        self._tending.add(bot_id)
        try:
            moment = self._tend_once(bot_id)
            while bot_id in self._again:
                self._again.discard(bot_id)
                moment = self._tend_once(bot_id)
            self._set_alarm(bot_id, moment)
        finally:
            self._tending.discard(bot_id)
            self._again.discard(bot_id)

    def compare(self, bot_id: BotId) -> None:
        """See what has become of the bot's invites while it was away, or we were."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED:
            return
        for invite in self._invites_of(bot_id):
            if invite.status is not InviteStatus.REQUESTED:  # those in doubt have a time of their own
                self._judge(invite, self._ctx.ask.relationship(bot_id, invite.player))
        self._mend(bot)

    def relate(self, bot_id: BotId, player: SteamId64, relationship: str) -> None:
        """Steam says how the two stand from now on."""
        for invite in self._invites_of(bot_id):
            in_doubt = invite.status is InviteStatus.REQUESTED and relationship != "friend"
            if invite.player == player and not in_doubt:
                self._judge(invite, relationship)

    def end(self, invite: Invite, reason: str, detail: str) -> None:
        """Let the invite end, whatever its bot is doing."""
        self._outbox.fail(invite, reason, detail)

    def follow_clock(self, by: int) -> None:
        """The clock has stepped, and with it all that is in the state; alarms ring after the same span as before."""
        self._alarms = {bot_id: (Millis(moment + by), undo) for bot_id, (moment, undo) in self._alarms.items()}
        self._outbox.follow_clock(by)

    def forget(self, bot_id: BotId) -> None:
        """The bot is gone."""
        self._set_alarm(bot_id, None)
        self._outbox.forget(bot_id)

    def _mend(self, bot: Bot) -> None:
        """Settle what a crash has torn off: by Steam's list, and never with a second invite."""
        state = self._ctx.state
        for task_id in [task_id for task_id in state.index.open_tasks_of_bot.get(bot.id, ()) if task_id in self._lost]:
            task = state.tasks[task_id]
            event = recovered(task, self._ctx.ask.relationship(bot.id, task.player))
            if event is not None:
                self._lost.discard(task_id)
            if event is not None and lacks_invite(task, state):
                self._ctx.publish(event)

    def _tend_once(self, bot_id: BotId) -> Millis | None:
        """Returns when there is something to do next, as far as that depends on time."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None:
            return None
        now = self._ctx.clock.now()
        moments = [self._tend_invite(bot, invite, now) for invite in self._invites_of(bot_id)]
        moments.append(self._advance(bot, now))
        return min((moment for moment in moments if moment is not None), default=None)

    def _tend_invite(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """See to one invite by its status and age. Returns when it has to be looked at again."""
        if self._is_under_way(invite) or not self._is_current(invite):
            return None
        if not wanted(invite, self._ctx.state):
            return self._let_go(bot, invite)
        if invite.status is InviteStatus.QUEUED:
            return self._hand_on(bot, invite, now)
        if bot.status is not BotStatus.CONNECTED:
            return None  # whatever became of it, Steam's list will say when the bot is back
        if invite.status is InviteStatus.REQUESTED:
            return self._settle(bot, invite, now)
        return self._await_answer(invite, now)

    def _let_go(self, bot: Bot, invite: Invite) -> Millis | None:
        """The task needs the invite no more. What the player may see is taken back, once the bot can."""
        if invite.status is InviteStatus.QUEUED:
            self.end(invite, "withdrawn", "The task has ended before the invite went out.")
        elif bot.status is BotStatus.CONNECTED:
            return self._outbox.withdraw(invite, "withdrawn", "The task has ended.")
        return None

    def _hand_on(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """Give the task back when its bot cannot invite for long."""
        patience = self._config.patience
        if bot.status is BotStatus.AUTH_FAILED:
            self._outbox.give_back(invite, "botAuthFailed", f"{waiting.name(bot)} cannot sign in.")
        elif bot.status is not BotStatus.CONNECTED:
            since = bot.last_seen if bot.last_seen is not None else bot.added_at
            if since + patience > now:
                return Millis(since + patience)
            text = f"{waiting.name(bot)} has been offline for {self._config.patience_minutes} minutes."
            self._outbox.give_back(invite, "botOffline", text)
        elif (bot.invites_blocked_until or 0) > now + patience:
            text = f"Steam takes no more invites from {waiting.name(bot)} for now."
            self._outbox.give_back(invite, "botInvitesBlocked", text)
        return None

    def _settle(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """Let Steam's list decide about an invite in doubt: at once if the list is newer than the invite."""
        requested = invite.requested_at or invite.queued_at
        due = Millis(requested + (0 if bot.status_since > requested else self._config.settle))
        if due <= now:
            self._judge(invite, self._ctx.ask.relationship(bot.id, invite.player))
            if not self._is_current(invite):
                return None
            due = Millis(now + self._config.settle)  # there was no list to look at
        waiting.explain(self._ctx, invite.task_id, waiting.in_doubt(bot, due))
        return due

    def _await_answer(self, invite: Invite, now: Millis) -> Millis | None:
        lapse = self._config.lapse
        # it bars the player for good: never on the word of a clock that has just been set, or just been read first
        due = sure_at(self._ctx.clock, (invite.sent_at or invite.queued_at) + lapse, lapse)
        if due <= now:
            text = f"The player has not answered the invite for {self._config.lapse_days} days."
            return self._outbox.withdraw(invite, "lapsed", text)
        if self._ctx.state.tasks[invite.task_id].status is TaskStatus.INVITED:
            waiting.explain(self._ctx, invite.task_id, waiting.answer(due))
        return due

    def _judge(self, invite: Invite, relationship: str | None) -> None:
        """Publish what Steam's word about the two means for an invite."""
        event = verdict(invite, relationship)
        if event is None or invite.task_id in self._outbox.sending or not self._is_current(invite):
            return  # while it is being sent, Steam's answer to that is awaited first
        accepted = isinstance(event, FriendInviteAccepted)
        if not wanted(invite, self._ctx.state):
            self.end(invite, "withdrawn", "The task has ended.")
        elif accepted or invite.task_id not in self._outbox.withdrawing:
            self._ctx.publish(event)

    def _follow_up(self, invite: Invite) -> None:
        """The outbox is done with an invite. The player may have accepted it before we were told that it went out."""
        row: Invite | None = self._ctx.state.invites.get(invite.task_id)
        if row is not None and self._ctx.ask.relationship(row.bot_id, row.player) == "friend":
            self._judge(row, "friend")
        self.tend(invite.bot_id)

    def _advance(self, bot: Bot, now: Millis) -> Millis | None:
        """Send the next invite of the queue if it may go, else say why not. Returns when it may."""
        while queue := self._queue(bot.id):
            hold = self._hold(self._ctx.state.bots[bot.id], now)
            if hold is None:
                self._consider(queue[0])
                continue
            for place, invite in enumerate(queue):
                waiting.explain(self._ctx, invite.task_id, self._in_line(hold, place))
            return hold.until
        return None

    def _hold(self, bot: Bot, now: Millis) -> Hold | None:
        """Why the bot must not send an invite now, if it must not."""
        contact = self._ctx.state.contact
        if bot.status is not BotStatus.CONNECTED:
            return waiting.offline(bot)
        if contact.paused:
            return waiting.paused(contact.paused_by)
        if (bot.invites_blocked_until or 0) > now:
            return waiting.blocked(bot)
        told = self._outbox.hold(bot.id, now)
        if told is not None:
            return told
        interval = self._config.interval
        on_its_way = pending(self._ctx.state, bot.id)
        if on_its_way is not None and on_its_way.task_id in self._outbox.sending:
            return waiting.its_turn(bot, interval, Millis(now + interval))
        if on_its_way is not None:
            return waiting.in_doubt(bot, None)
        turn = next_turn(self._ctx.state, bot, interval, run_began(self._ctx.clock))
        return waiting.its_turn(bot, interval, turn) if turn > now else None

    def _consider(self, invite: Invite) -> None:
        """Send the invite, unless a guard would object: what it says then decides what becomes of the invite."""
        if self._ctx.ask.relationship(invite.bot_id, invite.player) == "friend":
            self._judge(invite, "friend")
            return
        command = SendInvite(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
        self.weighed = invite.task_id
        try:
            refused = rejected(self._ctx, command)
        finally:
            self.weighed = None
        if refused is None:
            self._outbox.send(invite)
        else:
            self._outbox.take_outcome(invite, judge(refused), requested=False)

    def _in_line(self, hold: Hold, place: int) -> Hold:
        """The same, for an invite that has `place` others before it."""
        if hold.reason != "inviteInterval" or hold.until is None:
            return hold
        return Hold(hold.reason, hold.detail, Millis(hold.until + place * self._config.interval))

    def _queue(self, bot_id: BotId) -> list[Invite]:
        """What may go next, in its order; not to a player from whom another invite is being taken back."""
        invites = self._invites_of(bot_id)
        leaving = {invite.player for invite in invites if not wanted(invite, self._ctx.state)}
        return [i for i in invites if i.status is InviteStatus.QUEUED and i.player not in leaving]

    def _invites_of(self, bot_id: BotId) -> list[Invite]:
        invites = self._ctx.state.invites
        return [invites[task_id] for task_id in self._ctx.state.index.invites_of_bot.get(bot_id, ())]

    def _is_current(self, invite: Invite) -> bool:
        return self._ctx.state.invites.get(invite.task_id) is invite

    def _is_under_way(self, invite: Invite) -> bool:
        return invite.task_id in self._outbox.sending or invite.task_id in self._outbox.withdrawing

    def _set_alarm(self, bot_id: BotId, moment: Millis | None) -> None:
        set_before = self._alarms.get(bot_id)
        if set_before is not None:
            if set_before[0] == moment:
                return
            self._alarms.pop(bot_id)[1]()
        if moment is not None:
            span = max(1, moment - self._ctx.clock.now())
            undo = self._ctx.call_later(span, lambda: self._ring(bot_id), f"tend {bot_id}")
            self._alarms[bot_id] = (moment, undo)

    def _ring(self, bot_id: BotId) -> None:
        self._alarms.pop(bot_id, None)
        self.tend(bot_id)
