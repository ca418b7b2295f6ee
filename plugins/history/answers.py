"""What the archive answers with. A price is an exact decimal, a moment UTC milliseconds, a SteamID a text of digits."""

from __future__ import annotations

from msgspec import Struct, field

from kernel.deal_rows import DealStage
from plugins.history.codes import CausedBy


class AsOf(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every answer says of itself: it holds all events up to `upTo`, of the time `asOf`; `behind` have come
    since."""

    up_to: int
    as_of: int
    behind: int = 0
    building: bool = False
    """The archive is being built anew from the journal, so that much may be missing yet."""


class PastPage(AsOf, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One page, newest first. With `next` there is more: ask again with it as `before`."""

    next: int | None = None


class PastTask(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A task as it is or was. `no` is the number of the event that created it."""

    no: int
    id: str
    player: str = field(name="playerSteamId64")
    item: str
    price_min: str
    price_max: str
    currency: str
    language: str | None = None
    status: str
    reason: str | None = None
    agreed_price: str | None = None
    bot_id: str | None = None
    chat_id: str | None = None
    created_at: int
    created_by: str
    assigned_at: int | None = None
    invited_at: int | None = None
    accepted_at: int | None = None
    talked_at: int | None = None
    agreed_at: int | None = None
    ended_at: int | None = None
    agent: str | None = None
    """The agent that last led, as an actor."""
    operator: str | None = None
    """The person who last had a hand in it, as an actor."""
    caused_by: CausedBy | None = None
    handed_over: str | None = None
    """Why the agent was first switched off."""
    deal: DealStage | None = None
    """What has become of the agreed price until now; none: its trade is still to be done."""
    deal_at: int | None = None
    deal_by: str | None = None
    deal_reason: str | None = None
    """Why it fell through."""
    traded_at: int | None = None
    settled_at: int | None = None
    reversed_at: int | None = None


class PastChat(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A chat as it is or was. `no` is the number of the event that began it."""

    no: int
    id: str
    bot_id: str
    bot_steam_id64: str | None = None
    bot_label: str | None = None
    player: str = field(name="playerSteamId64")
    task_id: str | None = None
    started_at: int
    closed_at: int | None = None
    reason: str | None = None
    agent: str | None = None
    operator: str | None = None
    lines: int


class PastLine(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A line of a chat. `seq` is the number of the event by which it came, and its place among the lines."""

    seq: int
    id: str
    ts: int
    author: str
    from_: str = field(name="from")
    """`bot` or `player`."""
    text: str
    delivery: str | None = None
    reason: str | None = None
    waited_ms: int | None = None
    """Of the first line that answers: how long it was waited for."""


class PastHandover(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The agent of a chat was switched off, or on again."""

    seq: int
    ts: int
    actor: str
    enabled: bool
    why: str | None = None
    reason: str
    detail: str | None = None


class PastNote(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A note about a chat."""

    seq: int
    id: str
    ts: int
    author: str
    text: str
    removed_at: int | None = None


class PastInvite(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A friend invite that went out. `outcome` is `accepted`, or the code of why not; none: nobody knows yet."""

    seq: int
    bot_id: str
    sent_at: int
    ended_at: int | None = None
    outcome: str | None = None


class PastOutcome(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that was recorded about the deal of a task: `kind` is the stage that it came to."""

    seq: int
    ts: int
    kind: DealStage
    by: str
    reason: str | None = None
    note: str | None = None
    offer_id: str | None = None
    reversible_until: int | None = None
    undone_at: int | None = None
    """When it was taken back as a mistake."""


class FoundLine(PastLine, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A line, and where it was said."""

    chat_id: str
    bot_id: str
    player: str = field(name="playerSteamId64")
    task_id: str | None = None


class FoundLines(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/messages`."""

    records: list[FoundLine]


class TaskPage(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/tasks`."""

    records: list[PastTask]


class ChatPage(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/chats`."""

    records: list[PastChat]


class OneChat(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/chat`: the latest lines first in `messages`' pages, oldest first within one."""

    chat: PastChat
    task: PastTask | None = None
    messages: list[PastLine]
    handovers: list[PastHandover]
    notes: list[PastNote]


class OneTask(AsOf, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/task`."""

    task: PastTask
    invites: list[PastInvite]
    outcomes: list[PastOutcome]


class TimelineEntry(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that happened between us and a player. `kind` says what, and which of the fields below it has."""

    seq: int
    ts: int
    kind: str
    """`taskCreated`, `taskEnded`, `inviteSent`, `inviteEnded`, `chatStarted`, `chatClosed`, `message`, `handover`,
    `note`, `outcome`."""
    bot_id: str | None = None
    chat_id: str | None = None
    task_id: str | None = None
    task: PastTask | None = None
    chat: PastChat | None = None
    message: PastLine | None = None
    handover: PastHandover | None = None
    note: PastNote | None = None
    invite: PastInvite | None = None
    outcome: PastOutcome | None = None


class Timeline(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/timeline`: one player, whichever bot."""

    records: list[TimelineEntry]


class AuditDeed(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Who did what, when and from where."""

    seq: int
    ts: int
    actor: str
    action: str
    result: str
    address: str
    via: str
    subject: str | None = None


class AuditDeeds(PastPage, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/audit`."""

    records: list[AuditDeed]


class ArchiveStatus(AsOf, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`GET /api/history/status`."""

    durable: int | None = None
    """The event up to which the file is synced."""
    bytes: int
    zone: str
    """The time zone of its days."""
    trouble: str | None = None
    """Why it does not go on, if it does not."""
    passed_over: int = 0
    """Events that it could not read, and left out."""
