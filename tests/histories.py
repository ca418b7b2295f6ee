"""Event histories as a real system could have made them: every event is one that the state allows when it comes.

`history(random, length)` makes one, the same for the same random numbers; `histories()` is the Hypothesis strategy.
`verify_events` holds any state, however it came about, to the events that it is said to be the fold of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from typing import Any, Final, TypeVar

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kernel import events as e
from kernel.clock import DAY, Millis
from kernel.codec import decode_envelope, encode
from kernel.codes import AnyCode, DialogueOutcome, DoubtReason, LeftAlone, Undeclared, WaitReason
from kernel.errors import Binds
from kernel.events import AuditRecorded, EventWithheld, Relationship
from kernel.forgetting import pseudonym_of
from kernel.ids import BotId, ChatId, CommandId, MessageId, NoteId, ReplyId, SteamId64, TaskId, steam_id_of
from kernel.memory import Memory, StoredMeetings, StoredPlayers
from kernel.reducers import reduce
from kernel.rows import (
    BOT_MOVES,
    DEAL_MOVES,
    INVITE_MOVES,
    TASK_MOVES,
    UNDO_MOVES,
    AccountStanding,
    AgentOffReason,
    Attempt,
    BotStatus,
    Chat,
    DealStage,
    Delivery,
    FallThroughReason,
    Invite,
    InviteRefusal,
    InviteStatus,
    Message,
    Persona,
    PersonaState,
    Sender,
    Task,
    TaskStatus,
)
from kernel.state import State
from kernel.testing import NOON
from plugins.dialogue.codes import ChatEnd, HandoverReason, UnsentReason
from plugins.invites.codes import InviteReason
from plugins.live_shell.codes import ShellEnd
from plugins.steam.codes import SteamRefusal

T = TypeVar("T")
Maker = Callable[["Author"], e.Event]
M = TypeVar("M", bound=Maker)

_TEXTS: Final = (
    "",
    "hi",
    "Привет! Сколько?",
    'a "quoted" \\ line',
    "two\nlines\r\n",
    "\u2028\u0000\x7f",
    "🎮" * 40,
    "x" * 2_000,
)
_ITEMS: Final = ("AK-47 | Redline", "★ Karambit | Doppler", "Ключ от кейса")
_PRICES: Final = tuple(map(Decimal, ("0", "0.01", "10.00", "12.5", "999999999.99999999", "1E+3")))
_ACTORS: Final = ("operator:anna", "operator:борис", "agent:scripted_agent", "plugin:fleet", "notebook:lab", "kernel")
_REASONS: Final = (
    *InviteRefusal,
    WaitReason.WITHDRAWN,
    WaitReason.BOT_REMOVED,
    InviteReason.INVITE_INTERVAL,
    Undeclared("timeout"),
)
_TAKEN: Final[tuple[AnyCode, ...]] = (HandoverReason.TAKEN_OVER, Undeclared("of another day"))
_PLUGINS: Final = ("fleet", "tasks", "scripted_agent")
_WORDS: Final = ("отвали", "spam", "no more")
_MAKERS: Final[list[Maker]] = []


def history(random: Random, length: int) -> list[e.Envelope]:
    """A history of `length` events. Over a thousand of them every kind turns up."""
    author = Author(random)
    return [author.next() for _ in range(length)]


def histories(max_size: int = 120) -> SearchStrategy[list[e.Envelope]]:
    """Histories for Hypothesis, from the empty one up to `max_size` events."""
    return st.builds(history, st.randoms(use_true_random=False), st.integers(0, max_size))


def fold(envelopes: Iterable[e.Envelope], state: State | None = None) -> State:
    """The state that they lead to, from an empty one or from `state`."""
    state = state or State()
    for envelope in envelopes:
        reduce(state, envelope)
    return state


def verify_events(lines: Iterable[bytes], state: State) -> None:
    """State == fold of the events; a snapshot + the tail == state; and every event is read back as it was written.

    `lines` are those of the journal, from the first on. AssertionError says what differs.
    """
    witness = Witness(lines)
    witness.verify(state)


class Witness:
    """The same event by event, for a state that goes on: `hear` each line, `verify` whenever you like."""

    def __init__(self, lines: Iterable[bytes] = (), snapshot_every: int = 25) -> None:
        self.whole = State()
        """Folded from the first event on."""
        self.resumed = State()
        """Folded from a snapshot of some moment on; there is a new one after every `snapshot_every` events."""
        self._every = snapshot_every
        for line in lines:
            self.hear(line)

    def hear(self, line: bytes) -> e.Envelope:
        """One more event. Returns it as it is read back."""
        envelope = decode_envelope(line)
        again = encode(envelope)
        assert again == line.rstrip(b"\n"), f"an event was written as {line!r}, and is read back as {again!r}"
        reduce(self.whole, envelope)
        if envelope.seq % self._every:
            reduce(self.resumed, envelope)
        else:
            self.resumed = from_snapshot(self.whole)
        return envelope

    def verify(self, state: State) -> None:
        for told, fold in (("its events", self.whole), ("a snapshot and the tail", self.resumed)):
            found = differences(state, fold)
            assert not found, f"the state is not the fold of {told}: {'; '.join(found)}"


def from_snapshot(state: State) -> State:
    """The state as it comes back from a snapshot: row by row, through bytes."""
    again = State()
    for table in state.tables:
        rows = msgspec.json.decode(encode(table.rows()), type=list[table.row_type])  # type: ignore[name-defined]
        again.load(table.name, rows)
    memory = Memory.of(state.remembered, state.met)
    again.load_memory(
        msgspec.json.decode(encode(list(memory.players())), type=list[StoredPlayers]),
        msgspec.json.decode(encode(list(memory.meetings())), type=list[StoredMeetings]),
    )
    again.set_position(state.seq, state.ts)
    return again


def differences(state: State, other: State) -> list[str]:
    """Where the two are not the same, row by row."""
    found = [] if (state.seq, state.ts) == (other.seq, other.ts) else [f"event {state.seq}, and not {other.seq}"]
    for one, another in zip(state.tables, other.tables, strict=True):
        for key in dict.fromkeys((*one, *another)):
            if one.get(key) != another.get(key):
                found.append(f"{one.name} {key}: {one.get(key)}, and not {another.get(key)}")
    if list(state.remembered.items()) != list(other.remembered.items()):
        found.append(f"remembered: {list(state.remembered.items())}, and not {list(other.remembered.items())}")
    if state.met.frozen() != other.met.frozen():
        found.append(f"met: {state.met.frozen()}, and not {other.met.frozen()}")
    return found


class NotNow(Exception):
    """The state has nothing that this kind of event could be about."""


class Author:
    """Writes a history event by event; `state` is what it has led to so far."""

    def __init__(self, random: Random) -> None:
        self.state = State()
        self._random = random
        self._numbers = 0

    def event(self) -> e.Event:
        """An event of a kind that the state allows, which has not happened yet."""
        while True:
            try:
                return self.of(_MAKERS)(self)
            except NotNow:
                continue

    def next(self) -> e.Envelope:
        """One more event."""
        event = self.event()
        seq = self.state.seq + 1
        shift = event.shift_ms if isinstance(event, e.ClockStepped | e.ClockResumed) else 0
        ts = Millis((self.state.ts or NOON) + self.of((0, 1, 250, 60_000, 3_600_000)) + shift)
        cause = self.maybe(seq - 1) if seq > 1 else None
        envelope = e.Envelope.of(seq, ts, self.of(_ACTORS), cause, event)
        reduce(self.state, envelope)
        return envelope

    def of(self, choices: Iterable[T]) -> T:
        """One of the choices. Raises NotNow when there is none."""
        choices = list(choices)
        if not choices:
            raise NotNow
        return choices[self._random.randrange(len(choices))]

    def seldom(self, times: int = 4) -> None:
        """Raises NotNow but once in so many times: what takes rows away, or there would never be any."""
        self.of((True,) if self.of(range(times)) == 0 else ())

    def maybe(self, value: T) -> T | None:
        return self.of((None, value))

    def new_id(self, prefix: str) -> str:
        """An id that is new in this history, and the same whenever the history is made again."""
        self._numbers += 1
        return f"{prefix}_{self._numbers:026}"

    def soon(self) -> Millis:
        return Millis(self.state.ts + 60_000)

    def text(self) -> str:
        return self.of(_TEXTS)

    def person(self) -> SteamId64:
        """One of a few, so that their ways cross."""
        return SteamId64(str(76561198000000001 + self._random.randrange(8)))

    def bot(self) -> BotId:
        return self.of(self.state.bots)

    def bot_that_can_be(self, status: BotStatus) -> BotId:
        return self.of(bot.id for bot in self.state.bots.values() if status in BOT_MOVES[bot.status])

    def task(self, *statuses: TaskStatus) -> Task:
        return self.of(task for task in self.state.tasks.values() if task.status in statuses)

    def task_with_bot(self, status: TaskStatus) -> tuple[Task, BotId]:
        """A task in that status whose bot is there."""
        bots = self.state.bots
        tasks = [(task, task.assigned_bot_id) for task in self.state.tasks.values() if task.status is status]
        return self.of((task, bot_id) for task, bot_id in tasks if bot_id is not None and bot_id in bots)

    def invite_that_can_be(self, status: InviteStatus) -> Invite:
        return self.invite(*(before for before, after in INVITE_MOVES.items() if status in after))

    def invite(self, *statuses: InviteStatus) -> Invite:
        return self.of(invite for invite in self.state.invites.values() if invite.status in statuses)

    def debt(self) -> tuple[SteamId64, SteamId64]:
        """An account, and a player to whom an invite of it was left behind."""
        return self.of(
            (account.steam_id64, d.player) for account in self.state.accounts.values() for d in account.left_behind
        )

    def chat(self) -> ChatId:
        return self.of(self.state.chats)

    def chats(self) -> list[Chat]:
        return self.state.chats.rows()

    def open_chat(self) -> Chat:
        return self.of(chat for chat in self.chats() if chat.is_open)

    def reply(self) -> ReplyId:
        """A new canned reply, or one that is there."""
        return self.of((ReplyId(self.new_id("reply")), *self.state.replies))

    def message(self, sender: Sender, delivery: Delivery | None) -> Message:
        return Message(
            id=MessageId(self.new_id("msg")),
            sender=sender,
            text=self.text(),
            ts=Millis(self.state.ts),
            author=self.of(_ACTORS),
            author_version=self.version(),
            delivery=delivery,
            epoch=self.of((1, 2)),
            step=self.maybe("offer"),
            attempt=self.of((None, Attempt())) if delivery is Delivery.QUEUED else None,
            steam_ts=self.state.ts // 1_000 if delivery is not Delivery.QUEUED else None,
            ordinal=self.of((0, 1)) if delivery is not Delivery.QUEUED else None,
        )

    def version(self) -> str | None:
        """An agent's, or none; without a draw, so that the histories of before are the same."""
        return "1.2" if self.state.seq % 2 else None

    def plugin_facts(self) -> dict[str, Any]:
        hooks = self.of(((), ("respond",), ("admit", "health")))
        code = self.maybe("0123456789abcdef")
        return {"name": self.of(_PLUGINS), "version": self.maybe("1.0"), "code": code, "hooks": hooks, "fixed": False}

    def queued_message(self) -> tuple[ChatId, MessageId]:
        return self.of((c.id, m.id) for c in self.chats() for m in c.messages if m.delivery is Delivery.QUEUED)

    def unsent_message(self, *deliveries: Delivery) -> tuple[ChatId, MessageId]:
        return self.of((c.id, m.id) for c in self.chats() for m in c.messages if m.delivery in deliveries)


def _named(message: tuple[ChatId, MessageId]) -> dict[str, Any]:
    return {"chat_id": message[0], "message_id": message[1]}


def _maker(make: M) -> M:
    """Have the author make this event too, when its turn comes."""
    _MAKERS.append(make)
    return make


@_maker
def _bot_added(a: Author) -> e.BotAdded:
    bot_id = BotId(a.new_id("bot"))
    # an account that was removed may come back, under another id
    removed = [account for account in a.state.accounts if account not in a.state.index.bot_of_account]
    account = a.of((*removed, SteamId64(str(76561199000000000 + int(bot_id[4:])))))
    return e.BotAdded(bot_id=bot_id, steam_id64=account, proxy_url="socks5h://127.0.0.1:1080", label=a.maybe("Бот"))


@_maker
def _bot_removed(a: Author) -> e.BotRemoved:
    a.seldom()
    invited = {invite.bot_id for invite in a.state.invites.values()}
    return e.BotRemoved(bot_id=a.of(b for b in a.state.bots if not a.state.index.is_busy(b) and b not in invited))


@_maker
def _bot_disconnected(a: Author) -> e.BotDisconnected:
    bot_id = a.bot_that_can_be(BotStatus.DISCONNECTED)
    return e.BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail=a.text(), retry_at=a.maybe(a.soon()))


@_maker
def _bot_auth_failed(a: Author) -> e.BotAuthFailed:
    bot_id = a.bot_that_can_be(BotStatus.AUTH_FAILED)
    return e.BotAuthFailed(bot_id=bot_id, reason=Undeclared("badPassword"), detail=a.text(), next_step="Add it again.")


@_maker
def _bot_invites_blocked(a: Author) -> e.BotInvitesBlocked:
    return e.BotInvitesBlocked(
        bot_id=a.bot(), until=Millis(a.state.ts + DAY), reason=Undeclared("limit"), detail=a.text()
    )


@_maker
def _bot_messages_held(a: Author) -> e.BotMessagesHeld:
    return e.BotMessagesHeld(
        bot_id=a.bot(), until=Millis(a.state.ts + DAY), reason=Undeclared("limit"), detail=a.text()
    )


@_maker
def _bot_standing_changed(a: Author) -> e.BotStandingChanged:
    standing = tuple(mark for mark in AccountStanding if a.of((True, False)))
    return e.BotStandingChanged(bot_id=a.bot(), standing=standing, trades_held_until=a.maybe(Millis(a.state.ts + DAY)))


@_maker
def _friend_requests_listed(a: Author) -> e.BotFriendRequestsListed:
    players = dict.fromkeys(a.person() for _ in range(a.of(range(4))))
    return e.BotFriendRequestsListed(bot_id=a.bot(), players=tuple(players), more=a.of((0, 3)))


@_maker
def _relationship_changed(a: Author) -> e.FriendRelationshipChanged:
    relationship = a.of((*Relationship, Undeclared("suggested")))
    return e.FriendRelationshipChanged(bot_id=a.bot(), player=a.person(), relationship=relationship)


@_maker
def _persona_changed(a: Author) -> e.PlayerPersonaChanged:
    persona = Persona(
        name=a.of((None, "Анна", "x" * 64)),
        avatar=a.maybe("fe" * 20),
        state=a.of((None, *PersonaState)),
        game_id=a.of((None, 730, 4_294_967_295)),
        game=a.maybe("Counter-Strike 2"),
    )
    return e.PlayerPersonaChanged(player=a.person(), persona=persona)


@_maker
def _message_arrived(a: Author) -> e.FriendMessageArrived:
    seconds = a.state.ts // 1_000
    return e.FriendMessageArrived(
        bot_id=a.bot(), player=a.person(), text=a.text(), steam_ts=seconds, ordinal=a.of((0, 1))
    )


@_maker
def _task_created(a: Author) -> e.TaskCreated:
    player = a.person()
    if player in a.state.index.open_task_of_player:
        raise NotNow
    low, high = sorted((a.of(_PRICES), a.of(_PRICES)))
    task_id = TaskId(a.new_id("task"))
    return e.TaskCreated(
        task_id=task_id,
        player=player,
        item=a.of(_ITEMS),
        price_min=low,
        price_max=high,
        currency="USD",
        language=a.maybe("ru"),
    )


@_maker
def _task_assigned(a: Author) -> e.TaskAssigned:
    return e.TaskAssigned(task_id=a.task(TaskStatus.CREATED).id, bot_id=a.bot())


@_maker
def _task_status_changed(a: Author) -> e.TaskStatusChanged:
    task = a.of(task for task in a.state.tasks.values() if task.is_open)
    status = a.of(sorted(TASK_MOVES[task.status] - {TaskStatus.ASSIGNED}))  # that is task.assigned's to say
    return e.TaskStatusChanged(
        task_id=task.id,
        status=status,
        reason=a.maybe(a.of(_REASONS)),
        detail=a.maybe(a.text()),
        agreed_price=task.price_min if status is TaskStatus.RESOLVED else None,
        by_hand=status in UNDO_MOVES and a.of((False, True)),
    )


def _deal(a: Author, stage: DealStage) -> Task:
    """A task whose deal can go to that stage."""
    return a.of(
        task
        for task in a.state.tasks.values()
        if task.status is TaskStatus.RESOLVED and stage in DEAL_MOVES[task.deal.stage if task.deal else None]
    )


@_maker
def _task_traded(a: Author) -> e.TaskTraded:
    task = _deal(a, DealStage.TRADED)
    until = Millis(a.state.ts + 7 * DAY)
    return e.TaskTraded(task_id=task.id, reversible_until=until, offer_id=a.maybe("6123456789"), note=a.maybe(a.text()))


@_maker
def _task_fell_through(a: Author) -> e.TaskFellThrough:
    task = _deal(a, DealStage.FELL_THROUGH)
    return e.TaskFellThrough(task_id=task.id, reason=a.of(FallThroughReason), detail=a.text())


@_maker
def _task_settled(a: Author) -> e.TaskSettled:
    return e.TaskSettled(task_id=_deal(a, DealStage.SETTLED).id)


@_maker
def _task_reversed(a: Author) -> e.TaskReversed:
    return e.TaskReversed(task_id=_deal(a, DealStage.REVERSED).id, note=a.text())


@_maker
def _task_outcome_undone(a: Author) -> e.TaskOutcomeUndone:
    busy = a.state.index.open_task_of_player
    task = a.of(
        task
        for task in a.state.tasks.values()
        if task.deal is not None or (task.by_hand and task.player not in busy and task.assigned_bot_id in a.state.bots)
    )
    return e.TaskOutcomeUndone(task_id=task.id, status=UNDO_MOVES[task.status] if task.deal is None else None)


@_maker
def _task_waiting(a: Author) -> e.TaskWaiting:
    task = a.of(task for task in a.state.tasks.values() if task.is_open)
    reason, step = a.of((WaitReason.BOT_OFFLINE, WaitReason.CONTACT_PAUSED)), a.maybe("Resume contact.")
    return e.TaskWaiting(task_id=task.id, reason=reason, detail=a.text(), until=a.maybe(a.soon()), next_step=step)


@_maker
def _invite_queued(a: Author) -> e.FriendInviteQueued:
    task, bot_id = a.task_with_bot(TaskStatus.ASSIGNED)
    return e.FriendInviteQueued(task_id=task.id, bot_id=bot_id, player=task.player, attempted=a.of((False, True)))


@_maker
def _invite_requested(a: Author) -> e.FriendInviteRequested:
    invite = a.invite_that_can_be(InviteStatus.REQUESTED)
    return e.FriendInviteRequested(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)


@_maker
def _invite_refused(a: Author) -> e.FriendInviteRefused:
    invite = a.invite(InviteStatus.REQUESTED)
    return e.FriendInviteRefused(
        task_id=invite.task_id,
        bot_id=invite.bot_id,
        player=invite.player,
        reason=a.of((SteamRefusal.STEAM_BUSY, SteamRefusal.PLAYER_BLOCKS_BOT)),
        detail=a.text(),
        binds=a.of(Binds),
        retry_at=a.maybe(a.soon()),
    )


@_maker
def _invite_left_behind(a: Author) -> e.FriendInviteLeftBehind:
    invite = a.invite(InviteStatus.REQUESTED, InviteStatus.SENT)
    return e.FriendInviteLeftBehind(steam_id64=a.state.bots[invite.bot_id].steam_id64, player=invite.player)


@_maker
def _invite_taken_back(a: Author) -> e.FriendInviteTakenBack:
    account, player = a.debt()
    return e.FriendInviteTakenBack(steam_id64=account, player=player, refusal=a.of((None, *InviteRefusal)))


@_maker
def _invite_allowed(a: Author) -> e.PlayerInviteAllowed:
    player = a.person()
    return e.PlayerInviteAllowed(player=player, accounts=tuple(a.state.index.left_behind.get(player, ())))


@_maker
def _invite_sent(a: Author) -> e.FriendInviteSent:
    invite = a.invite_that_can_be(InviteStatus.SENT)
    return e.FriendInviteSent(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)


@_maker
def _invite_accepted(a: Author) -> e.FriendInviteAccepted:
    invite = a.invite(*InviteStatus)
    already = invite.status is InviteStatus.QUEUED
    return e.FriendInviteAccepted(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player, already=already)


@_maker
def _invite_failed(a: Author) -> e.FriendInviteFailed:
    invite = a.invite(*InviteStatus)
    reason, detail = a.of(_REASONS), a.text()
    return e.FriendInviteFailed(
        task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player, reason=reason, detail=detail
    )


@_maker
def _chat_about_a_task(a: Author) -> e.ChatStarted:
    task, bot_id = a.task_with_bot(TaskStatus.INVITED)
    if task.chat_id is not None or task.player in a.state.index.open_chat_of_player:
        raise NotNow
    return e.ChatStarted(chat_id=ChatId(a.new_id("chat")), bot_id=bot_id, player=task.player, task_id=task.id)


@_maker
def _chat_unasked(a: Author) -> e.ChatStarted:
    player = a.person()
    if player in a.state.index.open_chat_of_player:
        raise NotNow
    return e.ChatStarted(chat_id=ChatId(a.new_id("chat")), bot_id=a.bot(), player=player, agent_enabled=False)


@_maker
def _chat_archived(a: Author) -> e.ChatArchived:
    a.seldom(12)
    closed = [chat for chat in a.chats() if not chat.is_open]
    some = {chat.id: chat.account for chat in (a.of(closed) for _ in range(a.of((1, 3))))}
    heard: dict[str, int] = {account: a.state.ts // 1_000 for account in some.values() if account is not None}
    return e.ChatArchived(chat_ids=tuple(some), heard=a.of(({}, heard)))


@_maker
def _task_archived(a: Author) -> e.TaskArchived:
    a.seldom(12)
    ended = [task for task in a.state.tasks.values() if not task.is_open and task.id not in a.state.invites]
    return e.TaskArchived(task_ids=tuple(dict.fromkeys(a.of(ended).id for _ in range(a.of((1, 3))))))


@_maker
def _player_archived(a: Author) -> e.PlayerArchived:
    a.seldom(12)
    index = a.state.index
    at_rest = [p for p in a.state.players if p not in index.open_task_of_player and p not in index.open_chat_of_player]
    return e.PlayerArchived(players=tuple(dict.fromkeys(a.of(at_rest) for _ in range(a.of((1, 2))))))


@_maker
def _player_forgotten(a: Author) -> e.PlayerForgotten:
    a.seldom(12)
    state, index = a.state, a.state.index
    known = [*index.bots_asked_by, *index.left_behind, *(steam_id_of(number) for number, _ in state.remembered.items())]
    busy = (state.players, index.open_task_of_player, index.open_chat_of_player)
    player = a.of([one for one in known if not any(one in rows for rows in busy)])
    return e.PlayerForgotten(player=player, pseudonym=pseudonym_of(b"key", player))


@_maker
def _message_received(a: Author) -> e.ChatMessageReceived:
    return e.ChatMessageReceived(chat_id=a.chat(), message=a.message(Sender.PLAYER, None))


@_maker
def _message_echoed(a: Author) -> e.ChatMessageEchoed:
    return e.ChatMessageEchoed(chat_id=a.chat(), message=a.message(Sender.BOT, Delivery.SENT))


@_maker
def _message_queued(a: Author) -> e.ChatMessageQueued:
    chat = a.open_chat()
    again = {Delivery.FAILED, Delivery.IN_DOUBT}
    retry_of = a.of((None, *(m.id for m in chat.messages if m.delivery in again and m.retried_as is None)))
    return e.ChatMessageQueued(chat_id=chat.id, message=a.message(Sender.BOT, Delivery.QUEUED), retry_of=retry_of)


@_maker
def _message_unanswered(a: Author) -> e.ChatMessageUnanswered:
    chat_id, message_id = a.unsent_message(Delivery.SENDING)
    return e.ChatMessageUnanswered(chat_id=chat_id, message_id=message_id, detail=a.text())


@_maker
def _message_waiting(a: Author) -> e.ChatMessageWaiting:
    chat_id, message_id = a.unsent_message(Delivery.QUEUED, Delivery.SENDING)
    until, refusals = a.maybe(a.soon()), a.of((0, 1, 2))
    return e.ChatMessageWaiting(
        chat_id=chat_id,
        message_id=message_id,
        reason=SteamRefusal.STEAM_BUSY,
        detail=a.text(),
        refusals=refusals,
        until=until,
    )


@_maker
def _message_in_doubt(a: Author) -> e.ChatMessageInDoubt:
    chat_id, message_id = a.unsent_message(Delivery.SENDING)
    return e.ChatMessageInDoubt(chat_id=chat_id, message_id=message_id, detail=a.text())


@_maker
def _message_sent(a: Author) -> e.ChatMessageSent:
    chat_id, message_id = a.unsent_message(*Delivery)
    seconds = a.state.ts // 1_000
    return e.ChatMessageSent(chat_id=chat_id, message_id=message_id, steam_ts=seconds, ordinal=a.of((0, 1)))


@_maker
def _message_failed(a: Author) -> e.ChatMessageFailed:
    chat_id, message_id = a.unsent_message(Delivery.QUEUED, Delivery.SENDING, Delivery.IN_DOUBT)
    reason = a.of((UnsentReason.TAKEN_OVER, UnsentReason.DISCARDED, DoubtReason.DISCARDED_IN_DOUBT))
    return e.ChatMessageFailed(chat_id=chat_id, message_id=message_id, reason=reason, detail=a.text())


@_maker
def _agent_toggled(a: Author) -> e.ChatAgentToggled:
    chat = a.open_chat()
    on = not chat.agent_enabled
    return e.ChatAgentToggled(
        chat_id=chat.id,
        enabled=on,
        epoch=chat.epoch + 1,
        reason=HandoverReason.GIVEN_BACK if on else a.of(_TAKEN),
        why=None if on else a.maybe(a.of(AgentOffReason)),
        detail=a.maybe(a.text()),
        dropped=a.maybe(a.text()),
    )


@_maker
def _script_advanced(a: Author) -> e.DialogScriptAdvanced:
    chat_id, step = a.open_chat().id, a.of(("greet", "offer"))
    return e.DialogScriptAdvanced(
        chat_id=chat_id,
        agent="scripted_agent",
        agent_version=a.version(),
        step=step,
        wait_until=a.maybe(a.soon()),
    )


@_maker
def _script_completed(a: Author) -> e.DialogScriptCompleted:
    chat_id, task_id = a.of((chat.id, chat.task_id) for chat in a.chats() if chat.task_id is not None)
    return e.DialogScriptCompleted(
        chat_id=chat_id,
        task_id=task_id,
        agent="scripted_agent",
        agent_version=a.version(),
        outcome=a.of((TaskStatus.RESOLVED, TaskStatus.FAILED)),
        reason=DialogueOutcome.AGREED,
        detail=a.text(),
        agreed_price=a.maybe(a.of(_PRICES)),
    )


@_maker
def _clock_stepped(a: Author) -> e.ClockStepped:
    by = a.of((-DAY, -3_600_000, 3_600_000, DAY))
    earlier = a.of((by, min(0, by + 60_000)))
    return e.ClockStepped(by_ms=by, earlier_by_ms=earlier, run_began=Millis(a.state.ts - a.of((0, 60_000, DAY))))


_maker(lambda a: e.BotConnecting(bot_id=a.bot_that_can_be(BotStatus.CONNECTING)))
_maker(lambda a: e.BotConnected(bot_id=a.bot_that_can_be(BotStatus.CONNECTED)))
_maker(lambda a: e.ChatMessageSending(**_named(a.queued_message())))
_maker(lambda a: e.ChatClosed(chat_id=a.open_chat().id, reason=a.of((ChatEnd.COMPLETED, WaitReason.BOT_REMOVED))))
_maker(lambda a: e.PluginQuarantined(name=a.of(_PLUGINS), detail=a.text()))
_maker(lambda a: e.CommandCompleted(id=CommandId(a.new_id("cmd")), command="CreateTask", created=a.maybe("task_1")))
_maker(lambda a: e.ErrorLogged(source=a.of(("kernel", *_PLUGINS)), message=a.text(), detail=a.maybe(a.text())))
_maker(
    lambda a: e.DoNotContactAdded(
        player=a.person(), reason=a.of((LeftAlone.SAID_STOP, LeftAlone.REMOVED_US, LeftAlone.OPERATOR))
    )
)
_maker(lambda a: e.DoNotContactRemoved(player=a.person(), friends=(a.person(),)))
_maker(lambda a: e.ContactPaused(reason=a.maybe(a.text())))
_maker(lambda a: e.ContactResumed())
_maker(lambda a: e.StopWordAdded(word=a.of(_WORDS)))
_maker(lambda a: e.StopWordRemoved(word=a.of(_WORDS)))
_maker(lambda a: e.ChatSnoozed(chat_id=a.chat(), until=a.maybe(Millis(a.state.ts + DAY))))
_maker(lambda a: e.ChatUnsnoozed(chat_id=a.chat()))
_maker(lambda a: e.ChatMentionRead(chat_id=a.chat()))


@_maker
def _chat_snooze_expired(a: Author) -> e.ChatSnoozeExpired:
    return e.ChatSnoozeExpired(chat_id=a.of(chat.id for chat in a.chats() if chat.snooze is not None))


@_maker
def _chat_assigned(a: Author) -> e.ChatAssigned:
    chat = a.of(chat for chat in a.chats() if chat.is_open and not chat.agent_enabled)
    return e.ChatAssigned(chat_id=chat.id, to=a.of(_ACTORS), note_id=a.maybe(NoteId(a.new_id("note"))))


@_maker
def _chat_mentioned(a: Author) -> e.ChatMentioned:
    operators = a.of(((), _ACTORS[:1], _ACTORS[:2]))
    return e.ChatMentioned(chat_id=a.chat(), operators=tuple(operators), note_id=NoteId(a.new_id("note")))


_maker(lambda a: e.ChatNoteAdded(chat_id=a.chat(), note_id=NoteId(a.new_id("note")), text=a.text()))
_maker(lambda a: e.ChatNoteRemoved(**a.of({"chat_id": c.id, "note_id": n.id} for c in a.chats() for n in c.notes)))
_maker(lambda a: e.ChatRead(**a.of({"chat_id": c.id, "up_to": m.id} for c in a.chats() for m in c.messages)))
_maker(lambda a: e.OperatorCaughtUp())
_maker(lambda a: e.CannedReplySaved(reply_id=a.reply(), title=a.of(_WORDS), text=a.text()))
_maker(lambda a: e.CannedReplyRemoved(reply_id=a.of(a.state.replies)))
_maker(lambda a: e.SystemStarted(version="0.1.0"))
_maker(lambda a: e.ClockResumed(gap_ms=a.of((-DAY, -1, 0, 5_000, DAY))))
_maker(lambda a: e.SystemStopped())
_maker(lambda a: e.LiveShellOpened(until=a.soon()))
_maker(lambda a: e.LiveShellRan(cell=a.of((1, 2)), sha256="0" * 64))
_maker(lambda a: e.LiveShellClosed(reason=a.of((ShellEnd.CLOSED, ShellEnd.EXPIRED))))
_maker(lambda a: EventWithheld())
_maker(lambda a: AuditRecorded(action="RemoveBot", result=a.of(("ok", "roleTooLow")), address="::1", via="token anna"))
_maker(lambda a: e.PluginStarted(**a.plugin_facts()))
_maker(lambda a: e.PluginFound(**a.plugin_facts()))
_maker(lambda a: e.PluginReloaded(**a.plugin_facts()))
_maker(lambda a: e.PluginRolledBack(name=a.of(_PLUGINS), detail=a.text()))
_maker(lambda a: e.PluginStopped(name=a.of(_PLUGINS)))
_maker(lambda a: e.PluginEnabled(name=a.of(a.state.plugins)))
_maker(lambda a: e.PluginDisabled(name=a.of(a.state.plugins)))
_maker(lambda a: e.PluginDismissed(name=a.of(a.state.plugins)))
_maker(lambda a: e.PluginSwapped(old=a.of(a.state.plugins), new=a.of(a.state.plugins)))
