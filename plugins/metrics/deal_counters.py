"""How deals go, counted as they do: sign-ins, invites, dialogues, and how long a player waits for an answer."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from kernel.clock import Millis
from kernel.context import Context
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotRemoved,
    ChatClosed,
    ChatMessageFailed,
    ChatMessageReceived,
    ChatMessageSent,
    ClockStepped,
    DialogScriptCompleted,
    Envelope,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteRefused,
    FriendInviteSent,
    TaskFellThrough,
    TaskOutcomeUndone,
    TaskReversed,
    TaskSettled,
    TaskStatusChanged,
    TaskTraded,
)
from kernel.ids import BotId, ChatId
from kernel.rows import OPEN_TASKS, DealStage, InviteRefusal, TaskStatus
from plugins.metrics.codes import OTHER, Codes

SIGN_IN_BUCKETS: Final = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
"""Seconds, with the 10 s in which a bot has to be connected among them."""
REPLY_BUCKETS: Final = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0)
"""Seconds: an agent answers in some, an operator in minutes."""
TASK_BUCKETS: Final = (60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0, 604_800.0)
"""Seconds, from a minute to a week: what takes longest is the player's yes to the invite."""
AUTHORS: Final = ("agent", "operator", "notebook")


class Deals:
    """Nothing here outlives a run: Prometheus knows how to deal with counters that begin again."""

    def __init__(self, registry: CollectorRegistry, ctx: Context) -> None:
        self._ctx = ctx
        self._codes = {name: Codes() for name in ("sign-in", "invite", "dialogue", "message")}
        self._connecting: dict[BotId, Millis] = {}
        self._unanswered: dict[ChatId, Millis] = {}
        self._sign_ins = Counter(
            "switchboard_sign_ins",
            "Sign-ins tried, by result: ok, or the code of why not.",
            ["result"],
            registry=registry,
        )
        self._sign_in_seconds = Histogram(
            "switchboard_sign_in_seconds",
            "From a bot's turn to the bot online.",
            buckets=SIGN_IN_BUCKETS,
            registry=registry,
        )
        self._invites = Counter(
            "switchboard_invites_ended",
            "Invites that have ended: accepted, already friends, or the code of why not.",
            ["result"],
            registry=registry,
        )
        self._attempts = Counter(
            "switchboard_invite_attempts",
            "Invites that reached Steam or may have, by result: sent, inDoubt, or the code of Steam's refusal.",
            ["result"],
            registry=registry,
        )
        self._dialogues = Counter(
            "switchboard_dialogues_completed",
            "Dialogues that an agent has ended, by outcome and the code of its reason.",
            ["outcome", "reason"],
            registry=registry,
        )
        self._task_seconds = Histogram(
            "switchboard_task_seconds",
            "From the creation of a task to its end, by the status that it ended in.",
            ["status"],
            buckets=TASK_BUCKETS,
            registry=registry,
        )
        self._outcomes = Counter(
            "switchboard_deals",
            "Deals by what was recorded of them: agreed, traded, settled, reversed, fellThrough, undone.",
            ["stage"],
            registry=registry,
        )
        self._reply_seconds = Histogram(
            "switchboard_reply_seconds",
            "From a player's line to the bot's next one, by who wrote that.",
            ["author"],
            buckets=REPLY_BUCKETS,
            registry=registry,
        )
        self._unsent = Counter(
            "switchboard_messages_failed", "Messages that Steam did not take, by code.", ["reason"], registry=registry
        )
        for stage in ("agreed", *DealStage):
            self._outcomes.labels(stage)
        self._sign_ins.labels("ok")
        self._invites.labels("accepted")
        self._attempts.labels("sent")
        for author in AUTHORS:
            self._reply_seconds.labels(author)

    def watch(self) -> None:
        """Begin to count."""
        subscribe = self._ctx.subscribe
        subscribe(BotConnecting, self._bot_tries)
        subscribe(BotConnected, self._bot_is_in)
        subscribe(BotDisconnected, lambda _, event: self._bot_is_off(event.bot_id, event.reason))
        subscribe(BotAuthFailed, lambda _, event: self._bot_is_off(event.bot_id, event.reason))
        subscribe(BotRemoved, lambda _, event: self._connecting.pop(event.bot_id, None))
        subscribe(FriendInviteAccepted, self._invite_accepted)
        subscribe(FriendInviteFailed, self._invite_failed)
        subscribe(FriendInviteSent, lambda *_: self._attempts.labels("sent").inc())
        subscribe(FriendInviteRefused, self._invite_refused)
        subscribe(DialogScriptCompleted, self._dialogue_completed)
        subscribe(TaskStatusChanged, self._task_moved)
        subscribe(TaskTraded, lambda *_: self._outcomes.labels(DealStage.TRADED).inc())
        subscribe(TaskSettled, lambda *_: self._outcomes.labels(DealStage.SETTLED).inc())
        subscribe(TaskReversed, lambda *_: self._outcomes.labels(DealStage.REVERSED).inc())
        subscribe(TaskFellThrough, lambda *_: self._outcomes.labels(DealStage.FELL_THROUGH).inc())
        subscribe(TaskOutcomeUndone, lambda *_: self._outcomes.labels("undone").inc())
        subscribe(ChatMessageReceived, self._player_wrote)
        subscribe(ChatMessageSent, self._bot_wrote)
        subscribe(ChatMessageFailed, self._message_failed)
        subscribe(ChatClosed, lambda _, event: self._unanswered.pop(event.chat_id, None))
        subscribe(ClockStepped, self._follow_clock)

    def _follow_clock(self, _: Envelope, event: ClockStepped) -> None:
        """What began before the step has lasted no longer for it."""
        self._connecting = {bot_id: Millis(at + event.by_ms) for bot_id, at in self._connecting.items()}
        self._unanswered = {chat_id: Millis(at + event.by_ms) for chat_id, at in self._unanswered.items()}

    def _bot_tries(self, envelope: Envelope, event: BotConnecting) -> None:
        self._connecting[event.bot_id] = envelope.ts

    def _bot_is_in(self, envelope: Envelope, event: BotConnected) -> None:
        since = self._connecting.pop(event.bot_id, None)
        if since is not None:
            self._sign_ins.labels("ok").inc()
            self._sign_in_seconds.observe((envelope.ts - since) / 1_000)

    def _bot_is_off(self, bot_id: BotId, reason: str) -> None:
        """Only one whose turn it was has failed to sign in; a session that ends is another matter."""
        if self._connecting.pop(bot_id, None) is not None:
            self._sign_ins.labels(self._codes["sign-in"].label(reason)).inc()

    def _invite_accepted(self, _: Envelope, event: FriendInviteAccepted) -> None:
        self._invites.labels("already" if event.already else "accepted").inc()

    def _invite_failed(self, _: Envelope, event: FriendInviteFailed) -> None:
        self._invites.labels(self._codes["invite"].label(event.reason)).inc()
        if event.reason == InviteRefusal.IN_DOUBT:
            self._attempts.labels(event.reason).inc()

    def _invite_refused(self, _: Envelope, event: FriendInviteRefused) -> None:
        self._attempts.labels(self._codes["invite"].label(event.reason)).inc()

    def _dialogue_completed(self, _: Envelope, event: DialogScriptCompleted) -> None:
        self._dialogues.labels(event.outcome, self._codes["dialogue"].label(event.reason)).inc()

    def _task_moved(self, envelope: Envelope, event: TaskStatusChanged) -> None:
        if event.status is TaskStatus.RESOLVED:
            self._outcomes.labels("agreed").inc()
        task = self._ctx.state.tasks.get(event.task_id)
        if event.status not in OPEN_TASKS and task is not None:
            self._task_seconds.labels(event.status).observe((envelope.ts - task.created_at) / 1_000)

    def _player_wrote(self, envelope: Envelope, event: ChatMessageReceived) -> None:
        chat = self._ctx.state.chats.get(event.chat_id)
        if chat is not None and chat.is_open:
            self._unanswered.setdefault(event.chat_id, envelope.ts)

    def _bot_wrote(self, envelope: Envelope, event: ChatMessageSent) -> None:
        since = self._unanswered.pop(event.chat_id, None)
        chat = self._ctx.state.chats.get(event.chat_id)
        message = chat.message(event.message_id) if chat is not None else None
        if since is None or message is None:
            return
        author = message.author.partition(":")[0]
        self._reply_seconds.labels(author if author in AUTHORS else OTHER).observe((envelope.ts - since) / 1_000)

    def _message_failed(self, _: Envelope, event: ChatMessageFailed) -> None:
        self._unsent.labels(self._codes["message"].label(event.reason)).inc()
