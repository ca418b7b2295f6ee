"""What has ended leaves the state by events, once the archive has it on disk: chats, then their tasks, then players.

What is due is decided here and nowhere else. A row is proposed first, with the event that the state stood at, and told
of only when the archive has got that far and the row is still the same: then no event about it can be missing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from kernel.clock import HOUR, MINUTE, SECOND, Millis
from kernel.context import Context
from kernel.errors import IllegalTransition
from kernel.events import ChatArchived, Event, PlayerArchived, TaskArchived
from kernel.ids import BotId, SteamId64, account_number
from kernel.rows import Chat, ChatStatus, DealStage, Player, Row, Task, TaskStatus
from kernel.state import State

R = TypeVar("R", bound=Row)
AT_ONCE: Final = 100
"""Rows that one event takes along; dropping them costs a millisecond."""
SOONEST: Final = HOUR
"""After the end of a chat: a late "thanks" belongs into it, and what is read back for a chat that begins later begins
ten minutes before that one."""
OVERLAP_S: Final = 600
"""A chat's last line lies so many seconds before that from which its bot reads back, or it would come in once more."""
GONE_S: Final = 61
"""So many seconds behind its last line: more than a bot that is new reads back before what it knows."""
NEXT: Final = SECOND
BEHIND: Final = Millis(5 * SECOND)
"""The archive tells so often how far it has got for good."""
IDLE: Final = MINUTE
_ENDED: Final = (TaskStatus.FAILED, TaskStatus.DISPOSED, TaskStatus.RESOLVED)


class Proposal(NamedTuple):
    """Rows that are due, as they were at event `seq`."""

    seq: int
    chats: tuple[Chat, ...] = ()
    tasks: tuple[Task, ...] = ()
    players: tuple[Player, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.chats or self.tasks or self.players)


class Leaving:
    """One event a tick at most."""

    def __init__(self, ctx: Context, keep_ms: int, keep_rows: int) -> None:
        """`keep_ms`: how long after its end a row stays at least, unless there are more than `keep_rows`."""
        self._ctx = ctx
        self._keep_ms = keep_ms
        self._keep_rows = keep_rows
        self._proposal = Proposal(0)

    async def run(self) -> None:
        while True:
            await self._ctx.clock.sleep(self.tick())

    def tick(self) -> Millis:
        """Tell of what was proposed, once it is in the archive for good, and propose the next. Gives when to go on."""
        durable = self._ctx.hooks.archived_upto()
        if durable is None:
            return IDLE
        if self._proposal and durable < self._proposal.seq:
            return BEHIND
        event = self._event(self._proposal)
        if event is not None:
            try:
                self._ctx.publish(event)
            except IllegalTransition as error:
                self._ctx.log.error("rows stay in the state: %s", error)
        self._proposal = self.due()
        return NEXT if self._proposal else IDLE

    def due(self) -> Proposal:
        """The next rows that may go, of one kind."""
        state, now = self._ctx.state, self._ctx.clock.now()
        due = _Due(self._ctx, state, now, now - self._keep_ms, self._keep_rows)
        if chats := tuple(islice(due.chats(), AT_ONCE)):
            return Proposal(state.seq, chats=chats)
        if tasks := tuple(islice(due.tasks(), AT_ONCE)):
            return Proposal(state.seq, tasks=tasks)
        return Proposal(state.seq, players=tuple(islice(due.players(), AT_ONCE)))

    def _event(self, proposal: Proposal) -> Event | None:
        """Of the rows that were proposed, those that are still the same."""
        state = self._ctx.state
        chats = _same(proposal.chats, state.chats, "id")
        if chats:
            return ChatArchived(chat_ids=tuple(chat.id for chat in chats), heard=self._heard(chats))
        if tasks := _same(proposal.tasks, state.tasks, "id"):
            return TaskArchived(task_ids=tuple(task.id for task in tasks))
        if players := _same(proposal.players, state.players, "steam_id64"):
            return PlayerArchived(players=tuple(player.steam_id64 for player in players))
        return None

    def _heard(self, chats: Iterable[Chat]) -> dict[str, int]:
        """By account of these chats: up to when all is known of what was written to it.

        Of an account that is no bot now that is what its chats have: it is read back behind them if it is one again.
        """
        heard: dict[str, int] = {}
        for chat in chats:
            if chat.account is None:
                continue
            bot_id = self._ctx.state.index.bot_of_account.get(chat.account)
            until = self._ctx.hooks.heard_until(bot_id) if bot_id is not None else last_line_s(chat) + GONE_S
            heard[chat.account] = max(until or 0, heard.get(chat.account, 0))
        return heard


class _Due:
    """What is due at one moment."""

    def __init__(self, ctx: Context, state: State, now: Millis, before: int, keep_rows: int) -> None:
        self._ctx = ctx
        self._state = state
        self._now = now
        self._before = before
        self._keep_rows = keep_rows
        self._heard: dict[BotId, int | None] = {}

    def chats(self) -> Iterator[Chat]:
        drivers = self._state.index.chats_by_driver
        too_many = sum(drivers[ChatStatus.CLOSED, led] for led in (True, False)) - self._keep_rows
        for chat in self._state.chats.values():
            old_enough = not chat.is_open and (too_many > 0 or _ended(chat) <= self._before)
            if old_enough and self._is_at_rest(chat) and not self._is_followed(chat):
                too_many -= 1
                yield chat

    def tasks(self) -> Iterator[Task]:
        """A task goes with its chat."""
        too_many = sum(self._state.index.tasks_by_status[status] for status in _ENDED) - self._keep_rows
        for task in self._state.tasks.values():
            if task.is_open or task.chat_id in self._state.chats or not self._has_rested(task):
                continue
            if too_many > 0 or task.chat_id is not None or task.status_since <= self._before:
                too_many -= 1
                yield task

    def players(self) -> Iterator[Player]:
        """All of whom nothing else is in the state, but the latest that were put on the list or taken off it."""
        state = self._state
        here = {chat.player for chat in state.chats.values()} | {task.player for task in state.tasks.values()}
        at_rest = [p for p in state.players.values() if p.steam_id64 not in here and self._is_settled(p.steam_id64)]
        listed = {p.steam_id64: _listed(p) for p in state.players.values() if _listed(p)}
        stay = set(nlargest(self._keep_rows, listed, key=listed.__getitem__))
        for player in at_rest:
            cleared_among = player.cleared_among and player.cleared_at is not None  # what no bit can say
            if player.steam_id64 not in stay and not cleared_among and _refused(player) <= self._now - SOONEST:
                yield player

    def _is_at_rest(self, chat: Chat) -> bool:
        """Nothing is to become of it any more, and no line of it can come in once more."""
        task: Task | None = self._state.tasks.get(chat.task_id) if chat.task_id is not None else None
        return (
            not chat.is_open
            and _ended(chat) <= self._now - SOONEST
            and (task is None or (not task.is_open and self._has_rested(task)))
            and self._is_settled(chat.player)
            and not any(line.is_owed for line in chat.messages)
            and self._is_heard(chat)
        )

    def _is_followed(self, chat: Chat) -> bool:
        """Another chat of the two began soon after it and goes on: where that is read back, its lines are, too."""
        if chat.account is None:
            return False
        chats = [self._state.chats[chat_id] for chat_id in self._state.index.chats_between(chat.account, chat.player)]
        later = [one for one in chats if chat.started_at <= one.started_at < _ended(chat) + SOONEST and one is not chat]
        return not all(self._is_at_rest(one) for one in later)

    def _has_rested(self, task: Task) -> bool:
        latest = task.status_since if task.deal is None else max(task.status_since, task.deal.since)
        reversible = task.deal is not None and task.deal.stage is DealStage.TRADED
        rested = not reversible and latest <= self._now - SOONEST and task.id not in self._state.invites
        return rested and self._is_settled(task.player)

    def _is_settled(self, player: SteamId64) -> bool:
        """No invite is under way to them, or to be taken back, and they can be remembered."""
        index = self._state.index
        under_way = player in index.pending_invites_of_player or player in index.left_behind
        return not under_way and account_number(player) is not None

    def _is_heard(self, chat: Chat) -> bool:
        """Its bot begins to read back behind its last line."""
        last, account = last_line_s(chat), chat.account
        bot_id = self._state.index.bot_of_account.get(account) if account is not None else None
        if not last or bot_id is None:
            return True
        if bot_id not in self._heard:
            self._heard[bot_id] = self._ctx.hooks.heard_until(bot_id)
        heard = self._heard[bot_id]
        return heard is not None and last < heard - OVERLAP_S


def _same(proposed: Sequence[R], table: Mapping[Any, R], key: str) -> list[R]:
    """Those that no event has changed since: a reducer puts another row into the place of one."""
    return [row for row in proposed if table.get(getattr(row, key)) is row]


def last_line_s(chat: Chat) -> int:
    """Steam's second of the last line that it has dated; 0 where it has dated none."""
    kept = [key.steam_ts for key in (chat.forgotten.bot, chat.forgotten.player) if key] if chat.forgotten else []
    return max([*kept, *(line.steam_ts for line in chat.messages if line.steam_ts is not None)], default=0)


def _ended(chat: Chat) -> int:
    """When the last thing happened in it: its end, a line, or a note of the team's."""
    said = max((line.ts for line in chat.messages), default=0)
    return max(chat.closed_at or 0, said, max((note.ts for note in chat.notes), default=0))


def _listed(player: Player) -> int:
    """When they were put on the do-not-contact list or taken off it; 0: never."""
    since = player.do_not_contact.since if player.do_not_contact is not None else 0
    return max(since, player.cleared_at or 0)


def _refused(player: Player) -> int:
    return player.invite_refused_at or 0
