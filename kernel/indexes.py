"""What can be asked of the state without walking through it; derived from its rows, never written by itself."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeVar

from kernel.clock import Millis
from kernel.codes import LeftAlone, Open
from kernel.ids import BotId, ChatId, SteamId64, TaskId
from kernel.rows import (
    OPEN_TASKS,
    Account,
    AccountStanding,
    Bot,
    BotStatus,
    Chat,
    ChatStatus,
    FriendRequest,
    Invite,
    InviteStatus,
    Player,
    Row,
    Task,
    TaskStatus,
)

K = TypeVar("K", bound=str)
V = TypeVar("V", bound=str)
H = TypeVar("H", bound=Hashable)


# an enum's member costs ten times as much to look up
_OPEN: Final = ChatStatus.OPEN
_QUEUED: Final = InviteStatus.QUEUED
_REQUESTED: Final = InviteStatus.REQUESTED


class Indexes:
    """Kept in step with every change of a row, so that each look-up costs a dict's."""

    def __init__(self) -> None:
        self.bot_of_account: Final[dict[SteamId64, BotId]] = {}
        self.bots_by_status: Final[Counter[BotStatus]] = Counter()
        self.bots_by_reason: Final[Counter[tuple[BotStatus, str | None]]] = Counter()
        self.bots_by_standing: Final[Counter[AccountStanding]] = Counter()
        self.bots_with_holds: Final[dict[BotId, None]] = {}
        """Bots that Steam has taken no invites, messages or trades from, until some time, which may be past."""
        self.bots_asked_by: Final[defaultdict[SteamId64, dict[BotId, None]]] = defaultdict(dict)
        """By player: the bots that they have invited themselves, as far as those are listed."""
        self.tasks_by_status: Final = dict.fromkeys(TaskStatus, 0)
        self.open_task_of_player: Final[dict[SteamId64, TaskId]] = {}
        """The latest that is open, should there ever be two."""
        self.open_chat_of_player: Final[dict[SteamId64, ChatId]] = {}
        """The latest that is open: a friend of two bots may write to both unasked."""
        self.chat_between: Final[dict[tuple[BotId, SteamId64], ChatId]] = {}
        """The latest chat of a bot with a player, open or closed."""
        self.chat_of_account: Final[dict[tuple[SteamId64, SteamId64], ChatId]] = {}
        """The latest chat of an account with a player, also if that was a bot that has been removed since."""
        self.players_of_account: Final[defaultdict[SteamId64, set[SteamId64]]] = defaultdict(set)
        """Everyone with whom the account has or had a chat, by the same measure."""
        self.open_tasks_of_bot: Final[defaultdict[BotId, set[TaskId]]] = defaultdict(set)
        self.open_chats_of_bot: Final[defaultdict[BotId, set[ChatId]]] = defaultdict(set)
        self.open_tasks: Final[dict[TaskStatus, dict[TaskId, None]]] = {s: {} for s in TaskStatus if s in OPEN_TASKS}
        """Open tasks by status, those first that have stood there longest."""
        self.waiting_tasks: Final = self.open_tasks[TaskStatus.CREATED]
        """Tasks in `created`, first come first."""
        self.chats_by_driver: Final = {(status, by_agent): 0 for status in ChatStatus for by_agent in (True, False)}
        """How many chats there are by their status, and by whether the agent leads them."""
        self.invites_by_status: Final = dict.fromkeys(InviteStatus, 0)
        self.queued_invites: Final[dict[TaskId, None]] = {}
        """Invites in `queued`, first come first."""
        self.invites_of_bot: Final[defaultdict[BotId, dict[TaskId, None]]] = defaultdict(dict)
        """Invites of a bot that wait or are under way, first come first; one that is put back keeps its place."""
        self.pending_invites_of_player: Final[defaultdict[SteamId64, dict[TaskId, None]]] = defaultdict(dict)
        """Invites that the player sees or may see, of whichever bot, also those that are still to be taken back."""
        self.requested_at: Final[list[Millis]] = []
        """When each invite that is on its way to Steam was requested, in order."""
        self.left_behind: Final[defaultdict[SteamId64, dict[SteamId64, None]]] = defaultdict(dict)
        """By player: the accounts whose invites to them are still to be taken back, though no task is about them."""
        self.do_not_contact: Final[set[SteamId64]] = set()
        self.left_alone_by_reason: Final[Counter[Open[LeftAlone]]] = Counter()
        """How many players are on that list, by why."""
        self._earlier_between: Final[dict[tuple[BotId, SteamId64], dict[ChatId, None]]] = {}
        self._earlier_of_account: Final[dict[tuple[SteamId64, SteamId64], dict[ChatId, None]]] = {}
        """The chats of a pair before its latest, for pairs that have several."""
        self._account_of_bot: Final[dict[BotId, SteamId64]] = {}
        self._open_tasks_of_player: Final[defaultdict[SteamId64, dict[TaskId, None]]] = defaultdict(dict)
        self.open_chats_of_player: Final[defaultdict[SteamId64, dict[ChatId, None]]] = defaultdict(dict)

    def is_busy(self, bot_id: BotId) -> bool:
        """Does the bot have an open task or chat?"""
        return bool(self.open_tasks_of_bot.get(bot_id) or self.open_chats_of_bot.get(bot_id))

    def chats_between(self, account: SteamId64, player: SteamId64) -> tuple[ChatId, ...]:
        """Every chat of an account with a player, whichever bot it was, as they came into the state."""
        latest = self.chat_of_account.get((account, player))
        return (*self._earlier_of_account.get((account, player), ()), latest) if latest is not None else ()

    def rebuild_queues(self, tasks: Mapping[TaskId, Task], invites: Mapping[TaskId, Invite]) -> None:
        """Put the queues in order after rows were loaded or moved, in the order in which they were first put."""
        for queue in self.open_tasks.values():
            for task_id in sorted(queue, key=lambda task_id: tasks[task_id].status_since):
                queue[task_id] = queue.pop(task_id)
        for task_id in sorted(self.queued_invites, key=lambda task_id: invites[task_id].queued_at):
            self.queued_invites[task_id] = self.queued_invites.pop(task_id)

    def apply(self, table: str, old: Row | None, new: Row | None) -> None:
        """Take note of one row's change."""
        if table == "bots":
            self._bot(old, new)  # type: ignore[arg-type]
        elif table == "tasks":
            self._task(old, new)  # type: ignore[arg-type]
        elif table == "chats":
            self._chat(old, new)  # type: ignore[arg-type]
        elif table == "invites":
            self._invite(old, new)  # type: ignore[arg-type]
        elif table == "players":
            self._player(old, new)  # type: ignore[arg-type]
        elif table == "accounts":
            self._account(old, new)  # type: ignore[arg-type]

    def _bot(self, old: Bot | None, new: Bot | None) -> None:
        if old is not None:
            self.bots_by_status[old.status] -= 1
            _less(self.bots_by_reason, (old.status, old.reason))
            self.bot_of_account.pop(old.steam_id64, None)
            self.bots_by_standing.subtract(old.standing)
            self.bots_with_holds.pop(old.id, None)
        before = old.friend_requests if old is not None else ()
        after = new.friend_requests if new is not None else ()
        if before is not after:
            self._requests(before, after, (old or new).id)  # type: ignore[union-attr]
        if new is not None:
            self.bots_by_status[new.status] += 1
            self.bots_by_reason[new.status, new.reason] += 1
            self.bot_of_account[new.steam_id64] = new.id
            self._account_of_bot[new.id] = new.steam_id64
            self.bots_by_standing.update(new.standing)
            if (new.invites_blocked_until, new.messages_held_until, new.trades_held_until) != (None, None, None):
                self.bots_with_holds[new.id] = None
        elif old is not None:
            self._account_of_bot.pop(old.id, None)
            self.open_tasks_of_bot.pop(old.id, None)
            self.open_chats_of_bot.pop(old.id, None)

    def _requests(self, before: Sequence[FriendRequest], after: Sequence[FriendRequest], bot_id: BotId) -> None:
        for request in before:
            _drop(self.bots_asked_by, request.player, bot_id)
        for request in after:
            self.bots_asked_by[request.player][bot_id] = None

    def _task(self, old: Task | None, new: Task | None) -> None:
        if old is None:
            if new is not None:
                self.task_came(new)
        elif new is None:
            self._task_left(old)
        else:
            self.task_moves(old, new.status, new.assigned_bot_id)

    def task_came(self, task: Task) -> None:
        """A row that was not there before."""
        self.tasks_by_status[task.status] += 1
        if task.is_open:
            self.open_tasks[task.status][task.id] = None
            if task.assigned_bot_id is not None:
                self.open_tasks_of_bot[task.assigned_bot_id].add(task.id)
            self._open_tasks_of_player[task.player][task.id] = None
            self.open_task_of_player[task.player] = task.id

    def _task_left(self, task: Task) -> None:
        self.tasks_by_status[task.status] -= 1
        if task.is_open:
            self.open_tasks[task.status].pop(task.id, None)
            if task.assigned_bot_id is not None:
                self.open_tasks_of_bot[task.assigned_bot_id].discard(task.id)
            _end(self._open_tasks_of_player, self.open_task_of_player, task.player, task.id)

    def task_moves(self, task: Task, to: TaskStatus, bot_id: BotId | None) -> None:
        """The row, which is as it was, is about to have that status and that bot."""
        was, had = task.status, task.assigned_bot_id
        if to is was and bot_id == had:
            return  # nothing that is indexed changes
        before, after = self.open_tasks.get(was), self.open_tasks.get(to)
        self.tasks_by_status[was] -= 1
        self.tasks_by_status[to] += 1
        if to is not was:
            if before is not None:
                before.pop(task.id, None)
            if after is not None:
                after[task.id] = None
        if before is not None and had is not None and (bot_id != had or after is None):
            self.open_tasks_of_bot[had].discard(task.id)
        if after is not None and bot_id is not None and (bot_id != had or before is None):
            self.open_tasks_of_bot[bot_id].add(task.id)
        if before is not None and after is None:
            _end(self._open_tasks_of_player, self.open_task_of_player, task.player, task.id)
        elif before is None and after is not None:
            self._open_tasks_of_player[task.player][task.id] = None
            self.open_task_of_player[task.player] = task.id

    def _chat(self, old: Chat | None, new: Chat | None) -> None:
        if old is None:
            if new is not None:
                self.chat_came(new)
        elif new is None:
            self.chat_left(old)
        else:
            self.chat_moves(old, new.status, agent_enabled=new.agent_enabled)

    def chat_came(self, chat: Chat) -> None:
        """A row that was not there before."""
        self.chats_by_driver[chat.status, chat.agent_enabled] += 1
        _come(self.chat_between, self._earlier_between, (chat.bot_id, chat.player), chat.id)
        account = chat.account or self._account_of_bot.get(chat.bot_id)  # None: an old chat of a removed bot's
        if account is not None:
            _come(self.chat_of_account, self._earlier_of_account, (account, chat.player), chat.id)
            self.players_of_account[account].add(chat.player)
        if chat.status is _OPEN:
            self._chat_opened(chat)

    def chat_moves(self, chat: Chat, to: ChatStatus, *, agent_enabled: bool) -> None:
        """The row, which is as it was, is about to have that status, led by its agent or not."""
        was = chat.status
        if to is was and agent_enabled is chat.agent_enabled:
            return  # a message came or went: nothing that is indexed changes
        self.chats_by_driver[was, chat.agent_enabled] -= 1
        self.chats_by_driver[to, agent_enabled] += 1
        if to is was:
            return
        if was is _OPEN:
            self._chat_ended(chat)
        else:
            self._chat_opened(chat)

    def _chat_opened(self, chat: Chat) -> None:
        self.open_chats_of_bot[chat.bot_id].add(chat.id)
        self.open_chats_of_player[chat.player][chat.id] = None
        self.open_chat_of_player[chat.player] = chat.id

    def _chat_ended(self, chat: Chat) -> None:
        self.open_chats_of_bot[chat.bot_id].discard(chat.id)
        _end(self.open_chats_of_player, self.open_chat_of_player, chat.player, chat.id)

    def chat_left(self, old: Chat) -> None:
        """The row is gone."""
        self.chats_by_driver[old.status, old.agent_enabled] -= 1
        if old.status is _OPEN:
            self._chat_ended(old)
        _go(self.chat_between, self._earlier_between, (old.bot_id, old.player), old.id)
        account = old.account or self._account_of_bot.get(old.bot_id)
        if account is not None:
            _go(self.chat_of_account, self._earlier_of_account, (account, old.player), old.id)
            if (account, old.player) not in self.chat_of_account:
                self.players_of_account[account].discard(old.player)
                if not self.players_of_account[account]:
                    del self.players_of_account[account]

    def _invite(self, old: Invite | None, new: Invite | None) -> None:
        if old is not None:
            self.invite_leaves(old)
        if new is not None:
            self.invite_enters(new)
        if old is not None and (new is None or new.bot_id != old.bot_id):
            self.invite_left_bot(old)

    def invite_left_bot(self, invite: Invite) -> None:
        """The row is gone, or is another bot's."""
        _drop(self.invites_of_bot, invite.bot_id, invite.task_id)

    def invite_leaves(self, invite: Invite) -> None:
        """The row, which is as it was, is about to change or to go."""
        self.invites_by_status[invite.status] -= 1
        if invite.status is _QUEUED:
            self.queued_invites.pop(invite.task_id, None)
        else:
            _drop(self.pending_invites_of_player, invite.player, invite.task_id)
        if invite.status is _REQUESTED and invite.requested_at is not None:
            del self.requested_at[bisect_left(self.requested_at, invite.requested_at)]

    def invite_enters(self, invite: Invite) -> None:
        """The row has changed or is new."""
        self.invites_by_status[invite.status] += 1
        if invite.status is _QUEUED:
            self.queued_invites[invite.task_id] = None
        else:
            self.pending_invites_of_player[invite.player][invite.task_id] = None
        if invite.status is _REQUESTED and invite.requested_at is not None:
            insort(self.requested_at, invite.requested_at)
        self.invites_of_bot[invite.bot_id][invite.task_id] = None

    def _player(self, old: Player | None, new: Player | None) -> None:
        if old is not None and old.do_not_contact is not None:
            _less(self.left_alone_by_reason, old.do_not_contact.reason)
        if new is not None and new.do_not_contact is not None:
            self.left_alone_by_reason[new.do_not_contact.reason] += 1
            self.do_not_contact.add(new.steam_id64)
        elif old is not None:
            self.do_not_contact.discard(old.steam_id64)

    def _account(self, old: Account | None, new: Account | None) -> None:
        before = old.left_behind if old is not None else ()
        after = new.left_behind if new is not None else ()
        if old is not None and before != after:
            for debt in before:
                _drop(self.left_behind, debt.player, old.steam_id64)
        if new is not None and before != after:
            for debt in after:
                self.left_behind[debt.player][new.steam_id64] = None


def _end(all_open: defaultdict[K, dict[V, None]], latest: dict[K, V], key: K, value: V) -> None:
    """One of what is open has ended: the latest is now the last of the others, if there is one."""
    _drop(all_open, key, value)
    others = all_open.get(key)
    if others:
        latest[key] = next(reversed(others))
    else:
        latest.pop(key, None)


def _come(latest: dict[H, V], earlier: dict[H, dict[V, None]], key: H, value: V) -> None:
    """One more of that key; the one before it is kept in mind."""
    before = latest.get(key)
    if before is not None:
        earlier.setdefault(key, {})[before] = None
    latest[key] = value


def _go(latest: dict[H, V], earlier: dict[H, dict[V, None]], key: H, value: V) -> None:
    """One of that key has left; where it was the latest, the one before it is."""
    others = earlier.get(key)
    if latest.get(key) != value:
        if others is not None:
            others.pop(value, None)
    elif others:
        latest[key] = others.popitem()[0]
    else:
        latest.pop(key, None)
    if others is not None and not others:
        del earlier[key]


def _drop(groups: defaultdict[K, dict[V, None]], key: K, value: V) -> None:
    """Take a value out of its group, and the group away when nothing is left in it."""
    groups[key].pop(value, None)
    if not groups[key]:
        del groups[key]


def _less(counter: Counter[H], key: H) -> None:
    """One fewer; a reason that nobody has any more is forgotten."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
