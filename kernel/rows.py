"""The rows of the state (SPEC.md section 3): frozen records, and the table of moves that each status allows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Final

from msgspec import Struct, field

from kernel.chat_rows import CHAT_MOVES as CHAT_MOVES
from kernel.chat_rows import IN_DOUBT_REASONS as IN_DOUBT_REASONS
from kernel.chat_rows import MESSAGES_KEPT as MESSAGES_KEPT
from kernel.chat_rows import NOTES_KEPT as NOTES_KEPT
from kernel.chat_rows import AgentOff as AgentOff
from kernel.chat_rows import AgentOffReason as AgentOffReason
from kernel.chat_rows import Attempt as Attempt
from kernel.chat_rows import Chat as Chat
from kernel.chat_rows import ChatStatus as ChatStatus
from kernel.chat_rows import Delivery as Delivery
from kernel.chat_rows import Forgotten as Forgotten
from kernel.chat_rows import LineKey as LineKey
from kernel.chat_rows import Message as Message
from kernel.chat_rows import Note as Note
from kernel.chat_rows import Sender as Sender
from kernel.clock import Millis
from kernel.codes import BotCode, LeftAlone, Open, TaskCode, TaskReason
from kernel.deal_rows import DEAL_MOVES as DEAL_MOVES
from kernel.deal_rows import Deal as Deal
from kernel.deal_rows import DealStage as DealStage
from kernel.deal_rows import FailureReason as FailureReason
from kernel.deal_rows import FallThroughReason as FallThroughReason
from kernel.desk_rows import Mention as Mention
from kernel.desk_rows import MentionReason as MentionReason
from kernel.desk_rows import Snooze as Snooze
from kernel.errors import Binds
from kernel.ids import BotId, ChatId, CommandId, ReplyId, SteamId64, TaskId
from kernel.personas import Persona as Persona
from kernel.personas import PersonaState as PersonaState
from kernel.row import Row as Row
from kernel.standing import AccountStanding as AccountStanding


class BotStatus(StrEnum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    AUTH_FAILED = "authFailed"


class TaskStatus(StrEnum):
    CREATED = "created"
    ASSIGNED = "assigned"
    INVITED = "invited"
    ACCEPTED = "accepted"
    FAILED = "failed"
    DISPOSED = "disposed"
    RESOLVED = "resolved"


class InviteStatus(StrEnum):
    QUEUED = "queued"
    REQUESTED = "requested"
    """Decided, and on its way to Steam. Found so after a crash, it is in doubt and must be settled, not repeated."""
    SENT = "sent"


class InviteRefusal(TaskReason):
    DECLINED = "declined"
    LAPSED = "lapsed"
    IN_DOUBT = "inDoubt"
    """It is not known whether the player saw an invite and declined it; counts as a refusal until a person allows."""


class ReplyVariable(StrEnum):
    """What may stand in braces in a canned reply: the page puts in what the chat at hand has for it."""

    ITEM = "item"
    PRICE_MIN = "priceMin"
    PRICE_MAX = "priceMax"
    CURRENCY = "currency"
    AGREED_PRICE = "agreedPrice"
    BOT = "bot"
    OPERATOR = "operator"


class PluginStatus(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    QUARANTINED = "quarantined"


BOT_MOVES: Final[Mapping[BotStatus, frozenset[BotStatus]]] = {
    BotStatus.DISCONNECTED: frozenset({BotStatus.CONNECTING, BotStatus.DISCONNECTED, BotStatus.AUTH_FAILED}),
    BotStatus.CONNECTING: frozenset({BotStatus.CONNECTED, BotStatus.DISCONNECTED, BotStatus.AUTH_FAILED}),
    BotStatus.CONNECTED: frozenset({BotStatus.DISCONNECTED, BotStatus.AUTH_FAILED}),
    BotStatus.AUTH_FAILED: frozenset({BotStatus.CONNECTING, BotStatus.DISCONNECTED}),
}

_ENDED: Final = frozenset({TaskStatus.FAILED, TaskStatus.DISPOSED, TaskStatus.RESOLVED})
TASK_MOVES: Final[Mapping[TaskStatus, frozenset[TaskStatus]]] = {
    TaskStatus.CREATED: frozenset({TaskStatus.ASSIGNED, TaskStatus.FAILED, TaskStatus.DISPOSED}),
    # back to created when its bot goes before the player was contacted; accepted at once among friends
    TaskStatus.ASSIGNED: frozenset({TaskStatus.CREATED, TaskStatus.INVITED, TaskStatus.ACCEPTED}) | _ENDED,
    TaskStatus.INVITED: frozenset({TaskStatus.ACCEPTED}) | _ENDED,
    TaskStatus.ACCEPTED: _ENDED,
    TaskStatus.FAILED: frozenset(),
    TaskStatus.DISPOSED: frozenset(),
    TaskStatus.RESOLVED: frozenset(),
}
UNDO_MOVES: Final[Mapping[TaskStatus, TaskStatus]] = {
    TaskStatus.FAILED: TaskStatus.ACCEPTED,
    TaskStatus.RESOLVED: TaskStatus.ACCEPTED,
}
"""Where a task goes back to when the end that a person has recorded is undone."""

# it begins in the queue, and may end from each of them: its row is gone then
INVITE_MOVES: Final[Mapping[InviteStatus, frozenset[InviteStatus]]] = {
    # sent without being requested where another Steam client has sent it; queued anew for another bot
    InviteStatus.QUEUED: frozenset({InviteStatus.QUEUED, InviteStatus.REQUESTED, InviteStatus.SENT}),
    InviteStatus.REQUESTED: frozenset({InviteStatus.QUEUED, InviteStatus.SENT}),
    # queued where the player has invited the bot meanwhile; sent where both Steam's list and its answer say so
    InviteStatus.SENT: frozenset({InviteStatus.QUEUED, InviteStatus.SENT}),
}

OPEN_TASKS: Final = frozenset(TaskStatus) - _ENDED


class FriendRequest(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Somebody who has invited a bot themselves, and since when that is known."""

    player: SteamId64 = field(name="playerSteamId64")
    since: Millis


class Bot(Row, frozen=True, kw_only=True):
    """A Steam account that we run. `proxy_url` has no password in it; `reason` is a code, `detail` a sentence."""

    viewer_sees: ClassVar[Mapping[str, object]] = {"proxy_url": "", "detail": "", "next_step": ""}
    id: BotId
    steam_id64: SteamId64
    proxy_url: str
    label: str | None = None
    status: BotStatus = BotStatus.DISCONNECTED
    status_since: Millis
    reason: BotCode | None = None
    detail: str | None = None
    next_step: str | None = None
    """What a person should do about it; None when nobody has to do anything."""
    retry_at: Millis | None = None
    """When the transport allows another try; None when a person has to act first, or nothing is wrong."""
    last_seen: Millis | None = None
    added_at: Millis
    assigned_seq: int = 0
    """The seq of the last task.assigned to this bot: what round-robin goes by."""
    invites_blocked_until: Millis | None = None
    """Steam takes no invites from this account before then."""
    messages_held_until: Millis | None = None
    """Steam takes no messages from this account before then."""
    standing: tuple[AccountStanding, ...] = ()
    """What Steam holds against the account, as it last told."""
    trades_held_until: Millis | None = None
    """When the account may trade again, where Steam has said it."""
    friend_requests: tuple[FriendRequest, ...] = ()
    """Who has invited the bot, the longest-waiting first."""
    friend_requests_more: int = 0
    """How many more there are than are listed."""


class Task(Row, frozen=True, kw_only=True):
    """A trade to talk about with one player.

    `reason` (a code) and `detail` (a sentence) say why it stands where it stands, or how it ended; `next_step` what a
    person can do about it.
    """

    id: TaskId
    player: SteamId64 = field(name="playerSteamId64")
    item: str
    price_min: Decimal
    price_max: Decimal
    currency: str
    language: str | None = None
    status: TaskStatus = TaskStatus.CREATED
    status_since: Millis
    created_at: Millis
    created_by: str
    assigned_bot_id: BotId | None = None
    chat_id: ChatId | None = None
    reason: TaskCode | None = None
    detail: str | None = None
    reason_since: Millis | None = None
    """Since when it is for this reason; another sentence for the same reason does not change it."""
    next_step: str | None = None
    waiting_until: Millis | None = None
    """When what it waits for is over at the latest, where that is known."""
    agreed_price: Decimal | None = None
    invite_attempts: int = 0
    """Invites that reached Steam for it or may have, whatever Steam answered, over all bots."""
    by_hand: bool = False
    """A person recorded how the talk ended, in place of its agent."""
    deal: Deal | None = None
    """What has become of the agreed price; None of a resolved task: its trade is to be done."""
    reopened_at: Millis | None = None
    """When its end was last undone: since then a person leads it."""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_TASKS


class Invite(Row, frozen=True, kw_only=True):
    """A friend invite that waits or is under way, of the task `task_id`; gone from the state when it has ended.

    `reason`, `detail` and `binds` say how Steam refused its last attempt, if it did.
    """

    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    status: InviteStatus = InviteStatus.QUEUED
    queued_at: Millis
    requested_at: Millis | None = None
    sent_at: Millis | None = None
    attempts: int = 0
    """How often this bot has asked Steam for it, whatever Steam answered."""
    retry_at: Millis | None = None
    """Not before then. None in the queue, with a reason: this bot does not try again."""
    reason: TaskCode | None = None
    detail: str | None = None
    binds: Binds | None = None


class DoNotContact(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Why a player is left alone: since when, for which reason (a code), and who put them on the list."""

    since: Millis
    reason: Open[LeftAlone]
    by: str


class Player(Row, frozen=True, kw_only=True):
    """What must be remembered about a person, whichever bot met them."""

    steam_id64: SteamId64
    do_not_contact: DoNotContact | None = None
    invite_refusal: InviteRefusal | None = None
    invite_refused_at: Millis | None = None
    cleared_at: Millis | None = None
    """When an operator last took them off the list: a chat from before tells no longer how the two stand."""
    cleared_among: tuple[SteamId64, ...] = ()
    """Accounts of ours that were surely their friends then: where one is no more, they have ended it since."""
    persona: Persona | None = None
    """None until Steam has told who they are."""


class LeftBehind(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """An invite of an account that a player may still see, though no task is about it any more."""

    player: SteamId64 = field(name="playerSteamId64")
    since: Millis


class Account(Row, frozen=True, kw_only=True):
    """What must be remembered about a bot's Steam account even when the bot is removed and added again.

    `last_invite_at` is when an invite of it last reached Steam, or may have, whatever Steam answered.
    """

    steam_id64: SteamId64
    last_invite_at: Millis
    left_behind: tuple[LeftBehind, ...] = ()
    """Invites to take back as soon as the account is online, one for each player; they keep the players busy."""


class Contact(Row, frozen=True, kw_only=True):
    """The fleet's switch for outgoing contact, the invites of the last hour, and the operator's own stop words.

    `invites` holds when each invite was requested, ascending; one that surely never left is taken out again.
    """

    id: str = "contact"
    paused: bool = False
    paused_by: str | None = None
    paused_at: Millis | None = None
    invites: tuple[Millis, ...] = ()
    stop_words: tuple[str, ...] = ()


class CannedReply(Row, frozen=True, kw_only=True):
    """Words that the team says often, under a title, with variables in braces such as `{item}`."""

    id: ReplyId
    title: str
    text: str
    saved_at: Millis
    saved_by: str


class Operator(Row, frozen=True, kw_only=True):
    """One of our people, as an actor: lines from before `caught_up_at` count as read by them."""

    actor: str
    caught_up_at: Millis


class DoneCommand(Row, frozen=True, kw_only=True):
    """A command that was carried out, kept so that the same id is not carried out twice."""

    viewer_sees: ClassVar[Mapping[str, object]] = {"digest": ""}
    id: CommandId
    command: str
    created: str | None = None
    digest: str | None = None
    """Of the actor and of the payload without its secrets; None from before there was one."""
    ts: Millis


FAILED: Final = "Something failed; a developer sees what."
"""What a viewer is told of an error."""


class PluginRow(Row, frozen=True, kw_only=True):
    """A plugin as the host sees it."""

    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": "", "last_error": FAILED}
    name: str
    status: PluginStatus
    since: Millis
    detail: str | None = None
    version: str | None = None
    code: str | None = None
    """The first 16 hexadecimal digits of the SHA-256 of the source that it runs, or ran last."""
    hooks: tuple[str, ...] = ()
    fixed: bool = False
    """It can be neither disabled nor swapped."""
    enabled: bool | None = None
    """What somebody has decided by a command; where nobody has, the config says whether it runs."""
    seat: str | None = None
    """The plugin in whose place in the order it is asked, if not in its own."""
    last_error: str | None = None
    last_error_at: Millis | None = None
