"""Years of a system: overlapping deals, each event folded by the product's own reducers before it counts as happened.

`python -m tests.bench.growth DEALS FOLDER [OPEN]` writes a journal (`FOLDER/journal/events.ndjson`) of that many, and
of so many more that are still open at its end. Everything is made of its seed. Deals take 25 events and 5 to 6 lines on
average; what has ended leaves the state by events as the plugin `history` makes it leave, the latest aside.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final

from typeid.codecs import base32

from kernel import events as e
from kernel.clock import DAY, Millis
from kernel.codec import encode
from kernel.codes import DialogueOutcome, WaitReason
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId, steam_id_of
from kernel.reducers import reduce
from kernel.rows import AgentOffReason, Delivery, InviteRefusal, Message, Sender, TaskStatus
from kernel.state import State
from kernel.testing import NOON
from plugins.dialogue.codes import ChatEnd, HandoverReason

BOTS: Final = 200
OPEN: Final = 400
"""Deals under way at once."""
YEAR: Final = 365 * DAY
LONGEST: Final = 50
"""Steps of a deal, at most."""
ENDED: Final = frozenset({TaskStatus.RESOLVED, TaskStatus.FAILED})
LEAVE_AT_ONCE: Final = 100
KEPT: Final = 1_000
"""Chats that are closed and stay, and tasks that have ended: as many as `history` lets stay unless told otherwise."""
AGENT: Final = "agent:scripted_agent"
OPERATORS: Final = ("operator:anna", "operator:boris", "operator:mei")
ITEMS: Final = tuple(
    f"{kind} | {name} ({wear})"
    for kind in ("AK-47", "AWP", "M4A1-S", "USP-S", "★ Karambit")
    for name in ("Redline", "Asiimov", "Doppler", "Night Orchard", "Paper Lantern")
    for wear in ("Factory New", "Minimal Wear", "Field-Tested", "Well-Worn")
)
OURS: Final = (
    "Hello! I am an automated assistant of a trading team. Are you still interested in the {item}?",
    "We would give {price} for it. Would that be all right for you?",
    "Здравствуйте! Я автоматический помощник. Вас ещё интересует {item}?",
    "Мы дали бы {price}. Вам подходит?",
    "Then an operator sends you the offer within the hour; write STOP if you want none of this.",
)
THEIRS: Final = (
    "hi, yes i still have it, what is your price",
    "no way, it is worth much more than that, look at the market",
    "ok deal, send me the offer please",
    "привет, да ещё есть, сколько дадите?",
    "маловато будет, давайте {price}",
    "хорошо, договорились, жду обмен",
    "who is this? how did you find me",
    "let me think about it till tomorrow evening",
)
WORDS: Final = (
    "float",
    "sticker",
    "keys",
    "balance",
    "проверил",
    "завтра",
    "скидка",
    "подумаю",
    "steam",
    "trade",
    "knife",
)
Step = Generator[tuple[str, e.Event], None, None]
"""Who, and what."""
Ended = tuple[TaskId, SteamId64, ChatId | None]


class Growth:
    """Writes history deal by deal; `state` is what it has led to so far."""

    def __init__(self, seed: int, deals_a_year: int = 1_000_000, state: State | None = None) -> None:
        self.state: Final = state or State()
        self._random = Random(seed)
        self._gap = YEAR // deals_a_year // 25
        self._deals = 0
        self._talked: list[Ended] = []
        self._refused: list[Ended] = []

    def events(self, deals: int, still_open: int = 0) -> Iterator[e.Envelope]:
        """Bots, then so many deals from their beginning to their end, then so many that are under way at the end."""
        for number in range(BOTS):
            bot = BotId(self._id("bot"))
            account = SteamId64(str(76561199000000001 + number))
            yield self._happened("kernel", e.BotAdded(bot_id=bot, steam_id64=account, proxy_url="socks5h://h:1080"))
            yield self._happened("plugin:fleet", e.BotConnecting(bot_id=bot))
            yield self._happened("plugin:steam", e.BotConnected(bot_id=bot))
        bots = list(self.state.bots)
        under_way: list[Step] = []
        while under_way or self._deals < deals:
            while len(under_way) < OPEN and self._deals < deals:
                under_way.append(self.deal(bots[self._deals % BOTS]))
            place = self._random.randrange(len(under_way))
            step = next(under_way[place], None)
            if step is None:
                under_way[place] = under_way[-1]
                under_way.pop()
            else:
                yield self._happened(*step)
            yield from self._leave()
        while still_open:
            steps = list(self.deal(bots[self._deals % BOTS]))
            (self._talked if any(isinstance(event, e.ChatStarted) for _, event in steps) else self._refused).pop()
            if self._random.randrange(LONGEST) >= len(steps):
                continue  # at any moment, more are under way of those that take longer
            still_open -= 1
            for actor, event in steps[: self._random.randrange(1, len(steps))]:
                if _ends(event):
                    break
                yield self._happened(actor, event)

    def deal(self, bot: BotId) -> Step:
        """One more deal of that bot's, with somebody else."""
        self._deals += 1
        return self._deal(bot, self._deals - 1)

    def skip(self, deals: int) -> None:
        """Let the players of so many deals be somebody else's."""
        self._deals += deals

    def _happened(self, actor: str, event: e.Event) -> e.Envelope:
        ts = Millis((self.state.ts or NOON) + self._random.randrange(2 * self._gap + 1))
        seq = self.state.seq + 1
        envelope = e.Envelope.of(seq, ts, actor, seq - 1 or None, event)
        reduce(self.state, envelope)
        return envelope

    def _leave(self) -> Iterator[e.Envelope]:
        """What has ended leaves the state when there is too much of it: chats with their tasks, and tasks without."""
        chats, alone = len(self._talked), len(self._refused)
        due = self._talked if chats >= KEPT + LEAVE_AT_ONCE else self._refused
        if chats >= KEPT + LEAVE_AT_ONCE or (alone >= LEAVE_AT_ONCE and chats + alone >= KEPT + LEAVE_AT_ONCE):
            for actor, event in self._leaving(due[:LEAVE_AT_ONCE]):
                yield self._happened(actor, event)
            del due[:LEAVE_AT_ONCE]

    def leave(self) -> Step:
        """All that have ended leave."""
        yield from self._leaving([*self._talked, *self._refused])

    def _leaving(self, gone: list[Ended]) -> Step:
        chats = tuple(chat for _, _, chat in gone if chat is not None)
        if chats:
            yield "plugin:history", e.ChatArchived(chat_ids=chats)
        yield "plugin:history", e.TaskArchived(task_ids=tuple(task for task, _, _ in gone))
        players = tuple(player for _, player, _ in gone if player in self.state.players)
        if players:
            yield "plugin:history", e.PlayerArchived(players=players)

    def _deal(self, bot: BotId, number: int) -> Step:
        random = self._random
        task, player = TaskId(self._id("task")), _player(number)
        cents = random.randrange(500, 50_000)
        low, high = Decimal(cents) / 100, Decimal(cents + cents // 5) / 100
        item, currency = random.choice(ITEMS), random.choice(("USD", "USD", "EUR", "RUB"))
        yield (
            random.choice(OPERATORS),
            e.TaskCreated(task_id=task, player=player, item=item, price_min=low, price_max=high, currency=currency),
        )
        yield "plugin:assigner", e.TaskAssigned(task_id=task, bot_id=bot)
        about: dict[str, Any] = {"task_id": task, "bot_id": bot, "player": player}
        yield "plugin:invites", e.FriendInviteQueued(**about)
        yield "plugin:invites", e.FriendInviteRequested(**about)
        yield "plugin:invites", e.FriendInviteSent(**about)
        yield "plugin:tasks", e.TaskStatusChanged(task_id=task, status=TaskStatus.INVITED)
        if random.random() < 0.3:
            why = random.choice((InviteRefusal.DECLINED, InviteRefusal.LAPSED))
            yield "plugin:invites", e.FriendInviteFailed(**about, reason=why, detail="No.")
            yield "plugin:tasks", e.TaskStatusChanged(task_id=task, status=TaskStatus.FAILED, reason=why, detail="No.")
            self._refused.append((task, player, None))
            return
        yield "plugin:invites", e.FriendInviteAccepted(**about)
        chat = ChatId(self._id("chat"))
        yield "plugin:dialogue", e.ChatStarted(chat_id=chat, bot_id=bot, player=player, task_id=task)
        yield "plugin:tasks", e.TaskStatusChanged(task_id=task, status=TaskStatus.ACCEPTED)
        author, epoch = AGENT, 1
        for turn in range(random.randrange(2, 6)):
            if turn == 2 and random.random() < 0.2:
                author, epoch = random.choice(OPERATORS), 2
                reason, why_off = HandoverReason.TAKEN_OVER, AgentOffReason.OPERATOR
                yield author, e.ChatAgentToggled(chat_id=chat, enabled=False, epoch=epoch, reason=reason, why=why_off)
            yield from self._say(chat, author, self._text(OURS, item, low, high), epoch)
            if author == AGENT:
                yield AGENT, e.DialogScriptAdvanced(chat_id=chat, agent="scripted_agent", step=f"step{turn}")
            line = self._line(Sender.PLAYER, f"player:{player}", self._text(THEIRS, item, low, high), None, 0)
            yield f"player:{player}", e.ChatMessageReceived(chat_id=chat, message=line)
        yield from self._end(task, chat, author, low, high)
        yield "plugin:dialogue", e.ChatClosed(chat_id=chat, reason=ChatEnd.COMPLETED)
        self._talked.append((task, player, chat))

    def _say(self, chat: ChatId, author: str, text: str, epoch: int) -> Step:
        message = self._line(Sender.BOT, author, text, Delivery.QUEUED, epoch)
        yield author, e.ChatMessageQueued(chat_id=chat, message=message)
        yield "plugin:dialogue", e.ChatMessageSending(chat_id=chat, message_id=message.id)
        seconds = self.state.ts // 1_000
        sent = e.ChatMessageSent(chat_id=chat, message_id=message.id, steam_ts=seconds, ordinal=0)
        yield "plugin:dialogue", sent

    def _end(self, task: TaskId, chat: ChatId, author: str, low: Decimal, high: Decimal) -> Step:
        agreed = self._random.random() < 0.6
        status = TaskStatus.RESOLVED if agreed else TaskStatus.FAILED
        outcomes = (DialogueOutcome.DECLINED, DialogueOutcome.NO_ANSWER, WaitReason.BOT_OFFLINE)
        reason = DialogueOutcome.AGREED if agreed else self._random.choice(outcomes)
        at = low + (high - low) * self._random.randrange(101) / 100
        price = at.quantize(Decimal("0.01")) if agreed else None
        if author == AGENT:
            yield (
                AGENT,
                e.DialogScriptCompleted(
                    chat_id=chat,
                    task_id=task,
                    agent="scripted_agent",
                    outcome=status,
                    reason=reason,
                    detail="So.",
                    agreed_price=price,
                ),
            )
        actor = "plugin:tasks" if author == AGENT else author
        moved = e.TaskStatusChanged(task_id=task, status=status, reason=reason, detail="So.", agreed_price=price)
        yield actor, moved

    def _line(self, sender: Sender, author: str, text: str, delivery: Delivery | None, epoch: int) -> Message:
        line_id = MessageId(self._id("msg"))
        return Message(
            id=line_id,
            sender=sender,
            text=text,
            ts=Millis(self.state.ts),
            author=author,
            delivery=delivery,
            epoch=epoch,
        )

    def _text(self, of: tuple[str, ...], item: str, low: Decimal, high: Decimal) -> str:
        price = low + (high - low) / 2
        rare = f"{self._random.choice(WORDS)} {self._random.randrange(100_000)}"
        return f"{self._random.choice(of).format(item=item, price=price)} {rare}"

    def _id(self, prefix: str) -> str:
        """As spread as real ones are, and the same for the same seed."""
        return f"{prefix}_{base32.encode(self._random.randbytes(16))}"


def _ends(event: e.Event) -> bool:
    """Is it the first of those with which a deal ends?"""
    moved = isinstance(event, e.TaskStatusChanged) and event.status in ENDED
    return moved or isinstance(event, e.FriendInviteFailed | e.DialogScriptCompleted)


def _player(number: int) -> SteamId64:
    """Each another person, their account numbers as far from each other as real ones are."""
    return steam_id_of(1 + number * 1_103_515_245 % (1 << 31))


def write(folder: Path, deals: int, still_open: int = 0, seed: int = 1, most: int | None = None) -> tuple[int, int]:
    """A journal of so many deals, or of `most` events. Returns how many events it has, and bytes."""
    growth = Growth(seed)
    (folder / "journal").mkdir(parents=True, exist_ok=True)
    path = folder / "journal" / "events.ndjson"
    with path.open("wb") as file:
        for envelope in islice(growth.events(deals, still_open), most):
            file.write(encode(envelope) + b"\n")
    return growth.state.seq, path.stat().st_size


def main() -> None:
    deals, folder, still_open = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0
    began = perf_counter()
    events, size = write(folder, deals, still_open)
    print(f"{deals:,} deals, {events:,} events, {size / 1e6:,.0f} MB in {perf_counter() - began:,.0f} s")


if __name__ == "__main__":
    main()
