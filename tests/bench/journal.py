"""The journal: events a second to disk, how long a commit takes and what sums cost it, a start, how still the loop is.

`python -m tests.bench.journal [EVENTS]`: how many a start has to fold; 200,000 unless said.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from threading import Event as Flag
from time import perf_counter, sleep
from typing import Final, NamedTuple

import uvloop

from kernel.clock import Millis
from kernel.codec import decode_envelopes, encode
from kernel.codes import DialogueOutcome
from kernel.commits import Commits
from kernel.config import check
from kernel.context import Context
from kernel.events import (
    BotAdded,
    BotConnected,
    BotConnecting,
    ChatClosed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSent,
    ChatStarted,
    DialogScriptAdvanced,
    DialogScriptCompleted,
    Envelope,
    Event,
    FriendInviteAccepted,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendInviteSent,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.machine_clock import SystemClock
from kernel.plugin import Plugin
from kernel.reducers import reduce
from kernel.rows import Delivery, Message, Sender, TaskStatus
from kernel.state import State
from kernel.system import System
from plugins.dialogue.codes import ChatEnd
from plugins.journal import Journal
from plugins.journal.appender import DATA_SYNC, Appender
from plugins.journal.history import History
from plugins.journal.inspection import check_bytes
from plugins.journal.recorder import Recorder
from plugins.journal.stats import JournalStats
from plugins.journal.sums import SumFile, taken
from tests.bench.figures import Figure, report
from tests.plugins.journal.folders import new_sums

ROUNDS: Final = 3
BOTS: Final = 1_000
TICK: Final = 100
"""Events that are published in one tick where as many are published as go."""
RATE: Final = 2_000
"""Events a second where the time of a commit is measured."""
SECONDS: Final = 3
FILE_MODULES: Final = 5_000
"""Commits of one event each."""
FOLDED: Final = 200_000
TABLE: Final = {"journal": {"snapshot_events": 1_000_000_000, "backlog_mib": 1_024}}


def bots() -> Iterator[Event]:
    """BOTS of them, online."""
    for number in range(BOTS):
        bot = BotId(f"bot_{number:026}")
        yield BotAdded(bot_id=bot, steam_id64=SteamId64(str(76561199000000001 + number)), proxy_url="socks5h://h:1080")
        yield BotConnecting(bot_id=bot)
        yield BotConnected(bot_id=bot)


def deal(number: int, *, invited: bool = True) -> Iterator[Event]:
    """A task's whole way: 19 events, or 15 among friends, that leave a task and a chat of three messages."""
    bot, player = BotId(f"bot_{number % BOTS:026}"), SteamId64(str(76561198000000001 + number))
    task, chat = TaskId(f"task_{number:026}"), ChatId(f"chat_{number:026}")
    low, high = Decimal("10.00"), Decimal("12.50")
    item = "AK-47 | Redline"
    yield TaskCreated(task_id=task, player=player, item=item, price_min=low, price_max=high, currency="USD")
    yield TaskAssigned(task_id=task, bot_id=bot)
    if invited:
        yield FriendInviteQueued(task_id=task, bot_id=bot, player=player)
        yield FriendInviteRequested(task_id=task, bot_id=bot, player=player)
        yield FriendInviteSent(task_id=task, bot_id=bot, player=player)
        yield TaskStatusChanged(task_id=task, status=TaskStatus.INVITED)
    yield FriendInviteAccepted(task_id=task, bot_id=bot, player=player, already=not invited)
    yield ChatStarted(chat_id=chat, bot_id=bot, player=player, task_id=task)
    yield TaskStatusChanged(task_id=task, status=TaskStatus.ACCEPTED)
    for said in range(2):
        message = MessageId(f"msg_{number:024}{said:02}")
        yield ChatMessageQueued(chat_id=chat, message=_message(message, Sender.BOT, Delivery.QUEUED))
        yield DialogScriptAdvanced(chat_id=chat, agent="scripted_agent", step="offer")
        yield ChatMessageSent(chat_id=chat, message_id=message, steam_ts=1_767_268_800, ordinal=said)
    answer = MessageId(f"msg_{number:024}99")
    yield ChatMessageReceived(chat_id=chat, message=_message(answer, Sender.PLAYER, None))
    yield DialogScriptCompleted(
        chat_id=chat,
        task_id=task,
        agent="scripted_agent",
        outcome=TaskStatus.RESOLVED,
        reason=DialogueOutcome.AGREED,
        detail="So.",
    )
    yield TaskStatusChanged(task_id=task, status=TaskStatus.RESOLVED, reason=DialogueOutcome.AGREED, agreed_price=high)
    yield ChatClosed(chat_id=chat, reason=ChatEnd.COMPLETED)


def _message(message_id: MessageId, sender: Sender, delivery: Delivery | None) -> Message:
    text = "Hello! I am an automated assistant. Are you still interested in the AK-47 | Redline?"
    return Message(
        id=message_id, sender=sender, text=text, ts=Millis(0), author="agent:scripted_agent", delivery=delivery, epoch=1
    )


def envelopes(length: int) -> Iterator[Envelope]:
    """A journal of deals, `length` events long."""
    seq = 0
    number = 0
    events = bots()
    while seq < length:
        for event in events:
            seq += 1
            # two seconds apart: as many invites an hour as a fleet may send, since the state holds those of the last
            yield Envelope.of(seq, Millis(1_767_268_800_000 + 2_000 * seq), "plugin:bench", seq - 1, event)
            if seq == length:
                return
        events = deal(number)
        number += 1


@asynccontextmanager
async def journaling(folder: Path) -> AsyncIterator[tuple[System, Context]]:
    """A system of nothing but the journal."""
    plugins = {"journal": Journal}
    config = check({"kernel": {"plugins": ["journal"]}, **TABLE}, plugins)
    async with System(config, plugins, clock=SystemClock(), data=folder) as system:
        yield system, system.context("bench")


async def saturated(events: Sequence[Event]) -> float:
    """Events a second, as many as go, until the last is on disk."""
    with tempfile.TemporaryDirectory() as folder:
        async with journaling(Path(folder)) as (_, ctx):
            began = perf_counter()
            for start in range(0, len(events), TICK):
                for event in events[start : start + TICK]:
                    ctx.publish(event)
                await asyncio.sleep(0)
            await ctx.committed()
            return len(events) / (perf_counter() - began)


class NoSums(SumFile):
    """What the sums cost is what is saved here."""

    def add(self, data: bytes, seq: int, end: int) -> None:
        pass


async def recorded(lines: Sequence[tuple[Envelope, bytes]], tick: int = TICK, *, summed: bool = True) -> float:
    """What the journal alone can take, in events a second: no bus, the lines ready."""
    with tempfile.TemporaryDirectory() as folder:
        gate = Commits()
        gate.take_charge(0)
        appender = Appender(Path(folder) / "events.ndjson", 0)
        sums = new_sums(Path(folder), SumFile if summed else NoSums)
        recorder = Recorder(
            appender, sums, gate, 0, JournalStats(), backlog=1 << 30, alarm=print, taken=lambda seq: None
        )
        began = perf_counter()
        for start in range(0, len(lines), tick):
            for envelope, line in lines[start : start + tick]:
                recorder.record(envelope, line)
            await asyncio.sleep(0)
            if tick == 1:
                await gate.wait(recorder.seq)  # one after another: a commit each
        await gate.wait(recorder.seq)
        took = perf_counter() - began
        assert await recorder.close(10.0)
        return len(lines) / took


async def unrecorded(events: Sequence[Event]) -> float:
    """The same without a journal, encoded all the same: what publishing itself takes."""
    with tempfile.TemporaryDirectory() as folder:
        plugins = {"nothing": Plugin}
        config = check({"kernel": {"plugins": ["nothing"]}}, plugins)
        async with System(config, plugins, clock=SystemClock(), data=Path(folder)) as system:
            ctx = system.context("bench")
            ctx.tap(lambda envelope, line: None)
            began = perf_counter()
            for start in range(0, len(events), TICK):
                for event in events[start : start + TICK]:
                    ctx.publish(event)
                await asyncio.sleep(0)
            return len(events) / (perf_counter() - began)


async def commits(events: Sequence[Event]) -> list[float]:
    """Milliseconds from the moment at which an event was due, RATE of them a second, to its commit; sorted."""
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with journaling(Path(folder)) as (system, ctx):
            for event in bots():
                ctx.publish(event)
            await ctx.committed()

            async def wait(seq: int, due: Sequence[float]) -> None:
                await system.commits.wait(seq)
                now = perf_counter()
                took.extend((now - moment) * 1_000 for moment in due)

            began = perf_counter()
            done = 0
            async with asyncio.TaskGroup() as waiting:
                while done < len(events):
                    count = min(int((perf_counter() - began) * RATE), len(events)) - done
                    for event in events[done : done + count]:
                        ctx.publish(event)
                    if count:
                        due = [began + number / RATE for number in range(done + 1, done + count + 1)]
                        waiting.create_task(wait(system.state.seq, due))
                    done += count
                    await asyncio.sleep(0.0005)
    return sorted(took)


def bare_commits(events: int) -> list[float]:
    """The floor: a loop that writes and syncs what is due, and does nothing else; milliseconds as in `commits`."""
    took: list[float] = []
    line = b"x" * 200
    with tempfile.TemporaryDirectory() as folder:
        descriptor = os.open(Path(folder) / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        began = perf_counter()
        done = 0
        while done < events:
            due = min(int((perf_counter() - began) * RATE), events)
            if due == done:
                sleep(0.0001)
                continue
            os.write(descriptor, line * (due - done))
            DATA_SYNC(descriptor)
            now = perf_counter()
            took.extend((now - began - number / RATE) * 1_000 for number in range(done + 1, due + 1))
            done = due
        os.close(descriptor)
    return sorted(took)


def checked(events: Path) -> float:
    """Bytes a second that a start holds against their sums."""
    history = History(events)
    found = list(taken(history))
    began = perf_counter()
    check_bytes(history, found, Flag())
    return history.end / (perf_counter() - began)


class Start(NamedTuple):
    """What a start takes, in seconds."""

    whole: float
    from_snapshot: float
    decoding: float
    reducing: float
    lateness_ms: float
    """How late the loop was at most while the snapshot was taken."""


async def recovery(folder: Path, length: int) -> Start:
    """Measure a start on a journal of `length` events, with and without a snapshot of them."""
    events = folder / "journal" / "events.ndjson"
    events.parent.mkdir(exist_ok=True)
    if not events.exists():
        with events.open("wb") as file:
            file.writelines(encode(envelope) + b"\n" for envelope in envelopes(length))
    for path in events.parent.glob("snapshot-*"):
        path.unlink()

    began = perf_counter()
    decoded = [envelope for chunk in History(events).chunks() for envelope in decode_envelopes(chunk)]
    decoding = perf_counter() - began
    state = State()
    began = perf_counter()
    for envelope in decoded:
        reduce(state, envelope)
    reducing = perf_counter() - began
    del decoded, state

    began = perf_counter()
    async with journaling(folder) as (system, _):
        whole = perf_counter() - began
        assert system.state.seq > length, "events are missing"
        ticker = asyncio.create_task(lateness())
        await system.host.stop()  # takes the snapshot
        ticker.cancel()
        late = await ticker

    began = perf_counter()
    async with journaling(folder) as (system, _):
        from_snapshot = perf_counter() - began
        assert system.state.seq > length, "the snapshot is not of the end"
    gc.unfreeze()
    return Start(whole, from_snapshot, decoding, reducing, late)


async def lateness() -> float:
    """How many milliseconds late a ticker of 1 ms was at most, until it is cancelled."""
    worst = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            due = perf_counter() + 0.001
            await asyncio.sleep(0.001)
            worst = max(worst, (perf_counter() - due) * 1_000)
    return worst


def _at(percent: int, took: Sequence[float]) -> float:
    return took[min(len(took) - 1, len(took) * percent // 100)]


async def main(folded: int = FOLDED) -> None:
    script = [*bots(), *(event for number in range(6_000) for event in deal(number, invited=False))]
    paced = [event for number in range(RATE * SECONDS // 15) for event in deal(number, invited=False)]
    lines = [(envelope, encode(envelope)) for envelope in envelopes(len(script))]
    fast, alone, plain, slow, bare, starts = [], [], [], [], [], []
    unsummed, single, single_unsummed, checks = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):  # in turn, so that a slow minute of the machine falls on all
            fast.append(await saturated(script))
            alone.append(await recorded(lines))
            unsummed.append(await recorded(lines, summed=False))
            single.append(await recorded(lines[:FILE_MODULES], 1))
            single_unsummed.append(await recorded(lines[:FILE_MODULES], 1, summed=False))
            plain.append(await unrecorded(script))
            slow.append(await commits(paced))
            bare.append(bare_commits(len(paced)))
            starts.append(await recovery(Path(folder), folded))
            checks.append(checked(Path(folder) / "journal" / "events.ndjson") / 1e6)
    report(
        f"events to disk, {TICK} a tick",
        [
            Figure("the journal alone", alone, "events/s"),
            Figure("the journal alone, without sums", unsummed, "events/s"),
            Figure("published and committed", fast, "events/s"),
            Figure("published, no journal", plain, "events/s"),
        ],
    )
    report(
        "commits, one after another",
        [
            Figure("of an event each", single, "commits/s"),
            Figure("the same without sums", single_unsummed, "commits/s"),
        ],
    )
    for percent in (50, 99):
        report(
            f"commit at {RATE:,} events/s, p{percent}, from when the event was due",
            [
                Figure("journal", [_at(percent, took) for took in slow], "ms"),
                Figure("bare loop of write and sync", [_at(percent, took) for took in bare], "ms"),
            ],
        )
    report(
        f"start on a journal of {folded:,} events",
        [
            Figure("folding all of it", [folded / start.whole for start in starts], "events/s"),
            Figure("decoding alone", [folded / start.decoding for start in starts], "events/s"),
            Figure("the kernel's reducers alone", [folded / start.reducing for start in starts], "events/s"),
        ],
    )
    report("holding the bytes against their sums", [Figure("beside all that", checks, "MB/s")])
    report(
        "the same start in seconds",
        [
            Figure("from a snapshot", [start.from_snapshot for start in starts], "s"),
            Figure("folding all of it", [start.whole for start in starts], "s"),
        ],
    )
    report(
        "the loop while that snapshot is taken", [Figure("late at most", [start.lateness_ms for start in starts], "ms")]
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else FOLDED))
