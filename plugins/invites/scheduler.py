"""The invite scheduler: does for each bot what is due, and sets an alarm for what is due next."""

from __future__ import annotations

import asyncio
from typing import Final

from kernel.bus import Undo
from kernel.clock import Millis, sure_at
from kernel.codes import TaskCode, WaitReason
from kernel.context import Context
from kernel.events import FriendInviteFailed, FriendInviteQueued, Relationship
from kernel.ids import BotId, SteamId64, TaskId
from kernel.outcomes import Fate, Outcome
from kernel.rows import Bot, BotStatus, Invite, InviteRefusal, InviteStatus, Task, TaskStatus
from plugins.invites import waiting
from plugins.invites.codes import InviteReason
from plugins.invites.config import InvitesConfig
from plugins.invites.debts import Debts
from plugins.invites.guard import is_out, wanted
from plugins.invites.outbox import Flight, Outbox
from plugins.invites.queues import Queues
from plugins.invites.settlement import lacks_invite, recovered, verdict, was_never_sent

BATCH: Final = 50
"""Bots that are run in one go when all of them are, before everybody else has a turn."""
REACHED: Final = frozenset({Relationship.FRIEND, Relationship.REQUEST_INITIATOR})
"""Relationships that tell that an invite has reached the player, whatever Steam has answered."""
FINAL: Final = REACHED | {Relationship.BLOCKED, Relationship.IGNORED}
"""Relationships that settle an invite in doubt at once; with the others Steam may not be at its end."""


class InviteScheduler:
    """Runs the invites of each bot. What is due is read from the state each time: a restart has nothing to restore."""

    def __init__(self, ctx: Context, config: InvitesConfig) -> None:
        self._ctx = ctx
        self._config = config
        self._debts = Debts(ctx, config, self.run)
        self.queues = Queues(ctx, config, self._follow_up, self._judge)
        self._outbox: Final[Outbox] = self.queues.outbox
        self._alarms: dict[BotId, tuple[Millis, Undo]] = {}
        self._running: set[BotId] = set()
        self._again: set[BotId] = set()
        self._lost: set[TaskId] = set()

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
        self.run_all(compare=True)

    def queue(self, task: Task) -> None:
        """Let the invite of an assigned task wait at its bot."""
        assert task.assigned_bot_id is not None
        queued = FriendInviteQueued(task_id=task.id, bot_id=task.assigned_bot_id, player=task.player)
        self._ctx.publish(queued)

    def run_all(self, *, compare: bool = False) -> None:
        """Run every bot that has invites, a few at a time; `compare` them with Steam's lists first."""
        self._ctx.spawn(self._run_all(compare), "run the invites of all bots")

    async def _run_all(self, compare: bool) -> None:
        losers = [self._ctx.state.tasks[task_id].assigned_bot_id for task_id in self._lost]
        concerned = [*self._ctx.state.index.invites_of_bot, *filter(None, losers), *self._debts.bots()]
        for number, bot_id in enumerate(dict.fromkeys(concerned), start=1):
            if compare:
                self.compare(bot_id)
            self.run(bot_id)
            if number % BATCH == 0:
                await asyncio.sleep(0)

    def run(self, bot_id: BotId) -> None:
        """Do for the bot what is due, and set its alarm. Called from within, it comes round again at the end."""
        if bot_id in self._running:
            self._again.add(bot_id)
            return
        self._running.add(bot_id)
        try:
            moment = self._run_once(bot_id)
            while bot_id in self._again:
                self._again.discard(bot_id)
                moment = self._run_once(bot_id)
            self._set_alarm(bot_id, moment)
        finally:
            self._running.discard(bot_id)
            self._again.discard(bot_id)

    def connected(self, bot_id: BotId) -> None:
        """The bot's list of friends is fresh: see what has become of its invites meanwhile."""
        self._debts.connected(bot_id)
        self.compare(bot_id)
        self.run(bot_id)

    def compare(self, bot_id: BotId) -> None:
        """See what has become of the bot's invites while it was away, or we were."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED:
            return
        for invite in self.queues.invites_of(bot_id):
            if invite.status is not InviteStatus.REQUESTED:  # those in doubt have a time of their own
                self._judge(invite, self._ctx.hooks.relationship(bot_id, invite.player))
        self._reconcile(bot)

    def relationship_changed(self, bot_id: BotId, player: SteamId64, relationship: Relationship) -> None:
        """Steam says how the two stand from now on."""
        for invite in self.queues.invites_of(bot_id):
            if invite.player != player:
                continue
            flight = self._outbox.sending.get(invite.task_id)
            if flight is not None:
                flight.hear(relationship)  # Steam's answer is awaited first
            elif invite.status is not InviteStatus.REQUESTED or relationship in FINAL:
                self._judge(invite, relationship)
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is not None and not is_out(self._ctx.state, bot_id, player):
            self._debts.relationship_changed(bot, player, relationship)
        self.run(bot_id)

    def end(self, invite: Invite, reason: TaskCode, detail: str) -> None:
        """Let the invite end, whatever its bot is doing."""
        self._outbox.fail(invite, reason, detail)

    def follow_clock(self, by: int) -> None:
        """The clock has stepped, and with it all that is in the state; alarms ring after the same span as before."""
        self._alarms = {bot_id: (Millis(moment + by), undo) for bot_id, (moment, undo) in self._alarms.items()}
        self.queues.holds.follow_clock(by)
        self._debts.follow_clock(by)

    def forget(self, bot_id: BotId) -> None:
        """The bot is gone."""
        self._set_alarm(bot_id, None)
        self.queues.holds.forget(bot_id)
        self._debts.forget(bot_id)

    def _reconcile(self, bot: Bot) -> None:
        """Settle what a crash has torn off: by Steam's list, and never with a second invite."""
        state = self._ctx.state
        for task_id in [task_id for task_id in state.index.open_tasks_of_bot.get(bot.id, ()) if task_id in self._lost]:
            task = state.tasks[task_id]
            event = recovered(task, self._ctx.hooks.relationship(bot.id, task.player))
            if event is not None:
                self._lost.discard(task_id)
            if event is not None and lacks_invite(task, state):
                self._ctx.publish(event)

    def _run_once(self, bot_id: BotId) -> Millis | None:
        """Returns when there is something to do next, as far as that depends on time."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        if bot is None:
            return None
        now = self._ctx.clock.now()
        moments = [self._run_invite(bot, invite, now) for invite in self.queues.invites_of(bot_id)]
        moments.append(self._debts.run(bot, now))
        moments.append(self.queues.advance(bot, now))
        return min((moment for moment in moments if moment is not None), default=None)

    def _run_invite(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """See to one invite by its status and age. Returns when it has to be looked at again."""
        if invite.task_id in self._outbox.sending or not self._is_current(invite):
            return None
        if not wanted(invite, self._ctx.state):
            return self._released(bot, invite, now)
        if invite.status is InviteStatus.QUEUED:
            return self._hand_on(bot, invite, now)
        if bot.status is not BotStatus.CONNECTED:
            return None  # whatever became of it, Steam's list will say when the bot is back
        if invite.status is InviteStatus.REQUESTED:
            return self._settle(bot, invite, now)
        return self._await_answer(bot, invite, now)

    def _released(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """The task needs the invite no more. What the player may see is taken back, once the bot can."""
        if invite.status is InviteStatus.QUEUED:
            self._end_queued(bot, invite)
            return None
        if bot.status is not BotStatus.CONNECTED:
            return None
        if invite.status is InviteStatus.REQUESTED:
            due = self._settle(bot, invite, now)
            if due is not None or not self._is_current(invite):
                return due
        self._debts.owe(bot, invite, WaitReason.WITHDRAWN, "The task has ended.")
        return None

    def _end_queued(self, bot: Bot, invite: Invite) -> None:
        """End one that is not under way. Steam may have shown the player what it answered with a refusal."""
        if invite.attempts:
            if self._ctx.hooks.relationship(bot.id, invite.player) is Relationship.REQUEST_INITIATOR:
                self._debts.owe(bot, invite, WaitReason.WITHDRAWN, "The task has ended.")
                return
            self._debts.look_out(invite)
        self.end(invite, WaitReason.WITHDRAWN, "The task has ended before the invite went out.")

    def _hand_on(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """End what Steam has refused for good; give the task back when its bot cannot invite for long."""
        patience = self._config.patience
        if invite.reason is not None and invite.retry_at is None:
            self._debts.look_out(invite)
            self._outbox.conclude(invite)
        elif self._ctx.state.tasks[invite.task_id].status is not TaskStatus.ASSIGNED:
            return None  # the player has been contacted, and has asked the bot back: it stays theirs
        elif bot.status is BotStatus.AUTH_FAILED:
            self._outbox.give_back(invite, InviteReason.BOT_AUTH_FAILED, f"{waiting.name(bot)} cannot sign in.")
        elif bot.status is not BotStatus.CONNECTED:
            since = bot.last_seen if bot.last_seen is not None else bot.added_at
            if since + patience > now:
                return Millis(since + patience)
            text = f"{waiting.name(bot)} has been offline for {self._config.patience_minutes} minutes."
            self._outbox.give_back(invite, WaitReason.BOT_OFFLINE, text)
        elif (bot.invites_blocked_until or 0) > now + patience:
            text = f"Steam takes no more invites from {waiting.name(bot)} for now."
            self._outbox.give_back(invite, InviteReason.BOT_INVITES_BLOCKED, text)
        return None

    def _settle(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        """Let Steam's list decide about an invite in doubt: at once if the list is newer than the invite."""
        requested = invite.requested_at or invite.queued_at
        due = Millis(requested + (0 if bot.status_since > requested else self._config.settle))
        if due <= now:
            relationship = self._ctx.hooks.relationship(bot.id, invite.player)
            self._judge(invite, relationship)
            if relationship is not None:
                return None
            due = Millis(now + self._config.settle)  # there was no list to look at
        if wanted(invite, self._ctx.state):
            waiting.explain(self._ctx, invite.task_id, waiting.in_doubt(bot, due))
        return due

    def _await_answer(self, bot: Bot, invite: Invite, now: Millis) -> Millis | None:
        lapse = self._config.lapse
        # it bars the player for good: never on the word of a clock that has just been set, or just been read first
        due = sure_at(self._ctx.clock, (invite.sent_at or invite.queued_at) + lapse, lapse)
        if due <= now:
            text = f"The player has not answered the invite for {self._config.lapse_days} days."
            self._debts.owe(bot, invite, InviteRefusal.LAPSED, text)
            return None
        if self._ctx.state.tasks[invite.task_id].status is TaskStatus.INVITED:
            waiting.explain(self._ctx, invite.task_id, waiting.answer(due))
        return due

    def _judge(self, invite: Invite, relationship: Relationship | None, *, shown: bool = False) -> None:
        """Publish what Steam's word about the two means for an invite that is not being sent."""
        event = verdict(invite, relationship, shown=shown)
        if event is None or not self._is_current(invite):
            return
        if wanted(invite, self._ctx.state):
            if relationship is not Relationship.REQUEST_INITIATOR or not self._is_owed(invite):
                self._ctx.publish(event)
        elif isinstance(event, FriendInviteFailed):
            self._ctx.publish(event)  # how the player has answered is remembered, whatever became of the task
        elif relationship is Relationship.FRIEND and (bot := self._ctx.state.bots.get(invite.bot_id)) is not None:
            # as an invite that was to be taken back, and accepted first: the dialogue records that they were friends
            self._debts.owe(bot, invite, WaitReason.WITHDRAWN, "The task has ended.")
        elif relationship is not Relationship.REQUEST_INITIATOR:
            self.end(invite, WaitReason.WITHDRAWN, "The task has ended.")

    def _follow_up(self, invite: Invite, flight: Flight, outcome: Outcome | None) -> None:
        """An invite is back from Steam, which may have said more than its answer; the player may have been quick."""
        row = self._row(invite)
        if row is not None and (outcome is None or outcome.fate is not Fate.NOT_SENT):
            relationship = self._ctx.hooks.relationship(row.bot_id, row.player)
            told = REACHED if outcome is not None and outcome.fate is Fate.REFUSED else FINAL
            if relationship in told or (relationship is Relationship.NONE and flight.shown):
                self._judge(row, relationship, shown=flight.shown)
        row = self._row(invite)
        if row is not None and row.status is InviteStatus.REQUESTED and outcome is not None:
            self._outbox.take(row, outcome, requested=True)
        self.run(invite.bot_id)

    def _is_owed(self, invite: Invite) -> bool:
        """Is what Steam shows not this queued invite, but another of the same two that is still to be taken back?"""
        if invite.status is not InviteStatus.QUEUED:
            return False
        others = self._ctx.state.index.pending_invites_of_player.get(invite.player, {})
        return invite.player in self._ctx.state.index.left_behind or any(o != invite.task_id for o in others)

    def _row(self, invite: Invite) -> Invite | None:
        """The invite as it stands now; None when it has ended, or is another bot's."""
        row: Invite | None = self._ctx.state.invites.get(invite.task_id)
        return row if row is not None and row.bot_id == invite.bot_id else None

    def _is_current(self, invite: Invite) -> bool:
        return self._ctx.state.invites.get(invite.task_id) is invite

    def _set_alarm(self, bot_id: BotId, moment: Millis | None) -> None:
        set_before = self._alarms.get(bot_id)
        if set_before is not None:
            if set_before[0] == moment:
                return
            self._alarms.pop(bot_id)[1]()
        if moment is not None:
            span = max(1, moment - self._ctx.clock.now())
            undo = self._ctx.call_later(span, lambda: self._ring(bot_id), f"run the invites of {bot_id}")
            self._alarms[bot_id] = (moment, undo)

    def _ring(self, bot_id: BotId) -> None:
        self._alarms.pop(bot_id, None)
        self.run(bot_id)
